"""The Slack workspace that Backstop is installed in, as auth.test told it at the last start."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import String
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
