"""A clock that somebody (or NTP) sets, by seconds or by hours, forward or back, at the worst moments: what is due
happens once, each local date has its firing, and nothing is lost. Slack's clock is another and goes on as it did."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from storage import outbox
from storage.schedule import Timer
from tests.bot.post_office import PostOffice
from tests.bot.test_schedules import Bell, utc
from tests.bot.test_ticking import sets
from tests.office import StillClock

SPANS = (timedelta(seconds=3), timedelta(minutes=10), timedelta(hours=8))
SET_BY = [sign * span for span in SPANS for sign in (1, -1)]
RINGS = timedelta(hours=8)
"""After midnight UTC: nine o'clock in Dublin, in June."""
JUST_BEFORE, JUST_AFTER = timedelta(seconds=-2), timedelta(seconds=2)
A_DAY_OF_BEATS = (1, 5, 120, 70, 5 * 3600, 4 * 3600, 8 * 3600)
"""Seconds between beats; together a day, less what may have been won or lost."""


async def test_a_clock_that_is_set_doubles_nothing_and_loses_nothing(post_office: PostOffice) -> None:
    slack = post_office.clock
    slack.at = utc("2026-06-03T00:00")
    machine = post_office.clock = StillClock(slack.at)
    post_office.delivery = post_office.hires()
    ran: list[int | None] = []

    async def step(_session: AsyncSession, timer: Timer, _now: datetime) -> None:
        ran.append(timer.subject_id)

    post_office.house.step("tests.step", step)
    bell, ticking = Bell(post_office), post_office.ticking()
    await bell.hangs()
    await ticking.beat()
    days = 0
    for moment in (JUST_BEFORE, JUST_AFTER):
        for by in SET_BY:
            days += 1
            due = _midnight(machine.at) + timedelta(days=1) + RINGS
            ahead = due + moment - machine.at
            slack.at, machine.at = slack.at + ahead, machine.at + ahead
            await sets(post_office.store, days, due_at=due)
            await ticking.beat()
            await post_office.wants(f"card {days}")
            await _is_in_flight(post_office)
            machine.at += by
            for seconds in A_DAY_OF_BEATS:
                slack.at, machine.at = (clock.at + timedelta(seconds=seconds) for clock in (slack, machine))
                await ticking.beat()
                await post_office.turns()
    assert await post_office.unsettled() == []
    assert ran == list(range(1, days + 1))
    fired = [one.local_date for one in await bell.occurrences()]
    assert len(bell.rang) == len(fired) == len(set(fired))
    assert post_office.calls("conversations.history") >= days
    assert [len(post_office.posts(f"card {day}")) for day in range(1, days + 1)] == [1] * days


async def _is_in_flight(post_office: PostOffice) -> None:
    """Slack has taken a message, and whoever sent it has died."""
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        claim = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.sends(claim, by=post_office.hires())


def _midnight(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)
