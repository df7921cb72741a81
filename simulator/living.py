"""Lets time pass for a bot: as for one that is up (each step when it is due), or as for one that was down."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import BindParameter, bindparam, exists, func, or_, select

from bot.app import Backstop
from storage.jobs import Job, JobState
from storage.messages import Message, MessageState
from storage.schedule import Schedule, Timer

REST = timedelta(seconds=5)
"""What waits no longer than this for its channel's pace is waited for."""
HOME = "home.refresh"
"""Likewise for somebody's Home, which is drawn at most once in that time."""
ONE_POST = timedelta(seconds=1)
NOW: BindParameter[datetime] = bindparam("now")
SOON: BindParameter[datetime] = bindparam("soon")
PARKED = select(Message.id).where(Message.state == MessageState.PARKED, Message.slack_ts.is_(None))
WAITING = select(
    or_(
        exists().where(
            Message.state == MessageState.READY,
            Message.due_at <= SOON,
            Message.failures == 0,
            Message.parent_id.is_(None) | Message.parent_id.not_in(PARKED),
        ),
        exists().where(Timer.step == HOME, Timer.part == "soon", Timer.retry_at <= SOON, Timer.parked_at.is_(None)),
        # as many jobs run at once as there is room for: after a long sleep the rest begin with the next beats
        exists().where(Job.state == JobState.READY, Job.run_at <= NOW, Job.attempts == 0),
    )
)
"""Whether something is on its way; a reply to what is parked comes only after the channel's mend. Asked after every
turn, as is NEXT_DUE: so each is one statement, which is made once."""
ON_THE_WAY = (MessageState.READY, MessageState.UNKNOWN)
NEXT_DUE = select(
    select(func.min(Timer.retry_at)).where(Timer.parked_at.is_(None), Timer.retry_at > NOW).scalar_subquery(),
    select(func.min(Message.due_at)).where(Message.state.in_(ON_THE_WAY), Message.due_at > NOW).scalar_subquery(),
    select(func.min(Schedule.next_fire_at)).where(Schedule.next_fire_at > NOW).scalar_subquery(),
)
"""The next instants at which something wants to happen."""


class Movable(Protocol):
    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> None: ...


class Living:
    def __init__(self, bot: Backstop, clock: Movable) -> None:
        self._bot = bot
        self._clock = clock

    async def settle(self) -> None:
        """Listeners finish, what is due now happens, and everything wanted is in Slack. A channel takes one post a
        second: the clock moves on for those that wait, and no further. Raises AssertionError if it has no end."""
        await self._bot.listening.drain(at_most_s=5)
        await self._bot.turn()
        for _ in range(300):
            if not await self._is_waiting():
                return
            self._clock.advance(ONE_POST)
            await self._bot.turn()
        raise AssertionError("delivery did not come to rest")

    async def until(self, instant: datetime) -> None:
        """Time goes by as it does for a bot that is up."""
        while (due := await self._next_due()) is not None and due <= instant:
            self._move_to(due)
            await self.settle()
        self._move_to(instant)
        await self.settle()

    async def asleep_until(self, instant: datetime) -> None:
        """Time goes by while the bot is down: everything due in it is late."""
        self._move_to(instant)
        await self.settle()

    def _move_to(self, instant: datetime) -> None:
        ahead = instant - self._clock.now()
        if ahead > timedelta():
            self._clock.advance(ahead)

    async def _is_waiting(self) -> bool:
        now = self._clock.now()
        async with self._bot.store.read() as session:
            return bool((await session.execute(WAITING, {"now": now, "soon": now + REST})).scalar_one())

    async def _next_due(self) -> datetime | None:
        async with self._bot.store.read() as session:
            found = (await session.execute(NEXT_DUE, {"now": self._clock.now()})).one()
        return min((due for due in found if due is not None), default=None)
