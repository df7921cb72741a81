"""Required trainings: what the reader must do, how far their team is, the form, what they are told."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.blocks import (
    Block,
    actions,
    asked,
    bar,
    bold,
    button,
    checkboxes,
    confirmation,
    context,
    divider,
    header,
    modal,
    one_line,
    option,
    plain,
    said,
    section,
    select,
    text_input,
)
from handlers.house import Rendered
from handlers.local_time import local_date
from handlers.training.forms import Metadata
from handlers.training.rules.dates import due_of_round
from handlers.training.views.words import (
    DONE,
    END_REQUIRED,
    LINK,
    REQUIRE,
    REQUIRED_FORM,
    REQUIRED_MORE,
    WHO_IS_MISSING,
    counted,
    date_choice,
    day_in_words,
    due_in_words,
    people_choice,
)
from storage.people import Person
from storage.requirements import Assignment, Progress, Requirement
from storage.teams import Team
from storage.training import Session

ASKED = ":mortar_board: *{}* is required of {}. Each hears of it in their working hours, and again before it is due."
FINISHED = ":white_check_mark: Noted: you have done *{}*."
ENDED = "*{}* is not required any more. What was done stays noted."
NOTHING_OF_YOU = "Nothing is required of you right now."
NOTHING_REQUIRED = "Nothing is required in your teams yet."
LOGGED = "Whoever is listed sees in `/backstop my-data` that you looked."
REASONS = {
    "asked": ":mortar_board: A training is required of you.",
    "again": ":mortar_board: A yearly training is required of you again.",
    "before": ":hourglass_flowing_sand: A required training is due in a week.",
    "today": ":hourglass_flowing_sand: A required training is due today.",
    "late": ":warning: A required training is overdue.",
}
SUGGESTED_AFTER = timedelta(days=30)
"""Until when a training is to be done, unless somebody chooses another day."""
MOST_LISTED = 50


def reason_of(day: int) -> str:
    """Which of REASONS a reminder so many days after the due date gives."""
    return "before" if day < 0 else "today" if day == 0 else "late"


def row(assignment: Assignment, requirement: Requirement, today: date, *, among_others: bool = False) -> list[Block]:
    """One that its reader has to do; `among_others`: where no heading says what it is."""
    what = "Required training, " if among_others else ""
    text = f":mortar_board: {bold(requirement.title)}\n{what}{due_in_words(assignment.due_on, today)}"
    return [section(text), actions(*_ways(assignment, requirement))]


def _ways(assignment: Assignment, requirement: Requirement) -> list[Block]:
    done = button("I’ve done it", DONE, assignment.id, style="primary", says=f"I’ve done {requirement.title}")
    return [*([button("Open it", LINK, url=requirement.link)] if requirement.link else []), done]


def told(assignment: Assignment, requirement: Requirement, reason: str, today: date) -> Rendered:
    if assignment.done_at is not None:
        text = FINISHED.format(said(requirement.title))
        return Rendered(text, [section(text)])
    if requirement.ended_at is not None or assignment.round != requirement.round:
        text = ENDED.format(said(requirement.title))
        return Rendered(text, [section(text)])
    first = REASONS["late"] if assignment.due_on < today else REASONS[reason]
    text = f"{first}\n{bold(requirement.title)}, {due_in_words(assignment.due_on, today)}"
    return Rendered(text, [section(text), actions(*_ways(assignment, requirement))])


def required_list(
    mine: Sequence[tuple[Assignment, Requirement]],
    led: Sequence[tuple[Requirement, Team, Progress]],
    *,
    leads: bool,
    today: date,
) -> list[Block]:
    """`/training required`: one's own first; for who leads a team, how far it is."""
    blocks: list[Block] = []
    for assignment, requirement in mine:
        blocks += row(assignment, requirement, today)
    if not mine:
        blocks.append(section(NOTHING_OF_YOU))
    if not leads:
        return blocks
    blocks += [divider(), header("In the teams that you lead")]
    for requirement, team, progress in led:
        blocks += _led(requirement, team, progress, today)
    if not led:
        blocks.append(section(NOTHING_REQUIRED))
    return [*blocks, actions(button("Require a training…", REQUIRE))]


def _led(requirement: Requirement, team: Team, progress: Progress, today: date) -> list[Block]:
    due = due_of_round(requirement.due_on, requirement.round)
    every = " · every year" if requirement.yearly else ""
    text = f"{bold(requirement.title)} · {said(team.name, 60)}\n{due_in_words(due, today)}{every}"
    sure = confirmation(
        "Not required any more?", "Nobody is reminded of it from now on. What was done stays noted.", yes="End it"
    )
    return [
        section(text),
        context(how_far(progress)),
        actions(
            button("Who is missing…", WHO_IS_MISSING, requirement.id, says=f"Who is missing: {requirement.title}"),
            button("End it", END_REQUIRED, requirement.id, confirm=sure, says=f"End {requirement.title}"),
        ),
    ]


def how_far(progress: Progress) -> str:
    """`████░░ 8 of 12 have done it · 2 overdue`."""
    if progress.assigned == 0:
        return "Nobody has been asked yet."
    share = bar(progress.done / progress.assigned)
    late = f" · :warning: {progress.overdue} overdue" if progress.overdue else ""
    return f"{share} {progress.done} of {progress.assigned} have done it{late}"


def who_is_missing(
    requirement: Requirement, parts: Sequence[tuple[Assignment, Person]], progress: Progress, today: date
) -> Block:
    """By name, for who leads the team."""
    missing = [(assignment, person) for assignment, person in parts if assignment.done_at is None]
    lines = [f"• {said(person.name, 60)}, {due_in_words(one.due_on, today)}" for one, person in missing[:MOST_LISTED]]
    if progress.assigned - progress.done > len(lines):
        lines.append(f"and {progress.assigned - progress.done - len(lines)} more")
    text = "\n".join(lines) or ":white_check_mark: Nobody: everybody has done it."
    blocks = [section(bold(requirement.title)), context(how_far(progress)), section(text[:3000])]
    if missing:
        blocks.append(context(LOGGED))
    return modal("training.read", "Who is missing", blocks, close="Close")


def required_form(
    memory: Metadata, teams: Sequence[Team], zone: ZoneInfo, now: datetime, *, sessions: Sequence[Session] = ()
) -> Block:
    """`zone`: the reader's."""
    choices = [option(team.name, str(team.id)) for team in teams[:100]]
    chosen: Block = {
        "type": "multi_static_select",
        "action_id": "chosen",
        "options": choices,
        "placeholder": plain("Choose teams"),
        "initial_options": choices[:1],
    }
    blocks = [
        asked("title", "Training", text_input(most=150, focus=True, placeholder="What must be done")),
        asked("teams", "Teams", chosen, hint="Everybody in them, also who joins later."),
        asked("due_on", "Until", date_choice(local_date(now + SUGGESTED_AFTER, zone))),
        asked("link", "Link", text_input(placeholder="https://…", most=500), optional=True),
    ]
    if memory.more:
        blocks += _more(sessions, zone, local_date(now, zone))
    else:
        blocks.append(
            actions(
                button("More…", REQUIRED_MORE, says="More: a session, only some people, every year"), block_id="more"
            )
        )
    return modal(REQUIRED_FORM, "Require a training", blocks, submit="Require it", metadata=memory.kept())


def _more(sessions: Sequence[Session], zone: ZoneInfo, today: date) -> list[Block]:
    blocks = [
        asked(
            "people",
            "Only these people",
            people_choice(),
            hint="Of the teams above. Left empty: everybody in them.",
            optional=True,
        ),
        asked(
            "yearly",
            "Again",
            checkboxes("chosen", [option("Every year", "yearly")]),
            hint="It is asked for anew 30 days before it is due again.",
            optional=True,
        ),
    ]
    if sessions:
        days = {one.id: day_in_words(local_date(one.starts_at, zone), today) for one in sessions}
        choices = [option(f"{one_line(one.title, 40)} ({days[one.id]})", str(one.id)) for one in sessions[:100]]
        chosen = select("chosen", choices, placeholder="Choose a session")
        hint = "Who was there has done it."
        blocks.insert(0, asked("session", "Session", chosen, hint=hint, optional=True))
    return blocks


def asked_of(title: str, teams: Sequence[Team], people: int | None) -> str:
    """What whoever required it reads."""
    of = ", ".join(said(team.name, 60) for team in teams)
    if people is not None:
        of = f"{counted(people, 'person', 'people')} of {of}"
    return ASKED.format(said(title), of)
