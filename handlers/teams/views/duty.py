"""Who is on duty: now, next, who stands in; the rota's form and the one that lets somebody stand in."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    checkboxes,
    confirmation,
    context,
    mention,
    modal,
    option,
    plain,
    said,
    section,
    select,
    when,
)
from handlers.forms import Memory
from handlers.house import Rendered
from handlers.teams.forms import EVERY_DAY, YES
from handlers.teams.rules import roles
from handlers.teams.rules.duty import Duty, Source, coming_turns, in_turn, on_duty, own_turn
from handlers.teams.views.team_form import time_choice
from handlers.teams.views.words import as_many_as_fit, mentions, team_name
from handlers.weekdays import DAYS
from storage.duty import DutyOverride
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team

ROTA = "teams.rota"
ROTA_FORM = "teams.rota_form"
STAND_IN = "teams.stand_in"
STAND_IN_FORM = "teams.stand_in_form"
DROP = "teams.drop_override"

HELP = (
    "*Duty*\n"
    "`/backstop duty` shows who is on duty now and next. Managers set the rota and who stands in there; whoever is in "
    "the rota can give a turn to somebody else."
)
NO_TEAM = "You are in no team, so nobody is on duty for you. `/backstop team create` makes one."
NIGHTS = "Somebody is on duty at night and on days off too"
NIGHTS_HINT = "Then the clocks of the most urgent escalations run around the clock."
ORDER_HINT = "In this order; the first is on duty as soon as you save. Empty: the managers are on duty."


def duty_of_teams(teams: Sequence[TeamFacts], *, me: Person, is_admin: bool, now: datetime) -> list[Block]:
    """The answer to /backstop duty."""
    blocks, left_out = as_many_as_fit(_team(facts, me, is_admin, now) for facts in teams)
    if left_out:
        blocks.append(context(f"And {left_out} more teams: `/backstop duty name` shows one of them."))
    return blocks or [section(NO_TEAM)]


def _team(facts: TeamFacts, me: Person, is_admin: bool, now: datetime) -> list[Block]:
    team = facts.team
    duty = on_duty(facts, now)
    lines = [f"{team_name(team)}: {_now(duty)}"]
    lines += [f"Passed over: {mention(person.slack_id)}, {why}" for person, why in duty.skipped[:5]]
    coming = coming_turns(facts, now, min(3, len(facts.rota)))
    if len(facts.rota) > 1 and coming:
        lines.append("*Next*")
        lines += [f"• {mention(turn.person.slack_id)} from {when(turn.start)}" for turn in coming]
    blocks = [section("\n".join(lines))]
    manages = roles.may_manage(facts, me, is_admin=is_admin)
    for override, person in facts.overrides[:5]:
        blocks.append(_override(override, person, manages or override.set_by_id == me.id))
    buttons = [button("Edit rota…", ROTA, team.id, says=f"Edit the rota of {team.name}"[:75])] if manages else []
    if manages:
        buttons.append(button("Stand in…", STAND_IN, team.id, says=f"Let somebody stand in for {team.name}"[:75]))
    elif roles.in_rota(facts, me):
        buttons.append(button("Give my turn away…", STAND_IN, team.id))
    return [*blocks, actions(*buttons)] if buttons else blocks


def _now(duty: Duty) -> str:
    if duty.source == Source.NOBODY:
        return f"⚠️ nobody is on duty. {duty.why}"
    until = f" until {when(duty.until)}" if duty.until else ""
    alone = len(duty.people) == 1
    as_manager = ", as the team’s manager" if alone else ", as the team’s managers"
    how = {Source.OVERRIDE: ", standing in", Source.ROTA: "", Source.MANAGERS: as_manager}[duty.source]
    verb = "is" if alone else "are"
    return f"{mentions(duty.people)} {verb} on duty{until}{how}."


def _override(override: DutyOverride, person: Person, may_drop: bool) -> Block:
    text = f"↪ {mention(person.slack_id)} stands in from {when(override.since)} until {when(override.until)}."
    if not may_drop:
        return section(text)
    sure = confirmation("Take this back?", "The rota holds again for that time.", yes="Take back")
    return section(text, accessory=button("Take back", DROP, override.id, confirm=sure))


def rota_form(memory: Memory, facts: TeamFacts, now: datetime) -> Block:
    """The rota as it stands, beginning with whose turn it is."""
    team = facts.team
    order = [person.slack_id for person in in_turn(facts, now) if person.is_reachable]
    people: Block = {"type": "multi_users_select", "action_id": "chosen", "placeholder": plain("Choose people")}
    people |= {"initial_users": order} if order else {}
    days = [option("Every day", EVERY_DAY), *(option(f"Every {name}", str(number)) for number, name in enumerate(DAYS))]
    rhythm = EVERY_DAY if team.handover_at and team.handover_weekday is None else str(team.handover_weekday or 0)
    nights = checkboxes("chosen", [option(NIGHTS, YES)], initial=[YES] if team.duty_covers_nights else [])
    return modal(
        ROTA_FORM,
        "Rota",
        [
            asked("people", "Who takes turns", people, hint=ORDER_HINT, optional=True),
            asked("handover", "Hand over", select("chosen", days, placeholder="When", initial=rhythm)),
            asked("at", "At", time_choice(team.handover_at or team.start), hint=f"In {team.zone}, the team’s time."),
            asked("nights", "Nights", nights, hint=NIGHTS_HINT, optional=True),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def stand_in_form(memory: Memory, facts: TeamFacts, me: Person, now: datetime, *, manages: bool) -> Block:
    """Who stands in, from when to when; one's own next turn is filled in."""
    turn = own_turn(facts, me, now)
    people: Block = {"type": "users_select", "action_id": "chosen", "placeholder": plain("Choose somebody")}
    hint = None if manages else "Within your own turns."
    return modal(
        STAND_IN_FORM,
        "Stand in" if manages else "Give my turn away",
        [
            asked("person", "Who stands in", people),
            asked("since", "From", _instant(turn.start if turn else now), hint=hint),
            asked("until", "Until", _instant(turn.end if turn else None)),
            context(f"For {team_name(facts.team)}. They get a message about it, in their working hours."),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def _instant(initial: datetime | None) -> Block:
    picker: Block = {"type": "datetimepicker", "action_id": "chosen"}
    return picker | ({"initial_date_time": int(initial.timestamp()) // 60 * 60} if initial else {})


def rota_saved(facts: TeamFacts, now: datetime) -> str:
    return f"Saved. {team_name(facts.team)}: {_now(on_duty(facts, now))}"


def stand_in_saved(person: Person, override: DutyOverride) -> str:
    return (
        f"{mention(person.slack_id)} stands in from {when(override.since)} until {when(override.until)}, "
        "and gets a message about it."
    )


def stand_in_told(team: Team, override: DutyOverride, by: Person | None) -> Rendered:
    """What the person who stands in reads."""
    who = said(by.name, 80) if by else "Somebody"
    text = (
        f"{who} asks you to stand in on duty for {team_name(team)} from {when(override.since)} until "
        f"{when(override.until)}. Can’t you? Tell them, or a manager takes it back in `/backstop duty`."
    )
    return Rendered(f"You stand in on duty for {team.name}.", [section(text)])
