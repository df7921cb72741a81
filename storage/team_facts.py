"""Teams with everyone who matters to their duty and their calendar, in few queries however many there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from sqlalchemy import and_, bindparam, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from storage.departments import heads_of_all
from storage.duty import DutyOverride, RotaTurn, overrides
from storage.memberships import Membership
from storage.people import Person, by_ids
from storage.remembering import remembered
from storage.teams import Team

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
    """By team, (what `members` gives of it, what `rota` gives), in one query: asked at every step of every case."""
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


async def of_team(session: AsyncSession, team: Team, *, now: datetime) -> TeamFacts:
    """The team's people, its rota, the overrides that haven't ended at `now`, and its department's heads."""
    return (await of_teams(session, [team], now=now))[0]


async def of_teams(session: AsyncSession, teams: Sequence[Team], *, now: datetime) -> list[TeamFacts]:
    """The facts of each of these, in their order: four queries at most, however many teams there are."""
    known: dict[tuple[int, datetime], TeamFacts] = remembered(session, "facts")
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
    leading = await heads_of_all(session, (team.department_id for team in teams))
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
