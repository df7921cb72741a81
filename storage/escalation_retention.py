"""Forgetting escalations that ended long ago, with everything that hangs on them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.escalations import Escalation, State
from storage.follow_ups import FollowUp
from storage.handovers import Handover
from storage.messages import Message

OF_PARTS = ("escalations.follow_up", "escalations.handover")
"""Renderers whose subject is not the escalation itself but its follow-up, its handover."""


async def ended_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of escalations that were resolved before that, the oldest first."""
    query = select(Escalation.id).where(Escalation.state == State.RESOLVED, Escalation.resolved_at < instant)
    return (await session.execute(query.order_by(Escalation.resolved_at).limit(most))).scalars().all()


async def forget(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these escalations with everything that hangs on them, their messages' rows too (not what Slack shows)."""
    follow_ups = select(FollowUp.id).where(FollowUp.escalation_id.in_(ids))
    handovers = select(Handover.id).where(Handover.escalation_id.in_(ids))
    of_escalations = Message.renderer.like("escalations.%") & Message.renderer.not_in(OF_PARTS)
    await session.execute(delete(Message).where(Message.subject_id.in_(ids), of_escalations))
    for renderer, parts in zip(OF_PARTS, (follow_ups, handovers), strict=True):
        await session.execute(delete(Message).where(Message.renderer == renderer, Message.subject_id.in_(parts)))
    await session.execute(update(Escalation).where(Escalation.duplicate_of_id.in_(ids)).values(duplicate_of_id=None))
    await session.execute(delete(Escalation).where(Escalation.id.in_(ids)))
