"""Who is on duty: an override beats the rota's turn; who can't be disturbed is passed over for the next in the rota.

Turns are counted from `team.rota_since` by local dates in the team's zone, so that a turn's length doesn't depend on
clock changes, and a person who leaves for a while doesn't shift everybody else's turn.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from zoneinfo import ZoneInfo

from handlers.local_time import latest_fire, next_fire, parse_zone
from storage.duty import DutyOverride
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team

EVERY_DAY = frozenset(range(7))
MONDAY = 0

AWAY = "away"
UNDISTURBED = "in Do Not Disturb"
LEFT = "no longer reachable in this workspace"

NO_MANAGERS = "The team has no rota and no managers."
NOBODY_FREE = "Everybody who could be on duty is away or in Do Not Disturb."


class Source(StrEnum):
    """Where the people on duty come from."""

    OVERRIDE = "override"
    ROTA = "rota"
    MANAGERS = "managers"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Duty:
    """Whom to page first. `people` is empty when nobody can be, and `why` is the sentence that says so."""

    people: tuple[Person, ...]
    source: Source
    skipped: tuple[tuple[Person, str], ...] = ()
    """Whose turn it was, and why they were passed over, in the order in which they were asked."""
    until: datetime | None = None
    """When this turn ends (aware, UTC); None where no turn does: the managers, or nobody."""
    why: str = ""


@dataclass(frozen=True)
class Turn:
    """One person's turn, from `start` (included) to `end` (excluded), both aware UTC."""

    person: Person
    start: datetime
    end: datetime
    is_override: bool = False


def unavailable(person: Person, now: datetime) -> str | None:
    """Why this person can't be paged at `now`, in words that follow their name; None when they can."""
    if not person.is_reachable:
        return LEFT
    if person.is_away(now):
        return AWAY
    if person.is_undisturbed(now):
        return UNDISTURBED
    return None


def on_duty(facts: TeamFacts, now: datetime) -> Duty:
    """Who is on duty at `now`: an override, else the rota's turn, else (or when all of these can't be) the managers."""
    skipped: dict[int, tuple[Person, str]] = {}
    if (override := override_at(facts, now)) is not None:
        standing_in, person = override
        if _free([person], now, skipped):
            return Duty((person,), Source.OVERRIDE, until=standing_in.until)
    if turn := _free(in_turn(facts, now), now, skipped)[:1]:
        return Duty(turn, Source.ROTA, _passed_over(skipped), _until(facts, skipped, now))
    if managers := _free(facts.managers, now, skipped):
        return Duty(managers, Source.MANAGERS, _passed_over(skipped))
    return Duty((), Source.NOBODY, _passed_over(skipped), why=NOBODY_FREE if skipped else NO_MANAGERS)


def tier(facts: TeamFacts, level: int, now: datetime) -> tuple[Person, ...]:
    """Whom to tell at this level: 0 who is on duty, 1 the managers, 2 the department's heads; nobody unavailable.

    An empty tier falls through to the next; above the last, the highest that has somebody is told again.
    """
    tiers = (
        on_duty(facts, now).people,
        _free(facts.managers, now),
        _free(facts.heads, now),
    )
    level = max(level, 0)
    above, below = tiers[level:], reversed(tiers[:level])
    return next((people for people in (*above, *below) if people), ())


def override_at(facts: TeamFacts, now: datetime) -> tuple[DutyOverride, Person] | None:
    """The override that holds at `now`; of several, the one that was set last."""
    holding = [pair for pair in facts.overrides if pair[0].since <= now < pair[0].until]
    return max(holding, key=lambda pair: pair[0].id, default=None)


def in_turn(facts: TeamFacts, now: datetime) -> tuple[Person, ...]:
    """The rota, beginning with whose turn it is at `now`, whether or not they are there."""
    if not facts.rota:
        return ()
    first = _handovers_since_start(facts.team, now) % len(facts.rota)
    return facts.rota[first:] + facts.rota[:first]


def turn_ends(facts: TeamFacts, now: datetime) -> datetime:
    """When the present turn ends: at the next hand-over, or where an override begins before that."""
    begins = [override.since for override, _ in facts.overrides if now < override.since]
    return min([next_handover(facts.team, now), *begins])


def _until(facts: TeamFacts, skipped: dict[int, tuple[Person, str]], now: datetime) -> datetime:
    """When the present turn ends, or earlier: whoever was passed over and is back takes it up again."""
    back = [_back_at(person, now) for person, _ in skipped.values()]
    return min([turn_ends(facts, now), *(at for at in back if at is not None)])


def _back_at(person: Person, now: datetime) -> datetime | None:
    """When this person can be paged again; None: nobody knows."""
    if not person.is_reachable:
        return None
    if person.is_away(now):
        return person.away_until
    return person.dnd_until if person.is_undisturbed(now) else None


def next_handover(team: Team, now: datetime) -> datetime:
    """The first hand-over strictly after `now` (aware, UTC)."""
    return next_fire(now, *_rule(team))[0]


def coming_turns(facts: TeamFacts, now: datetime, count: int) -> list[Turn]:
    """The next `count` turns of the rota after the present one, overrides apart."""
    order = in_turn(facts, now)
    turns: list[Turn] = []
    start = next_handover(facts.team, now)
    for place in range(1, count + 1 if order else 1):
        end = next_handover(facts.team, start)
        turns.append(Turn(order[place % len(order)], start, end))
        start = end
    return turns


def own_turn(facts: TeamFacts, person: Person, now: datetime) -> Turn | None:
    """This person's present or next turn of the rota; None when they are not in it."""
    order = in_turn(facts, now)
    if order and order[0].id == person.id:
        return Turn(order[0], now, next_handover(facts.team, now))
    return next((turn for turn in coming_turns(facts, now, len(order)) if turn.person.id == person.id), None)


def whose_turns(facts: TeamFacts, since: datetime, until: datetime) -> list[Person]:
    """Everyone whose turn of the rota touches [since, until), in order; overrides apart."""
    whose: list[Person] = []
    at = since
    while at < until and (order := in_turn(facts, at)):
        whose.append(order[0])
        at = next_handover(facts.team, at)
    return whose


def _rule(team: Team) -> tuple[time, frozenset[int], ZoneInfo]:
    """When hand-overs are: every day at `handover_at`, or weekly; Monday at the team's start where nobody has said."""
    zone = parse_zone(team.zone)
    if team.handover_at is None:
        return team.start, frozenset({MONDAY}), zone
    return team.handover_at, EVERY_DAY if team.handover_weekday is None else frozenset({team.handover_weekday}), zone


def _handovers_since_start(team: Team, now: datetime) -> int:
    if team.rota_since is None or now <= team.rota_since:
        return 0
    rule = _rule(team)
    _, began = latest_fire(team.rota_since, *rule)
    _, current = latest_fire(now, *rule)
    return (current - began).days // (1 if rule[1] == EVERY_DAY else 7)


def _free(
    people: Iterable[Person], now: datetime, skipped: dict[int, tuple[Person, str]] | None = None
) -> tuple[Person, ...]:
    """Those who can be paged, in order; the others are noted in `skipped` as far as the first who can."""
    free: list[Person] = []
    for person in people:
        reason = unavailable(person, now)
        if reason is None:
            free.append(person)
        elif skipped is not None and not free:
            skipped.setdefault(person.id, (person, reason))
    return tuple(free)


def _passed_over(skipped: dict[int, tuple[Person, str]]) -> tuple[tuple[Person, str], ...]:
    return tuple(skipped.values())
