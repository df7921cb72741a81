"""A team is asked for, approved, and its members are welcomed: as people do it, over the wire."""

import asyncio
import copy

import pytest

from simulator.acting import Actor, FormErrors, Modal
from tests.conftest import TUESDAY_TEN_IN_DUBLIN
from tests.office import Office, StillClock, open_office

WELCOME = "Welcome to Backstop"


async def new_team(person: Actor, channel: str = "#care") -> Modal:
    await person.types("/backstop team create", channel=channel)
    return await person.modal(titled="New team")


async def asks_for_care(person: Actor, *members: str) -> None:
    form = await new_team(person)
    form.fill("Members", list(members or ("Mei", "Ben")))
    await form.submit()


def welcomes(office: Office, name: str) -> int:
    return sum(WELCOME in shown.text for shown in office.sim.acts_as(name).sees("@bot"))


async def test_the_first_form_has_four_fields_and_knows_channel_and_asker(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    assert form.fields == ["Channel", "Managers", "Members", "Also"]
    assert form.value("Channel") == first_day.sim.workspace.channel("care").id
    assert form.value("Managers") == [first_day.aoife.id]
    assert "An admin approves" in form.text


async def test_a_group_of_people_is_not_taken_for_the_teams_channel(first_day: Office) -> None:
    """Its id begins as a channel's does; only its name tells."""
    first_day.sim.workspace.add_channel("mpdm-aoife--ben-1", members=["Aoife", "Ben"])
    form = await new_team(first_day.aoife, "#mpdm-aoife--ben-1")
    assert form.value("Channel") is None


async def test_what_an_admin_creates_is_ready_at_once(first_day: Office) -> None:
    form = await new_team(first_day.omar, "#general")
    form.fill("Members", ["Ben"]).fill("Managers", ["Aoife"])
    await form.submit()
    assert "general is ready" in (await first_day.omar.modal()).text
    await first_day.settles()
    assert WELCOME in (await first_day.ben.finds("@bot", WELCOME)).text


async def test_someone_else_asks_an_admin_who_approves(first_day: Office) -> None:
    await asks_for_care(first_day.aoife)
    assert "I asked the admins (Omar)" in (await first_day.aoife.modal()).text
    await first_day.settles()
    request = await first_day.omar.finds("@bot", "Aoife asks for a team")
    assert "#care" in request.text
    assert welcomes(first_day, "Ben") == 0
    await first_day.omar.clicks(request, "Approve")
    await first_day.settles()
    decided = await first_day.omar.finds("@bot", "Approved by Omar")
    assert decided.ts == request.ts
    assert decided.buttons() == []
    assert "is ready" in (await first_day.aoife.finds("@bot", "is ready")).text
    assert welcomes(first_day, "Ben") == 1


async def test_whoever_approves_after_another_admin_reads_who_did_it_and_when(make_two_admins: Office) -> None:
    office = make_two_admins
    await asks_for_care(office.aoife)
    await office.settles()
    for_omar = await office.omar.finds("@bot", "asks for a team")
    for_petra = await office.petra.finds("@bot", "asks for a team")
    await office.omar.clicks(for_omar, "Approve")
    await office.petra.clicks(for_petra, "Approve", stale=True)
    assert "Approved by Omar" in (await office.petra.privately("Nothing was changed")).text
    await office.settles()
    assert "Approved by Omar" in (await office.petra.finds("@bot", "Approved by Omar")).text
    assert welcomes(office, "Ben") == 1


@pytest.fixture
async def make_two_admins(first_day: Office) -> Office:
    first_day.sim.workspace.alter(first_day.sim.workspace.person("Petra"), is_admin=True)
    await first_day.sim.events.settle()
    await first_day.settles()
    return first_day


async def test_a_declined_team_tells_its_asker_why_and_holds_neither_name_nor_channel(first_day: Office) -> None:
    await asks_for_care(first_day.aoife)
    await first_day.settles()
    request = await first_day.omar.finds("@bot", "asks for a team")
    await first_day.omar.clicks(request, "Decline…")
    reason = await first_day.omar.modal(titled="Decline team")
    await reason.fill("Why not?", "There is <!channel> one already").submit()
    await first_day.settles()
    told = await first_day.aoife.finds("@bot", "was not approved")
    assert "There is <!channel> one already" in told.text
    assert "Declined by Omar" in (await first_day.omar.finds("@bot", "Declined by Omar")).text
    await asks_for_care(first_day.aoife)
    assert "I asked the admins" in (await first_day.aoife.modal()).text
    assert welcomes(first_day, "Ben") == 0


async def test_each_member_is_welcomed_once_in_their_own_hours(first_day: Office) -> None:
    await first_day.passes(hours=1, minutes=45)  # 18:45 in Manila
    await asks_for_care(first_day.aoife, "Mei", "Ben", "Cara")
    await first_day.settles()
    await first_day.omar.clicks(await first_day.omar.finds("@bot", "asks for a team"), "Approve")
    await first_day.settles()
    assert (welcomes(first_day, "Ben"), welcomes(first_day, "Cara"), welcomes(first_day, "Mei")) == (1, 1, 0)
    await first_day.passes(hours=14)  # 08:45 in Manila
    assert welcomes(first_day, "Mei") == 0
    await first_day.passes(hours=1)
    assert welcomes(first_day, "Mei") == 1
    await first_day.passes(days=3)
    assert [welcomes(first_day, name) for name in ("Aoife", "Ben", "Cara", "Mei")] == [1, 1, 1, 1]


async def test_the_same_form_submitted_twice_makes_one_team(first_day: Office) -> None:
    form = await new_team(first_day.omar, "#general")
    view = copy.deepcopy(form.shown)
    await form.submit()
    assert "is ready" in (await first_day.omar.modal()).text
    first_day.sim.workspace.modals[first_day.omar.id] = [view]
    await Modal(first_day.omar, view).submit()
    assert "is ready" in (await first_day.omar.modal()).text
    await first_day.omar.types("/backstop team", channel="#general")
    assert (await first_day.omar.privately()).text.count("Managers:") == 1


async def test_a_private_channel_without_the_bot_is_refused_at_its_field_with_the_mend(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    form.fill("Channel", "vip-customers").fill("Members", ["Ben"])
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "/invite @Backstop" in refused.value.errors["Channel"]
    assert form.value("Members") == [first_day.ben.id]
    first_day.sim.workspace.invite_bot(first_day.sim.workspace.channel("vip-customers"))
    await form.submit()


async def test_an_archived_channel_is_refused(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    form.fill("Channel", "launch-2024")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "archived" in refused.value.errors["channel"]


async def test_a_public_channel_is_joined_by_the_bot_itself(first_day: Office) -> None:
    general = first_day.sim.workspace.channel("general")
    assert first_day.sim.workspace.bot.id not in general.members
    form = await new_team(first_day.aoife, "#general")
    await form.submit()
    assert first_day.sim.workspace.bot.id in general.members


@pytest.mark.parametrize(
    ("outsider", "why"),
    [("Gwen", "a guest"), ("Stella", "another workspace"), ("Backstop", "a bot")],
)
async def test_outsiders_are_refused_by_name_at_the_field(first_day: Office, outsider: str, why: str) -> None:
    form = await new_team(first_day.aoife)
    form.fill("Members", ["Ben", outsider])
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert outsider in refused.value.errors["Members"]
    assert why in refused.value.errors["Members"]


async def test_a_guest_is_refused_politely(first_day: Office) -> None:
    await first_day.gwen.types("/backstop team create", channel="#care")
    assert "members of this workspace" in (await first_day.gwen.privately()).text


async def test_a_channel_has_one_team_and_a_name_one_bearer(office: Office) -> None:
    form = await new_team(office.ben)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "The team Care works in this channel already" in refused.value.errors["Channel"]
    await form.close()
    form = await new_team(office.ben, "#general")
    await office.ben.clicks(form, "More…")
    await office.settles()
    form = await office.ben.modal()
    form.fill("Name", "CARE")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "is called Care already" in refused.value.errors["Name"]


async def test_more_keeps_what_was_typed_and_opens_the_rest(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    form.fill("Members", ["Ben", "Cara"])
    await first_day.aoife.clicks(form, "More…")
    await first_day.settles()
    form = await first_day.aoife.modal()
    assert "Time zone" in form.fields
    assert "Heads of the department" not in form.fields
    assert form.value("Members") == [first_day.ben.id, first_day.cara.id]
    assert "Asia/Manila (UTC+8)" in await form.suggestions("Time zone", "manila")
    form.fill("Time zone", "Asia/Manila (UTC+8)")
    assert await form.suggestions("Country", "phil") == ["Philippines (PH)"]
    form.fill("Country", "PH").fill("Start", "08:00").fill("End", "16:00").fill("Name", "Night owls")
    assert await form.suggestions("Department", "Support") == ["New: Support"]
    form.fill("Department", "New: Support").fill("Escalation channel", "care-escalations")
    await form.submit()
    await first_day.settles()
    await first_day.omar.clicks(await first_day.omar.finds("@bot", "Night owls"), "Approve")
    await first_day.settles()
    await first_day.aoife.types("/backstop team", channel="#care")
    shown = (await first_day.aoife.privately("Night owls")).text
    assert "Mon–Fri 08:00–16:00, Asia/Manila" in shown
    assert "#care-escalations" in shown


async def test_start_and_end_that_are_the_same_are_refused_at_the_field(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    await first_day.aoife.clicks(form, "More…")
    await first_day.settles()
    form = (await first_day.aoife.modal()).fill("Start", "09:00").fill("End", "09:00")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "the same" in refused.value.errors["End"]


async def test_everyone_in_the_channel_is_a_member_and_guests_are_not(first_day: Office) -> None:
    form = await new_team(first_day.aoife)
    form.fill("Also", ["yes"])
    await form.submit()
    await first_day.settles()
    await first_day.omar.clicks(await first_day.omar.finds("@bot", "asks for a team"), "Approve")
    await first_day.settles()
    assert welcomes(first_day, "Niamh") == 1
    await first_day.aoife.types("/backstop team members", channel="#care")
    shown = (await first_day.aoife.privately("Agents")).text
    assert "Mei" in shown
    assert "Gwen" not in shown


async def test_two_who_make_a_team_of_one_channel_in_the_same_instant_make_one(first_day: Office) -> None:
    forms = [await new_team(person, "#general") for person in (first_day.omar, first_day.ben)]
    outcomes = await asyncio.gather(*(form.submit() for form in forms), return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, FormErrors)]
    assert len(refused) == 1
    assert "Channel" in refused[0].errors
    await first_day.omar.types("/backstop team", channel="#general")
    shown = (await first_day.omar.privately("general")).text
    assert shown.count("Managers:") + shown.count("waits for an admin") == 1


async def test_without_any_admin_nobody_could_approve_and_it_says_so(first_day: Office) -> None:
    first_day.sim.workspace.alter("Omar", is_admin=False)
    await first_day.sim.events.settle()
    await first_day.settles()
    form = await new_team(first_day.aoife)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "BACKSTOP_ADMINS" in str(refused.value.errors)
    assert form.is_open


async def test_who_is_named_in_the_settings_is_an_admin(database_url: str) -> None:
    office = await open_office(StillClock(TUESDAY_TEN_IN_DUBLIN), database_url)
    office.settings = {**office.settings, "BACKSTOP_ADMINS": office.sim.workspace.person("Jonas").id}
    await office.opens(with_teams=False)
    await asks_for_care(office.aoife)
    await office.settles()
    await office.jonas.clicks(await office.jonas.finds("@bot", "asks for a team"), "Approve")
    await office.settles()
    assert "Approved by Jonas" in (await office.omar.finds("@bot", "Approved by")).text
    await office.closes()
    await office.sim.stop()


async def test_who_is_no_admin_any_more_can_not_approve(first_day: Office) -> None:
    await asks_for_care(first_day.aoife)
    await first_day.settles()
    request = await first_day.omar.finds("@bot", "asks for a team")
    first_day.sim.workspace.alter("Omar", is_admin=False)
    await first_day.sim.events.settle()
    await first_day.settles()
    await first_day.omar.clicks(request, "Approve")
    assert "Only an admin" in (await first_day.omar.privately("Only")).text
    assert welcomes(first_day, "Ben") == 0
