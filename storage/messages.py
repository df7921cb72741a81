"""What Slack should show: one row per obligation. Delivery (bot.delivery) is the only one that sends it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Integer, String, Text, bindparam, case, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, adding
from storage.store import wants


class MessageState(StrEnum):
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """Slack may or may not have it: reconciled with the conversation's history before anything else."""
    PARKED = "parked"
    """Slack said a lasting no (archived, not invited); waits for the mend."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Priority(IntEnum):
    SLA = 0
    INTERACTIVE = 1
    SCHEDULED = 2


class Attention(StrEnum):
    """How a direct message may claim somebody's attention."""

    ASKED = "asked"
    """The reader asked for it, or it answers them: any time, not counted."""
    NEWS = "news"
    """Of something the reader asked for, but it can wait for their hours; not counted."""
    UNREQUESTED = "unrequested"
    """In the reader's hours and within their daily limit, merged with what is due together."""
    PAGE = "page"
    """On-duty and tier pages of an always-counting severity: at once, but not to who is away."""


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_due", "state", "due_at"),
        Index(None, "subject_id", "renderer"),
        Index(None, "destination", "state"),
        Index(None, "root_id"),
        Index(None, "slack_channel", "slack_ts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    """One per obligation: `escalation:42:card`, `escalation:42:resolve:breach:1`."""
    renderer: Mapped[str] = mapped_column(String(64))
    subject_id: Mapped[int | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Facts of this obligation that the subject doesn't keep (which step, how late). `clock` and `generation` are its
    guard: the renderer lets it fall once that clock has moved on."""
    destination: Mapped[str] = mapped_column(String(32))
    """A channel (C…, G…) or a person (U…, W…)."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    attention: Mapped[Attention] = mapped_column(OneOf(Attention, 16), default=Attention.ASKED)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    root_id: Mapped[int | None]
    """The head of this message's lane: its parent's id, for a reply. Sends of one lane keep their order."""
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    """The DM that shows this one too, because both were due together."""
    priority: Mapped[Priority] = mapped_column(Integer)
    """As a number, so that ordering by it is the order of urgency."""
    state: Mapped[MessageState] = mapped_column(OneOf(MessageState, 16), default=MessageState.READY)
    due_at: Mapped[datetime]
    """Not before this instant; moved on by waits and retries."""
    expires_at: Mapped[datetime | None]

    wanted: Mapped[int] = mapped_column(default=1)
    shown: Mapped[int] = mapped_column(default=0)
    sending: Mapped[int] = mapped_column(default=0)
    """The revision of `wanted` that the call in flight carries."""
    attempt: Mapped[int] = mapped_column(default=0)
    """Rises at every claim: a settle that carries an older one is refused (fencing)."""
    failures: Mapped[int] = mapped_column(default=0)
    """Claims since the last success that did not succeed."""
    claimed_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    first_claimed_at: Mapped[datetime | None]
    possible_repeat: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None] = mapped_column(Text)
    slack_channel: Mapped[str | None] = mapped_column(String(32))
    slack_ts: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True, kw_only=True)
class NewMessage:
    """A message to want; see Message."""

    workspace_id: str
    key: str
    renderer: str
    destination: str
    priority: Priority
    subject_id: int | None = None
    person_id: int | None = None
    attention: Attention = Attention.ASKED
    parent_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None
    """None: now."""
    expires_at: datetime | None = None


_UNSENT = {
    "state": MessageState.READY,
    "wanted": 1,
    "shown": 0,
    "sending": 0,
    "attempt": 0,
    "failures": 0,
    "possible_repeat": False,
}


async def want(
    session: AsyncSession,
    *,
    workspace_id: str,
    key: str,
    renderer: str,
    destination: str,
    now: datetime,
    priority: Priority,
    subject_id: int | None = None,
    person_id: int | None = None,
    attention: Attention = Attention.ASKED,
    parent_key: str | None = None,
    details: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Wants a message to exist. The same key again changes nothing: the obligation is already there."""
    parent_id: int | None = None
    if parent_key is not None:
        parent_id = (await session.execute(select(Message.id).where(Message.key == parent_key))).scalar_one()
    wanted = NewMessage(
        workspace_id=workspace_id,
        key=key,
        renderer=renderer,
        subject_id=subject_id,
        details=details or {},
        destination=destination,
        person_id=person_id,
        attention=attention,
        parent_id=parent_id,
        priority=priority,
        due_at=due_at,
        expires_at=expires_at,
    )
    await want_all(session, [wanted], now=now)


async def want_all(session: AsyncSession, wanted: Sequence[NewMessage], *, now: datetime) -> None:
    """Wants each of them, as `want` does, all at once."""
    if wanted:
        rows = [{**vars(one), **_UNSENT, "due_at": one.due_at or now, "created_at": now} for one in wanted]
        for row in rows:
            row["root_id"] = row["parent_id"]
        await session.execute(adding(session, Message, once=("key",)), rows)
        wants(session)


async def refresh(session: AsyncSession, key: str, *, now: datetime) -> None:
    """The message's subject changed: what Slack shows must follow. Many refreshes before a send make one."""
    await _refresh_where(session, Message.key == key, now=now)


async def refresh_subject(session: AsyncSession, subject_id: int, *renderers: str, now: datetime) -> None:
    """Like `refresh`, for every message that these renderers show of the subject."""
    await _refresh_where(session, (Message.subject_id == subject_id) & Message.renderer.in_(renderers), now=now)


async def _refresh_where(session: AsyncSession, which: ColumnElement[bool], *, now: datetime) -> None:
    was_sent = Message.state == MessageState.SENT
    refreshed = update(Message).where(which)
    refreshed = refreshed.values(
        wanted=Message.wanted + 1,
        state=case((was_sent, MessageState.READY), else_=Message.state),
        due_at=case((was_sent, now), else_=Message.due_at),
    )
    await session.execute(refreshed)
    wants(session)


async def cancel(session: AsyncSession, key: str) -> None:
    """The obligation fell away before it was met; what Slack already shows stays."""
    waiting = (MessageState.READY, MessageState.PARKED)
    cancelled = (
        update(Message)
        .where(Message.key == key, Message.state.in_(waiting), Message.slack_ts.is_(None))
        .values(state=MessageState.CANCELLED, merged_into_id=None)
        .returning(Message.id)
    )
    for cancelled_id in (await session.execute(cancelled)).scalars().all():
        # a post in doubt that was parked may have had companions: they stand for themselves now
        await session.execute(update(Message).where(Message.merged_into_id == cancelled_id).values(merged_into_id=None))


async def release(session: AsyncSession, person_id: int, *, now: datetime) -> None:
    """What waited for this person's return is looked at again now; whether it goes is still up to their attention."""
    waits = (Message.state == MessageState.READY) & (Message.due_at > now) & (Message.failures == 0)
    waits &= Message.attention.in_((Attention.NEWS, Attention.UNREQUESTED)) & Message.slack_ts.is_(None)
    await session.execute(update(Message).where(Message.person_id == person_id, waits).values(due_at=now))
    wants(session)


async def unsent(session: AsyncSession, subject_id: int, renderer: str) -> Sequence[Message]:
    """What this renderer is still to say of the subject for the first time; nothing that is on its way."""
    waiting = (MessageState.READY, MessageState.PARKED)
    query = select(Message).where(Message.subject_id == subject_id, Message.renderer == renderer)
    query = query.where(Message.state.in_(waiting), Message.slack_ts.is_(None))
    return (await session.execute(query.with_for_update())).scalars().all()


async def shown_at(session: AsyncSession, channel: str, ts: str) -> Message | None:
    """The message that Slack shows there, if it is ours."""
    query = select(Message).where(Message.slack_channel == channel, Message.slack_ts == ts)
    return (await session.execute(query.order_by(Message.id).limit(1))).scalar_one_or_none()


async def keys_of(session: AsyncSession, subject_id: int, renderer: str) -> Sequence[str]:
    """The keys of every message that this renderer shows of the subject."""
    query = select(Message.key).where(Message.subject_id == subject_id, Message.renderer == renderer)
    return (await session.execute(query.order_by(Message.id))).scalars().all()


_BY_KEY = select(Message).where(Message.key.in_(bindparam("keys", expanding=True)))
"""Asked for nearly every direct message that links a card: built once."""


async def by_key(session: AsyncSession, key: str) -> Message | None:
    return (await by_keys(session, [key])).get(key)


async def by_keys(session: AsyncSession, keys: Sequence[str]) -> dict[str, Message]:
    found = (await session.execute(_BY_KEY, {"keys": keys})).scalars()
    return {message.key: message for message in found}


async def coming(
    session: AsyncSession, workspace_id: str, *, person_id: int | None = None, most: int
) -> Sequence[Message]:
    """What Slack doesn't show yet and shall, soonest first; with `person_id`, only what is for them."""
    shall = (MessageState.READY, MessageState.SENDING, MessageState.UNKNOWN, MessageState.PARKED)
    query = select(Message).where(
        Message.workspace_id == workspace_id, Message.state.in_(shall), Message.slack_ts.is_(None)
    )
    if person_id is not None:
        query = query.where(Message.person_id == person_id)
    return (await session.execute(query.order_by(Message.due_at, Message.id).limit(most))).scalars().all()


async def skipped_since(session: AsyncSession, workspace_id: str, since: datetime, *, most: int) -> Sequence[Message]:
    """Direct messages that were cancelled for a reason, due after `since`, the latest first."""
    query = select(Message).where(
        Message.workspace_id == workspace_id,
        Message.state == MessageState.CANCELLED,
        Message.last_error.is_not(None),
        Message.due_at >= since,
    )
    return (await session.execute(query.order_by(Message.due_at.desc()).limit(most))).scalars().all()
