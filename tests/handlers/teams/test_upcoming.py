"""`/backstop upcoming`: the next sends, to whom, at whose time, and each skip with its reason."""

from sqlalchemy import select

from simulator.acting import Actor
from storage.people import Person
from tests.handlers.goals.stories import by_hand
from tests.office import Office

EVENING = {"hours": 9}
"""From 10:00 to 19:00 in Dublin: nobody there is written to any more."""


async def upcoming(person: Actor, channel: str = "#care") -> str:
    await person.types("/backstop upcoming", channel=channel)
    return (await person.privately("Coming up")).text.replace("@", "")


async def adds_dana(office: Office) -> None:
    """Dana, whom nobody has welcomed yet, becomes a member of Care."""
    async with office.bot.store.write() as session:
        dana = (await session.execute(select(Person).where(Person.name == "Dana"))).scalar_one()
        dana.welcomed_at = None
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal(titled="Edit team")
    await form.fill("Members", [*form.value("Members"), "Dana"]).submit()


async def test_nothing_planned_says_so(office: Office) -> None:
    assert "Nothing is planned" in await upcoming(office.ben)


async def test_a_manager_sees_what_their_people_get_and_at_whose_time(office: Office) -> None:
    await office.passes(**EVENING)
    await adds_dana(office)
    shown = await upcoming(office.aoife)
    assert "Welcome to Backstop · " in shown
    assert "→ Dana (Wed 09:00 their time)" in shown
    assert "in their working hours" in shown


async def test_what_does_not_fit_ends_at_a_word(office: Office) -> None:
    counted = "Articles about refunds and returned parcels in the knowledge base"
    await by_hand(office, office.aoife, counted, whose="Team Care", target="8", more={"period": "week"})
    assert "G-1 Articles about refunds and returned parcels in the…" in await upcoming(office.aoife)


async def test_the_reader_of_a_message_sees_it_and_other_members_do_not(office: Office) -> None:
    await office.passes(**EVENING)
    await adds_dana(office)
    assert "Welcome to Backstop" in await upcoming(office.dana, "#platform")
    assert "Nothing is planned" in await upcoming(office.ben)


async def test_an_admin_who_leads_no_team_reads_titles_only(office: Office) -> None:
    await office.passes(**EVENING)
    await adds_dana(office)
    shown = await upcoming(office.omar, "#general")
    line = next(line for line in shown.splitlines() if "Welcome to Backstop" in line)
    assert "Care" not in line
    assert "titles only" in shown
    assert "Nightly look" in shown


async def test_who_is_away_is_waited_for_and_it_says_so(office: Office) -> None:
    await office.dana.types("/availability away until thursday 12:00", channel="#platform")
    await adds_dana(office)
    shown = await upcoming(office.aoife)
    line = next(line for line in shown.splitlines() if "Welcome" in line)
    assert "Thu 12:00 their time" in line
    assert "away until then" in line


async def test_what_was_not_sent_is_shown_with_its_reason(office: Office) -> None:
    await office.passes(**EVENING)
    await adds_dana(office)
    office.sim.workspace.deactivate("Dana")
    await office.sim.events.settle()
    await office.settles()
    shown = await upcoming(office.aoife)
    assert "Not sent" in shown
    assert "deactivated" in shown
    await office.passes(hours=15)
    assert "deactivated" in await upcoming(office.aoife)
