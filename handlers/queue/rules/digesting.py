"""When a digest is made, and which time it covers."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.attention import OFFICE_DAYS
from handlers.house import NeedsYou
from handlers.local_time import local_date, parse_zone
from handlers.shifts import holiday_on
from handlers.teams.rules.hours import hours_of_team
from storage.digests import DigestSettings
from storage.teams import Team, TeamState

MOST_NEEDS = 3
LATE_AFTER = timedelta(minutes=5)
TOO_LATE_AFTER = timedelta(hours=4)
"""A daily digest in the afternoon is no morning's digest any more: the next one covers its time."""
WEEKLY_TOO_LATE_AFTER = timedelta(hours=30)
FIRST_COVERS = {False: timedelta(days=1), True: timedelta(days=7)}
"""weekly → how far the first one looks back."""
COVERS_AT_MOST = timedelta(days=31)

OFF = "the digest is off for this team"
NO_TEAM = "the team is not active"
HOLIDAY = "public holiday: {}"
TOO_LATE = "Backstop was down until {:%H:%M} UTC; the next one covers this time too"


def weekdays_of(team: Team, *, weekly: bool) -> list[int]:
    """The team's working days; of a week, the first of them."""
    days = sorted(int(day) for day in team.days) or list(OFFICE_DAYS)
    return days[:1] if weekly else days


def why_not(team: Team | None, settings: DigestSettings, due: datetime, now: datetime, *, weekly: bool) -> str | None:
    """Why no digest is made of this firing; None: it is made. A weekly report isn't put off by a holiday."""
    if team is None or team.state != TeamState.ACTIVE:
        return NO_TEAM
    if not (settings.weekly if weekly else settings.is_on):
        return OFF
    day = local_date(due, parse_zone(team.zone))
    if not weekly and (holiday := holiday_on(hours_of_team(team), day)):
        return HOLIDAY.format(holiday)
    if now - due > (WEEKLY_TOO_LATE_AFTER if weekly else TOO_LATE_AFTER):
        return TOO_LATE.format(now)
    return None


def since(last_until: datetime | None, now: datetime, *, weekly: bool) -> datetime:
    """Where the covered time begins: exactly where the last one's ended, within COVERS_AT_MOST."""
    if last_until is None:
        return now - FIRST_COVERS[weekly]
    return max(min(last_until, now), now - COVERS_AT_MOST)


def holidays_within(team: Team, since: datetime, until: datetime) -> list[str]:
    """The public holidays on the team's working days that begin in [since, until), by name; `until`'s own day isn't
    over."""
    zone, hours = parse_zone(team.zone), hours_of_team(team)
    first, last = local_date(since, zone), local_date(until, zone)
    dates = (first + timedelta(days=n) for n in range((last - first).days))
    return [name for day in dates if day.weekday() in team.days and (name := holiday_on(hours, day)) is not None]


def lateness(due: datetime, now: datetime) -> timedelta | None:
    """How late it is, where that is worth a word."""
    return now - due if now - due > LATE_AFTER else None


def foremost(needs: Sequence[NeedsYou]) -> list[NeedsYou]:
    """The few that need somebody today: the most urgent first, each thing once, equals in the order they came in."""
    first: dict[str, NeedsYou] = {}
    for one in sorted(needs, key=lambda one: one.urgency):
        first.setdefault(line_of(one), one)
    return list(first.values())[:MOST_NEEDS]


def line_of(one: NeedsYou) -> str:
    """What the line is about, the same in every copy: its button, which names its subject."""
    return f"{one.button['action_id']}:{one.button.get('value', '')}"[:255]
