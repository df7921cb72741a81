"""What the messages of many cases show is looked up for all of them together."""

from datetime import timedelta

from benchmarks.databases import asked_of
from simulator.acting import Actor
from tests.handlers.escalations.stories import begin
from tests.office import Office

OF_CASES = ("escalations", "escalation_clocks", "escalation_events", "escalation_tickets", "follow_ups")


async def receipts_of(office: Office, *people: Actor) -> list[str]:
    """All raise a case at once, and have a receipt, each team a card; what was asked for, to show them."""
    office.clock.advance(timedelta(minutes=1))
    for who in people:
        form = await begin(office, who, f"Only {who.name} has this", channel="#general")
        await form.fill("severity", "S2").fill("need", "decision").submit()
    await office.bot.listening.drain(at_most_s=5)
    with asked_of(office.bot.store.read_engine) as statements:
        await office.bot.delivery.run_once()
    for who in people:
        assert f"Only {who.name} has this" in (await who.finds("@bot", "You raised")).text
    return [statement for statement, _ in statements if any(f"FROM {table}" in statement for table in OF_CASES)]


async def test_many_cases_are_looked_up_by_as_many_queries_as_one(office: Office) -> None:
    await receipts_of(office, office.mei)  # what every process looks up once
    await office.settles()
    one = await receipts_of(office, office.sean)
    await office.settles()
    several = await receipts_of(office, office.ben, office.cara, office.niamh, office.dana)
    assert len(one) > 3
    assert len(several) == len(one)
