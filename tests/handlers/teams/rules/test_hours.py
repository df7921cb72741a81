"""A team's calendar."""

from datetime import UTC, datetime, time, timedelta

from handlers.teams.rules.hours import calendar_of, calendar_of_person
from tests.handlers.teams.people import TUESDAY, facts, person, team

BEN = person("Ben", 2)
MEI = person("Mei", 3, zone="Asia/Manila")
AOIFE = person("Aoife", 4, own_start=time(6))
EARLY = datetime(2026, 6, 2, 5, 30, tzinfo=UTC)
"""06:30 in Dublin, 13:30 in Manila."""
DEEP_NIGHT = datetime(2026, 6, 2, 20, 0, tzinfo=UTC)


def test_a_teams_time_runs_while_any_agents_shift_does() -> None:
    assert calendar_of(facts(team(), agents=(BEN, MEI))).is_open(EARLY)
    assert not calendar_of(facts(team(), agents=(BEN,))).is_open(EARLY)
    assert not calendar_of(facts(team(), agents=(BEN, MEI))).is_open(DEEP_NIGHT)


def test_managers_who_are_no_agents_count_only_where_there_is_no_agent() -> None:
    assert not calendar_of(facts(team(), agents=(BEN,), managers=(AOIFE,))).is_open(EARLY)
    assert calendar_of(facts(team(), managers=(AOIFE,))).is_open(EARLY)


def test_fixed_hours_are_the_teams_own_whoever_is_there() -> None:
    fixed = facts(team(fixed_hours=True), agents=(MEI, person("Ben", 2, away_from=TUESDAY - timedelta(days=1))))
    assert calendar_of(fixed).is_open(TUESDAY)
    assert not calendar_of(fixed).is_open(EARLY)


def test_an_absence_closes_ones_own_shift_only() -> None:
    away = person("Ben", 2, away_from=TUESDAY - timedelta(days=1))
    assert not calendar_of(facts(team(), agents=(away,))).is_open(TUESDAY)
    assert calendar_of(facts(team(), agents=(away, person("Cara", 6)))).is_open(TUESDAY)
    assert not calendar_of_person(away, team()).is_open(TUESDAY)


def test_a_team_of_nobody_has_its_own_hours() -> None:
    assert calendar_of(facts(team())).is_open(TUESDAY)
    gone = person("Ben", 2, deactivated=True)
    assert calendar_of(facts(team(), agents=(gone,))).is_open(TUESDAY)


def test_ones_own_holidays_count_and_an_empty_country_means_none() -> None:
    bank_holiday = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)
    irish = team(country="IE")
    assert not calendar_of(facts(irish, agents=(BEN,))).is_open(bank_holiday)
    assert calendar_of(facts(irish, agents=(person("Ben", 2, own_country=""),))).is_open(bank_holiday)
    assert not calendar_of(facts(team(), agents=(person("Ben", 2, own_country="IE"),))).is_open(bank_holiday)
