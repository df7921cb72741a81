"""What somebody is told of their own load, what they share, and that answers will be named."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    context,
    mention,
    modal,
    quoted,
    said,
    section,
    text_input,
    when,
)
from handlers.checkins.rules.watching import Watched
from handlers.checkins.views.trend import UNWATCH
from handlers.checkins.views.words import LOADS
from handlers.forms import Memory
from storage.people import Person

SHARE = "checkins.share"
SHARE_FORM = "checkins.share_form"
NOTIFIED = "Something about your check-ins, for you alone"
NOTICED = {
    Watched.HEAVY: "Your load was *heavy or more in 3 of your last 4 check-ins*.",
    Watched.ABOVE: "Your load was *well above what is usual for you* in 2 of your last 3 check-ins.",
}
FIRST = "You asked me to say so. Nobody else hears it from me."
RELIEF = (
    "What can help now:\n"
    "• Give some of it away: `/escalate handover @colleague` offers your escalations, each accepted by a tap.\n"
    "• Ask for help or a decision: `/escalate` puts it before whoever is on duty.\n"
    "• Take an hour off the queue: `/availability away` says so for you.\n"
    "• Tell your manager, in your own words or with the button."
)
SHARE_TITLE = "Share with my manager"
SHARED_WITH = "They read your last {} loads ({}) and what you add here. Nothing else of your check-ins."
SHARED = "*{}* wants you to know: load in the last check-ins {}."
ITS_THEIRS = "They chose to share this. Talk with them, rather than about them: what could wait, move, or get help?"
NAMED_SOON = (
    "From {} on, check-ins of *{}* are *named*: your managers and their heads will see your answers with your name. "
    "What you answered before stays as private as it was promised. `/checkin off`: I don’t ask you."
)
SHARED_NOTIFIED = "{} shares something with you"
NAMED_NOTIFIED = "Check-ins will be named"


def watched(what: Watched) -> list[Block]:
    """To the person alone."""
    return [
        section(f"{NOTICED[what]} {FIRST}"),
        section(RELIEF),
        actions(button("Share with my manager…", SHARE), button("Don’t tell me any more", UNWATCH)),
    ]


def share_form(memory: Memory, loads: Sequence[int], managers: Sequence[Person]) -> Block:
    names = ", ".join(said(one.name, 60) for one in managers[:6])
    return modal(
        SHARE_FORM,
        SHARE_TITLE,
        [
            section(f"To {names}.\n{SHARED_WITH.format(len(loads), in_words(loads))}"),
            asked(
                "words",
                "What would help?",
                text_input(multiline=True, most=1000),
                optional=True,
            ),
        ],
        submit="Share",
        metadata=memory.kept(),
    )


def shared(person: Person, loads: Sequence[int], words: str | None) -> list[Block]:
    """To a manager, because the person wanted it."""
    text = SHARED.format(mention(person.slack_id), in_words(loads))
    return [section(text + (f"\n{quoted(words, 1200)}" if words else "")), context(ITS_THEIRS)]


def in_words(loads: Sequence[int]) -> str:
    """Loads, the oldest first."""
    return ", ".join(LOADS[load - 1] for load in loads)


def named_soon(team_name: str, since: datetime) -> list[Block]:
    return [section(NAMED_SOON.format(when(since), said(team_name, 80)))]
