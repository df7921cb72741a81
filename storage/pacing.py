"""Slack's pace, kept in rows so that all replicas together keep it: one post a second per channel, several hundred a
minute per workspace, fifty updates a minute; and whatever a 429 closed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Insert, String, and_, bindparam, case, delete, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, adding, dialect_of, insertion_in
from storage.messages import Message, Priority

CHANNEL_PACE = timedelta(seconds=1)
CLOSED_AT_MOST = timedelta(minutes=5)
"""A gate that opens later was closed before the clock was set back: it is open. (Slack asks for seconds.)"""
FORGOTTEN_AFTER = timedelta(hours=1)
UPDATES_CLOSED = "closed:chat.update"


class Gate(Base):
    """Not before: one row per channel (Slack's one post a second), per rate-limited method, and per budget."""

    __tablename__ = "gates"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    open_at: Mapped[datetime]
    """For a budget: when it would be whole again (the "theoretical arrival time" of the generic cell rate algorithm,
    ITU-T I.371)."""


@dataclass(frozen=True)
class Budget:
    """One call each `every`, and at once as many more as the priority's share: what a fan-out may use up leaves the
    rest of the burst to what is more urgent."""

    key: str
    every: timedelta
    shares: Mapping[Priority, int]

    def admits(self, whole_at: datetime, priority: Priority, now: datetime) -> bool:
        return whole_at - now <= self.every * (self.shares[priority] - 1)


POSTS = Budget(
    "budget:posts",
    timedelta(milliseconds=250),
    {Priority.SLA: 120, Priority.INTERACTIVE: 60, Priority.SCHEDULED: 20},
)
UPDATES = Budget(
    "budget:updates",
    timedelta(milliseconds=1200),
    {Priority.SLA: 30, Priority.INTERACTIVE: 15, Priority.SCHEDULED: 5},
)
OF_EVERYBODY = (POSTS.key, UPDATES.key, UPDATES_CLOSED)
"""What each claim locks."""

_GATES = (
    select(Gate)
    .where(Gate.key.in_(bindparam("keys", expanding=True)))
    .order_by(Gate.key)
    .with_for_update()
    .execution_options(populate_existing=True)
)


class Pace:
    """What may go out in this transaction. Holding it is the right to claim: one process at a time, briefly."""

    def __init__(self, gates: dict[str, Gate], now: datetime) -> None:
        self._gates = gates
        self._now = now

    @classmethod
    async def take(cls, session: AsyncSession, *, now: datetime) -> "Pace":
        """Waits for whoever else is claiming."""
        missing = [{"key": key, "open_at": now} for key in OF_EVERYBODY]
        await session.execute(adding(session, Gate, once=("key",)), missing)
        gates = {gate.key: gate for gate in (await session.execute(_GATES, {"keys": OF_EVERYBODY})).scalars()}
        for gate in gates.values():
            if gate.open_at > now + CLOSED_AT_MOST:
                gate.open_at = now
        return cls(gates, now)

    def has_room(self) -> ColumnElement[bool]:
        """Messages that their budget admits, before anything more is spent. The others needn't be looked at: a thousand
        updates that wait for their minute would hide every post behind them."""
        posts = self._admitted(POSTS)
        updates = self._admitted(UPDATES) if self._gates[UPDATES_CLOSED].open_at <= self._now else []
        is_post = Message.slack_ts.is_(None)
        return or_(and_(is_post, Message.priority.in_(posts)), and_(~is_post, Message.priority.in_(updates)))

    def _admitted(self, budget: Budget) -> list[Priority]:
        whole_at = self._gates[budget.key].open_at
        return [priority for priority in budget.shares if budget.admits(whole_at, priority, self._now)]

    def admits(self, message: Message) -> bool:
        budget, gate = self._of(message)
        return budget.admits(gate.open_at, message.priority, self._now)

    def spend(self, message: Message) -> None:
        budget, gate = self._of(message)
        gate.open_at = max(gate.open_at, self._now) + budget.every

    def _of(self, message: Message) -> tuple[Budget, Gate]:
        budget = POSTS if message.slack_ts is None else UPDATES
        return budget, self._gates[budget.key]


async def unspent(session: AsyncSession, *, since: datetime, now: datetime) -> ColumnElement[bool]:
    """Messages of whose budget nothing was taken since then, and which no 429 to all of their kind held: Slack's pace
    doesn't explain why one of them waits. Whoever claims spends, so this is so of all only when nobody claims."""
    query = select(Gate.key).where(
        Gate.key.in_(OF_EVERYBODY), Gate.open_at > since, Gate.open_at <= now + CLOSED_AT_MOST
    )
    spent = set((await session.execute(query)).scalars())
    is_post = Message.slack_ts.is_(None)
    posts = is_post if POSTS.key not in spent else false()
    return or_(posts, ~is_post if not spent & {UPDATES.key, UPDATES_CLOSED} else false())


def door(message: Message) -> str:
    """What is paced: posts by their channel, updates by the message that they change."""
    return message.destination if message.slack_ts is None else f"{message.slack_channel}:{message.slack_ts}"


def behind_closed_door() -> ColumnElement[bool]:
    """Messages whose door (see `door`) is still closed at `now`, a parameter as `closed_at_most` is (CLOSED_AT_MOST
    later)."""
    its_door = case(
        (Message.slack_ts.is_not(None), Message.slack_channel + ":" + Message.slack_ts), else_=Message.destination
    )
    is_closed = (Gate.open_at > bindparam("now")) & (Gate.open_at <= bindparam("closed_at_most"))
    return select(Gate.key).where(Gate.key == its_door, is_closed).exists()


async def close_gate(session: AsyncSession, key: str, *, until: datetime) -> None:
    """Nothing goes through before `until`; a gate that is closed for longer stays so."""
    await close_gates(session, [key], until=until)


async def close_gates(session: AsyncSession, keys: Collection[str], *, until: datetime) -> None:
    """As `close_gate`, for each of them."""
    if not keys:
        return
    await session.execute(_closing(dialect_of(session)), [{"key": key, "open_at": until} for key in sorted(keys)])


@cache
def _closing(dialect: str) -> Insert:
    closing = insertion_in(dialect, Gate.__table__)
    open_at, until = Gate.__table__.c.open_at, closing.excluded.open_at
    later = case((open_at > until, open_at), else_=until)
    return closing.on_conflict_do_update(index_elements=["key"], set_={"open_at": later})


async def forget_gates(session: AsyncSession, *, now: datetime) -> None:
    """Gates that opened long ago say nothing any more; those of everybody stay, for whoever is about to lock them."""
    old = Gate.open_at < now - FORGOTTEN_AFTER
    await session.execute(delete(Gate).where(old, Gate.key.not_in(OF_EVERYBODY)))
