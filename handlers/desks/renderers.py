"""Message rows → what Slack shows of a source, from its present truth."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.desks.views import connecting as views
from handlers.house import FALLEN, Fallen, Rendered
from storage import sources
from storage.messages import Message


async def render_progress(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    source = await sources.by_id(session, message.subject_id or 0)
    if source is None:
        return FALLEN
    return views.progress(
        source, await sources.linked_teams(session, source.id), await sources.agents(session, source.id)
    )


async def render_failing(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """What recovered before anybody was told needs no telling."""
    source = await sources.by_id(session, message.subject_id or 0)
    if source is None or (source.failing_since is None and message.slack_ts is None):
        return FALLEN
    return views.failing(source)
