"""How message rows travel to Slack: claimed, settled, reconciled. Every function is one short piece of a transaction.

A settle is fenced: it carries the attempt of its claim, and changes nothing if another claim has been made since.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, case, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from storage.base import Base, insertion
from storage.messages import Message, MessageState, Priority

LEASE = timedelta(seconds=120)
SETTLE = timedelta(seconds=60)
"""How long Slack's history may lag behind a post that it took."""
CHANNEL_PACE = timedelta(seconds=1)
BACKOFF = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(seconds=60),
    timedelta(minutes=5),
    timedelta(minutes=15),
)
PARKED_AFTER_FAILURES = 8
UNSENT = (MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN)


class Gate(Base):
    """Not before: one row per channel (Slack's one post a second) and per rate-limited method."""

    __tablename__ = "gates"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    open_at: Mapped[datetime]


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


async def candidates(session: AsyncSession, *, now: datetime, most: int) -> list[tuple[Message, Message | None]]:
    """Messages that may be sent now, with their parents, most urgent first, locked. A thread reply waits for its parent
    to be in Slack and for every earlier reply of its lane."""
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
            Message.merged_into_id.is_(None),
            or_(Message.parent_id.is_(None), parent.slack_ts.is_not(None)),
            or_(Message.root_id.is_(None), ~waits_for_sibling),
        )
        .order_by(Message.priority, Message.due_at, Message.id)
        .limit(most)
        .with_for_update(of=Message, skip_locked=True)
    )
    return [(message, above) for message, above in await session.execute(query)]


async def expire(session: AsyncSession, *, now: datetime) -> None:
    await session.execute(
        update(Message)
        .where(Message.state == MessageState.READY, Message.expires_at <= now, Message.slack_ts.is_(None))
        .values(state=MessageState.EXPIRED)
    )


async def open_gates(session: AsyncSession, keys: set[str], *, now: datetime) -> set[str]:
    """Those of the keys through which something may go now."""
    query = select(Gate.key).where(Gate.key.in_(keys), Gate.open_at > now)
    return keys - set((await session.execute(query)).scalars())


async def close_gate(session: AsyncSession, key: str, *, until: datetime) -> None:
    statement = insertion(session, Gate).values(key=key, open_at=until)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["key"],
            set_={"open_at": case((Gate.open_at > until, Gate.open_at), else_=until)},
        )
    )


def take(message: Message, *, now: datetime, thread_ts: str | None, merged: Sequence[Message] = ()) -> Claim:
    """Marks the rows as being sent; to be committed before Slack is called."""
    for row in (message, *merged):
        row.state = MessageState.SENDING
        row.sending = row.wanted
        row.attempt += 1
        row.claimed_at = now
        row.first_claimed_at = row.first_claimed_at or now
        row.lease_until = now + LEASE
    for row in merged:
        row.merged_into_id = message.id
    return Claim(message, message.attempt, thread_ts, tuple(merged))


async def merged_into(session: AsyncSession, head: Message) -> list[Message]:
    query = select(Message).where(Message.merged_into_id == head.id).order_by(Message.id)
    return list((await session.execute(query)).scalars())


async def disown_abandoned(session: AsyncSession, *, now: datetime) -> None:
    """A claim whose lease ran out was never settled: its process died, and nobody knows whether Slack took the message."""
    abandoned = (Message.state == MessageState.SENDING) & (Message.lease_until <= now)
    await session.execute(
        update(Message).where(abandoned, Message.slack_ts.is_(None)).values(state=MessageState.UNKNOWN, due_at=now)
    )
    # an update shows the present truth however often it is made
    await session.execute(
        update(Message).where(abandoned, Message.slack_ts.is_not(None)).values(state=MessageState.READY, due_at=now)
    )


async def doubtful(session: AsyncSession, *, now: datetime, most: int) -> list[Message]:
    """Messages of unknown outcome that history can be asked about now."""
    query = (
        select(Message)
        .where(Message.state == MessageState.UNKNOWN, Message.due_at <= now, Message.merged_into_id.is_(None))
        .order_by(Message.priority, Message.due_at)
        .limit(most)
    )
    return list((await session.execute(query)).scalars())


async def thread_of(session: AsyncSession, message: Message) -> str | None:
    """The `ts` of the message's parent, if it is a reply."""
    if message.parent_id is None:
        return None
    return (await session.execute(select(Message.slack_ts).where(Message.id == message.parent_id))).scalar_one()


async def settle_sent(session: AsyncSession, claim: Claim, *, channel: str, ts: str, now: datetime) -> None:
    await _settle(
        session,
        claim,
        state=case((Message.wanted > Message.sending, MessageState.READY), else_=MessageState.SENT),
        shown=Message.sending,
        slack_channel=channel,
        slack_ts=ts,
        sent_at=case((Message.sent_at.is_(None), now), else_=Message.sent_at),
        due_at=now,
        failures=0,
        last_error=None,
    )


async def settle_later(session: AsyncSession, claim: Claim, *, at: datetime, now: datetime, gate: bool = False) -> None:
    """Slack certainly did not take it: again at `at`. `gate`: nothing else goes to that channel before then either."""
    await _settle(session, claim, state=MessageState.READY, due_at=at)
    if gate:
        await close_gate(session, claim.channel, until=max(at, now))


async def settle_unknown(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> None:
    if claim.head.slack_ts is not None:
        failures = Message.failures + 1
        await _settle(
            session, claim, state=MessageState.READY, due_at=now + _backoff(claim), failures=failures, last_error=error
        )
    else:
        await _settle(session, claim, state=MessageState.UNKNOWN, due_at=now + SETTLE, last_error=error)


async def settle_fallen(session: AsyncSession, claim: Claim) -> None:
    """The obligation fell away: cancelled if nobody has seen it, else left as it stands."""
    state = MessageState.CANCELLED if claim.head.slack_ts is None else MessageState.SENT
    await _settle(session, claim, state=state, shown=Message.sending)


async def settle_deleted(session: AsyncSession, claim: Claim, *, now: datetime) -> None:
    """Somebody deleted it in Slack: what people rely on is posted again."""
    await _settle(session, claim, state=MessageState.READY, slack_ts=None, due_at=now)


async def settle_parked(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> None:
    await _settle(session, claim, state=MessageState.PARKED, due_at=now, last_error=error)


async def settle_failed(session: AsyncSession, claim: Claim, *, error: str, now: datetime) -> None:
    """Certainly not taken, for a reason that is ours: tried again, then parked."""
    failures = claim.head.failures + 1
    state = MessageState.PARKED if failures >= PARKED_AFTER_FAILURES else MessageState.READY
    await _settle(session, claim, state=state, due_at=now + _backoff(claim), failures=failures, last_error=error)


async def settle_found(session: AsyncSession, message: Message, *, channel: str, ts: str, now: datetime) -> None:
    """History has it: the post did arrive."""
    await _resolve_doubt(
        session,
        message,
        state=case((Message.wanted > Message.sending, MessageState.READY), else_=MessageState.SENT),
        shown=Message.sending,
        slack_channel=channel,
        slack_ts=ts,
        sent_at=now,
        due_at=now,
    )


async def send_again(session: AsyncSession, message: Message, *, now: datetime) -> None:
    """History doesn't have it: the post never arrived."""
    await _resolve_doubt(session, message, state=MessageState.READY, due_at=now)


async def ask_again_later(session: AsyncSession, message: Message, *, now: datetime, after_s: float) -> None:
    await _resolve_doubt(session, message, due_at=now + timedelta(seconds=after_s))


async def settle_unreadable(session: AsyncSession, message: Message, *, error: str, now: datetime) -> None:
    """History can't be read, ever. An SLA page goes out again and says so; anything else waits for a person."""
    if message.priority == Priority.SLA:
        await _resolve_doubt(session, message, state=MessageState.READY, due_at=now, possible_repeat=True)
    else:
        await _resolve_doubt(session, message, state=MessageState.PARKED, last_error=error)


async def unpark(session: AsyncSession, destination: str, *, now: datetime) -> None:
    """The channel was mended: what waited for it goes out."""
    await session.execute(
        update(Message)
        .where(
            or_(Message.destination == destination, Message.slack_channel == destination),
            Message.state == MessageState.PARKED,
        )
        .values(state=MessageState.READY, due_at=now, failures=0)
    )


async def _settle(session: AsyncSession, claim: Claim, **outcome: Any) -> None:
    for message in claim.messages:
        attempt = claim.attempt if message is claim.head else message.attempt
        fenced = (Message.id == message.id) & (Message.attempt == attempt) & (Message.state == MessageState.SENDING)
        await _change(session, fenced, outcome)


async def _resolve_doubt(session: AsyncSession, message: Message, **outcome: Any) -> None:
    """Only while nobody else has resolved it: the attempt and the state must still be those that were looked at."""
    still = (Message.attempt == message.attempt) & (Message.state == MessageState.UNKNOWN)
    await _change(session, still & or_(Message.id == message.id, Message.merged_into_id == message.id), outcome)


async def _change(session: AsyncSession, which: ColumnElement[bool], outcome: dict[str, Any]) -> None:
    await session.execute(
        update(Message).where(which).values(lease_until=None, **outcome).execution_options(synchronize_session=False)
    )


def _backoff(claim: Claim) -> timedelta:
    return BACKOFF[min(claim.head.failures, len(BACKOFF) - 1)]
