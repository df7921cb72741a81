"""People as Slack knows them, and what they told Backstop about their hours."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion, seen_or_loaded
from storage.workspaces import Workspace


class Person(Base):
    """One member of the Slack workspace; identity is (workspace_id, slack_id)."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("workspace_id", "slack_id"), Index(None, "workspace_id", "home_opened_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    slack_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    zone: Mapped[str] = mapped_column(String(64))
    is_admin: Mapped[bool] = mapped_column(default=False)
    """Admin or owner of the Slack workspace; the operator may name others (`named_admins`)."""
    is_guest: Mapped[bool] = mapped_column(default=False)
    is_bot: Mapped[bool] = mapped_column(default=False)
    is_stranger: Mapped[bool] = mapped_column(default=False)
    """From another workspace (Slack Connect)."""
    deactivated: Mapped[bool] = mapped_column(default=False)
    dm_channel: Mapped[str | None] = mapped_column(String(32))
    """The D-id of the conversation with the bot, once Slack has told it."""

    own_days: Mapped[list[Any] | None] = mapped_column(default=None)
    """Working weekdays (Monday = 0) if they differ from the primary team's."""
    own_start: Mapped[time | None] = mapped_column(default=None)
    own_end: Mapped[time | None] = mapped_column(default=None)
    own_country: Mapped[str | None] = mapped_column(String(8), default=None)
    """ "": no holidays, whatever the team's are."""
    primary_team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", use_alter=True), default=None)

    away_from: Mapped[datetime | None] = mapped_column(default=None)
    away_until: Mapped[datetime | None] = mapped_column(default=None)
    """None with away_from set: until they say that they are back."""
    dnd_from: Mapped[datetime | None] = mapped_column(default=None)
    dnd_until: Mapped[datetime | None] = mapped_column(default=None)
    """Slack's current or next Do Not Disturb (snoozed or scheduled); the duty rota passes over who is in it."""
    home_opened_at: Mapped[datetime | None] = mapped_column(default=None)
    welcomed_at: Mapped[datetime | None] = mapped_column(default=None)
    seen_at: Mapped[datetime]
    """When Slack last told us about this person."""

    def is_away(self, at: datetime) -> bool:
        return self.away_from is not None and self.away_from <= at and (self.away_until is None or at < self.away_until)

    def is_undisturbed(self, at: datetime) -> bool:
        """In Do Not Disturb."""
        return self.dnd_from is not None and self.dnd_until is not None and self.dnd_from <= at < self.dnd_until

    @property
    def is_reachable(self) -> bool:
        """A colleague who can be written to: neither a bot, a guest, a stranger nor deactivated."""
        return not (self.is_bot or self.is_guest or self.is_stranger or self.deactivated)


class DirectMessageCount(Base):
    """How many unrequested DMs somebody was sent on one of their local days: the attention budget's book."""

    __tablename__ = "direct_message_counts"
    __table_args__ = (Index(None, "local_date"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    local_date: Mapped[date] = mapped_column(Date, primary_key=True)
    sent: Mapped[int]


class DataAccess(Base):
    """Somebody read or exported what is kept about a person; that person sees it in /backstop my-data."""

    __tablename__ = "data_accesses"
    __table_args__ = (Index(None, "person_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(200))


async def accesses(session: AsyncSession, person_id: int, *, most: int) -> Sequence[DataAccess]:
    """Who read or exported this person's data, the latest first."""
    query = select(DataAccess).where(DataAccess.person_id == person_id).order_by(DataAccess.at.desc()).limit(most)
    return (await session.execute(query)).scalars().all()


_BY_SLACK_IDS = select(Person).where(
    Person.workspace_id == bindparam("workspace_id"), Person.slack_id.in_(bindparam("slack_ids", expanding=True))
)
"""Asked at every event: built once."""


async def by_slack_id(session: AsyncSession, workspace_id: str, slack_id: str) -> Person | None:
    return next(iter(await by_slack_ids(session, workspace_id, [slack_id])), None)


async def by_slack_ids(session: AsyncSession, workspace_id: str, slack_ids: Iterable[str]) -> list[Person]:
    who = {"workspace_id": workspace_id, "slack_ids": sorted(set(slack_ids))}
    return list((await session.execute(_BY_SLACK_IDS, who)).scalars())


async def by_ids(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, Person]:
    """People by id; unknown ids and None are left out."""
    wanted = {person_id for person_id in ids if person_id is not None}
    if not wanted:
        return {}
    found = (await session.execute(select(Person).where(Person.id.in_(wanted)))).scalars()
    return {person.id: person for person in found}


async def seen_by_ids(session: AsyncSession, ids: Iterable[int | None]) -> dict[int, Person]:
    """The same for whoever only looks: who was loaded in this session already is not asked for again."""
    return await seen_or_loaded(session, Person, (one for one in ids if one is not None))


_NAMED_ADMINS = select(Workspace.named_admins).where(Workspace.id == bindparam("workspace_id"))


async def named_admins(session: AsyncSession, workspace_id: str) -> Sequence[str]:
    """Slack ids of those whom the operator named beside Slack's own admins."""
    return (await session.execute(_NAMED_ADMINS, {"workspace_id": workspace_id})).scalar_one_or_none() or ()


async def workspace_admins(session: AsyncSession, workspace_id: str) -> list[Person]:
    """Slack admins and owners, and those whom the operator named; those who can be written to."""
    named = await named_admins(session, workspace_id)
    query = select(Person).where(
        Person.workspace_id == workspace_id,
        or_(Person.is_admin, Person.slack_id.in_(named)),
        ~Person.deactivated,
        ~Person.is_bot,
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


async def direct_messages_on(session: AsyncSession, person_id: int, day: date) -> int:
    """How many unrequested DMs they had on that local date."""
    counted = await session.get(DirectMessageCount, (person_id, day), populate_existing=True)
    return counted.sent if counted else 0


async def count_direct_message(session: AsyncSession, person_id: int, day: date) -> None:
    first = insertion(session, DirectMessageCount).values(person_id=person_id, local_date=day, sent=1)
    await session.execute(
        first.on_conflict_do_update(
            index_elements=["person_id", "local_date"], set_={"sent": DirectMessageCount.sent + 1}
        )
    )


def as_slack_says(workspace_id: str, user: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The columns that Slack's `user` object fills; any of its fields may be missing."""
    profile = user.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or user.get("real_name") or user.get("name")
    return {
        "workspace_id": workspace_id,
        "slack_id": user["id"],
        "name": (name or user["id"])[:255],
        "email": profile.get("email"),
        "zone": _known_zone(user.get("tz")),
        "is_admin": bool(user.get("is_admin") or user.get("is_owner")),
        "is_guest": bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        "is_bot": bool(user.get("is_bot")) or user["id"] == "USLACKBOT",
        "is_stranger": bool(user.get("is_stranger")) or user.get("team_id", workspace_id) != workspace_id,
        "deactivated": bool(user.get("deleted")),
        "seen_at": now,
    }


def is_news(person: Person, user: Mapping[str, Any]) -> bool:
    """Whether Slack's `user` object says anything that the row doesn't (a new status text is nothing that is kept)."""
    told = as_slack_says(person.workspace_id, user, now=person.seen_at)
    return any(getattr(person, name) != value for name, value in told.items())


def _known_zone(name: str | None) -> str:
    """Slack may name a zone that this machine's database lacks; such a person's times are UTC until it knows."""
    try:
        return ZoneInfo(name or "UTC").key
    except (KeyError, ValueError, OSError):  # unknown, malformed, or a directory's name
        return "UTC"


async def keep_all(
    session: AsyncSession, workspace_id: str, users: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Writes what Slack says of these users, new ones too; what people told Backstop themselves stays."""
    if not users:
        return
    rows = [as_slack_says(workspace_id, user, now=now) for user in users]
    statement = insertion(session, Person.__table__)
    told = {name: statement.excluded[name] for name in rows[0]}
    # the rows beside it: put into the statement, ten thousand people take seconds to build and compile it
    await session.execute(statement.on_conflict_do_update(index_elements=["workspace_id", "slack_id"], set_=told), rows)


async def keep(session: AsyncSession, workspace_id: str, user: Mapping[str, Any], *, now: datetime) -> Person:
    """Writes what Slack says of a user and returns their row."""
    await keep_all(session, workspace_id, [user], now=now)
    person = await by_slack_id(session, workspace_id, user["id"])
    assert person is not None
    await session.refresh(person)
    return person


def keep_dnd(person: Person, status: dict[str, Any]) -> None:
    """Keeps Slack's current or next Do Not Disturb; a snooze that holds now comes first."""
    starts, ends = status.get("next_dnd_start_ts"), status.get("next_dnd_end_ts")
    if not status.get("dnd_enabled"):
        starts = ends = None
    if status.get("snooze_enabled") and status.get("snooze_endtime"):
        starts, ends = 1, status["snooze_endtime"]
    person.dnd_from = datetime.fromtimestamp(starts, UTC) if starts and ends else None
    person.dnd_until = datetime.fromtimestamp(ends, UTC) if starts and ends else None
