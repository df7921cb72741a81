"""A help desk is connected, filled, matched and disconnected: as people do it, over the wire."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.helpdesks import DeskAwayError, DeskRefusedError
from simulator.acting import FormErrors, Modal
from storage.pulled import Page, PulledAgent
from storage.schedule import Schedule
from storage.sources import Source, SourceAgent, SourceTeam
from storage.ticket_days import Snapshot
from storage.tickets import Ticket
from tests.bot.helpdesks.scripted import ScriptedDesk
from tests.office import Office
from tests.storage.test_tickets import ticket

MakeOffice = Callable[..., Awaitable[Office]]
BEN = PulledAgent(external_id="a1", name="Ben M.", email="ben@care.example")
TEMP = PulledAgent(external_id="a2", name="Temp <1>", email="temp@agency.example")


@pytest.fixture
def desk() -> ScriptedDesk:
    made = ScriptedDesk()
    made.people = [BEN, TEMP]
    return made


@pytest.fixture
async def office(make_office: MakeOffice, desk: ScriptedDesk) -> Office:
    office = await make_office()
    office.desks = {desk.kind: desk}
    await office.opens()
    return office


async def chooses(office: Office, name: str = "Aoife") -> Modal:
    """The form that chooses a help desk for Care."""
    person = office.sim.acts_as(name)
    await person.types("/backstop team connect care", channel="#general")
    return await person.modal(titled="Help desk")


async def tries(office: Office) -> None:
    """Aoife presses the only one that is offered."""
    await office.aoife.clicks(await chooses(office), "Connect Scripted (acme)…")
    await office.settles()


async def connects(office: Office, *, groups: list[str] | None = None) -> None:
    await tries(office)
    tested = await office.aoife.modal(titled="Help desk")
    if groups is not None:
        tested.fill("Whose tickets are this team’s?", groups)
    await tested.submit()
    await (await office.aoife.modal(titled="Help desk")).close()
    await office.settles()


async def rows(office: Office, model: type) -> list[object]:
    async with office.bot.store.read() as session:
        return list((await session.execute(select(model))).scalars())


async def test_it_is_tested_connected_filled_and_matched(office: Office, desk: ScriptedDesk) -> None:
    desk.missing = ["It may not read ratings: tick *Ratings* there."]
    desk.script = [
        Page(
            tickets=[ticket(1, assignee_external_id="a1"), ticket(2, assignee_external_id="a2")], cursor="a", more=True
        ),
        Page(tickets=[ticket(3)], cursor="b", more=False),
    ]
    await tries(office)
    tested = await office.aoife.modal(titled="Help desk")
    assert "bot@acme.example" in tested.text
    assert "may not read ratings" in tested.text
    assert tested.options("Whose tickets are this team’s?") == [
        "Everything that no other team takes",
        "Billing",
        "Shipping",
    ]
    await tested.submit()
    assert "is connected to" in (await office.aoife.modal()).text
    await office.settles()
    told = await office.aoife.finds("@bot", "is filled")
    assert "3 tickets of the last 8 weeks" in told.text
    assert "1 of 2 agents matched" in told.text
    assert "Temp <1>" in told.text

    await office.aoife.clicks(told, "Match 1 agents…")
    matching = await office.aoife.modal(titled="Match agents")
    matching.fill("Temp <1> (temp@agency.example)", "Gwen")
    with pytest.raises(FormErrors, match="no guest"):
        await matching.submit()
    matching.fill("Temp <1> (temp@agency.example)", "Cara")
    await matching.submit()
    await office.settles()
    assert "2 of 2 agents matched" in (await office.aoife.finds("@bot", "is filled")).text
    assert {found.assignee_id is None for found in await rows(office, Ticket)} == {False, True}  # type: ignore[attr-defined]  # tickets
    assert sum(agent.by_hand for agent in await rows(office, SourceAgent)) == 1  # type: ignore[attr-defined]  # likewise
    assert office.sim.surprises == []


async def test_what_the_desk_refuses_is_said_and_nothing_is_stored(office: Office, desk: ScriptedDesk) -> None:
    desk.refusal = DeskRefusedError("The token is wrong: make a new one <there>.")
    await tries(office)
    assert "The token is wrong: make a new one <there>." in (await office.aoife.modal()).text
    assert await rows(office, Source) == []


async def test_only_managers_and_admins_connect(office: Office, desk: ScriptedDesk) -> None:
    await office.ben.types("/backstop team connect", channel="#care")
    assert "You manage no team" in (await office.ben.privately("manage")).text
    assert (await chooses(office, "Omar")).title == "Help desk"


async def test_who_could_mean_several_teams_says_which(office: Office, desk: ScriptedDesk) -> None:
    await office.omar.types("/backstop team connect", channel="#general")
    await office.omar.clicks(await office.omar.privately("Which team?"), "Platform")
    assert "Platform" in (await office.omar.modal(titled="Help desk")).text


async def test_without_credentials_it_says_what_is_to_be_set(make_office: MakeOffice) -> None:
    office = await make_office()
    await office.opens()
    assert "BACKSTOP_ZENDESK_" in (await chooses(office)).text


async def test_it_is_pulled_every_few_minutes_backs_off_and_mends_itself(office: Office, desk: ScriptedDesk) -> None:
    await connects(office)
    asked = len(desk.asked)
    await office.passes(minutes=11)
    assert len(desk.asked) == asked + 2
    desk.script = [DeskAwayError("It answers 503.") for _ in range(4)]
    await office.passes(hours=2)
    assert desk.script == []
    told = [shown.text for shown in office.aoife.sees("@bot") if "works again" in shown.text]
    assert len(told) == 1, "one message, which said first that it failed"
    [source] = await rows(office, Source)
    assert isinstance(source, Source)
    assert (source.failing_since, source.last_error) == (None, None)
    assert source.last_good_at is not None
    assert office.now - source.last_good_at <= timedelta(minutes=5)
    settings = await chooses(office)
    assert "data as of" in settings.text


async def test_a_restart_goes_on_pulling_once(office: Office, desk: ScriptedDesk) -> None:
    await connects(office)
    await office.restarts()
    await office.settles()
    asked = len(desk.asked)
    await office.passes(minutes=10, seconds=5)
    assert len(desk.asked) == asked + 2


async def test_each_day_ends_with_a_snapshot(office: Office, desk: ScriptedDesk) -> None:
    desk.script = [Page(tickets=[ticket(1), ticket(2)], cursor="a", more=False)]
    await connects(office)
    async with office.bot.store.read() as session:
        [rule] = (await session.execute(select(Schedule).where(Schedule.kind == "desks.snapshot"))).scalars()
    await office.sleeps(hours=16)
    await office.settles()
    [snapshot] = await rows(office, Snapshot)
    assert isinstance(snapshot, Snapshot)
    assert (snapshot.open, snapshot.unassigned, snapshot.by_status) == (2, 2, {"open": 2})
    assert str(snapshot.local_date) == "2026-06-02"
    assert rule.zone == office.teams["Care"].zone


async def test_groups_are_one_teams_and_a_disconnected_desk_is_left_alone(office: Office, desk: ScriptedDesk) -> None:
    await connects(office, groups=["Billing"])
    desk.script = [Page(tickets=[ticket(1, group="Billing"), ticket(2, group="Shipping")], cursor="x", more=False)]
    await office.passes(minutes=6)
    assert len({found.team_id for found in await rows(office, Ticket)}) == 2  # type: ignore[attr-defined]  # tickets
    await office.tomas.types("/backstop team connect", channel="#platform")
    await office.tomas.clicks(await office.tomas.modal(titled="Help desk"), "Connect Scripted (acme)…")
    await office.settles()
    offered = (await office.tomas.modal(titled="Help desk")).options("Whose tickets are this team’s?")
    assert offered == ["Everything that no other team takes", "Shipping"]

    settings = await chooses(office)
    await office.aoife.clicks(settings, "Disconnect…")
    await office.settles()
    assert "no longer feeds" in (await office.aoife.modal()).text
    asked = len(desk.asked)
    await office.passes(minutes=20)
    assert len(desk.asked) == asked
    assert {found.team_id for found in await rows(office, Ticket)} == {None}  # type: ignore[attr-defined]  # tickets
    assert await rows(office, SourceTeam) == []
