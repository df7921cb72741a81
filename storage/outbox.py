"""Which message rows are to travel to Slack, taken one claim at a time; which are in doubt; which wait for a mend.
Every function is one short piece of a transaction; what became of a claim is for `storage.settling`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.leases import LEASE, is_held, is_over
from storage.messages import Attention, Message, MessageState, Priority
from storage.pacing import CLOSED_AT_MOST, behind_closed_door
from storage.store import wants

SETTLE = timedelta(seconds=60)
"""How long Slack's history may lag behind a post that it took."""
IN_DOUBT_AT_MOST = timedelta(minutes=15)
"""Longer than anything waits between two looks at history."""
UNSENT = (MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN)
GONE = (MessageState.CANCELLED, MessageState.EXPIRED)


@dataclass(frozen=True)
class Claim:
    """A message taken for sending, with the ones that are merged into it. The head's row carries Slack's `ts`."""

    head: Message
    attempt: int
    thread_ts: str | None = None
    merged: tuple[Message, ...] = field(default=())

    @property
    def messages(self) -> tuple[Message, ...]:
        return (self.head, *self.merged)

    @property
    def channel(self) -> str:
        return self.head.slack_channel or self.head.destination

    @property
    def is_update(self) -> bool:
        return self.head.slack_ts is not None

    def has_lapsed(self, now: datetime) -> bool:
        """Whether the lease has run out, or the clock was set back since: by now somebody else may be sending it, or
        asking what became of it."""
        return not is_held(self.head.lease_until, now)


async def is_anything_due(session: AsyncSession, *, now: datetime) -> bool:
    """Whether a look for candidates or abandoned claims could find any."""
    ready = and_(Message.state == MessageState.READY, Message.due_at <= now)
    query = select(or_(exists().where(ready), exists().where(_abandoned(now))))
    return bool((await session.execute(query)).scalar_one())


async def candidates(
    session: AsyncSession,
    *,
    now: datetime,
    most: int,
    within: ColumnElement[bool] | None = None,
    urgent_only: bool = False,
) -> list[tuple[Message, Message | None]]:
    """Messages that may be sent now, with their parents, most urgent first, locked. A thread reply waits for its parent
    to be in Slack and for every earlier reply of its lane; one whose parent never will be is among them too.
    `within`: only of these."""
    query = _candidates()
    if within is not None:
        query = query.where(within)
    if urgent_only:
        query = query.where(Message.priority == Priority.SLA)
    asked = {"now": now, "most": most, "closed_at_most": now + CLOSED_AT_MOST}
    return [(message, above) for message, above in await session.execute(query, asked)]


async def oldest_sendable(
    session: AsyncSession, *, since: datetime, within: ColumnElement[bool]
) -> tuple[str, datetime] | None:
    """Of the messages that were due by then and that nothing has held up since (a parent, an earlier reply, a closed
    door), the one that waits for longest: its renderer, and since when. `within`: only of these."""
    query = _sendable().where(within).order_by(Message.due_at).limit(1)
    asked = {"now": since, "closed_at_most": since + CLOSED_AT_MOST}
    found = (await session.execute(query, asked)).first()
    return None if found is None else (found[0].renderer, found[0].due_at)


@cache
def _candidates() -> Select[Message, Message]:
    """Looked for whenever anything was wanted or sent: built once."""
    return (
        _sendable()
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=Message, skip_locked=True)
    )


def _sendable() -> Select[Message, Message]:
    """Messages that may go at `now`, but for budgets and their readers' attention, and their parents."""
    earlier, parent = aliased(Message), aliased(Message)
    waits_for_sibling = exists().where(
        earlier.root_id == Message.root_id,
        earlier.id < Message.id,
        earlier.slack_ts.is_(None),
        earlier.state.in_(UNSENT),
    )
    return (
        select(Message, parent)
        .outerjoin(parent, parent.id == Message.parent_id)
        .where(
            Message.state == MessageState.READY,
            Message.due_at <= bindparam("now"),
            or_(Message.merged_into_id.is_(None), Message.slack_ts.is_not(None)),
            or_(Message.parent_id.is_(None), parent.slack_ts.is_not(None), parent.state.in_(GONE)),
            or_(Message.root_id.is_(None), Message.slack_ts.is_not(None), ~waits_for_sibling),
            ~behind_closed_door(),
        )
    )


async def expire(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(
        update(Message)
        .where(Message.state == MessageState.READY, Message.expires_at <= now, Message.slack_ts.is_(None))
        .values(state=MessageState.EXPIRED)
    )


def take(message: Message, *, now: datetime, thread_ts: str | None, merged: Sequence[Message] = ()) -> Claim:
    """Marks the rows as being sent; to be committed before Slack is called."""
    rows = (message, *merged)
    attempt = max(row.attempt for row in rows) + 1
    for row in rows:
        row.state = MessageState.SENDING
        row.sending = row.wanted
        row.attempt = attempt
        row.claimed_at = now
        row.first_claimed_at = row.first_claimed_at or now
        row.lease_until = now + LEASE
    for row in merged:
        row.merged_into_id = message.id
    return Claim(message, attempt, thread_ts, tuple(merged))


async def shown_with(session: AsyncSession, message: Message) -> tuple[Message, list[Message]] | None:
    """The head of what Slack shows this message in, and the others merged there; None while a call is in flight."""
    head_id = message.merged_into_id or message.id
    query = select(Message).where(or_(Message.id == head_id, Message.merged_into_id == head_id))
    rows = (await session.execute(query.order_by(Message.id).with_for_update())).scalars().all()
    if any(row.state not in {MessageState.READY, MessageState.SENT} for row in rows):
        return None
    head = next(row for row in rows if row.id == head_id)
    return head, [row for row in rows if row is not head]


async def in_flight_to(session: AsyncSession, person_id: int) -> int:
    """Unrequested DMs to somebody whose sending hasn't ended; they will count on that day."""
    flying = (MessageState.SENDING, MessageState.UNKNOWN)
    query = select(func.count()).where(
        Message.person_id == person_id,
        Message.attention == Attention.UNREQUESTED,
        Message.state.in_(flying),
        Message.slack_ts.is_(None),
        Message.merged_into_id.is_(None),
    )
    return (await session.execute(query)).scalar_one()


async def disown_abandoned(session: AsyncSession, *, now: datetime) -> None:
    """A claim whose lease ran out was never settled: its process died, and nobody knows whether Slack took it. A call
    that was begun at the lease's very end, or before the clock was set forward, may still be on its way: history is
    given its time to show it."""
    # an update shows the present truth however often it is made
    is_new = Message.slack_ts.is_(None)
    values = {
        "state": case((is_new, MessageState.UNKNOWN), else_=MessageState.READY),
        "due_at": case((is_new, now + SETTLE), else_=now),
        "lease_until": None,
    }
    await session.execute(update(Message).where(_abandoned(now)).values(**values))


def _abandoned(now: datetime) -> ColumnElement[bool]:
    return and_(Message.state == MessageState.SENDING, is_over(Message.lease_until, now))


async def doubt_unsent(session: AsyncSession, *, since: datetime, now: datetime) -> int:
    """What is due and not known to be in Slack may have been sent after `since`, if the database was restored from a
    backup of then: it is in doubt, and how many are is returned. What is parked will be, once its channel is mended."""
    unseen = and_(Message.state.in_((MessageState.READY, MessageState.PARKED)), Message.slack_ts.is_(None))
    claimed = func.coalesce(Message.first_claimed_at, bindparam("since", since, type_=Message.first_claimed_at.type))
    await session.execute(update(Message).where(unseen).values(first_claimed_at=claimed))
    due = and_(unseen, Message.state == MessageState.READY, Message.due_at <= now)
    return changed_by(await session.execute(update(Message).where(due).values(state=MessageState.UNKNOWN, due_at=now)))


async def doubtful(session: AsyncSession, *, now: datetime, most: int, but: Iterable[int] = ()) -> list[Message]:
    """Messages of unknown outcome that history can be asked about now; a reply's can be once its parent's is known."""
    # nothing waits so long to be asked about, unless the clock was set back since
    asked = {"now": now, "too_late": now + IN_DOUBT_AT_MOST, "but": list(but), "most": most}
    return list((await session.execute(_doubtful(), asked)).scalars())


@cache
def _doubtful() -> Select[Message]:
    """Looked for before every look for candidates: built once."""
    parent = aliased(Message)
    parent_is_in_doubt = exists().where(
        parent.id == Message.parent_id,
        parent.slack_ts.is_(None),
        parent.state.in_((MessageState.SENDING, MessageState.UNKNOWN)),
    )
    is_time = or_(Message.due_at <= bindparam("now"), Message.due_at > bindparam("too_late"))
    return (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN, is_time, Message.merged_into_id.is_(None))
        .where(Message.id.not_in(bindparam("but", expanding=True)), ~parent_is_in_doubt)
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(bindparam("most", type_=Integer))
    )


async def thread_of(session: AsyncSession, message: Message) -> str | None:
    """The `ts` of the message's parent, if it is a reply."""
    if message.parent_id is None:
        return None
    return (await session.execute(select(Message.slack_ts).where(Message.id == message.parent_id))).scalar_one()


async def unpark(session: AsyncSession, destination: str, *, now: datetime) -> None:
    """The channel was mended: what waited for it goes out; what may be there already is looked for first."""
    there = or_(Message.destination == destination, Message.slack_channel == destination)
    await session.execute(update(Message).where(there, Message.state == MessageState.PARKED).values(**_unparked(now)))
    wants(session)


async def unpark_all(session: AsyncSession, *, now: datetime) -> int:
    """As `unpark`, for every destination; returns how many messages waited."""
    parked = update(Message).where(Message.state == MessageState.PARKED).values(**_unparked(now))
    wants(session)
    return changed_by(await session.execute(parked))


def _unparked(now: datetime) -> dict[str, Any]:
    in_doubt = and_(Message.slack_ts.is_(None), Message.first_claimed_at.is_not(None))
    state = case((in_doubt, MessageState.UNKNOWN), else_=MessageState.READY)
    return {"state": state, "due_at": now, "failures": 0}


def changed_by(result: Any) -> int:
    """How many rows."""
    rows: int = result.rowcount
    return rows
