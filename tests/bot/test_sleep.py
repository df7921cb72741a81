"""Eight hours of sleep, as of a laptop whose lid is closed: what came due meanwhile happens once, in its order, as late
as the product's rules say, and nobody finds a heap of messages."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from simulator.company import AGENTS
from storage.escalation_events import Event
from storage.messages import Message, MessageState
from storage.polls import PollState
from storage.schedule import Timer
from tests.bot.shown import doubled, posts_by_key
from tests.handlers.checkins.stories import at, enables, prompts
from tests.handlers.escalations.stories import letters, raised, thread
from tests.handlers.polls.stories import latest, sent
from tests.office import Office


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_eight_hours_of_sleep_are_made_up_for_once_in_order_and_without_a_storm(office: Office) -> None:
    await sent(office, office.aoife, "pulse", days=0.2)
    await enables(office)
    await raised(office, office.mei, severity="S1")
    await raised(office, office.ben, "Invoices are empty", severity="S2")
    office.sim.faults.drop_after("chat.postMessage", times=1)  # Slack has it, and the lid is closed before the answer
    await raised(office, office.cara, "Wrong VAT", severity="S3")
    before = posts_by_key(office.sim)
    await office.sleeps(hours=8)
    woke = office.now - timedelta(minutes=1)
    await office.passes(minutes=2)

    woken = posts_by_key(office.sim) - before
    assert len(woken) <= 12, sorted(woken)
    assert doubled(office.sim) == {}
    for name in (*AGENTS, "Aoife", "Jonas"):
        found = [post.text[:60] for post in office.sim.acts_as(name).sees("@bot") if float(post.ts) > woke.timestamp()]
        assert len(found) <= 3, (name, found)  # one for each deadline of severity 1, which pages at any hour
    lates = await _how_late(office)
    assert lates == sorted(lates, reverse=True), "what was due first happens first"
    assert all("Backstop was down" in line for line in (await thread(office))[-len(lates) :])
    assert len(letters(office.aoife, "Nobody claimed this in time")) == 1

    assert (await latest(office)).state == PollState.CLOSED
    assert prompts(office.ben) == [], "its window is over"
    assert await _overdue(office) == 0

    await office.sleeps(hours=14)
    await at(office, "09:01")
    assert len([one for one in office.ben.sees("#care") if "Care: today" in one.text]) == 1
    await office.sleeps(hours=5)
    await at(office, "14:31")
    assert len(prompts(office.ben)) == 1
    assert doubled(office.sim) == {}


async def _how_late(office: Office) -> list[int]:
    """Minutes, for each deadline of the first case, in the order of its history."""
    async with office.bot.store.read() as session:
        query = select(Event).where(Event.kind == "breached", Event.escalation_id == 1).order_by(Event.id)
        return [one.details["late_min"] for one in (await session.execute(query)).scalars()]


async def _overdue(office: Office) -> int:
    """What is due and hasn't happened."""
    async with office.bot.store.read() as session:
        timers = select(func.count()).select_from(Timer).where(Timer.retry_at <= office.now)
        due = (Message.state != MessageState.SENT) & (Message.due_at <= office.now)
        waiting = select(func.count()).select_from(Message).where(due, Message.state == MessageState.READY)
        return sum([(await session.execute(query)).scalar_one() for query in (timers, waiting)])
