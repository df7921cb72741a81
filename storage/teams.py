"""Teams, who belongs to them, and who is on duty."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from itertools import chain
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

from storage.base import Base, OneOf, seen_or_loaded
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


@dataclass(frozen=True)
class Place:
    """One active team that concerns somebody."""

    team: Team
    membership: Membership | None
    """None: they lead its department and don't belong to it."""
    department: Department | None
    heads_it: bool
    """They lead its department."""

    @property
    def is_led(self) -> bool:
        """They manage it, or lead its department."""
        return self.heads_it or (self.membership is not None and self.membership.is_manager)


_CONCERNING = union(
    select(Membership.person_id, Membership.team_id).where(
        Membership.person_id.in_(bindparam("person_ids", expanding=True))
    ),
    select(Head.person_id, Team.id)
    .join(Team, Team.department_id == Head.department_id)
    .where(Head.person_id.in_(bindparam("person_ids", expanding=True))),
).subquery()
_PLACES = (
    select(_CONCERNING.c.person_id, Team, Membership, Department, Head.person_id)
    .select_from(_CONCERNING)
    .join(Team, Team.id == _CONCERNING.c.team_id)
    .outerjoin(Membership, and_(Membership.team_id == Team.id, Membership.person_id == _CONCERNING.c.person_id))
    .outerjoin(Department, Department.id == Team.department_id)
    .outerjoin(Head, and_(Head.department_id == Team.department_id, Head.person_id == _CONCERNING.c.person_id))
    .where(Team.state == TeamState.ACTIVE)
    .order_by(Team.name)
)
"""Asked before every form that raises an escalation: built once."""


async def places_of(session: AsyncSession, person_id: int) -> Sequence[Place]:
    """The active teams somebody belongs to, and those of the departments they lead, by name."""
    return (await _places_of(session, [person_id]))[person_id]


async def _places_of(session: AsyncSession, person_ids: Iterable[int]) -> dict[int, Sequence[Place]]:
    """As `places_of`, by person, in one query."""
    remembered = _remembered(session)
    places: dict[int, Sequence[Place]] = {} if remembered is None else remembered.places
    if unknown := sorted(set(person_ids) - places.keys()):
        found: dict[int, list[Place]] = {person_id: [] for person_id in unknown}
        for person_id, team, membership, department, head in await session.execute(_PLACES, {"person_ids": unknown}):
            found[person_id].append(Place(team, membership, department, head is not None))
        places |= found
    return places


async def teams_of(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams somebody belongs to, as member or manager, by name."""
    return [place.team for place in await places_of(session, person_id) if place.membership is not None]


async def teams_primary_first(session: AsyncSession, *people: Person) -> list[list[Team]]:
    """Of each, the active teams they belong to: first the one whose hours are theirs (see `primary_team`), then by
    name."""
    places = await _places_of(session, (person.id for person in people))
    return [_primary_first(person, places[person.id]) for person in people]


def _primary_first(person: Person, places: Sequence[Place]) -> list[Team]:
    joined = [(one.membership.since, one.team) for one in places if one.membership]
    if not joined:
        return []
    _, first = min(joined, key=lambda pair: (pair[0], pair[1].id))
    primary = next((team for _, team in joined if team.id == person.primary_team_id), first)
    return sorted((team for _, team in joined), key=lambda team: team.id != primary.id)


async def teams_seen_by(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams somebody belongs to, and those of the departments they lead, by name."""
    return [place.team for place in await places_of(session, person_id)]


async def teams_led_by(session: AsyncSession, person_id: int) -> list[Team]:
    """The active teams that somebody manages, and those of the departments they lead, by name."""
    return [place.team for place in await places_of(session, person_id) if place.is_led]


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


_LEADING = (
    select(Head.department_id, Person)
    .join(Person, Person.id == Head.person_id)
    .where(Head.department_id.in_(bindparam("department_ids", expanding=True)), ~Person.deactivated)
    .order_by(Person.id)
)


async def heads(session: AsyncSession, department_id: int | None) -> list[Person]:
    """Who leads the department, or nobody when the team belongs to none."""
    return (await _heads(session, [department_id])).get(department_id, [])


async def _heads(session: AsyncSession, department_ids: Iterable[int | None]) -> dict[int | None, list[Person]]:
    found: dict[int | None, list[Person]] = {}
    if wanted := sorted({one for one in department_ids if one is not None}):
        for department_id, person in await session.execute(_LEADING, {"department_ids": wanted}):
            found.setdefault(department_id, []).append(person)
    return found


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
    .where(
        DutyOverride.team_id.in_(bindparam("team_ids", expanding=True)), DutyOverride.until > bindparam("ending_after")
    )
    .order_by(DutyOverride.since)
)


async def overrides(session: AsyncSession, *team_ids: int, ending_after: datetime) -> Sequence[DutyOverride]:
    query = {"team_ids": list(team_ids), "ending_after": ending_after}
    return (await session.execute(_STANDING_IN, query)).scalars().all()


async def is_manager(session: AsyncSession, person_id: int, team_id: int) -> bool:
    membership = await session.get(Membership, (team_id, person_id))
    return membership is not None and membership.is_manager


async def primary_team(session: AsyncSession, person: Person) -> Team | None:
    """The team whose hours are theirs: the one they chose, else the first they joined."""
    return (await primary_teams(session, [person]))[person.id]


_FIRST_JOINED = (
    select(Membership.person_id, Membership.team_id)
    .join(Team, Membership.team_id == Team.id)
    .where(Membership.person_id.in_(bindparam("person_ids", expanding=True)), Team.state == TeamState.ACTIVE)
    .order_by(Membership.since, Team.id)
)


async def primary_teams(session: AsyncSession, people: Iterable[Person]) -> dict[int, Team | None]:
    """Each one's primary team, by person id, in two queries at most."""
    by_id = {person.id: person for person in people}
    remembered = _remembered(session)
    known = {} if remembered is None else remembered.primary
    if unknown := sorted(by_id.keys() - known.keys()):
        known |= await _primary_teams(session, {person_id: by_id[person_id] for person_id in unknown})
    return {person_id: known[person_id] for person_id in by_id}


async def _primary_teams(session: AsyncSession, by_id: Mapping[int, Person]) -> dict[int, Team | None]:
    first: dict[int, int] = {}
    for person_id, team_id in await session.execute(_FIRST_JOINED, {"person_ids": list(by_id)}):
        if person_id not in first or by_id[person_id].primary_team_id == team_id:
            first[person_id] = team_id
    teams = await seen_or_loaded(session, Team, first.values())
    return {person_id: teams.get(first.get(person_id, 0)) for person_id in by_id}


_CONCERNED = union(
    select(Membership.team_id, Membership.person_id).where(
        Membership.team_id.in_(bindparam("team_ids", expanding=True))
    ),
    select(RotaTurn.team_id, RotaTurn.person_id).where(RotaTurn.team_id.in_(bindparam("team_ids", expanding=True))),
).subquery()
_BELONGING = (
    select(_CONCERNED.c.team_id, Person, Membership, RotaTurn.position)
    .select_from(_CONCERNED)
    .join(Person, Person.id == _CONCERNED.c.person_id)
    .outerjoin(Membership, and_(Membership.person_id == Person.id, Membership.team_id == _CONCERNED.c.team_id))
    .outerjoin(RotaTurn, and_(RotaTurn.person_id == Person.id, RotaTurn.team_id == _CONCERNED.c.team_id))
    .order_by(Membership.since, Person.id)
)


async def _belonging(
    session: AsyncSession, team_ids: Sequence[int]
) -> dict[int, tuple[dict[int, tuple[Person, Membership]], dict[int, Person]]]:
    """By team, (what `members` gives, what `rota` gives), in one query: asked at every step of every case."""
    found: dict[int, tuple[dict[int, tuple[Person, Membership]], dict[int, Person]]] = {
        team_id: ({}, {}) for team_id in team_ids
    }
    for team_id, person, membership, position in await session.execute(_BELONGING, {"team_ids": list(team_ids)}):
        joined, turns = found[team_id]
        if membership is not None and not person.deactivated:
            joined[person.id] = person, membership
        if position is not None:
            turns[position] = person
    return found


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

    @property
    def everybody(self) -> Iterator[Person]:
        """Some of them more than once."""
        standing_in = (person for _, person in self.overrides)
        members = (person for person, _ in self.members)
        return chain(members, self.rota, self.heads, standing_in)

    def known(self, person_id: int) -> Person | None:
        """That person, if they are one of these."""
        return next((person for person in self.everybody if person.id == person_id), None)


REMEMBERED = "teams"


@dataclass(frozen=True)
class _Remembered:
    """What a session has been told of teams."""

    places: dict[int, Sequence[Place]] = field(default_factory=dict)
    facts: dict[tuple[int, datetime], TeamFacts] = field(default_factory=dict)
    primary: dict[int, Team | None] = field(default_factory=dict)


def remember(session: AsyncSession) -> None:
    """From here on this session, which only reads, looks up once whose teams are whose and each team's facts, however
    many ask for them."""
    session.info[REMEMBERED] = _Remembered()


def _remembered(session: AsyncSession) -> _Remembered | None:
    found: _Remembered | None = session.info.get(REMEMBERED)
    return found


async def facts(session: AsyncSession, team: Team, *, now: datetime) -> TeamFacts:
    """The team's people, its rota, the overrides that haven't ended at `now`, and its department's heads."""
    return (await facts_of(session, [team], now=now))[0]


async def facts_of(session: AsyncSession, teams: Sequence[Team], *, now: datetime) -> list[TeamFacts]:
    """The facts of each of these, in their order: four queries at most, however many teams there are."""
    remembered = _remembered(session)
    known = {} if remembered is None else remembered.facts
    if unknown := [team for team in teams if (team.id, now) not in known]:
        known |= {(one.team.id, now): one for one in await _facts(session, unknown, now)}
    return [known[team.id, now] for team in teams]


async def _facts(session: AsyncSession, teams: Sequence[Team], now: datetime) -> list[TeamFacts]:
    if not teams:
        return []
    team_ids = [team.id for team in teams]
    standing_in = await overrides(session, *team_ids, ending_after=now)
    people_by_id = await by_ids(session, (override.person_id for override in standing_in))
    belonging = await _belonging(session, team_ids)
    leading = await _heads(session, (team.department_id for team in teams))
    found = []
    for team in teams:
        joined, turns = belonging[team.id]
        given = (override for override in standing_in if override.team_id == team.id)
        found.append(
            TeamFacts(
                team=team,
                members=tuple(joined.values()),
                rota=tuple(turns[position] for position in sorted(turns)),
                overrides=tuple((override, people_by_id[override.person_id]) for override in given),
                heads=tuple(leading.get(team.department_id, ())),
            )
        )
    return found


async def leads_or_belongs(session: AsyncSession, person_id: int) -> tuple[bool, bool]:
    """(manages a team or leads a department, is in a team)."""
    joined = select(Membership.is_manager).join(Team, Team.id == Membership.team_id)
    joined = joined.where(Membership.person_id == person_id, Team.state == TeamState.ACTIVE)
    mine = list((await session.execute(joined)).scalars())
    if any(mine):
        return True, True
    led = select(Head.department_id).where(Head.person_id == person_id).limit(1)
    return (await session.execute(led)).first() is not None, bool(mine)
