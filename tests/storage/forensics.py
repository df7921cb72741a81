"""What somebody could do who holds the whole database: its rows with the columns that no query shows, and its bytes.

`Remains` is such a copy. `tied` tries to find out who said what, by every order that is left in it.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url

HIDDEN = {"sqlite": ("rowid",), "postgresql": ("ctid", "xmin", "xmax")}
"""Columns that each database keeps beside those of the models."""
Row = dict[str, Any]


@dataclass
class Remains:
    """Every table's rows, hidden columns included, and every byte of the database's own files."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def where(self, needle: str) -> list[str]:
        """The files in which these words stand."""
        return sorted(name for name, content in self.files.items() if needle.encode() in content)

    def place(self, needle: str) -> tuple[str, int]:
        """Where these words stand first: by file and offset, as they lie on the disk."""
        return next(
            (
                (name, content.index(needle.encode()))
                for name, content in sorted(self.files.items())
                if needle.encode() in content
            ),
            ("", -1),
        )


async def remains(database_url: str) -> Remains:
    """A copy of the database as it lies there; PostgreSQL is vacuumed before, as it does by itself now and then."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(Path(str(url.database)))
    return await _postgres(url.set(drivername="postgresql").render_as_string(hide_password=False))


def _sqlite(file: Path) -> Remains:
    found = Remains(files={name.name: name.read_bytes() for name in sorted(file.parent.glob(f"{file.name}*"))})
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    names = [
        row[0]
        for row in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
        )
    ]
    for name in names:
        if "WITHOUT ROWID" in connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]:
            continue
        found.tables[name] = [dict(row) for row in connection.execute(f'SELECT rowid AS "rowid", * FROM "{name}"')]
    connection.close()
    return found


async def _postgres(dsn: str) -> Remains:
    connection = await asyncpg.connect(dsn)
    found = Remains()
    try:
        await connection.execute("VACUUM")
        await connection.execute("CHECKPOINT")
        names = [
            row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ]
        for name in names:
            rows = await connection.fetch(f'SELECT ctid::text, xmin::text, xmax::text, * FROM "{name}"')
            found.tables[name] = [dict(row) for row in rows]
        relations = await connection.fetch(
            "SELECT relname, pg_relation_filepath(oid) FROM pg_class"
            " WHERE relkind IN ('r', 'i', 't') AND relfilenode <> 0"
        )
        for name, path in relations:
            found.files[name] = await connection.fetchval("SELECT pg_read_binary_file($1)", path) or b""
    finally:
        await connection.close()
    return found


def people_in_order(found: Remains, known_as: Mapping[str, int]) -> dict[str, list[int]]:
    """Every order of people that is left: by each column of each table that names them. `known_as`: Slack ids."""
    orders: dict[str, list[int]] = {}
    for table, rows in found.tables.items():
        for column in ("person_id", "destination", "id") if table == "people" else ("person_id", "destination"):
            if rows and column in rows[0]:
                for by in rows[0]:
                    named = [(row[by], known_as.get(row[column], row[column])) for row in rows]
                    people = [person for _, person in sorted(named, key=_sortable) if person in known_as.values()]
                    orders[f"{table}.{column} by {by}"] = list(dict.fromkeys(people))
    return orders


def texts_in_order(found: Remains, question_id: int) -> dict[str, list[str]]:
    """Every order of a question's written answers that is left: by column, and as they lie on the disk."""
    rows = [row for row in found.tables["poll_answers"] if row["question_id"] == question_id]
    orders = {
        f"answers by {by}": [row["text"] for row in sorted(rows, key=lambda row: _sortable((row[by],)))]
        for by in (rows[0] if rows else ())
    }
    orders["answers on the disk"] = sorted((row["text"] for row in rows), key=found.place)
    return orders


def _sortable(pair: Sequence[Any]) -> tuple[bool, int, Any]:
    value = pair[0]
    if isinstance(value, str) and value.startswith("(") and "," in value:  # a ctid
        page, _, line = value.strip("()").partition(",")
        return (False, int(page) * 10_000 + int(line), "")
    if isinstance(value, str) and value.isdecimal():
        return (False, int(value), "")
    if isinstance(value, bool | int):
        return (False, int(value), "")
    return (value is None, 0, str(value))


def hits(people: Iterable[int], texts: Sequence[str], truth: Mapping[str, int]) -> int:
    """How many people are found out when the first who is left is given the first answer, and so on; the better of
    both directions."""
    voters = [person for person in people if person in {truth[text] for text in texts}]
    forward = sum(truth[text] == person for person, text in zip(voters, texts, strict=False))
    backward = sum(truth[text] == person for person, text in zip(reversed(voters), texts, strict=False))
    return max(forward, backward)


def tied(
    found: Remains,
    known_as: Mapping[str, int],
    truths: Mapping[int, Mapping[str, int]],
    rumours: Mapping[int, Sequence[int]],
) -> dict[tuple[str, str], int]:
    """How many answers each pair of orders gives to whoever wrote them. `truths`: by question, each answer's writer;
    `rumours`: by question, the order in which people answered, which somebody may have watched."""
    score: dict[tuple[str, str], int] = {}
    everybody = people_in_order(found, known_as)
    for question_id, truth in truths.items():
        guesses = {**everybody, "as they were seen to answer": list(rumours[question_id])}
        for by, texts in texts_in_order(found, question_id).items():
            for whose, people in guesses.items():
                score[whose, by] = score.get((whose, by), 0) + hits(people, texts, truth)
    return score


def linked(found: Remains, truths: Sequence[Mapping[str, int]], questions: Sequence[int]) -> int:
    """How many answers to two questions of one poll stand at the same place and are of the same person: the best of
    all orders."""
    first, second = (texts_in_order(found, question) for question in questions)
    return max(
        sum(truths[0][one] == truths[1][other] for one, other in zip(first[by], second[by], strict=False))
        for by in first.keys() & second.keys()
    )
