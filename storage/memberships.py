"""Who belongs to which team, who manages it, and which teams concern somebody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, and_, bindparam, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, seen_or_loaded
from storage.departments import Department, Head
from storage.people import Person
from storage.remembering import remembered
from storage.teams import Team, TeamState


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
    places: dict[int, Sequence[Place]] = remembered(session, "places")
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


async def following_members(session: AsyncSession, team_id: int) -> list[Person]:
    """Who is in the team only because they are in its channel."""
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id == team_id, ~Membership.named)
    )
    return list((await session.execute(query.order_by(Person.id))).scalars())


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
    known: dict[int, Team | None] = remembered(session, "primary teams")
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


async def leads_or_belongs(session: AsyncSession, person_id: int) -> tuple[bool, bool]:
    """(manages a team or leads a department, is in a team)."""
    joined = select(Membership.is_manager).join(Team, Team.id == Membership.team_id)
    joined = joined.where(Membership.person_id == person_id, Team.state == TeamState.ACTIVE)
    mine = list((await session.execute(joined)).scalars())
    if any(mine):
        return True, True
    led = select(Head.department_id).where(Head.person_id == person_id).limit(1)
    return (await session.execute(led)).first() is not None, bool(mine)


async def people_in(session: AsyncSession, team_ids: Iterable[int]) -> int:
    """How many agents these teams have together, each counted once."""
    query = (
        select(func.count(func.distinct(Membership.person_id)))
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.team_id.in_(list(team_ids)), ~Person.deactivated, Membership.is_agent)
    )
    return (await session.execute(query)).scalar_one()


async def teams_by_person(session: AsyncSession, person_ids: Iterable[int]) -> dict[int, list[int]]:
    """Ids of the active teams of each person."""
    query = (
        select(Membership.person_id, Membership.team_id)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.person_id.in_(list(person_ids)), Team.state == TeamState.ACTIVE)
    )
    found: dict[int, list[int]] = {}
    for person_id, team_id in await session.execute(query):
        found.setdefault(person_id, []).append(team_id)
    return found
