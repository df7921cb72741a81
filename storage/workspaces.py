"""The Slack workspace that Backstop is installed in, as auth.test told it at the last start."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion


class Workspace(Base):
    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(String(255))
    """https://….slack.com/ with its final slash."""
    bot_user_id: Mapped[str] = mapped_column(String(32))
    named_admins: Mapped[list[Any]] = mapped_column(default=list)
    """Slack ids that the operator named (BACKSTOP_ADMINS), beside the workspace's own admins."""
    beat_at: Mapped[datetime | None]
    """When a process was last at work, to within half a minute."""
    silent_since: Mapped[datetime | None]
    """Nobody was at work from then until this start, and what that leaves to do isn't done yet (bot.restoring)."""

    def link(self, channel: str, ts: str, *, thread_ts: str | None = None) -> str:
        """Where Slack shows that message."""
        place = f"{self.url}archives/{channel}/p{ts.replace('.', '')}"
        return f"{place}?thread_ts={thread_ts}&cid={channel}" if thread_ts else place


async def remember(
    session: AsyncSession, workspace_id: str, url: str, bot_user_id: str, *, named_admins: Sequence[str] = ()
) -> None:
    known = {"url": url, "bot_user_id": bot_user_id, "named_admins": list(named_admins)}
    statement = insertion(session, Workspace).values(id=workspace_id, **known)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=known))


async def note_beat(session: AsyncSession, *, now: datetime) -> None:
    """A process is at work."""
    await session.execute(update(Workspace).values(beat_at=now))


async def last_beat(session: AsyncSession) -> datetime | None:
    return (await session.execute(select(Workspace.beat_at).limit(1))).scalar_one_or_none()


async def silence(session: AsyncSession, *, now: datetime, longer_than: timedelta) -> datetime | None:
    """Since when nobody was at work, if that is so long ago; said at every start until `end_silence`. The database of
    an installation that has never beaten knows of none."""
    workspace = (await session.execute(select(Workspace).limit(1).with_for_update())).scalar_one()
    if workspace.silent_since is None and workspace.beat_at is not None and now - workspace.beat_at > longer_than:
        workspace.silent_since = workspace.beat_at
    workspace.beat_at = now
    return workspace.silent_since


async def end_silence(session: AsyncSession) -> None:
    await session.execute(update(Workspace).values(silent_since=None))
