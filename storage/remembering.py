"""What a session that only reads has been told of teams, and needn't ask again."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

REMEMBERED = "teams"


def remember(session: AsyncSession) -> None:
    """From here on this session, which only reads, looks up once whose teams are whose and each team's facts, however
    many ask for them."""
    session.info[REMEMBERED] = {}


def remembered(session: AsyncSession, what: str) -> dict[Any, Any]:
    """What the session was told of that; what is added to it stays, if the session remembers."""
    told: dict[str, dict[Any, Any]] | None = session.info.get(REMEMBERED)
    return {} if told is None else told.setdefault(what, {})
