"""Teams follow Slack: by its events at once, and every night by asking, whatever was lost."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import select

from simulator.acting import Actor
from storage import duty, memberships
from storage.people import Person
from storage.teams import Team
from tests.handlers.escalations.stories import raised
from tests.office import Office


async def hears(office: Office) -> None:
    """What happened in Slack has reached the bot, and everything that follows from it is done."""
    await office.sim.events.settle()
    await office.settles()


async def follows_channel(office: Office) -> None:
    """Care's members are whoever is in #care."""
    await office.aoife.types("/backstop team edit", channel="#care")
    await (await office.aoife.modal(titled="Edit team")).fill("Also", ["yes"]).submit()
    await office.settles()


async def members(office: Office, team: str = "Care") -> set[str]:
    async with office.bot.store.read() as session:
        found = (await session.execute(select(Team).where(Team.name == team))).scalar_one()
        return {person.name for person, _ in await memberships.members(session, found.id)}


async def rota(office: Office) -> list[str]:
    async with office.bot.store.read() as session:
        return [person.name for person in await duty.rota(session, office.teams["Care"].id)]


def told(person: Actor, words: str) -> int:
    return sum(words in shown.text for shown in person.sees("@bot"))


async def test_who_joins_the_channel_joins_the_team_and_is_welcomed_once(office: Office) -> None:
    await follows_channel(office)
    office.sim.workspace.join("care", "Omar")
    await hears(office)
    assert "Omar" in await members(office)
    office.sim.workspace.leave("care", "Omar")
    await hears(office)
    assert "Omar" not in await members(office)
    office.sim.workspace.join("care", "Omar")
    await hears(office)
    assert "Omar" in await members(office)
    assert told(office.omar, "Welcome to Backstop") == 1


async def test_a_channel_that_began_in_another_workspace_is_followed_like_any(office: Office) -> None:
    """Slack calls such an event's workspace that one; ours stands among its authorizations."""
    await follows_channel(office)
    began_in = {"team_id": "T0HOLDING", "context_team_id": office.sim.workspace.team_id}
    channel, omar = office.sim.workspace.channel("care"), office.omar.id
    for kind, is_member in (("member_joined_channel", True), ("member_left_channel", False)):
        event = {"type": kind, "user": omar, "channel": channel.id, "channel_type": "C", "team": "T0HOLDING"}
        await office.sim.events.redeliver(office.sim.events._payloads.event(event) | began_in)
        await hears(office)
        assert ("Omar" in await members(office)) is is_member


async def test_who_was_named_stays_when_they_leave_the_channel(office: Office) -> None:
    await follows_channel(office)
    office.sim.workspace.leave("care", "Ben")
    await hears(office)
    assert "Ben" in await members(office)


async def test_who_leaves_the_team_is_not_brought_back_by_the_channel(office: Office) -> None:
    await follows_channel(office)
    await office.ben.types("/backstop team leave", channel="#care")
    await office.ben.clicks(await office.ben.privately("Care"), "Leave…")
    await office.passes(days=1)
    await office.settles()
    assert "Ben" not in await members(office)


async def test_a_guest_or_a_stranger_in_the_channel_is_no_member(office: Office) -> None:
    await follows_channel(office)
    office.sim.workspace.join("care", "Stella")
    await hears(office)
    assert {"Gwen", "Stella"} & await members(office) == set()


async def test_a_closed_account_leaves_the_rota_and_nobody_elses_turn_moves(office: Office) -> None:
    await office.passes(days=6)  # Ben's week
    office.sim.workspace.deactivate("Ramon")
    await hears(office)
    assert await rota(office) == ["Ben", "Mei", "Cara"]
    await office.aoife.types("/backstop duty", channel="#care")
    assert "Ben is on duty" in (await office.aoife.privately("on duty")).text.replace("@", "")


async def test_a_team_whose_last_manager_left_tells_the_admins(office: Office) -> None:
    office.sim.workspace.deactivate("Aoife")
    await hears(office)
    notice = await office.omar.finds("@bot", "Care has no manager any more")
    await office.omar.clicks(notice, "Name a manager…")
    form = await office.omar.modal(titled="Edit team")
    await form.fill("Managers", ["Ben"]).submit()
    assert "is saved" in (await office.omar.modal()).text
    assert told(office.omar, "no manager") == 1


async def test_a_team_named_after_its_channel_follows_its_new_name(first_day: Office) -> None:
    await first_day.omar.types("/backstop team create", channel="#general")
    await (await first_day.omar.modal()).fill("Channel", "care").submit()
    first_day.sim.workspace.rename("care", "customer-care")
    await hears(first_day)
    await first_day.omar.types("/backstop team", channel="#general")
    assert "customer-care in" in (await first_day.omar.privately("Managers")).text


async def test_a_name_that_was_chosen_stays(office: Office) -> None:
    office.sim.workspace.rename("care", "customer-care")
    await hears(office)
    await office.aoife.types("/backstop team", channel="#customer-care")
    assert "Care in" in (await office.aoife.privately("Managers")).text


async def test_managers_hear_that_their_channel_was_archived_once(office: Office) -> None:
    office.sim.workspace.archive("care-escalations")
    await hears(office)
    await office.passes(hours=2)
    assert told(office.aoife, "was archived, and Care uses it") == 1
    assert told(office.ben, "was archived") == 0


async def test_an_archiving_taken_back_before_it_was_read_is_not_told(office: Office) -> None:
    await office.passes(hours=12)  # 22:00 in Dublin
    office.sim.workspace.archive("care-escalations")
    await hears(office)
    office.sim.workspace.unarchive("care-escalations")
    await hears(office)
    await office.passes(hours=16)
    assert told(office.aoife, "was archived") == 0


async def test_a_new_name_and_zone_are_known_at_once(office: Office) -> None:
    office.sim.workspace.alter("Ben", name="Benedict", tz="Asia/Manila")
    await hears(office)
    await office.aoife.types("/availability", channel="#care")
    shown = (await office.aoife.privately("On now")).text
    assert "Benedict" in next(line for line in shown.splitlines() if "On now" in line)
    async with office.bot.store.read() as session:
        known = (await session.execute(select(Person).where(Person.name == "Benedict"))).scalar_one()
    assert known.zone == "Asia/Manila"


async def test_a_new_status_text_is_nothing_to_write_down(office: Office) -> None:
    async with office.bot.store.read() as session:
        before = (await session.execute(select(Person.seen_at).where(Person.name == "Ben"))).scalar_one()
    office.clock.at += timedelta(minutes=5)
    office.sim.workspace.alter("Ben", status_text="Lunch")
    await hears(office)
    async with office.bot.store.read() as session:
        after = (await session.execute(select(Person.seen_at).where(Person.name == "Ben"))).scalar_one()
    assert after == before


@pytest.fixture
async def deaf(office: Office) -> Office:
    """Slack's events are lost on their way."""
    office.sim.events.link = None
    return office


async def test_the_nightly_look_finds_what_events_did_not_tell(deaf: Office) -> None:
    await follows_channel(deaf)
    workspace = deaf.sim.workspace
    workspace.join("care", "Dana")
    workspace.deactivate("Ramon")
    workspace.alter("Cara", name="Carla")
    workspace.set_dnd("Ben", True)
    await deaf.settles()
    assert "Dana" not in await members(deaf)
    deaf.clock.at = deaf.clock.at.replace(day=3, hour=3, minute=0, second=1)
    await deaf.settles()
    assert {"Dana", "Carla"} <= await members(deaf)
    assert await rota(deaf) == ["Ben", "Mei", "Carla"]


async def test_cards_of_a_channel_that_became_private_are_their_teams_alone(office: Office) -> None:
    await raised(office, office.mei, "The contract of Acme ends")
    dana = office.dana
    await dana.types("/escalate E-1", channel="#platform")
    assert "The contract of Acme ends" in (await dana.privately("E-1")).text
    office.sim.workspace.channel("care-escalations").is_private = True  # of this Slack tells nobody
    await office.passes(days=1)
    await dana.types("/escalate E-1", channel="#platform")
    assert "The contract of Acme ends" not in (await dana.privately("E-1")).text
    await office.ben.types("/escalate E-1", channel="#care")
    assert "The contract of Acme ends" in (await office.ben.privately("E-1")).text


async def test_the_nightly_look_waits_as_slack_asks_and_reads_every_page(office: Office) -> None:
    workspace = office.sim.workspace
    for number in range(450):
        workspace.add_person(f"Crowd{number}", tz="Europe/Dublin")
    before = len([call for call in office.sim.calls if call.method == "users.list"])
    office.clock.at = office.clock.at.replace(day=3, hour=3, minute=0, second=1)
    await office.settles()
    assert len([call for call in office.sim.calls if call.method == "users.list"]) - before == 3
    async with office.bot.store.read() as session:
        known = (await session.execute(select(Person.name).where(Person.name.like("Crowd%")))).all()
    assert len(known) == 450


async def test_a_crowd_in_the_channel_is_welcomed_once_each(office: Office) -> None:
    workspace = office.sim.workspace
    crowd = [workspace.add_person(f"New{number}", tz="Europe/Dublin").name for number in range(60)]
    for name in crowd:
        workspace.join("care", name)
    await follows_channel(office)
    for name in crowd:
        assert told(office.sim.acts_as(name), "Welcome to Backstop") == 1


async def test_nobody_hears_of_a_database_that_is_away_while_slack_tells_of_something(office: Office) -> None:
    await follows_channel(office)
    store = office.bot.store
    every_connection = 1 if store.dialect == "sqlite" else 20
    async with AsyncExitStack() as taken:
        for _ in range(every_connection):
            await (await taken.enter_async_context(store.write())).connection()
        office.sim.workspace.join("care", "Omar")
        await office.sim.events.settle()
        await office.bot.listening.drain(at_most_s=5)
    await office.settles()
    assert office.omar.sees("@bot") == []
