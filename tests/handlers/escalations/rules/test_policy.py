"""How long things may take: the defaults, what a team made of them, and what an escalation keeps."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.escalations.rules import policy
from handlers.escalations.rules.lengths import CALENDAR_DAY_MINUTES, OUT_OF_RANGE, minutes_of
from handlers.escalations.rules.policy import DAY, DEFAULTS, HOUR, Terms, in_words
from storage.escalations import Escalation, Severity
from storage.teams import Team
from tests.handlers.escalations.rules.desk import Desk
from tests.handlers.teams.people import team

S1, S2, S3, S4 = Severity
OWN = Terms(acknowledge_min=5, resolve_min=50, update_min=10, always=True, repeat_min=None)
WRITTEN: dict[str, Any] = {S2.value: OWN.model_dump(), S3.value: None}
"""A team that wrote its own terms for S2, and doesn't use S3."""


def _team(*, covers_nights: bool) -> Team:
    one = team(duty_covers_nights=covers_nights)
    one.policy = WRITTEN
    return one


def test_the_defaults_are_those_that_the_documents_name() -> None:
    kept = {severity.value: tuple(terms.model_dump().values()) for severity, terms in DEFAULTS.items()}
    assert kept == {
        "S1": (15, 4 * 60, 60, True, 15),
        "S2": (60, 8 * 60, 4 * 60, False, 30),
        "S3": (4 * 60, 3 * 480, 480, False, 480),
        "S4": (480, 10 * 480, None, False, None),
    }


def test_a_team_has_its_own_terms_the_defaults_elsewhere_and_not_what_it_doesnt_use() -> None:
    written = policy.written_terms(_team(covers_nights=True))
    assert written == {S1: DEFAULTS[S1], S2: OWN, S4: DEFAULTS[S4]}


def test_every_minute_counts_only_where_the_rota_covers_the_nights() -> None:
    by_night = policy.terms_of(_team(covers_nights=True))
    by_day = policy.terms_of(_team(covers_nights=False))
    assert {severity for severity, terms in by_night.items() if terms.always} == {S1, S2}
    assert not any(terms.always for terms in by_day.values())
    assert {severity: terms.model_copy(update={"always": False}) for severity, terms in by_night.items()} == by_day


def test_pages_ignore_hours_where_the_team_wrote_that_every_minute_counts() -> None:
    one = _team(covers_nights=False)
    assert [policy.pages_at_any_hour(one, severity) for severity in Severity] == [True, True, False, False]
    one.policy = {S1.value: OWN.model_copy(update={"always": False}).model_dump()}
    assert [policy.pages_at_any_hour(one, severity) for severity in Severity] == [False, False, False, False]


def test_an_escalation_keeps_the_terms_of_its_raising() -> None:
    escalation = Escalation(severity=S2, policy=policy.frozen(policy.terms_of(_team(covers_nights=True))))
    assert policy.frozen_terms(escalation) == OWN
    assert policy.frozen_terms(escalation, S4) == DEFAULTS[S4]
    assert policy.frozen_severities(escalation) == [S1, S2, S4]


def test_clocks_count_every_minute_or_the_teams_working_time() -> None:
    escalation = Desk(S2).escalation
    assert policy.calendar(escalation) == policy.working_calendar(escalation)
    assert not policy.calendar(escalation).always
    assert policy.calendar(escalation, S1).always
    assert not policy.working_calendar(Desk(S1).escalation).always


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (5, "5 min"),
        (60, "1 h"),
        (90, "1 h 30 min"),
        (7 * HOUR + 59, "7 h 59 min"),
        (DAY, "1 working day"),
        (DAY + 1, "8 h 1 min"),
        (10 * DAY, "10 working days"),
    ],
)
def test_lengths_are_said_as_people_say_them(minutes: int, words: str) -> None:
    assert in_words(minutes) == words


@pytest.mark.parametrize(
    ("written", "minutes"),
    [
        ("15 min", 15),
        ("15m", 15),
        ("1 minute", 1),
        ("2 mins. 1 hr", 62),
        ("4 h", 240),
        ("1 H 30 Min", 90),
        ("1h30min", 90),
        ("1,5 hours", 90),
        ("0.25 hrs", 15),
        ("1 hour 30 minutes", 90),
        ("1 d", 480),
        ("3 days", 1440),
        ("1 day 4 h", 720),
        ("0.5d", 240),
        ("99999 m", 99999),
    ],
)
def test_lengths_are_read_as_people_write_them(written: str, minutes: int) -> None:
    assert minutes_of(written, every_minute=False) == minutes
    assert minutes_of(f"  {written.upper()} ", every_minute=False) == minutes


def test_where_every_minute_counts_a_day_has_twenty_four_hours() -> None:
    assert minutes_of("1 day 1 h", every_minute=True) == CALENDAR_DAY_MINUTES + HOUR == 25 * 60
    assert OUT_OF_RANGE.format("5 min", "1 d") == "Between 5 min and 1 d, please."


@pytest.mark.parametrize(
    "written", ["", "0 min", "15", "min", "4 weeks", "4 h x", "-4 h", "4 h - 1 min", "0.01 h", "100000 m", "٣ h"]
)
def test_anything_else_is_refused_with_how_to_write_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"^Write a length such as 15 min"):
        minutes_of(written, every_minute=False)


@given(st.integers(1, 99), st.integers(0, 23), st.integers(0, 59))
def test_days_hours_and_minutes_add_up(days: int, hours: int, minutes: int) -> None:
    written = f"{days} d {hours} h {minutes} min"
    for every_minute, day in ((False, 480), (True, 1440)):
        assert minutes_of(written, every_minute=every_minute) == days * day + hours * 60 + minutes
