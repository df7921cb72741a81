"""How a team is asked: the form, and what was changed in words."""

from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    checkboxes,
    modal,
    option,
    radio,
    said,
    section,
    select,
    when,
)
from handlers.checkins.rules.results import LEAST_ANSWERS
from handlers.checkins.rules.windows import DEFAULT_DAYS, DEFAULT_LEAD_MIN, DEFAULT_NUDGE_MIN
from handlers.forms import Memory
from handlers.weekdays import day_options, days_in_words
from storage.checkins import CheckinSettings, Visibility
from storage.teams import Team

OPEN = "checkins.settings"
START = "checkins.start"
FORM = "checkins.settings_form"
MORE = "checkins.more_settings"
ON, OFF = "on", "off"
WHOLE = "whole"
"""Of the window: until the shift ends."""

LEADS = (30, 60, 90, 120, 180, 240, 300, 360, 480)
NUDGES = (0, 15, 30, 45, 60, 90, 120)
WINDOWS = (60, 120, 180, 240, 360, 480, 720, 1440)
ABOUT = "Each member is asked for their load and how work felt, in two taps, before the end of *their own* shift."
SMALL = (
    f":warning: {{}} has {{}}: fewer than {LEAST_ANSWERS} private answers are never shown, so you would see no result. "
    "A talk may serve you better."
)
PRIVATE_HINT = f"Managers see totals of {LEAST_ANSWERS} or more answers"
NAMED_HINT = "Managers see names. Only an admin turns this on"
SAVED_OFF = "Check-ins of *{}* are off. What was answered stays as it was promised."
SAVED_ON = "Check-ins of *{}* are on: {}, {} before each member’s shift ends."
SAVED_NAMED = "Named answers count from {} on: members hear it first, one working day before."
SEE_UPCOMING = "`/backstop upcoming` shows who is asked when, and who isn’t and why."


def form(memory: Memory, team: Team, settings: CheckinSettings | None, *, members: int) -> Block:
    """Four fields, the rest behind More."""
    days = settings.days if settings else DEFAULT_DAYS
    visibility = settings.visibility if settings else Visibility.PRIVATE
    lead = settings.lead_min if settings else DEFAULT_LEAD_MIN
    on_off = [option("On", ON), option("Off", OFF)]
    sees = [
        option("Private", Visibility.PRIVATE, PRIVATE_HINT),
        option("Named", Visibility.NAMED, NAMED_HINT),
    ]
    blocks = [
        section(f"{bold(team.name, 80)}: {ABOUT}"),
        asked("use", "Check-ins", radio("choice", on_off, initial=ON if team.checkins else OFF)),
        asked("days", "Days", checkboxes("choice", day_options(), initial=[str(day) for day in days])),
        asked("lead", "Asked before the shift ends by", _lengths(LEADS, lead)),
        asked("visibility", "Who sees an answer?", radio("choice", sees, initial=visibility)),
    ]
    if members < LEAST_ANSWERS:
        blocks.insert(1, section(SMALL.format(said(team.name, 80), counted(members))))
    blocks += _more(settings) if memory.more else [actions(button("More…", MORE, says="More: reminder, and how long"))]
    return modal(FORM, "Check-ins", blocks, submit="Save", metadata=memory.kept())


def _more(settings: CheckinSettings | None) -> list[Block]:
    nudge = settings.nudge_min if settings else DEFAULT_NUDGE_MIN
    window = settings.window_min if settings else None
    until = [option("Until the shift ends", WHOLE), *(option(length(each), str(each)) for each in WINDOWS)]
    return [
        asked(
            "nudge",
            "One reminder before the end by",
            _lengths(NUDGES, nudge),
            hint="To who hasn’t answered; within their hours.",
        ),
        asked(
            "window",
            "How long one may answer",
            select("choice", until, placeholder="Choose", initial=str(window) if window else WHOLE),
            hint="A longer window may end after midnight.",
        ),
    ]


def _lengths(offered: tuple[int, ...], chosen: int) -> Block:
    choices = sorted({*offered, chosen})
    return select(
        "choice", [option(length(each), str(each)) for each in choices], placeholder="Choose", initial=str(chosen)
    )


def length(minutes: int) -> str:
    """`3 h`, `45 min`, `no reminder`."""
    if not minutes:
        return "no reminder"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def counted(members: int) -> str:
    return f"{members} member{'' if members == 1 else 's'}"


def saved(team: Team, settings: CheckinSettings, *, small: int | None, now: datetime) -> str:
    """What holds from now on. `small`: how many members, where they are too few for a private result."""
    if not team.checkins:
        return SAVED_OFF.format(said(team.name, 80))
    lines = [SAVED_ON.format(said(team.name, 80), days_in_words(settings.days), length(settings.lead_min))]
    if settings.visibility == Visibility.NAMED and settings.named_from and settings.named_from > now:
        lines.append(SAVED_NAMED.format(when(settings.named_from)))
    if small is not None:
        lines.append(SMALL.format(said(team.name, 80), counted(small)))
    return "\n".join([*lines, SEE_UPCOMING])
