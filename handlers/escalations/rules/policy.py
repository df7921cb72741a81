"""How long things may take, per severity: the defaults, and what a team made of them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from handlers.working_time import ALWAYS, WORKING_DAY_MINUTES, Calendar
from storage.escalations import Escalation, Severity
from storage.teams import Team

HOUR = 60
DAY = WORKING_DAY_MINUTES
WARN_AT = 0.75
PAGES_AT_MOST = 9
CONFIRMED_AFTER = timedelta(days=2)
REOPENED_WITHIN = timedelta(days=30)
ANSWER_WITHIN = timedelta(minutes=WORKING_DAY_MINUTES)
"""The reporter of a returned escalation has one working day."""
HANDOVER_ANSWERED_WITHIN = timedelta(minutes=30)
"""Working time that an offered escalation may wait for its tap."""


class Terms(BaseModel):
    """What one severity promises. Minutes of the severity's own time: working time, or every minute if `always`."""

    model_config = ConfigDict(frozen=True)

    acknowledge_min: int = Field(ge=1, le=100 * DAY)
    resolve_min: int = Field(ge=1, le=400 * DAY)
    update_min: int | None = Field(default=None, ge=5, le=100 * DAY)
    """Between updates to the customer; None: none is promised."""
    always: bool = False
    repeat_min: int | None = Field(default=None, ge=5, le=100 * DAY)
    """Between pages of an unanswered breach; None: nobody is paged, the digest shows it."""


DEFAULTS: Mapping[Severity, Terms] = {
    Severity.S1: Terms(acknowledge_min=15, resolve_min=4 * HOUR, update_min=HOUR, always=True, repeat_min=15),
    Severity.S2: Terms(acknowledge_min=HOUR, resolve_min=8 * HOUR, update_min=4 * HOUR, repeat_min=30),
    Severity.S3: Terms(acknowledge_min=4 * HOUR, resolve_min=3 * DAY, update_min=DAY, repeat_min=DAY),
    Severity.S4: Terms(acknowledge_min=DAY, resolve_min=10 * DAY),
}

MEANINGS: Mapping[Severity, str] = {
    Severity.S1: "Many customers or a key one can’t work",
    Severity.S2: "A customer is blocked; no way around",
    Severity.S3: "A customer is hindered; there is a way around",
    Severity.S4: "A question or a wish; nobody is blocked",
}


UNUSED = None
"""What stands in a team's policy for a severity that it doesn't use."""


def terms_of(team: Team) -> dict[Severity, Terms]:
    """The team's terms for each severity that it uses. An always-counting severity counts at night only where the rota
    covers it."""
    terms = written_terms(team)
    if team.duty_covers_nights:
        return terms
    return {severity: own.model_copy(update={"always": False}) for severity, own in terms.items()}


def written_terms(team: Team) -> dict[Severity, Terms]:
    """The terms as the team's managers wrote them (the defaults where they didn't), for each severity that it uses."""
    return {
        severity: Terms.model_validate(team.policy[severity]) if severity in team.policy else default
        for severity, default in DEFAULTS.items()
        if severity not in team.policy or team.policy[severity] is not UNUSED
    }


def pages_at_any_hour(team: Team, severity: Severity) -> bool:
    """Whether on-duty and tier pages of this severity ignore hours and the daily limit."""
    written = team.policy.get(severity)
    return Terms.model_validate(written).always if written else DEFAULTS[severity].always


def frozen(terms: Mapping[Severity, Terms]) -> dict[str, Any]:
    """The terms as an escalation keeps them from its raising on."""
    return {severity.value: own.model_dump() for severity, own in terms.items()}


def frozen_terms(escalation: Escalation, severity: Severity | None = None) -> Terms:
    """The escalation's terms as they were when it was raised, for its own severity or another."""
    return Terms.model_validate(escalation.policy[severity or escalation.severity])


def frozen_severities(escalation: Escalation) -> list[Severity]:
    """The severities that its team used when it was raised."""
    return [severity for severity in Severity if severity.value in escalation.policy]


def calendar(escalation: Escalation, severity: Severity | None = None) -> Calendar:
    """The time in which this escalation's clocks count."""
    return ALWAYS if frozen_terms(escalation, severity).always else working_calendar(escalation)


def working_calendar(escalation: Escalation) -> Calendar:
    """The team's working time as it was when the escalation was raised, whatever the severity counts."""
    return Calendar.from_json(escalation.calendar)


def in_words(minutes: int) -> str:
    """15 min, 4 h, 3 working days: a policy's length as people say it."""
    if minutes % DAY == 0:
        days = minutes // DAY
        return "1 working day" if days == 1 else f"{days} working days"
    hours, rest = divmod(minutes, HOUR)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)
