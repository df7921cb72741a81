"""How message rows travel to Slack: claimed, settled, reconciled. Every function is one short piece of a transaction.

A settle is fenced: it carries the attempt of its claim, and changes nothing if another claim has been made since; it
says whether it held. Merged DMs share their head's attempt and fate; they are apart again once Slack has certainly not
taken them, so that `merged_into_id` is set only on what is in flight, in doubt or shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    String,
    Update,
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
from storage.pacing import UPDATES_CLOSED, behind_closed_door, close_gate
from storage.store import wants

SETTLE = timedelta(seconds=60)
"""How long Slack's history may lag behind a post that it took."""
IN_DOUBT_AT_MOST = timedelta(minutes=15)
"""Longer than anything waits between two looks at history."""
BACKOFF = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(seconds=60),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
PARKED_AFTER_FAILURES = 8
UNSENT = (MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN)
GONE = (MessageState.CANCELLED, MessageState.EXPIRED)

NEWER = case((Message.wanted > Message.sending, MessageState.READY), else_=MessageState.SENT)
"""Sent; to be sent again if its subject changed meanwhile."""
APART = case((Message.slack_ts.is_(None), None), else_=Message.merged_into_id)
NEVER_TAKEN = case((Message.first_claimed_at == Message.claimed_at, None), else_=Message.first_claimed_at)
"""After a definite no to the first claim nothing of the message can be in Slack's history."""


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
    session: AsyncSession, *, now: datetime, most: int, updates: bool = True, urgent_only: bool = False
) -> list[tuple[Message, Message | None]]:
    """Messages that may be sent now, with their parents, most urgent first, locked. A thread reply waits for its parent
    to be in Slack and for every earlier reply of its lane; one whose parent never will be is among them too."""
    earlier, parent = aliased(Message), aliased(Message)
    waits_for_sibling = exists().where(
        earlier.root_id == Message.root_id,
        earlier.id < Message.id,
        earlier.slack_ts.is_(None),
        earlier.state.in_(UNSENT),
    )
    query = (
        select(Message, parent)
        .outerjoin(parent, parent.id == Message.parent_id)
        .where(
            Message.state == MessageState.READY,
            Message.due_at <= now,
            or_(Message.merged_into_id.is_(None), Message.slack_ts.is_not(None)),
            or_(Message.parent_id.is_(None), parent.slack_ts.is_not(None), parent.state.in_(GONE)),
            or_(Message.root_id.is_(None), Message.slack_ts.is_not(None), ~waits_for_sibling),
            ~behind_closed_door(now),
        )
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(most)
        .with_for_update(of=Message, skip_locked=True)
    )
    if not updates:
        query = query.where(Message.slack_ts.is_(None))
    if urgent_only:
        query = query.where(Message.priority == Priority.SLA)
    return [(message, above) for message, above in await session.execute(query)]


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
    return _count(await session.execute(update(Message).where(due).values(state=MessageState.UNKNOWN, due_at=now)))


async def doubtful(session: AsyncSession, *, now: datetime, most: int, but: Iterable[int] = ()) -> list[Message]:
    """Messages of unknown outcome that history can be asked about now; a reply's can be once its parent's is known."""
    parent = aliased(Message)
    parent_is_in_doubt = exists().where(
        parent.id == Message.parent_id,
        parent.slack_ts.is_(None),
        parent.state.in_((MessageState.SENDING, MessageState.UNKNOWN)),
    )
    # nothing waits so long to be asked about, unless the clock was set back since
    is_time = or_(Message.due_at <= now, Message.due_at > now + IN_DOUBT_AT_MOST)
    query = (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN, is_time, Message.merged_into_id.is_(None))
        .where(Message.id.not_in(list(but)), ~parent_is_in_doubt)
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(most)
    )
    return list((await session.execute(query)).scalars())


async def thread_of(session: AsyncSession, message: Message) -> str | None:
    """The `ts` of the message's parent, if it is a reply."""
    if message.parent_id is None:
        return None
    return (await session.execute(select(Message.slack_ts).where(Message.id == message.parent_id))).scalar_one()


async def without(
    session: AsyncSession, claim: Claim, dropped: Sequence[Message], outcome: dict[str, Any]
) -> Claim | None:
    """The claim without some of its messages, which get their own outcome; the first of the rest is its head now. None
    if the claim is another process's by now. Only before Slack was called."""
    rest = [row for row in claim.messages if row not in dropped]
    head, *merged = rest
    if not await _change(session, _ids(dropped) & _fence(claim.attempt), {"merged_into_id": None, **outcome}):
        return None
    values = {"merged_into_id": case((Message.id == head.id, None), else_=head.id)}
    held = await session.execute(update(Message).where(_ids(rest), _fence(claim.attempt)).values(**values))
    if _count(held) != len(rest):
        return None
    return Claim(head, claim.attempt, claim.thread_ts, tuple(merged))


FALLEN = {
    "state": case(
        (Message.wanted > Message.sending, MessageState.READY),
        (Message.slack_ts.is_(None), MessageState.CANCELLED),
        else_=MessageState.SENT,
    ),
    "shown": Message.sending,
    "first_claimed_at": NEVER_TAKEN,
    "merged_into_id": APART,
}
"""The obligation fell away: cancelled if nobody has seen it, else left as it stands."""


def failed(claim: Claim, error: str, now: datetime) -> dict[str, Any]:
    """Certainly not taken, for a reason that is ours: tried again, then parked."""
    failures = Message.failures + 1
    return {
        "state": case((failures >= PARKED_AFTER_FAILURES, MessageState.PARKED), else_=MessageState.READY),
        "due_at": now + _backoff(claim),
        "failures": failures,
        "last_error": error,
        "first_claimed_at": NEVER_TAKEN,
        "merged_into_id": APART,
    }


def later(at: datetime) -> dict[str, Any]:
    """Slack certainly did not take it: again at `at`."""
    return {
        "state": MessageState.READY,
        "due_at": at,
        "first_claimed_at": NEVER_TAKEN,
        "merged_into_id": APART,
    }


async def settle_sent(session: AsyncSession, claim: Claim, *, channel: str, ts: str, now: datetime) -> bool:
    settled = {"ids": [message.id for message in claim.messages], "attempt_": claim.attempt}
    sent = {"channel_": channel, "ts_": ts, "now_": now}
    return _count(await session.execute(_sent(), {**settled, **sent})) > 0


@cache
def _sent() -> Update:
    """What every message comes to: built once."""
    now = bindparam("now_", type_=Message.sent_at.type)
    settled = update(Message).where(
        Message.id.in_(bindparam("ids", expanding=True)), _fence(bindparam("attempt_", type_=Integer))
    )
    settled = settled.values(
        state=NEWER,
        shown=Message.sending,
        slack_channel=bindparam("channel_", type_=String),
        slack_ts=bindparam("ts_", type_=String),
        sent_at=func.coalesce(Message.sent_at, now),
        due_at=now,
        failures=0,
        last_error=None,
        lease_until=None,
    )
    return settled.execution_options(synchronize_session=False)


async def settle_later(session: AsyncSession, claim: Claim, *, at: datetime, gate: bool = False) -> bool:
    """Slack certainly did not take it: again at `at`. `gate`: nothing else of its kind goes before then either."""
    held = await _settle(session, claim, **later(at))
    if gate:
        await close_gate(session, UPDATES_CLOSED if claim.is_update else claim.head.destination, until=at)
    return held


async def settle_unknown(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> bool:
    if claim.is_update:
        return await _settle(
            session,
            claim,
            state=MessageState.READY,
            due_at=now + _backoff(claim),
            failures=Message.failures + 1,
            last_error=error,
        )
    return await _settle(session, claim, state=MessageState.UNKNOWN, due_at=now + SETTLE, last_error=error)


async def settle_fallen(session: AsyncSession, claim: Claim) -> bool:
    return await _settle(session, claim, **FALLEN)


async def settle_deleted(session: AsyncSession, claim: Claim, *, now: datetime) -> bool:
    """Somebody deleted it in Slack: what people rely on is posted again, as a new obligation."""
    return await _settle(
        session,
        claim,
        state=MessageState.READY,
        slack_ts=None,
        first_claimed_at=None,
        merged_into_id=None,
        due_at=now,
    )


async def settle_parked(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> bool:
    return await _settle(
        session,
        claim,
        state=MessageState.PARKED,
        due_at=now,
        last_error=error,
        first_claimed_at=NEVER_TAKEN,
        merged_into_id=APART,
    )


async def settle_failed(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> bool:
    return await _settle(session, claim, **failed(claim, error, now))


async def settle_found(
    session: AsyncSession, message: Message, *, channel: str, ts: str, now: datetime, head_key: str | None = None
) -> bool:
    """History has it: the post did arrive. `head_key`: whose post it is, if that is another one that shows it too."""
    head = None
    if head_key not in {None, message.key}:
        head = (await session.execute(select(Message.id).where(Message.key == head_key))).scalar_one_or_none()
    carried = {} if head is None else {"merged_into_id": head}
    return await _resolve_doubt(
        session,
        message,
        state=NEWER,
        shown=Message.sending,
        slack_channel=channel,
        slack_ts=ts,
        sent_at=now,
        due_at=now,
        failures=0,
        last_error=None,
        **carried,
    )


async def send_again(session: AsyncSession, message: Message, *, now: datetime) -> bool:
    """History doesn't have it: the post never arrived."""
    return await _resolve_doubt(session, message, state=MessageState.READY, due_at=now, merged_into_id=None)


async def ask_again_later(session: AsyncSession, message: Message, *, now: datetime, after_s: float) -> bool:
    return await _resolve_doubt(session, message, due_at=now + timedelta(seconds=after_s))


async def settle_unreadable(session: AsyncSession, message: Message, *, error: str, now: datetime) -> bool:
    """History can't be read. An SLA page goes out again and says so; anything else waits for a person."""
    if message.priority == Priority.SLA:
        return await _resolve_doubt(
            session, message, state=MessageState.READY, due_at=now, possible_repeat=True, merged_into_id=None
        )
    return await _resolve_doubt(session, message, state=MessageState.PARKED, last_error=error)


async def unpark(session: AsyncSession, destination: str, *, now: datetime) -> None:
    """The channel was mended: what waited for it goes out; what may be there already is looked for first."""
    there = or_(Message.destination == destination, Message.slack_channel == destination)
    await session.execute(update(Message).where(there, Message.state == MessageState.PARKED).values(**_unparked(now)))
    wants(session)


async def unpark_all(session: AsyncSession, *, now: datetime) -> int:
    """As `unpark`, for every destination; returns how many messages waited."""
    parked = update(Message).where(Message.state == MessageState.PARKED).values(**_unparked(now))
    wants(session)
    return _count(await session.execute(parked))


def _unparked(now: datetime) -> dict[str, Any]:
    in_doubt = and_(Message.slack_ts.is_(None), Message.first_claimed_at.is_not(None))
    state = case((in_doubt, MessageState.UNKNOWN), else_=MessageState.READY)
    return {"state": state, "due_at": now, "failures": 0}


async def _settle(session: AsyncSession, claim: Claim, **outcome: Any) -> bool:
    return await _change(session, _ids(claim.messages) & _fence(claim.attempt), outcome)


def _fence(attempt: int | BindParameter[int]) -> ColumnElement[bool]:
    return and_(Message.attempt == attempt, Message.state == MessageState.SENDING)


def _ids(messages: Sequence[Message]) -> ColumnElement[bool]:
    return Message.id.in_([message.id for message in messages])


async def _resolve_doubt(session: AsyncSession, message: Message, **outcome: Any) -> bool:
    """Only while nobody else has resolved it: the attempt and the state must still be those that were looked at."""
    still = (Message.attempt == message.attempt) & (Message.state == MessageState.UNKNOWN)
    its_own = or_(Message.id == message.id, Message.merged_into_id == message.id)
    return await _change(session, still & its_own, outcome)


async def _change(session: AsyncSession, which: ColumnElement[bool], outcome: dict[str, Any]) -> bool:
    changed = update(Message).where(which).values(**{"lease_until": None, **outcome})
    return _count(await session.execute(changed.execution_options(synchronize_session=False))) > 0


def _count(result: Any) -> int:
    rows: int = result.rowcount
    return rows


def _backoff(claim: Claim) -> timedelta:
    return BACKOFF[min(claim.head.failures, len(BACKOFF) - 1)]
