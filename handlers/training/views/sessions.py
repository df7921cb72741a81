"""Sessions as people read them: the invitation, the line in a list, the window, the forms, what they are told."""

from collections.abc import Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    confirmation,
    context,
    modal,
    option,
    quoted,
    said,
    section,
    select,
    text_input,
)
from handlers.house import Rendered
from handlers.training.forms import LENGTHS, Metadata
from handlers.training.rules.gathering import Gathering
from handlers.training.views.words import (
    ATTENDANCE,
    ATTENDANCE_FORM,
    CANCEL_SESSION,
    EDIT_SESSION,
    GOING,
    LINK,
    NOT_GOING,
    OPEN_SESSION,
    QUIZ,
    SESSION_FORM,
    SESSION_MORE,
    SESSION_WINDOW,
    counted,
    lasting,
    moment_choice,
    names,
    people_choice,
    person_choice,
    span,
    team_choice,
)
from storage.people import Person
from storage.teams import Team
from storage.training import Answer, Session

PLANNED = ":calendar: *{}* is planned, and the invitation goes to <#{}>. Who accepts is reminded."
YOUR_ANSWER = {
    Answer.GOING: ":white_check_mark: You have a place. I remind you the working day before, and shortly before.",
    Answer.NOT_GOING: "Noted: you don’t come. You can change your mind until it begins.",
}
WAITS = (
    ":hourglass_flowing_sand: Every place is taken. You are number {} in line, and hear as soon as a place is yours."
)
GAVE_UP = "Noted: you don’t come, and your place goes to the next in line."
CHANGED = "*{}* is changed, and its invitation with it."
IS_CANCELLED = "*{}* is cancelled. Who wanted to come hears of it."
ATTENDANCE_KEPT = ":white_check_mark: Noted: {} there. Next: a short quiz shows what stuck."
REASONS = {
    "place": ":tada: A place came free: you are going.",
    "day": ":calendar: A session that you come to is next.",
    "soon": ":bell: It begins in a few minutes.",
    "moved": ":calendar: A session that you come to has moved.",
    "after": ":clipboard: Your session is over. Who was there?",
}
CANCELLED = ":no_entry_sign: Cancelled: *{}*, which was planned for {}."
NEWS_MOVED = ":calendar: Moved to {}. Who had a place keeps it."
NEWS_CANCELLED = ":no_entry_sign: This session is cancelled."
TOO_FEW_PLACES = "{} going already. Choose {} or more, or leave it empty for no limit."


def session_form(
    memory: Metadata,
    teams: Sequence[Team],
    *,
    team: int,
    host: str,
    starts_at: datetime | None,
    title: str | None = None,
    training: Session | None = None,
) -> Block:
    """The form. `training`: the session that it changes."""
    capacity = str(training.capacity) if training and training.capacity else None
    blocks = [
        asked("title", "Title", text_input(initial=training.title if training else title, most=150, focus=True)),
        asked("starts_at", "When", moment_choice(starts_at), hint="In your time zone; everyone sees it in theirs."),
        asked(
            "capacity",
            "Places",
            text_input(initial=capacity, placeholder="No limit", most=10),
            hint="When they are taken, the next ones wait in line.",
            optional=True,
        ),
    ]
    if len(teams) > 1 and training is None:
        blocks.insert(1, asked("team", "Team", team_choice(teams, team)))
    if memory.more:
        blocks += _more(host, training)
    else:
        blocks.append(actions(button("More…", SESSION_MORE, says="More: link, host, length"), block_id="more"))
    heading, submit = ("Change the session", "Save") if training else ("Plan a session", "Invite")
    return modal(SESSION_FORM, heading, blocks, submit=submit, metadata=memory.kept())


def _more(host: str, training: Session | None) -> list[Block]:
    minutes = training.minutes if training else 60
    return [
        asked(
            "link",
            "Link",
            text_input(initial=training.link if training else None, placeholder="https://…", most=500),
            hint="The material, or where to join.",
            optional=True,
        ),
        asked("host", "Host", person_choice(host), hint="They say afterwards who was there."),
        asked(
            "minutes",
            "Length",
            select(
                "chosen",
                [option(lasting(one), str(one)) for one in LENGTHS],
                placeholder="Choose a length",
                initial=str(minutes),
            ),
        ),
        asked(
            "about",
            "What it is about",
            text_input(initial=training.about if training else None, multiline=True, most=1500),
            optional=True,
        ),
    ]


def invitation(gathering: Gathering, now: datetime) -> Rendered:
    """The channel's message: counts and no names; its buttons as long as they do something."""
    training = gathering.training
    if training.cancelled_at is not None:
        text = CANCELLED.format(said(training.title), span(training))
        return Rendered(text, [section(text)])
    blocks = [section(f":mortar_board: {_facts(gathering)}")]
    if training.about:
        blocks.append(section(quoted(training.about)))
    blocks.append(context(_places(gathering)))
    over = now >= training.starts_at
    if not over:
        blocks.append(actions(*_answers(training), *_link(training), _open(training)))
    elif training.link:
        blocks.append(actions(*_link(training)))
    return Rendered(f"Training session: {said(training.title)}, {span(training)}", blocks)


def row(gathering: Gathering, own: Answer | None, now: datetime, *, many_teams: bool) -> list[Block]:
    """One session in a list, with one's own answer."""
    training = gathering.training
    text = f":calendar: {_facts(gathering)}"
    if many_teams:
        text += f" · {said(gathering.facts.team.name, 60)}"
    mine = {
        Answer.GOING: ":white_check_mark: You are going",
        Answer.WAITING: ":hourglass_flowing_sand: You are in line",
        Answer.NOT_GOING: "You don’t come",
    }
    details = " · ".join(part for part in (mine.get(own) if own else None, _places(gathering)) if part)
    return [
        section(text),
        context(details),
        actions(*(_answers(training, own) if now < training.starts_at else []), *_link(training), _open(training)),
    ]


def _facts(gathering: Gathering) -> str:
    training = gathering.training
    return f"{bold(training.title)}\n{span(training)} · held by {said(gathering.host.name, 60)}"


def _places(gathering: Gathering) -> str:
    training = gathering.training
    going, line = len(gathering.who(Answer.GOING)), len(gathering.who(Answer.WAITING))
    taken = f"{going} of {training.capacity} places taken" if training.capacity else f"{going} going"
    return taken + (f" · {line} in line" if line else "")


def _answers(training: Session, own: Answer | None = None) -> list[Block]:
    come = button("I’m going", GOING, training.id, style="primary", says=f"I’m going to {training.title}")
    stay = button("I can’t come", NOT_GOING, training.id, says=f"I can’t come to {training.title}")
    if own in {Answer.GOING, Answer.WAITING}:
        return [stay]
    return [come] if own == Answer.NOT_GOING else [come, stay]


def _link(training: Session) -> list[Block]:
    return [button("Material", LINK, url=training.link)] if training.link else []


def _open(training: Session) -> Block:
    return button("Details…", OPEN_SESSION, training.id, says=f"Details of {training.title}")


def window(gathering: Gathering, own: Answer | None, now: datetime, *, runs: bool, quiz: bool) -> Block:
    """Everything about a session; `runs`: this reader hosts it or leads the team. Who comes is told to them only."""
    training = gathering.training
    blocks = [section(f":mortar_board: {_facts(gathering)}")]
    if training.about:
        blocks.append(section(quoted(training.about)))
    if training.cancelled_at is not None:
        blocks.append(section(NEWS_CANCELLED))
        return modal(SESSION_WINDOW, "Session", blocks, close="Close", metadata=Metadata(id=training.id).kept())
    blocks.append(context(_places(gathering)))
    begun = now >= training.starts_at
    if runs:
        lines = [f"*Going:* {names(gathering.who(Answer.GOING))}"]
        for title, answer in (("In line", Answer.WAITING), ("Can’t come", Answer.NOT_GOING)):
            if people := gathering.who(answer):
                lines.append(f"*{title}:* {names(people)}")
        if training.attendance_at is not None:
            there = [person for place, person in gathering.answers if place.attended]
            lines.append(f"*Were there:* {names(there)}")
        blocks.append(section("\n".join(lines)))
    if not begun:
        blocks.append(actions(*_answers(training, own), *_link(training)))
    elif training.link:
        blocks.append(actions(*_link(training)))
    if runs:
        blocks.append(actions(*_running(training, begun=begun, quiz=quiz)))
    return modal(SESSION_WINDOW, "Session", blocks, close="Close", metadata=Metadata(id=training.id).kept())


def _running(training: Session, *, begun: bool, quiz: bool) -> list[Block]:
    """What its host does with it."""
    if begun:
        offered = [
            button("Who was there…", ATTENDANCE, training.id, style=None if training.attendance_at else "primary")
        ]
        if not quiz:
            offered.append(button("Follow-up quiz…", QUIZ, training.id))
        return offered
    sure = confirmation(
        "Cancel this session?", "Who wanted to come hears of it. It can’t be undone.", yes="Cancel it", no="Keep it"
    )
    return [
        button("Change…", EDIT_SESSION, training.id),
        button("Cancel the session", CANCEL_SESSION, training.id, style="danger", confirm=sure),
    ]


def attendance_form(gathering: Gathering, memory: Metadata) -> Block:
    """Who was there; prefilled with what was said before, or with who wanted to come."""
    training = gathering.training
    if training.attendance_at is not None:
        there = [person for place, person in gathering.answers if place.attended]
    else:
        there = gathering.who(Answer.GOING)
    return modal(
        ATTENDANCE_FORM,
        "Who was there",
        [
            section(_facts(gathering)),
            asked(
                "present",
                "They were there",
                people_choice([person.slack_id for person in there]),
                hint="Take out who didn’t come, add who came without a place.",
                optional=True,
            ),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def own_answer(gathering: Gathering, became: Answer, me: Person, *, passed_on: bool) -> str:
    """What somebody reads after they answered; `passed_on`: the place that they had is somebody else’s now."""
    line = gathering.who(Answer.WAITING)
    if became == Answer.WAITING:
        at = next((number for number, person in enumerate(line, 1) if person.id == me.id), len(line))
        return WAITS.format(at)
    return GAVE_UP if passed_on else YOUR_ANSWER[became]


def told(gathering: Gathering, what: str, reader_id: int, now: datetime, *, quiz: bool) -> Rendered:
    """A direct message about a session."""
    training = gathering.training
    if training.cancelled_at is not None:
        text = CANCELLED.format(said(training.title), span(training))
        return Rendered(text, [section(text)])
    blocks = [section(f"{REASONS[what]}\n{_facts(gathering)}")]
    if what == "after":
        if training.attendance_at is not None:
            there = sum(1 for place, _ in gathering.answers if place.attended)
            blocks = [section(ATTENDANCE_KEPT.format(_were(there)) + f"\n{_facts(gathering)}")]
        blocks.append(actions(*_running(training, begun=True, quiz=quiz)))
    else:
        own = gathering.answer_of(reader_id)
        stay = [button("I can’t come", NOT_GOING, training.id)] if own == Answer.GOING else []
        blocks.append(actions(*_link(training), *(stay if now < training.starts_at else []), _open(training)))
    return Rendered(f"{REASONS[what]} {said(training.title)}, {span(training)}", blocks)


def _were(number: int) -> str:
    return f"{counted(number, 'person', 'people')} {'was' if number == 1 else 'were'}"


def attendance_kept(there: int) -> str:
    return ATTENDANCE_KEPT.format(_were(there))


def too_few_places(going: int) -> str:
    return TOO_FEW_PLACES.format(f"{counted(going, 'person is', 'people are')}", going)


NOT_POSTED = ":warning: I couldn’t post the invitation to *{}* in <#{}>: {} It follows by itself."
WHY_NOT = {
    "is_archived": "that channel is archived. Unarchive it.",
    "not_in_channel": "I’m not in it. Write `/invite @Backstop` there.",
    "channel_not_found": "I can’t see it. Write `/invite @Backstop` there.",
}


def not_posted(gathering: Gathering, error: str) -> Rendered:
    training = gathering.training
    why = WHY_NOT.get(error) or f"Slack doesn’t let me ({said(error, 60)}). Mend it there."
    text = NOT_POSTED.format(said(training.title), training.channel, why)
    return Rendered(text, [section(text)])
