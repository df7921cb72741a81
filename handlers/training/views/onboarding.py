"""Onboarding: the plan day by day with who goes through it, its forms, and what newcomers and buddies read."""

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    checkboxes,
    confirmation,
    context,
    header,
    mention,
    modal,
    one_line,
    option,
    said,
    section,
    text_input,
)
from handlers.house import Rendered
from handlers.training.forms import Metadata
from handlers.training.rules.dates import ONBOARDING_DAYS
from handlers.training.views.words import (
    ANSWER_POLL,
    BUDDIES,
    BUDDIES_FORM,
    BUDDY_FORM,
    CHANGE_BUDDY,
    DAY_FORM,
    EDIT_DAY,
    LINK,
    ONBOARDING,
    ONBOARDING_WINDOW,
    START,
    START_FORM,
    STOP,
    day_in_words,
    names,
    people_choice,
    person_choice,
)
from storage.onboarding import Enrolment, PlanStep
from storage.people import Person
from storage.teams import Team

EXPLAINED = (
    "Who joins *{}* gets these messages in their working hours, counted from the day they joined, until they leave. "
    "Who was there before gets them only if you start it for them."
)
NOTHING_YET = "Nobody goes through it now."
CHOOSE = "Whose onboarding?"
YOURS = ":seedling: You are on day {} of the onboarding in *{}*. Next: {}"
MOST_SHOWN = 10
BUDDY_LINE = ":raised_hands: Your buddy is {}: ask anything, at any time."
BUDDY_TOLD = (
    ":seedling: *{}* is new in *{}*, and you are their buddy. Say hello, show them around, and ask after a few days "
    "how it goes."
)
BUDDY_NO_MORE = "Somebody else is the buddy of *{}* now."
STARTED = ":seedling: {} {} the onboarding of *{}* today."


def first_words(day: int) -> str:
    """To the newcomer."""
    return "Your first day" if day == 0 else f"Day {day}"


def _name_of(day: int) -> str:
    """To who writes the plan."""
    return "First day" if day == 0 else f"Day {day}"


def window(
    team: Team,
    steps: Sequence[PlanStep],
    buddies: Sequence[Person],
    under_way: Sequence[tuple[Enrolment, Person]],
    people: Mapping[int, Person],
    days: Mapping[int, int],
) -> Block:
    """`days`: on which day each enrolment is."""
    said_on = {step.day: step for step in steps}
    blocks = [section(EXPLAINED.format(said(team.name, 80)))]
    blocks += [_day(team, day, said_on.get(day)) for day in ONBOARDING_DAYS]
    blocks.append(
        actions(
            button("Buddies…", BUDDIES, team.id, says=f"Buddies of {team.name}"),
            button("Start for somebody…", START, team.id, says=f"Start the onboarding of {team.name}"),
        )
    )
    blocks.append(context(f"Buddies, in turns: {names(buddies, none='nobody yet')}"))
    blocks.append(header("Going through it"))
    for enrolment, person in under_way[:MOST_SHOWN]:
        blocks += _enrolled(enrolment, person, people.get(enrolment.buddy_id or 0), days[enrolment.id])
    if len(under_way) > MOST_SHOWN:
        blocks.append(context(f"And {len(under_way) - MOST_SHOWN} more."))
    if not under_way:
        blocks.append(section(NOTHING_YET))
    memory = Metadata(team=team.id).kept()
    return modal(ONBOARDING_WINDOW, "Onboarding", blocks, close="Close", metadata=memory)


def _day(team: Team, day: int, step: PlanStep | None) -> Block:
    change = button("Edit…" if step else "Add…", EDIT_DAY, f"{team.id}:{day}", says=f"Day {day}")
    if step is None:
        return section(f"*{_name_of(day)}* · nothing", accessory=change)
    extras = [
        name for name, there in (("link", step.link), ("quiz", step.poll_id), ("buddy", step.names_buddy)) if there
    ]
    more = f"\n_with {', '.join(extras)}_" if extras else ""
    return section(f"*{_name_of(day)}*\n{said(one_line(step.text, 150))}{more}", accessory=change)


def _enrolled(enrolment: Enrolment, person: Person, buddy: Person | None, day: int) -> list[Block]:
    with_buddy = f", buddy {said(buddy.name, 60)}" if buddy else ", no buddy"
    sure = confirmation(f"Stop it for {person.name}?"[:100], "No further day comes to them.", yes="Stop it")
    return [
        section(f"{bold(person.name, 60)} · day {day}{with_buddy}"),
        actions(
            button("Buddy…", CHANGE_BUDDY, enrolment.id, says=f"Buddy of {person.name}"),
            button("Stop", STOP, enrolment.id, confirm=sure, says=f"Stop it for {person.name}"),
        ),
    ]


def day_form(memory: Metadata, day: int, step: PlanStep | None, polls: Sequence[tuple[int, str]] = ()) -> Block:
    """`polls`: open ones of the team that may stand in the message, by id and title."""
    blocks = [
        asked(
            "text",
            "What they read",
            text_input(initial=step.text if step else None, multiline=True, most=2000, focus=True),
            hint="Leave it empty to send nothing on that day.",
            optional=True,
        ),
        asked(
            "link",
            "Link",
            text_input(initial=step.link if step else None, placeholder="https://…", most=500),
            optional=True,
        ),
    ]
    if polls:
        choices = [option(one_line(title, 75), str(poll_id)) for poll_id, title in polls[:100]]
        chosen: Block = {"type": "static_select", "action_id": "chosen", "options": choices}
        chosen["placeholder"] = {"type": "plain_text", "text": "None", "emoji": True}
        initial = next((one for one in choices if step and one["value"] == str(step.poll_id)), None)
        chosen |= {"initial_option": initial} if initial else {}
        hint = "Open ones that carry names; it stands in the message while it is open."
        blocks.append(asked("poll", "Quiz or poll", chosen, hint=hint, optional=True))
    ticked = ["buddy"] if step and step.names_buddy else []
    tick = checkboxes("chosen", [option("Say who their buddy is", "buddy")], initial=ticked)
    blocks.append(asked("buddy", "Also", tick, optional=True))
    return modal(DAY_FORM, _name_of(day), blocks, submit="Save", metadata=memory.kept())


def buddies_form(memory: Metadata, buddies: Sequence[Person]) -> Block:
    field = asked(
        "people",
        "Who looks after newcomers",
        people_choice([person.slack_id for person in buddies]),
        hint="Of the team. The next newcomer goes to who has the fewest.",
        optional=True,
    )
    return modal(BUDDIES_FORM, "Buddies", [field], submit="Save", metadata=memory.kept())


def start_form(memory: Metadata) -> Block:
    field = asked("people", "For whom", people_choice(), hint="Of the team. Today is their first day.")
    return modal(START_FORM, "Start onboarding", [field], submit="Start", metadata=memory.kept())


def buddy_form(memory: Metadata, newcomer: Person, buddy: Person | None) -> Block:
    field = asked(
        "buddy",
        f"Buddy of {one_line(newcomer.name, 60)}",
        person_choice(buddy.slack_id if buddy else None),
        hint="They are told in their working hours.",
        optional=True,
    )
    return modal(BUDDY_FORM, "Buddy", [field], submit="Save", metadata=memory.kept())


def choose_team(teams: Sequence[Team]) -> list[Block]:
    # one row each: an action id may stand only once in a row
    return [section(CHOOSE), *(actions(button(team.name[:75], ONBOARDING, team.id)) for team in teams[:25])]


def day_told(team: Team, step: PlanStep, buddy: Person | None, *, poll_id: int | None) -> Rendered:
    """`poll_id`: the poll or quiz of that day, while it is open."""
    title = f":seedling: *{first_words(step.day)} in {said(team.name, 80)}*"
    blocks = [section(f"{title}\n{said(step.text)}")]
    if step.names_buddy and buddy is not None:
        blocks.append(section(BUDDY_LINE.format(mention(buddy.slack_id))))
    offered = [
        *([button("Open it", LINK, url=step.link)] if step.link else []),
        *([button("Answer…", ANSWER_POLL, poll_id, style="primary")] if poll_id else []),
    ]
    if offered:
        blocks.append(actions(*offered))
    return Rendered(f"{title} {said(one_line(step.text, 200))}", blocks)


def buddy_told(team: Team, newcomer: Person, *, still: bool) -> Rendered:
    text = BUDDY_TOLD.format(said(newcomer.name, 60), said(team.name, 80))
    if not still:
        text = BUDDY_NO_MORE.format(said(newcomer.name, 60))
    return Rendered(text, [section(text)])


def started(people: Sequence[Person], already: Sequence[Person], team: Team) -> str:
    parts = []
    if people:
        begin = "begins" if len(people) == 1 else "begin"
        parts.append(STARTED.format(names(people), begin, said(team.name, 80)))
    if already:
        goes = "is" if len(already) == 1 else "are"
        parts.append(f"{names(already)} {goes} going through it already.")
    return " ".join(parts)


def own(team: Team, day: int, next_on: date | None, buddy: Person | None, today: date) -> list[Block]:
    """What a newcomer sees of their own onboarding."""
    coming = day_in_words(next_on, today) if next_on else "nothing more"
    lines = [YOURS.format(day, said(team.name, 80), coming)]
    if buddy is not None:
        lines.append(BUDDY_LINE.format(mention(buddy.slack_id)))
    return [section("\n".join(lines))]
