"""Words that the views of training share, its help, and the ids of what is clicked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from handlers.blocks import Block, clock_time, option, plain, said, select, when
from storage.people import Person
from storage.teams import Team
from storage.training import Session

NEW_ITEM = "training.new_item"
EDIT_ITEM = "training.edit_item"
ITEM_FORM = "training.item_form"
ITEM_DONE = "training.item_done"

NEW_SESSION = "training.new_session"
SESSION_OF_ITEM = "training.session_of_item"
EDIT_SESSION = "training.edit_session"
SESSION_MORE = "training.session_more"
SESSION_FORM = "training.session_form"
CANCEL_SESSION = "training.cancel_session"
OPEN_SESSION = "training.open_session"
SESSION_WINDOW = "training.session_window"
GOING = "training.going"
NOT_GOING = "training.not_going"
ATTENDANCE = "training.attendance"
ATTENDANCE_FORM = "training.attendance_form"
QUIZ = "polls.quiz_for_session"
"""The polls' own: opens their form on a quiz for the session that its value names."""
ANSWER_POLL = "polls.answer"
"""The polls' own: opens the poll that its value names."""
LINK = "training.link"

REQUIRE = "training.require"
REQUIRED_MORE = "training.required_more"
REQUIRED_FORM = "training.required_form"
REQUIRED_LIST = "training.required_list"
DONE = "training.done"
WHO_IS_MISSING = "training.who_is_missing"
END_REQUIRED = "training.end_required"

ONBOARDING = "training.onboarding"
ONBOARDING_WINDOW = "training.onboarding_window"
EDIT_DAY = "training.edit_day"
DAY_FORM = "training.day_form"
BUDDIES = "training.buddies"
BUDDIES_FORM = "training.buddies_form"
START = "training.start_onboarding"
START_FORM = "training.start_form"
STOP = "training.stop_onboarding"
CHANGE_BUDDY = "training.change_buddy"
BUDDY_FORM = "training.buddy_form"

HELP = (
    "*Training*\n"
    "`/training` shows what your teams learn, and what is required of you · "
    "`/training new [topic]` notes a topic with its owner and date · "
    "`/training session [title]` plans a session and invites the team · "
    "`/training required` shows what must be done, by when · "
    "`/training onboarding` shows what newcomers get, day by day.\n"
    "Who leads a team plans; everybody in it sees its training."
)
NAMES_AT_MOST = 20
SOON_DAYS = 2


def help_text(prefix: str) -> str:
    return HELP.replace("`/", f"`/{prefix}")


def names(people: Iterable[Person], *, none: str = "nobody") -> str:
    """People by their names, notifying nobody."""
    shown = [said(person.name, 40) for person in people]
    if len(shown) > NAMES_AT_MOST:
        return f"{', '.join(shown[:NAMES_AT_MOST])} and {len(shown) - NAMES_AT_MOST} more"
    return ", ".join(shown) or none


def counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def day_in_words(day: date, today: date) -> str:
    """`today`, `tomorrow`, `Friday 5 June`, with the year when it is another: as every day is written here. An instant
    that is shown in its reader's own zone is Slack's to write."""
    if day == today:
        return "today"
    if day == today + timedelta(days=1):
        return "tomorrow"
    return f"{day:%A %-d %B}" + (f" {day.year}" if day.year != today.year else "")


def due_in_words(day: date | None, today: date) -> str:
    """`due Friday 5 June`, `overdue since Friday 29 May`; "" without a date."""
    if day is None:
        return ""
    if day < today:
        return f":warning: overdue since {day_in_words(day, today)}"
    return f"due {day_in_words(day, today)}"


def span(training: Session) -> str:
    """When a session is, in the reader's zone: `Jun 5, 2026 at 10:00 – 11:00`."""
    ends = training.starts_at + timedelta(minutes=training.minutes)
    return f"{when(training.starts_at, '{date_long_pretty} at {time}')} – {clock_time(ends)}"


def lasting(minutes: int) -> str:
    """`45 min`, `1 h`, `1 h 30 min`."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part)


def team_choice(teams: Sequence[Team], chosen: int | None) -> Block:
    choices = [option(team.name, str(team.id)) for team in teams[:100]]
    return select("chosen", choices, placeholder="Choose a team", initial=str(chosen) if chosen else None)


def person_choice(initial: str | None, placeholder: str = "Choose a person") -> Block:
    made: Block = {"type": "users_select", "action_id": "chosen", "placeholder": plain(placeholder)}
    return made | ({"initial_user": initial} if initial else {})


def people_choice(initial: Sequence[str] = ()) -> Block:
    made: Block = {"type": "multi_users_select", "action_id": "chosen", "placeholder": plain("Choose people")}
    return made | ({"initial_users": list(initial)} if initial else {})


def date_choice(initial: date | None) -> Block:
    made: Block = {"type": "datepicker", "action_id": "chosen"}
    return made | ({"initial_date": initial.isoformat()} if initial else {})


def moment_choice(initial: datetime | None) -> Block:
    made: Block = {"type": "datetimepicker", "action_id": "chosen"}
    return made | ({"initial_date_time": int(initial.timestamp())} if initial else {})
