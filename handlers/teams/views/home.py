"""What Home shows of teams: requests that wait for an admin, one's hours, who is on duty and on."""

from collections.abc import Sequence

from handlers.attention import hours_of
from handlers.blocks import Block, actions, button, header, section, when
from handlers.house import TeamSetting
from handlers.teams.rules.duty import Duty, Source
from handlers.teams.views.availability import AWAY, BACK, HOURS, Presence
from handlers.teams.views.duty import ROTA
from handlers.teams.views.teams import APPROVE, CREATE, DECLINE, EDIT, MEMBERS, NO_TEAMS
from handlers.teams.views.words import counted, mentions, names, team_name
from handlers.weekdays import hours_in_words
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team

SHOW_MY_DATA = "teams.show_my_data"
UPCOMING = "teams.show_upcoming"
HEADING = "You and your teams"


def waits_for_admin(facts: TeamFacts, asker: Person | None) -> list[Block]:
    team = facts.team
    who = names([asker]) if asker else "Somebody"
    text = f"{who} asks for a team: {team_name(team)}. Managers: {names(facts.managers)}."
    return [
        section(text),
        actions(
            button("Approve", APPROVE, team.id, style="primary", says=f"Approve {team.name}"[:75]),
            button("Decline…", DECLINE, team.id, says=f"Decline {team.name}"[:75]),
        ),
    ]


def heading() -> Block:
    return header(HEADING)


def oneself(person: Person, team: Team | None, *, is_away: bool) -> list[Block]:
    """One's hours and absence, with the buttons that change them, and the way to one's data."""
    hours = hours_of(person, team)
    state = "Available in your hours"
    if is_away:
        state = f"Away until {when(person.away_until)}" if person.away_until else "Away until you are back"
    change = button("I’m back", BACK, style="primary") if is_away else button("I’m away…", AWAY)
    return [
        section(f"*{state}*\n{hours_in_words(hours.days, hours.start, hours.end)}, {hours.zone}"),
        actions(change, button("My hours…", HOURS), button("My data", SHOW_MY_DATA)),
    ]


def no_team() -> Block:
    return section(NO_TEAMS, accessory=button("New team…", CREATE))


def team_now(shown: Presence, duty: Duty, *, manages: bool, settings: Sequence[TeamSetting] = ()) -> list[Block]:
    """Who is on duty and how many are on; for managers, the ways to change it, and what the other features let them
    set."""
    team = shown.facts.team
    who = (
        f"On duty: {mentions(duty.people)}"
        if duty.source != Source.NOBODY
        else f":warning: Nobody is on duty. {duty.why}"
    )
    until = f" until {when(duty.until)}" if duty.until else ""
    there = f"{counted(len(shown.on), 'person', 'people')} on now, {len(shown.away)} away"
    text = section(f"{team_name(team)}\n{who}{until} · {there}")
    members = button("Members", MEMBERS, team.id, says=f"Members of {team.name}"[:75])
    if not manages:
        return [text | {"accessory": members}]
    return [
        text,
        actions(
            button("Rota…", ROTA, team.id, says=f"Edit the rota of {team.name}"[:75]),
            members,
            button("Settings…", EDIT, team.id, says=f"Edit {team.name}"[:75]),
            *(button(one.label, one.action_id, team.id, says=f"{one.label} {team.name}"[:75]) for one in settings),
            button("Coming up", UPCOMING, says="What will be sent, and when"),
        ),
    ]
