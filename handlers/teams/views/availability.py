"""Who is on and who is away, and the two small forms: when I'm away, my hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    checkboxes,
    context,
    divider,
    mention,
    modal,
    option,
    section,
    select,
    when,
)
from handlers.forms import Memory
from handlers.shifts import Hours
from handlers.teams.rules.hours import calendar_of_person
from handlers.teams.rules.places import country_label, zone_label
from handlers.teams.views.team_form import COUNTRY_HINT, country_choice, time_choice
from handlers.teams.views.words import as_many_as_fit, counted, mentions, team_name
from handlers.weekdays import day_options, hours_in_words
from handlers.working_time import BeyondHorizon
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team

HOURS = "teams.hours"
HOURS_FORM = "teams.hours_form"
AWAY = "teams.away"
AWAY_FORM = "teams.away_form"
BACK = "teams.back"

HELP = (
    "*Availability*\n"
    "`/availability` shows who is on · `/availability away` until you are back, or `away until friday`, "
    "`away until 14:00`, `away until 2026-06-05 9:00` · `/availability back` · `/availability hours` sets your hours."
)
NOTHING_REACHES = "Nothing unrequested comes to you, and the duty rota passes you over."
BACK_EARLIER = "Back earlier? `/availability back`"
NO_TEAM = "You are in no team, so there is nobody to show. `/backstop team create` makes one."
MOST_LISTED = 12
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Presence:
    """A team's people as they are now."""

    facts: TeamFacts
    on: tuple[Person, ...]
    away: tuple[Person, ...]
    off: tuple[tuple[Person, datetime | None], ...]
    """Outside their hours, with when these begin again (None: not within two years)."""


def presence(facts: TeamFacts, homes: dict[int, Team | None], now: datetime) -> Presence:
    """Sorts the team's people; `homes` is each one's primary team, whose hours they work where they set none."""
    on: list[Person] = []
    away: list[Person] = []
    off: list[tuple[Person, datetime | None]] = []
    for person, _ in facts.members:
        calendar = calendar_of_person(person, homes.get(person.id) or facts.team)
        if person.is_away(now):
            away.append(person)
        elif calendar.is_open(now):
            on.append(person)
        else:
            try:
                off.append((person, calendar.next_open(now)))
            except BeyondHorizon:
                off.append((person, None))
    return Presence(facts, tuple(on), tuple(away), tuple(off))


def who_is_on(me: Person, teams: Sequence[Presence], now: datetime) -> list[Block]:
    """The answer to /availability."""
    groups, left_out = as_many_as_fit([section(_presence(shown))] for shown in teams)
    blocks: list[Block] = [section(_mine(me, now)), *([divider()] if groups else []), *groups]
    if left_out:
        blocks.append(context(f"And {left_out} more teams."))
    if not teams:
        blocks.append(context(NO_TEAM))
    change = button("I’m back", BACK, style="primary") if me.is_away(now) else button("I’m away…", AWAY)
    return [*blocks, actions(change, button("My hours…", HOURS))]


def _presence(shown: Presence) -> str:
    lines = [team_name(shown.facts.team), f"🟢 On now: {mentions(shown.on)}"]
    if shown.away:
        lines.append(f"🌴 Away: {_each(shown.away)}")
    if shown.off:
        lines.append(f"🌙 Outside their hours: {_off(shown.off)}")
    return "\n".join(lines)


def _mine(me: Person, now: datetime) -> str:
    if not me.is_away(now):
        return "You are *available* in your working hours."
    until = f"until {when(me.away_until)}" if me.away_until else "until you say that you are back"
    return f"You are *away* {until}. {NOTHING_REACHES}"


def _each(people: Sequence[Person]) -> str:
    def until(person: Person) -> str:
        return f" until {when(person.away_until)}" if person.away_until else ""

    shown = ", ".join(f"{mention(person.slack_id)}{until(person)}" for person in people[:MOST_LISTED])
    return shown + _and_more(len(people))


def _off(people: Sequence[tuple[Person, datetime | None]]) -> str:
    first = sorted(people, key=lambda pair: (pair[1] is None, pair[1] or NEVER))
    shown = [
        f"{mention(person.slack_id)} ({'from ' + when(on) if on else 'no hours'})" for person, on in first[:MOST_LISTED]
    ]
    return ", ".join(shown) + _and_more(len(people))


def _and_more(count: int) -> str:
    return f" and {count - MOST_LISTED} more" if count > MOST_LISTED else ""


def now_away(until: datetime | None) -> str:
    """What somebody reads after they said that they are away."""
    if until is None:
        return f"You are away until you type `/availability back`. {NOTHING_REACHES}"
    return f"You are away until {when(until)}. {NOTHING_REACHES} {BACK_EARLIER}"


def now_back(was_away: bool, duty_of: Sequence[Team]) -> str:
    if not was_away:
        return "You weren’t away; nothing changed."
    on_duty = f" You are on duty for {', '.join(team_name(team) for team in duty_of)}." if duty_of else ""
    return f"Welcome back: your messages come in your working hours again.{on_duty}"


def away_form(memory: Memory, suggested: datetime) -> Block:
    picker: Block = {"type": "datetimepicker", "action_id": "chosen"}
    picker["initial_date_time"] = int((suggested + timedelta(minutes=1)).timestamp()) // 60 * 60
    hint = "Leave it empty if you don’t know yet: you are away until you say that you are back."
    return modal(
        AWAY_FORM,
        "I’m away",
        [asked("until", "Until", picker, hint=hint, optional=True), context(NOTHING_REACHES)],
        submit="I’m away",
        metadata=memory.kept(),
    )


def hours_form(memory: Memory, hours: Hours, teams: Sequence[Team], primary: Team | None, now: datetime) -> Block:
    """One's hours as they are; which team's they follow is asked only of who is in several."""
    country = option(country_label(hours.country), hours.country) if hours.country else None
    days = checkboxes("chosen", day_options(), initial=[str(day) for day in sorted(hours.days)])
    blocks = [
        asked("days", "Working days", days),
        asked("start", "Start", time_choice(hours.start)),
        asked("end", "End", time_choice(hours.end), hint="An end before the start is on the next day."),
        asked("country", "Country", country_choice(country), hint=COUNTRY_HINT, optional=True),
    ]
    if len(teams) > 1:
        choices = [option(team.name, str(team.id)) for team in teams[:100]]
        chosen = select("chosen", choices, placeholder="Choose a team", initial=str(primary.id) if primary else None)
        blocks.append(asked("primary", "My main team", chosen, hint="Its hours are yours where they are the same."))
    zone = zone_label(hours.zone, now)
    blocks.append(
        context(f"In {zone}, as your Slack profile says. Messages that you didn’t ask for come in these hours.")
    )
    return modal(HOURS_FORM, "My hours", blocks, submit="Save", metadata=memory.kept())


def hours_saved(hours: Hours, team: Team | None, *, own: bool) -> str:
    said = hours_in_words(hours.days, hours.start, hours.end)
    holidays = f", with the holidays of {country_label(hours.country)}" if hours.country else ""
    if own or team is None:
        return f"Saved: you work {said}{holidays}."
    return f"Saved: you work {said}{holidays}, as {team_name(team)} does, also when its hours change."


def summary(presences: Sequence[Presence]) -> str:
    """For notifications and screen readers."""
    on = {person.id for shown in presences for person in shown.on}
    away = {person.id for shown in presences for person in shown.away}
    return f"{counted(len(on), 'person', 'people')} on now, {len(away)} away."
