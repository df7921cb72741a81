"""What became of what was claimed: sent, not taken, perhaps taken, parked; found in Slack's history, or not.

A settle is fenced: it carries the attempt of its claim, and changes nothing if another claim has been made since; it
says whether it held. Merged DMs share their head's attempt and fate; they are apart again once Slack has certainly not
taken them, so that `merged_into_id` is set only on what is in flight, in doubt or shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    Update,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.messages import Message, MessageState, Priority
from storage.outbox import SETTLE, Claim, changed_by
from storage.pacing import UPDATES_CLOSED, close_gate

BACKOFF = (
    timedelta(seconds=2),
    timedelta(seconds=10),
    timedelta(seconds=60),
    timedelta(minutes=5),
    timedelta(minutes=15),
)


PARKED_AFTER_FAILURES = 8


NEWER = case((Message.wanted > Message.sending, MessageState.READY), else_=MessageState.SENT)
"""Sent; to be sent again if its subject changed meanwhile."""


APART = case((Message.slack_ts.is_(None), None), else_=Message.merged_into_id)


NEVER_TAKEN = case((Message.first_claimed_at == Message.claimed_at, None), else_=Message.first_claimed_at)
"""After a definite no to the first claim nothing of the message can be in Slack's history."""


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
    if changed_by(held) != len(rest):
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


@dataclass(frozen=True)
class Sent:
    """Slack has it."""

    claim: Claim
    channel: str
    ts: str


async def settle_sent(session: AsyncSession, ended: Sequence[Sent], *, now: datetime) -> list[Sent]:
    """Those of them that held; by two statements, however many they are."""
    sent = {message.id: one for one in ended for message in one.claim.messages}
    found = await session.execute(_IN_FLIGHT, {"ids": list(sent)})
    held = {message_id: sent[message_id] for message_id, attempt in found if attempt == sent[message_id].claim.attempt}
    if held:
        rows = [{"id_": id_, "channel_": one.channel, "ts_": one.ts, "now_": now} for id_, one in held.items()]
        # the session itself takes no condition beside several rows
        await (await session.connection()).execute(_sent(), rows)
    return [one for one in ended if any(message.id in held for message in one.claim.messages)]


_IN_FLIGHT = (
    select(Message.id, Message.attempt)
    .where(Message.id.in_(bindparam("ids", expanding=True)), Message.state == MessageState.SENDING)
    .order_by(Message.id)
    .with_for_update()
)


@cache
def _sent() -> Update:
    """What every message comes to: built once."""
    now = bindparam("now_", type_=Message.sent_at.type)
    settled = update(Message).where(Message.id == bindparam("id_", type_=Integer))
    return settled.values(
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


ANEW = {"state": MessageState.READY, "slack_ts": None, "first_claimed_at": None, "merged_into_id": None}
"""Somebody deleted it in Slack: what people rely on is posted again, as a new obligation."""


async def settle_deleted(session: AsyncSession, claim: Claim, *, now: datetime) -> bool:
    return await _settle(session, claim, **ANEW, due_at=now)


async def post_parent_again(session: AsyncSession, reply: Message, *, gone_ts: str, now: datetime) -> None:
    """What it answers was deleted in Slack, at `gone_ts`; nothing if somebody is changing it, who will find that out,
    or it has been posted again since."""
    its_own = or_(Message.id == reply.parent_id, Message.merged_into_id == reply.parent_id)
    at_rest = Message.state.in_((MessageState.READY, MessageState.SENT, MessageState.PARKED))
    await _change(session, its_own & at_rest & (Message.slack_ts == gone_ts), {**ANEW, "due_at": now})


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


async def _settle(session: AsyncSession, claim: Claim, **outcome: Any) -> bool:
    return await _change(session, _ids(claim.messages) & _fence(claim.attempt), outcome)


def _fence(attempt: int) -> ColumnElement[bool]:
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
    return changed_by(await session.execute(changed.execution_options(synchronize_session=False))) > 0


def _backoff(claim: Claim) -> timedelta:
    return BACKOFF[min(claim.head.failures, len(BACKOFF) - 1)]
