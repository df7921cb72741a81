"""Full-text search of escalations: one contract, two dialects (SQLite's FTS5, PostgreSQL's tsvector).

What is a word is decided here, for both: neither database's own parser sees what people typed, so the same words are
found on either, and no quote or operator means anything. The index's tables are made by a migration of their own
(models can't describe them) and written with the escalation, in the same transaction. Restricted escalations are not
in it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from storage.escalations import Escalation, EscalationTicket, visible_to

RUN = re.compile(r"[^\W_]+")
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts written without spaces (Thai, Lao, Burmese, Khmer, Japanese, Chinese): indexed by pairs of characters."""
SHORTEST, LONGEST = 3, 60
WORDS_AT_MOST = 24
DOCUMENT_AT_MOST = 4_000
"""Words of one escalation that are indexed."""
CONSIDERED_AT_MOST = 200
SIMILAR_AT_MOST = 5
_COMMON = """
the and for with this that from have has had not but are was were you your our they them their can cannot when what who
why how all any some more since after before into than then there here his her its been being will would could should
does did get got customer customers ticket please help need needs http https www com
"""
COMMON = frozenset(_COMMON.split())
"""Words that nearly every escalation has: they would make everything similar to everything."""

WRITE = {
    "sqlite": "INSERT OR REPLACE INTO escalation_texts (rowid, document) VALUES (:id, :words)",
    "postgresql": """INSERT INTO escalation_texts (escalation_id, document)
        VALUES (:id, array_to_tsvector(string_to_array(:words, ' ')))
        ON CONFLICT (escalation_id) DO UPDATE SET document = excluded.document""",
}
REMOVE = {
    "sqlite": "DELETE FROM escalation_texts WHERE rowid = :id",
    "postgresql": "DELETE FROM escalation_texts WHERE escalation_id = :id",
}
NEWEST = {
    "sqlite": "SELECT rowid FROM escalation_texts WHERE escalation_texts MATCH :words ORDER BY rowid DESC LIMIT :most",
    "postgresql": "SELECT escalation_id FROM escalation_texts WHERE document @@ CAST(:words AS tsquery)"
    " ORDER BY escalation_id DESC LIMIT :most",
}
SOME = "SELECT escalation_id FROM escalation_texts WHERE document @@ CAST(:words AS tsquery) LIMIT :most"
FEW = 2_000
"""PostgreSQL can't tell a rare word from a frequent one beforehand. Asked for the newest, it walks the table backwards:
right for a frequent word, and all of it for a rare one (0.4 s at a million; measured). So it is asked for any first."""
CLOSEST = {
    # not in SQLite: FTS5's rank reads every hit of the archive (40 ms at 200,000, not 2)
    "postgresql": "SELECT escalation_id FROM escalation_texts"
    " WHERE document @@ CAST(:words AS tsquery) AND escalation_id >= :oldest"
    " ORDER BY ts_rank(document, CAST(:words AS tsquery)) DESC, escalation_id DESC LIMIT :most",
}


async def index(session: AsyncSession, escalation: Escalation) -> None:
    """Makes the escalation findable by what was written about it; takes a restricted one out."""
    dialect = session.get_bind().dialect.name
    if escalation.restricted:
        await remove(session, [escalation.id])
        return
    written = (
        escalation.label.replace("-", ""),
        escalation.what,
        escalation.ticket,
        escalation.customer,
        escalation.tried,
        escalation.impact,
        escalation.done,
    )
    found = words_of(" ".join(part for part in written if part))
    document = " ".join(list(dict.fromkeys(found))[:DOCUMENT_AT_MOST])
    await session.execute(text(WRITE[dialect]), {"id": escalation.id, "words": document})


async def remove(session: AsyncSession, escalation_ids: Sequence[int]) -> None:
    """Takes these out of the index; one that isn't in it is no matter."""
    if escalation_ids:
        statement = text(REMOVE[session.get_bind().dialect.name])
        await session.execute(statement, [{"id": escalation_id} for escalation_id in escalation_ids])


async def forget_words(session: AsyncSession) -> None:
    """SQLite's index keeps the words of removed texts beside their tombstones until it is merged: merges it. (Where it
    is large that takes seconds: a nightly matter.)"""
    if session.get_bind().dialect.name == "sqlite":
        await session.execute(text("INSERT INTO escalation_texts (escalation_texts) VALUES ('optimize')"))


async def matching(session: AsyncSession, words: str, *, most: int) -> list[int]:
    """Ids of the newest escalations that have all of these words. No words, no matches."""
    return await _newest(session, words, " AND ", most=most)


async def similar(
    session: AsyncSession,
    *,
    workspace_id: str,
    ticket_key: str | None,
    customer_key: str | None,
    words: str,
    since: datetime,
    viewer_id: int,
) -> Sequence[Escalation]:
    """What may be the same problem, among the open and those raised since that this person may see, restricted ones
    left out: the same ticket first, then the closest by words (at least two meaningful ones shared, or one and the
    customer)."""
    same_ticket = await _joined_by(session, ticket_key) if ticket_key else frozenset()
    by_words = await _closest(session, workspace_id, words, since)
    in_workspace = Escalation.workspace_id == workspace_id
    # Each lookup on its own index. The ids go without their workspace: offered that too, SQLite would rather
    # walk all of it by time (0.4 s at 200,000; measured)
    lookups = (
        [select(Escalation).where(Escalation.id.in_({*by_words, *same_ticket}))] if by_words or same_ticket else []
    )
    if ticket_key:
        lookups.append(select(Escalation).where(in_workspace, Escalation.ticket_key == ticket_key))
    if customer_key:
        of_customer = select(Escalation).where(in_workspace, Escalation.customer_key == customer_key)
        lookups.append(of_customer.order_by(Escalation.raised_at.desc()).limit(CONSIDERED_AT_MOST))
    found: dict[int, Escalation] = {}
    for lookup in lookups:
        seen = lookup.where(visible_to(viewer_id)).options(selectinload(Escalation.clocks))
        loaded = (await session.execute(seen)).scalars()
        found |= {one.id: one for one in loaded if one.workspace_id == workspace_id and _may_be_meant(one, since)}
    mine = _meaningful(words)
    scored = [
        (100.0 if one.id in same_ticket or (ticket_key and one.ticket_key == ticket_key) else closeness, one)
        for one in found.values()
        for closeness in [_closeness(one, mine, customer_key)]
    ]
    best = sorted((pair for pair in scored if pair[0] >= 2), key=lambda pair: (-pair[0], -pair[1].number))
    return [one for _, one in best[:SIMILAR_AT_MOST]]


async def _closest(session: AsyncSession, workspace_id: str, words: str, since: datetime) -> list[int]:
    """Ids by words: the closest of those raised since, and of the older ones that are still open."""
    newest = await _newest(session, words, " OR ", most=CONSIDERED_AT_MOST)
    if session.get_bind().dialect.name == "sqlite":
        return newest  # its closest are the newest of those raised since: they are among these
    query = select(Escalation.id).where(Escalation.workspace_id == workspace_id, Escalation.raised_at >= since)
    oldest = (await session.execute(query.order_by(Escalation.raised_at).limit(1))).scalar_one_or_none()
    recent = await _found(session, CLOSEST, words, " OR ", most=CONSIDERED_AT_MOST, oldest=oldest) if oldest else []
    return list(dict.fromkeys([*recent, *newest]))


async def _joined_by(session: AsyncSession, ticket_key: str) -> frozenset[int]:
    query = select(EscalationTicket.escalation_id).where(EscalationTicket.ticket_key == ticket_key)
    return frozenset((await session.execute(query)).scalars())


async def _newest(session: AsyncSession, words: str, joined_by: str, *, most: int) -> list[int]:
    if session.get_bind().dialect.name == "postgresql":
        some = await _found(session, {"postgresql": SOME}, words, joined_by, most=FEW)
        if len(some) < FEW:
            return sorted(some, reverse=True)[:most]
    return await _found(session, NEWEST, words, joined_by, most=most)


async def _found(
    session: AsyncSession, find: dict[str, str], words: str, joined_by: str, **limits: int | None
) -> list[int]:
    meaningful = [word for word in dict.fromkeys(words_of(words)) if word not in COMMON][:WORDS_AT_MOST]
    if not meaningful:
        return []
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        query = joined_by.join(f'"{word}"' for word in meaningful)
    else:
        operator = " & " if joined_by == " AND " else " | "
        query = operator.join(f"'{word}'" for word in meaningful)
    return list((await session.execute(text(find[dialect]), {"words": query, **limits})).scalars())


def words_of(written: str) -> list[str]:
    """The words of a text as they are searched for: folded, without accents, of at least SHORTEST characters (or pairs
    of characters in scripts without spaces), in the order in which they stand."""
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", written.casefold()) if not unicodedata.combining(char)
    )
    found: list[str] = []
    for run in RUN.findall(unicodedata.normalize("NFC", plain)):
        if UNSPACED.search(run):
            found += [run[at : at + 2] for at in range(max(1, len(run) - 1))]
        elif len(run) >= SHORTEST:
            found.append(run[:LONGEST])
    return found


def _may_be_meant(one: Escalation, since: datetime) -> bool:
    """It is nobody's secret, and open or recent."""
    return not one.restricted and (one.resolved_at is None or one.raised_at >= since)


def _closeness(other: Escalation, words: set[str], customer_key: str | None) -> float:
    theirs = _meaningful(f"{other.what} {other.customer or ''}")
    shared = len(words & theirs)
    if customer_key and other.customer_key == customer_key:
        # the customer's own name in both texts says no more than that it is the same customer
        beside_name = len((words & theirs) - _meaningful(other.customer or ""))
        return beside_name + 1 if beside_name else 0
    enough = shared / max(1, min(len(words), len(theirs))) >= 0.3
    return shared if enough else 0


def _meaningful(words: str) -> set[str]:
    return set(words_of(words)) - COMMON
