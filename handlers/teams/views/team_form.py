"""The form that makes a team, and changes it: four fields, the rest behind More."""

from dataclasses import dataclass
from datetime import datetime, time

from handlers.attention import OFFICE_DAYS, OFFICE_END, OFFICE_START
from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    checkboxes,
    clipped,
    context,
    divider,
    modal,
    option,
    plain,
    text_input,
)
from handlers.forms import Memory
from handlers.teams.forms import KNOWN_DEPARTMENT, NEW_DEPARTMENT, YES
from handlers.teams.rules.places import country_label, zone_label
from handlers.weekdays import day_options
from storage.departments import Department
from storage.memberships import Membership
from storage.people import Person
from storage.team_facts import TeamFacts

FORM = "teams.form"
MORE = "teams.more"
ZONE = "teams.zone"
COUNTRY = "teams.country"
DEPARTMENT = "teams.department"

NEW_TITLE = "New team"
EDIT_TITLE = "Edit team"
BY_ADMIN = "The team starts at once. Each member gets one welcome message, in their working hours."
BY_REQUEST = "An admin approves the team first. Then each member gets one welcome message, in their working hours."
EDITING = "Whoever you add gets one welcome message, in their working hours. Whoever you take out hears nothing."
MANAGERS_HINT = "They hear first when something is late, and can change the team and its rota."
MEMBERS_HINT = "Who answers customers; also managers who do."
EVERYONE = "Everyone in this channel, as people join and leave it"
NAME_HINT = "Leave it empty to call the team as its channel is called."
ESCALATION_HINT = "Where the team’s escalations stand. Leave it empty for the team’s channel."
FIXED = "Count only these hours as the team’s working time"
FIXED_HINT = "Otherwise it runs while any member’s own shift does."
COUNTRY_HINT = "Its public holidays are days off."


@dataclass(frozen=True)
class Filled:
    """What stands in the form when it opens. People by Slack id."""

    channel: str | None = None
    managers: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    everyone: bool = False
    name: str | None = None
    escalation_channel: str | None = None
    department: tuple[str, str] | None = None
    """(the choice's value, the department's name)"""
    heads: tuple[str, ...] = ()
    zone: str = "UTC"
    start: time = OFFICE_START
    end: time = OFFICE_END
    days: tuple[int, ...] = OFFICE_DAYS
    country: str | None = None
    fixed: bool = False


def filled_for(asker: Person, *, channel: str | None) -> Filled:
    """A new team's form: the channel where the command was typed, the asker as manager, their zone."""
    return Filled(channel=channel, managers=(asker.slack_id,), zone=asker.zone)


def filled_from(facts: TeamFacts, department: Department | None) -> Filled:
    """An existing team's form, as the team is."""
    team = facts.team

    def chosen(person: Person, membership: Membership) -> bool:
        return membership.named and membership.is_agent and person.is_reachable

    return Filled(
        channel=team.channel,
        managers=tuple(person.slack_id for person in facts.managers),
        members=tuple(person.slack_id for person, membership in facts.members if chosen(person, membership)),
        everyone=team.everyone_in_channel,
        name=None if team.name_follows_channel else team.name,
        escalation_channel=None if team.escalation_channel == team.channel else team.escalation_channel,
        department=(f"{KNOWN_DEPARTMENT}{department.id}", department.name) if department else None,
        heads=tuple(head.slack_id for head in facts.heads),
        zone=team.zone,
        start=team.start,
        end=team.end,
        days=tuple(team.days),
        country=team.country,
        fixed=team.fixed_hours,
    )


def team_form(memory: Memory, filled: Filled, *, is_admin: bool, now: datetime) -> Block:
    """The modal. `memory.team` is the team being changed, None for a new one; `memory.more` opens the rest."""
    blocks = [
        asked("channel", "Channel", _conversation("Choose a channel", filled.channel)),
        asked("managers", "Managers", _people("Choose people", filled.managers), hint=MANAGERS_HINT),
        asked("members", "Members", _people("Choose people", filled.members), hint=MEMBERS_HINT, optional=True),
        asked(
            "everyone",
            "Also",
            checkboxes("chosen", [option(EVERYONE, YES)], initial=[YES] if filled.everyone else []),
            optional=True,
        ),
    ]
    if memory.more:
        blocks += [divider(), *_more(filled, is_admin=is_admin, now=now)]
    else:
        blocks.append(
            actions(button("More…", MORE, says="More: name, escalation channel, department and hours"), block_id="more")
        )
    blocks.append(context(EDITING if memory.team is not None else BY_ADMIN if is_admin else BY_REQUEST))
    title, submit = (EDIT_TITLE, "Save") if memory.team is not None else (NEW_TITLE, "Create" if is_admin else "Ask")
    return modal(FORM, title, blocks, submit=submit, metadata=memory.kept())


def _more(filled: Filled, *, is_admin: bool, now: datetime) -> list[Block]:
    zone = option(zone_label(filled.zone, now), filled.zone)
    country = option(country_label(filled.country), filled.country) if filled.country else None
    department = option(filled.department[1], filled.department[0]) if filled.department else None
    blocks = [
        asked("name", "Name", text_input(initial=filled.name, most=80), hint=NAME_HINT, optional=True),
        asked(
            "escalation_channel",
            "Escalation channel",
            _conversation("The team’s channel", filled.escalation_channel),
            hint=ESCALATION_HINT,
            optional=True,
        ),
        asked("department", "Department", department_choice(department), optional=True),
    ]
    if is_admin:
        hint = "They hear when a team’s managers don’t answer."
        blocks.append(
            asked("heads", "Heads of the department", _people("Choose people", filled.heads), hint=hint, optional=True)
        )
    return [
        *blocks,
        asked("zone", "Time zone", _searched(ZONE, "Type a city", zone)),
        asked("days", "Working days", _days(filled.days)),
        asked("start", "Start", time_choice(filled.start)),
        asked("end", "End", time_choice(filled.end)),
        asked("country", "Country", country_choice(country), hint=COUNTRY_HINT, optional=True),
        asked(
            "fixed",
            "Working time",
            checkboxes("chosen", [option(FIXED, YES)], initial=[YES] if filled.fixed else []),
            hint=FIXED_HINT,
            optional=True,
        ),
    ]


def department_choice(chosen: Block | None) -> Block:
    return _searched(DEPARTMENT, "Choose one, or type a new name", chosen)


def department_options(departments: list[Department], typed: str) -> list[Block]:
    """Departments that match, and the typed name as a new one if none is called so."""
    wanted = " ".join(typed.split())[:80]
    found = [department for department in departments if wanted.casefold() in department.name.casefold()][:99]
    options = [option(department.name, f"{KNOWN_DEPARTMENT}{department.id}") for department in found]
    if wanted and all(department.name.casefold() != wanted.casefold() for department in departments):
        options.append(option(clipped(f"New: {wanted}", 75), f"{NEW_DEPARTMENT}{wanted}"))
    return options


def country_choice(chosen: Block | None) -> Block:
    return _searched(COUNTRY, "Type a country", chosen)


def time_choice(initial: time) -> Block:
    return {"type": "timepicker", "action_id": "chosen", "initial_time": f"{initial:%H:%M}"}


def _days(days: tuple[int, ...]) -> Block:
    return checkboxes("chosen", day_options(), initial=[str(day) for day in days])


def _people(placeholder: str, initial: tuple[str, ...]) -> Block:
    made: Block = {"type": "multi_users_select", "action_id": "chosen", "placeholder": plain(placeholder)}
    return made | ({"initial_users": list(initial)} if initial else {})


def _conversation(placeholder: str, initial: str | None) -> Block:
    made: Block = {
        "type": "conversations_select",
        "action_id": "chosen",
        "placeholder": plain(placeholder),
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": False,
        },
    }
    return made | ({"initial_conversation": initial} if initial else {})


def _searched(action_id: str, placeholder: str, chosen: Block | None) -> Block:
    made: Block = {"type": "external_select", "action_id": action_id, "placeholder": plain(placeholder)}
    return made | {"min_query_length": 0} | ({"initial_option": chosen} if chosen else {})
