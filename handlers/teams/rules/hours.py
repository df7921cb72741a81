"""When a team works: the union of its agents' shifts, or its own fixed hours."""

from handlers.attention import shift_of
from handlers.working_time import Calendar, Hours, Shift
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team


def calendar_of(facts: TeamFacts) -> Calendar:
    """The team's working time: it runs while any agent's shift does, or in the fixed hours if the team says so.

    Each agent works their own hours, and this team's where they set none. Managers who aren't agents count only where
    there is no agent; a team of nobody has its own hours, so that its clocks still have a calendar.
    """
    team = facts.team
    if team.fixed_hours:
        return Calendar((Shift(hours_of_team(team)),))
    working = [person for person, membership in facts.members if membership.is_agent and person.is_reachable]
    shifts = tuple(shift_of(person, team) for person in working or facts.managers)
    return Calendar(shifts or (Shift(hours_of_team(team)),))


def calendar_of_person(person: Person, team: Team | None) -> Calendar:
    """One person's working time, their absence taken out; `team` (their primary one) gives what they didn't set."""
    return Calendar((shift_of(person, team),))


def hours_of_team(team: Team) -> Hours:
    """The hours that a team's form asks for, in its zone."""
    return Hours(
        zone=team.zone, days=frozenset(team.days), start=team.start, end=team.end, country=team.country or None
    )
