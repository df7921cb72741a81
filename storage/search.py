"""Full-text search of escalations: one contract, two dialects (SQLite's FTS5, PostgreSQL's tsvector).

The index's tables are made by a migration of their own (models can't describe them); it is written with the
escalation, in the same transaction. Restricted escalations are not in it.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from storage.escalations import OPEN_STATES, Escalation

WORD = re.compile(r"\w{3,}")
WORDS_AT_MOST = 24
SIMILAR_AT_MOST = 5
_COMMON = """
the and for with this that from have has had not but are was were you your our they them their can cannot when what who
why how all any some more since after before into than then there here his her its been being will would could should
does did get got customer customers ticket please help need needs
"""
COMMON = frozenset(_COMMON.split())
"""Words that nearly every escalation has: they would make everything similar to everything."""

WRITE = {
    "sqlite": "INSERT OR REPLACE INTO escalation_texts (rowid, document) VALUES (:id, :document)",
    "postgresql": """INSERT INTO escalation_texts (escalation_id, document)
        VALUES (:id, to_tsvector('simple', :document))
        ON CONFLICT (escalation_id) DO UPDATE SET document = excluded.document""",
}
REMOVE = {
    "sqlite": "DELETE FROM escalation_texts WHERE rowid = :id",
    "postgresql": "DELETE FROM escalation_texts WHERE escalation_id = :id",
}
FIND = {
    "sqlite": "SELECT rowid FROM escalation_texts WHERE escalation_texts MATCH :words ORDER BY rank LIMIT :most",
    "postgresql": "SELECT escalation_id FROM escalation_texts WHERE document @@ to_tsquery('simple', :words)"
    " ORDER BY ts_rank(document, to_tsquery('simple', :words)) DESC, escalation_id DESC LIMIT :most",
}


async def index(session: AsyncSession, escalation: Escalation) -> None:
    """Makes the escalation findable by what was written about it; takes a restricted one out."""
    dialect = session.get_bind().dialect.name
    if escalation.restricted:
        await remove(session, [escalation.id])
        return
    written = (
        escalation.label,
        escalation.what,
        escalation.ticket,
        escalation.customer,
        escalation.tried,
        escalation.impact,
        escalation.done,
    )
    document = "\n".join(part for part in written if part)
    await session.execute(text(WRITE[dialect]), {"id": escalation.id, "document": document})


async def remove(session: AsyncSession, escalation_ids: Sequence[int]) -> None:
    """Takes these out of the index; one that isn't in it is no matter."""
    if escalation_ids:
        statement = text(REMOVE[session.get_bind().dialect.name])
        await session.execute(statement, [{"id": escalation_id} for escalation_id in escalation_ids])


async def matching(session: AsyncSession, words: str, *, most: int, every_word: bool = True) -> list[int]:
    """Ids of the escalations with these words, best first; with all of them, or with any. No words, no matches."""
    found = [word.lower() for word in WORD.findall(words)]
    meaningful = list(dict.fromkeys(word for word in found if word not in COMMON))[:WORDS_AT_MOST]
    if not meaningful:
        return []
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        query = (" AND " if every_word else " OR ").join(f'"{word}"' for word in meaningful)
    else:
        query = (" & " if every_word else " | ").join(f"'{word}'" for word in meaningful)
    return list((await session.execute(text(FIND[dialect]), {"words": query, "most": most})).scalars())


async def similar(
    session: AsyncSession,
    *,
    workspace_id: str,
    ticket_key: str | None,
    customer_key: str | None,
    words: str,
    since: datetime,
) -> Sequence[Escalation]:
    """What may be the same problem, among the open and those raised since: the same ticket first, then the closest by
    words (at least two meaningful ones shared, or one and the customer)."""
    by_words = await matching(session, words, most=30, every_word=False)
    wanted: list[ColumnElement[bool]] = [Escalation.id.in_(by_words)]
    if ticket_key:
        wanted.append(Escalation.ticket_key == ticket_key)
    query = (
        select(Escalation)
        .where(
            Escalation.workspace_id == workspace_id,
            ~Escalation.restricted,
            or_(Escalation.state.in_(OPEN_STATES), Escalation.raised_at >= since),
            or_(*wanted),
        )
        .options(selectinload(Escalation.clocks))
    )
    found = (await session.execute(query)).scalars().all()
    mine = _meaningful(words)
    scored = [(_closeness(one, mine, ticket_key, customer_key), one) for one in found]
    best = sorted((pair for pair in scored if pair[0] >= 2), key=lambda pair: (-pair[0], -pair[1].number))
    return [one for _, one in best[:SIMILAR_AT_MOST]]


def _closeness(other: Escalation, words: set[str], ticket_key: str | None, customer_key: str | None) -> float:
    if ticket_key and other.ticket_key == ticket_key:
        return 100
    theirs = _meaningful(f"{other.what} {other.customer or ''}")
    shared = len(words & theirs)
    same_customer = 1 if customer_key and other.customer_key == customer_key else 0
    enough = shared / max(1, min(len(words), len(theirs))) >= 0.3
    return shared + same_customer if enough else 0


def _meaningful(words: str) -> set[str]:
    return {word.lower() for word in WORD.findall(words)} - COMMON
