"""Whose goals concern somebody."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.departments import Department
from storage.memberships import Membership, places_of
from storage.people import Person
from storage.teams import Team


@dataclass(frozen=True)
class Circle:
    """Whose goals concern somebody: their own, their teams', and those of the people whom they manage."""

    person_id: int
    teams: Mapping[int, Team]
    """Those they belong to, and those of the departments they lead; by name."""
    managed: frozenset[int]
    """Ids of the teams that they manage."""
    led: frozenset[int]
    """Ids of the departments that they lead."""
    departments: Mapping[int, Department]
    """Of all these teams."""
    reports: Mapping[int, Person]
    """Who is in the teams that they manage, themselves left out; by name."""


async def circle_of(session: AsyncSession, person_id: int, *, with_reports: bool = True) -> Circle:
    """Two queries, however many teams there are. Without the reports one: for looking at one's own and one's teams'."""
    places = await places_of(session, person_id)
    managed = frozenset(one.team.id for one in places if one.membership is not None and one.membership.is_manager)
    return Circle(
        person_id,
        {one.team.id: one.team for one in places},
        managed,
        frozenset(one.department.id for one in places if one.heads_it and one.department is not None),
        {one.department.id: one.department for one in places if one.department is not None},
        await _reports(session, managed, person_id) if managed and with_reports else {},
    )


async def _reports(session: AsyncSession, managed: frozenset[int], person_id: int) -> dict[int, Person]:
    query = (
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.team_id.in_(managed), Person.id != person_id, ~Person.deactivated)
        .order_by(Person.name)
    )
    return {person.id: person for person in (await session.execute(query)).scalars()}
