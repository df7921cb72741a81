"""Nouns made by hand, for rules: no database, no Slack."""

from datetime import UTC, datetime, time
from typing import Any

from storage.duty import DutyOverride
from storage.memberships import Membership
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team, TeamState

TUESDAY = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
"""10:00 in Dublin."""


def person(name: str, number: int, **facts: Any) -> Person:
    given: dict[str, Any] = {
        "is_admin": False,
        "is_guest": False,
        "is_bot": False,
        "is_stranger": False,
        "deactivated": False,
        "zone": "Europe/Dublin",
    }
    return Person(id=number, workspace_id="T1", slack_id=f"U{number}", name=name, seen_at=TUESDAY, **given | facts)


def team(**facts: Any) -> Team:
    given: dict[str, Any] = {
        "zone": "Europe/Dublin",
        "days": [0, 1, 2, 3, 4],
        "start": time(9),
        "end": time(17, 30),
        "country": None,
        "fixed_hours": False,
        "rota_since": TUESDAY,
        "handover_weekday": 0,
        "handover_at": time(9),
        "everyone_in_channel": False,
        "name": "Care",
        "channel": "C1",
        "escalation_channel": "C1",
        "state": TeamState.ACTIVE,
    }
    return Team(id=1, workspace_id="T1", form_key="k", policy={}, requested_at=TUESDAY, **given | facts)


def facts(
    of: Team,
    *,
    agents: tuple[Person, ...] = (),
    managers: tuple[Person, ...] = (),
    rota: tuple[Person, ...] = (),
    overrides: tuple[tuple[Person, datetime, datetime], ...] = (),
    heads: tuple[Person, ...] = (),
) -> TeamFacts:
    everyone = {one.id: one for one in (*agents, *managers)}.values()
    members = tuple(
        (
            one,
            Membership(
                team_id=of.id,
                person_id=one.id,
                is_manager=one in managers,
                is_agent=one in agents,
                named=True,
                since=TUESDAY,
            ),
        )
        for one in everyone
    )
    standing_in = tuple(
        (DutyOverride(id=number, team_id=of.id, person_id=who.id, since=since, until=until, form_key=str(number)), who)
        for number, (who, since, until) in enumerate(overrides, 1)
    )
    return TeamFacts(of, members, rota, standing_in, heads)
