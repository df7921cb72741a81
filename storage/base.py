"""What every table shares: names for constraints, and instants that cannot be mistaken."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    FromClause,
    MetaData,
    Select,
    String,
    Table,
    bindparam,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.util import identity_key
from sqlalchemy.types import TypeDecorator

Json = dict[str, Any]


class NaiveInstantError(ValueError):
    """An instant without a time zone was given to the database."""


WITHOUT_ITS_ZONE = len("2026-01-31 12:00:00.000000")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python (UTC), refused when naive, on SQLite too (which itself keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveInstantError(f"{value!r} has no time zone")
        return value if value.tzinfo is UTC else value.astimezone(UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """SQLite's text is written by one call here: SQLAlchemy's own way to the same text is six times as long, and a
        page of Home reads and writes hundreds of instants."""
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def write(value: datetime | None) -> str | None:
            if value is not None and value.tzinfo is not UTC:
                value = self.process_bind_param(value, dialect)
            return None if value is None else value.isoformat(" ", "microseconds")[:WITHOUT_ITS_ZONE]

        return write

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """PostgreSQL's driver gives every instant in UTC already."""
        return _read_instant if dialect.name == "sqlite" else None


def _read_instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value + "+00:00")


class OneOf(TypeDecorator[StrEnum]):
    """A word of a StrEnum: kept as that word, read back as the enum's member. ValueError for a word it doesn't have."""

    impl = String
    cache_ok = True

    def __init__(self, words: type[StrEnum], length: int) -> None:
        super().__init__(length)
        self.length = length
        self._words = words

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        return None if value is None else self._words(value).value

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], StrEnum | None]:
        """Looked up rather than made: a page of Home reads hundreds of these."""
        return _Members(self._words).__getitem__


class _Members(dict[Any, StrEnum | None]):
    """An enum's members by their words."""

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__({None: None} | {member.value: member for member in words})
        self._words = words

    def __missing__(self, word: str) -> StrEnum:
        return self._words(word)  # its ValueError says which word


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it as a plain class attribute
        datetime: UtcDateTime(),
        dict[str, Any]: JSON().with_variant(JSONB(), "postgresql"),
        list[Any]: JSON().with_variant(JSONB(), "postgresql"),
    }


def insertion(session: AsyncSession, model: type[Base] | FromClause) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, in the session's own dialect. Many rows go into a model's `__table__`: given
    the model, the ORM takes each row apart and sends it by itself."""
    return insertion_in(dialect_of(session), model)


def dialect_of(session: AsyncSession) -> str:
    return session.get_bind().dialect.name


def insertion_in(dialect: str, model: type[Base] | FromClause) -> postgresql.Insert | sqlite.Insert:
    """As `insertion`, for statements that are built once for each dialect."""
    assert isinstance(model, type | Table)
    return postgresql.insert(model) if dialect == "postgresql" else sqlite.insert(model)


def adding(session: AsyncSession, model: type[Base], *, once: Sequence[str]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT for whole rows (to be given beside it, each with the same columns) that leaves alone what is there
    already, by its key `once`. Built once: building it costs more than running it."""
    return _adding(dialect_of(session), model, tuple(once))


@cache
def _adding(dialect: str, model: type[Base], once: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    # into the table: the ORM would take each row apart and put it together again
    return insertion_in(dialect, model.__table__).on_conflict_do_nothing(index_elements=list(once))


def replacing(session: AsyncSession, model: type[Base], *, once: Sequence[str]) -> postgresql.Insert | sqlite.Insert:
    """Like `adding`, but what is there already becomes as the new row says, whose key stays."""
    return _replacing(dialect_of(session), model, tuple(once))


@cache
def _replacing(dialect: str, model: type[Base], once: tuple[str, ...]) -> postgresql.Insert | sqlite.Insert:
    statement = insertion_in(dialect, model.__table__)
    told = {
        column.name: statement.excluded[column.name] for column in model.__table__.columns if not column.primary_key
    }
    return statement.on_conflict_do_update(index_elements=list(once), set_=told)


@asynccontextmanager
async def planned_for_each(session: AsyncSession) -> AsyncIterator[None]:
    """In here each statement is planned for the values that it brings.

    After five times PostgreSQL takes one plan for all values, made when the table was small: in the first filling of a
    table, before it has statistics of it, hundreds of keys were then looked for by comparing every row with each of
    them. Measured: 60 ms instead of 3 for 500 keys among ten thousand tickets.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    await session.execute(_PLAN_FOR_EACH)
    yield
    await session.execute(_PLAN_AS_EVER)


_PLAN_FOR_EACH = text("SET LOCAL plan_cache_mode = force_custom_plan")
_PLAN_AS_EVER = text("SET LOCAL plan_cache_mode = auto")


Row = TypeVar("Row", bound=Base)


async def seen_or_loaded(session: AsyncSession, model: type[Row], ids: Iterable[int]) -> dict[int, Row]:
    """Rows by their id; unknown ids are left out. What this session has loaded already is not asked for again, and
    shows what it showed then: for looking, not for deciding under a lock."""
    wanted = set(ids)
    keys = {one: identity_key(model, one) for one in wanted}
    loaded = session.sync_session.identity_map
    found: dict[int, Row] = {one: loaded[key] for one, key in keys.items() if key in loaded}
    if missing := wanted - found.keys():
        for row in (await session.execute(_by_id(model), {"ids": sorted(missing)})).scalars():
            identity = inspect(row).identity
            assert identity is not None, "what was loaded has an identity"
            found[identity[0]] = row
    return found


@cache
def _by_id(model: type[Row]) -> Select[Row]:
    [key] = inspect(model).primary_key
    return select(model).where(key.in_(bindparam("ids", expanding=True)))
