"""Teams, who belongs to them, and who is on duty."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    text,
    union,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf
from storage.people import Person, by_ids


class TeamState(StrEnum):
    REQUESTED = "requested"
    ACTIVE = "active"
    DECLINED = "declined"


class Department(Base):
    __tablename__ = "departments"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(80))


class Head(Base):
    """Who leads a department."""

    __tablename__ = "heads"

    department_id: Mapped[int] = mapped_column(ForeignKey("departments.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)


class Team(Base):
    __tablename__ = "teams"
    __table_args__ = (
        UniqueConstraint("form_key"),
        # a team that was declined holds neither its name nor its channel
        Index(
            "uq_teams_standing_name",
            "workspace_id",
            "name",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
        Index(
            "uq_teams_standing_channel",
            "workspace_id",
            "channel",
            unique=True,
            sqlite_where=text("state <> 'declined'"),
            postgresql_where=text("state <> 'declined'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    name_follows_channel: Mapped[bool] = mapped_column(default=False)
    """Nobody gave it a name: it is called as its channel is, also after that is renamed."""
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    channel: Mapped[str] = mapped_column(String(32))
    escalation_channel: Mapped[str] = mapped_column(String(32))
    """Where this team's escalation cards stand; the team's channel unless it says otherwise."""
    escalates_privately: Mapped[bool] = mapped_column(default=False)
    """The escalation channel is a private one: who isn't of the team doesn't see what stands there."""
    everyone_in_channel: Mapped[bool] = mapped_column(default=False)
    """Members follow the channel's membership as well as the named ones."""

    zone: Mapped[str] = mapped_column(String(64))
    days: Mapped[list[Any]] = mapped_column()
    """Working weekdays, Monday = 0."""
    start: Mapped[time]
    end: Mapped[time]
    country: Mapped[str | None] = mapped_column(String(8))
    fixed_hours: Mapped[bool] = mapped_column(default=False)
    """True: the team's working time is `start`–`end` in `zone`; False: it runs while any member's shift does."""
    duty_covers_nights: Mapped[bool] = mapped_column(default=False)
    """True: an always-counting severity runs its clocks at night too, because somebody is on duty then."""

    policy: Mapped[dict[str, Any]] = mapped_column()
    """Severity → its terms, where they differ from the defaults (handlers.escalations.rules.policy)."""
    personal_metrics: Mapped[str] = mapped_column(String(16), default="self")
    checkins: Mapped[bool] = mapped_column(default=False)

    state: Mapped[TeamState] = mapped_column(OneOf(TeamState, 16), default=TeamState.REQUESTED)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    requested_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    decided_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None] = mapped_column(Text)

    handover_weekday: Mapped[int | None] = mapped_column(default=None)
    """The rota moves on at this weekday (Monday = 0) and `handover_at`; None with `handover_at` set: every day."""
    handover_at: Mapped[time | None] = mapped_column(default=None)
    rota_since: Mapped[datetime | None] = mapped_column(default=None)
    """When the first of the rota began; turns are counted from here."""


class Membership(Base):
    __tablename__ = "memberships"
    __table_args__ = (Index(None, "person_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    is_manager: Mapped[bool] = mapped_column(default=False)
    is_agent: Mapped[bool] = mapped_column(default=True)
    """Answers customers; a manager who doesn't is False."""
    named: Mapped[bool] = mapped_column(default=True)
    """Chosen by name; False: in the team because they are in its channel, and as long as they are."""
    since: Mapped[datetime]


class Departure(Base):
    """Somebody left the team, or was taken out of it, though they are still in its channel: following the channel
    doesn't bring them back."""

    __tablename__ = "departures"

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]


class RotaTurn(Base):
    """One place in a team's ordered rota."""

    __tablename__ = "rota_turns"
    __table_args__ = (UniqueConstraint("team_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    position: Mapped[int]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))


class DutyOverride(Base):
    """Somebody stands in, from one instant to another."""

    __tablename__ = "duty_overrides"
    __table_args__ = (Index(None, "team_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    since: Mapped[datetime]
    until: Mapped[datetime]
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


async def locked(session: AsyncSession, team_id: int) -> Team | None:
    """The team, locked until the transaction ends."""
    return (await session.execute(select(Team).where(Team.id == team_id).with_for_update())).scalar_one_or_none()


async def by_form_key(session: AsyncSession, form_key: str) -> Team | None:
    return (await session.execute(select(Team).where(Team.form_key == form_key))).scalar_one_or_none()


async def standing(
    session: AsyncSession, workspace_id: str, *, name: str | None = None, channel: str | None = None
) -> list[Team]:
    """Teams asked for or active that have this name (capitals don't matter) or work in this channel."""
    alike = []
    if name is not None:
        alike.append(func.lower(Team.name) == name.lower())
    if channel is not None:
        alike.append(Team.channel == channel)
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state != TeamState.DECLINED, or_(*alike))
    return list((await session.execute(query)).scalars())


async def following(session: AsyncSession, workspace_id: str, channel: str) -> list[Team]:
    """The active teams that work in this channel, or show their escalations there."""
    query = select(Team).where(
        Team.workspace_id == workspace_id,
        Team.state == TeamState.ACTIVE,
        or_(Team.channel == channel, Team.escalation_channel == channel),
    )
    return list((await session.execute(query.order_by(Team.id))).scalars())


async def requested(session: AsyncSession, workspace_id: str, *, by: int | None = None) -> list[Team]:
    """Teams that wait for an admin, the oldest first; with `by`, those that this person asked for."""
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state == TeamState.REQUESTED)
    if by is not None:
        query = query.where(Team.requested_by_id == by)
    return list((await session.execute(query.order_by(Team.requested_at, Team.id))).scalars())


async def active_teams(session: AsyncSession, workspace_id: str) -> list[Team]:
    query = select(Team).where(Team.workspace_id == workspace_id, Team.state == TeamState.ACTIVE).order_by(Team.name)
    return list((await session.execute(query)).scalars())


async def teams_of(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams somebody belongs to, as member or manager, by name."""
    query = (
        select(Team)
        .join(Membership, Membership.team_id == Team.id)
        .where(Membership.person_id == person_id, Team.state == TeamState.ACTIVE)
        .order_by(Team.name)
    )
    return list((await session.execute(query)).scalars())


_JOINED = (
    select(Team)
    .join(Membership, Membership.team_id == Team.id)
    .where(Membership.person_id == bindparam("person_id"), Team.state == TeamState.ACTIVE)
    .order_by(Membership.since, Team.id)
)
"""Asked before every form that raises an escalation: built once."""


async def teams_primary_first(session: AsyncSession, person: Person) -> list[Team]:
    """The active teams somebody belongs to: first the one whose hours are theirs (see `primary_team`), then by name."""
    joined = list((await session.execute(_JOINED, {"person_id": person.id})).scalars())
    if not joined:
        return []
    primary = next((team for team in joined if team.id == person.primary_team_id), joined[0])
    return sorted(joined, key=lambda team: (team.id != primary.id, team.name))


async def teams_seen_by(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams somebody belongs to, and those of the departments they lead, by name."""
    joined = select(Membership.team_id).where(Membership.person_id == person_id)
    led = select(Head.department_id).where(Head.person_id == person_id)
    query = select(Team).where(Team.state == TeamState.ACTIVE, or_(Team.id.in_(joined), Team.department_id.in_(led)))
    return list((await session.execute(query.order_by(Team.name))).scalars())


async def teams_led_by(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams that somebody manages, and those of the departments they lead, by name."""
    managed = select(Membership.team_id).where(Membership.person_id == person_id, Membership.is_manager)
    led = select(Head.department_id).where(Head.person_id == person_id)
    query = select(Team).where(Team.state == TeamState.ACTIVE, or_(Team.id.in_(managed), Team.department_id.in_(led)))
    return list((await session.execute(query.order_by(Team.name))).scalars())


async def members(session: AsyncSession, team_id: int) -> list[tuple[Person, Membership]]:
    """Everyone in the team who still can be reached, in the order they joined."""
    query = (
        select(Person, Membership)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, ~Person.deactivated)
        .order_by(Membership.since, Person.id)
    )
    return [(person, membership) for person, membership in await session.execute(query)]


async def managers(session: AsyncSession, team_id: int) -> list[Person]:
    return [person for person, membership in await members(session, team_id) if membership.is_manager]


async def heads(session: AsyncSession, department_id: int | None) -> list[Person]:
    """Who leads the department, or nobody when the team belongs to none."""
    if department_id is None:
        return []
    query = (
        select(Person)
        .join(Head, Head.person_id == Person.id)
        .where(Head.department_id == department_id, ~Person.deactivated)
        .order_by(Person.id)
    )
    return list((await session.execute(query)).scalars())


async def rota(session: AsyncSession, team_id: int) -> list[Person]:
    """The rota's people in its order; the deactivated keep their place until the rota is mended: no turn shifts."""
    query = (
        select(Person)
        .join(RotaTurn, RotaTurn.person_id == Person.id)
        .where(RotaTurn.team_id == team_id)
        .order_by(RotaTurn.position)
    )
    return list((await session.execute(query)).scalars())


async def set_rota(session: AsyncSession, team: Team, people: Sequence[Person], *, now: datetime) -> None:
    """The rota from now on, the first on duty until the next hand-over."""
    await session.execute(delete(RotaTurn).where(RotaTurn.team_id == team.id))
    session.add_all(
        RotaTurn(team_id=team.id, position=position, person_id=person.id) for position, person in enumerate(people)
    )
    team.rota_since = now if people else None


async def departments(session: AsyncSession, workspace_id: str) -> list[Department]:
    query = select(Department).where(Department.workspace_id == workspace_id).order_by(Department.name)
    return list((await session.execute(query)).scalars())


async def departed(session: AsyncSession, team_id: int) -> frozenset[int]:
    """Ids of the people whom following the channel doesn't bring back."""
    return frozenset((await session.execute(select(Departure.person_id).where(Departure.team_id == team_id))).scalars())


async def teams_with_turns_of(session: AsyncSession, person_id: int) -> list[Team]:
    """Teams in whose rota somebody stands, or whose duty they have been given for a time, or which they belong to."""
    turns = select(RotaTurn.team_id).where(RotaTurn.person_id == person_id)
    given = select(DutyOverride.team_id).where(DutyOverride.person_id == person_id)
    joined = select(Membership.team_id).where(Membership.person_id == person_id)
    query = select(Team).where(or_(Team.id.in_(turns), Team.id.in_(given), Team.id.in_(joined)))
    return list((await session.execute(query.order_by(Team.id))).scalars())


async def on_duty_unreachable(session: AsyncSession, workspace_id: str, *, now: datetime) -> list[Person]:
    """Who stands in a rota, or stands in for somebody, and can't be reached any more."""
    turns = select(RotaTurn.person_id)
    given = select(DutyOverride.person_id).where(DutyOverride.until > now)
    query = select(Person).where(
        Person.workspace_id == workspace_id,
        or_(Person.deactivated, Person.is_guest, Person.is_bot, Person.is_stranger),
        or_(Person.id.in_(turns), Person.id.in_(given)),
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


async def following_members(session: AsyncSession, team_id: int) -> list[Person]:
    """Who is in the team only because they are in its channel."""
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, ~Membership.named)
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


async def whoever_is_paged(session: AsyncSession, workspace_id: str) -> list[Person]:
    """Everybody in a rota, every manager, every head."""
    query = select(Person).where(
        Person.workspace_id == workspace_id,
        ~Person.deactivated,
        or_(
            Person.id.in_(select(RotaTurn.person_id)),
            Person.id.in_(select(DutyOverride.person_id)),
            Person.id.in_(select(Membership.person_id).where(Membership.is_manager)),
            Person.id.in_(select(Head.person_id)),
        ),
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


_STANDING_IN = (
    select(DutyOverride)
    .where(DutyOverride.team_id == bindparam("team_id"), DutyOverride.until > bindparam("ending_after"))
    .order_by(DutyOverride.since)
)


async def overrides(session: AsyncSession, team_id: int, *, ending_after: datetime) -> Sequence[DutyOverride]:
    query = {"team_id": team_id, "ending_after": ending_after}
    return (await session.execute(_STANDING_IN, query)).scalars().all()


async def is_manager(session: AsyncSession, person_id: int, team_id: int) -> bool:
    membership = await session.get(Membership, (team_id, person_id))
    return membership is not None and membership.is_manager


async def primary_team(session: AsyncSession, person: Person) -> Team | None:
    """The team whose hours are theirs: the one they chose, else the first they joined."""
    return (await primary_teams(session, [person]))[person.id]


async def primary_teams(session: AsyncSession, people: Iterable[Person]) -> dict[int, Team | None]:
    """Each one's primary team, by person id, in one query."""
    by_id = {person.id: person for person in people}
    first: dict[int, Team | None] = dict.fromkeys(by_id)
    query = (
        select(Membership.person_id, Team)
        .join(Team, Membership.team_id == Team.id)
        .where(Membership.person_id.in_(by_id), Team.state == TeamState.ACTIVE)
        .order_by(Membership.since, Team.id)
    )
    for person_id, team in await session.execute(query):
        if first[person_id] is None or by_id[person_id].primary_team_id == team.id:
            first[person_id] = team
    return first


_BELONGING = (
    select(Person, Membership, RotaTurn.position)
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.team_id == bindparam("team_id")))
    .outerjoin(RotaTurn, and_(RotaTurn.person_id == Person.id, RotaTurn.team_id == bindparam("team_id")))
    .where(
        Person.id.in_(
            union(
                select(Membership.person_id).where(Membership.team_id == bindparam("team_id")),
                select(RotaTurn.person_id).where(RotaTurn.team_id == bindparam("team_id")),
            )
        )
    )
    .order_by(Membership.since, Person.id)
)


async def _belonging(session: AsyncSession, team_id: int) -> tuple[list[tuple[Person, Membership]], list[Person]]:
    """(what `members` gives, what `rota` gives), in one query: asked at every step of every case."""
    joined: dict[int, tuple[Person, Membership]] = {}
    turns: dict[int, Person] = {}
    for person, membership, position in await session.execute(_BELONGING, {"team_id": team_id}):
        if membership is not None and not person.deactivated:
            joined[person.id] = person, membership
        if position is not None:
            turns[position] = person
    return list(joined.values()), [turns[position] for position in sorted(turns)]


@dataclass(frozen=True)
class TeamFacts:
    """A team with everyone who matters to its duty and its calendar; `members` are pairs (person, membership)."""

    team: Team
    members: tuple[tuple[Person, Membership], ...]
    rota: tuple[Person, ...]
    overrides: tuple[tuple[DutyOverride, Person], ...]
    heads: tuple[Person, ...]

    @property
    def managers(self) -> tuple[Person, ...]:
        return tuple(person for person, membership in self.members if membership.is_manager)

    def known(self, person_id: int) -> Person | None:
        """That person, if they are one of these."""
        standing_in = (person for _, person in self.overrides)
        members = (person for person, _ in self.members)
        everybody = (*members, *self.rota, *self.heads, *standing_in)
        return next((person for person in everybody if person.id == person_id), None)


REMEMBERED = "facts of teams"


def remember_facts(session: AsyncSession) -> None:
    """From here on this session, which only reads, looks each team's facts up once, however many ask for them."""
    session.info[REMEMBERED] = {}


async def facts(session: AsyncSession, team: Team, *, now: datetime) -> TeamFacts:
    """The team's people, its rota, the overrides that haven't ended at `now`, and its department's heads."""
    remembered: dict[tuple[int, datetime], TeamFacts] | None = session.info.get(REMEMBERED)
    if remembered is None:
        return await _facts(session, team, now)
    if (team.id, now) not in remembered:
        remembered[team.id, now] = await _facts(session, team, now)
    return remembered[team.id, now]


async def _facts(session: AsyncSession, team: Team, now: datetime) -> TeamFacts:
    standing_in = await overrides(session, team.id, ending_after=now)
    people_by_id = await by_ids(session, (override.person_id for override in standing_in))
    joined, in_turn = await _belonging(session, team.id)
    return TeamFacts(
        team=team,
        members=tuple(joined),
        rota=tuple(in_turn),
        overrides=tuple((override, people_by_id[override.person_id]) for override in standing_in),
        heads=tuple(await heads(session, team.department_id)),
    )


async def leads_or_belongs(session: AsyncSession, person_id: int) -> tuple[bool, bool]:
    """(manages a team or leads a department, is in a team)."""
    joined = select(Membership.is_manager).join(Team, Team.id == Membership.team_id)
    joined = joined.where(Membership.person_id == person_id, Team.state == TeamState.ACTIVE)
    mine = list((await session.execute(joined)).scalars())
    if any(mine):
        return True, True
    led = select(Head.department_id).where(Head.person_id == person_id).limit(1)
    return (await session.execute(led)).first() is not None, bool(mine)
