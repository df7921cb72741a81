"""Making a poll: its template, its form, its preview, and the form of one question."""

from collections.abc import Mapping, Sequence
from typing import Any

from handlers.blocks import (
    Block,
    actions,
    asked,
    bold,
    button,
    context,
    divider,
    modal,
    option,
    overflow,
    plain,
    radio,
    said,
    section,
    select,
    text_input,
)
from handlers.polls.rules.drafting import PASS_MARK, QUESTIONS_AT_MOST
from handlers.polls.rules.templates import PATTERNS, Pattern
from handlers.polls.views.words import KIND, MODE, MODE_MEANS, REPEATS, RESULTS, RESULTS_SHORTLY, audience, closing
from storage.polls import Kind, Mode, Poll, Question, Results, Template
from storage.teams import Team

TEMPLATE = "polls.template"
MORE = "polls.more"
FORM = "polls.new_form"
EDITOR = "polls.editor"
QUESTION_FORM = "polls.question_form"
ADD = "polls.add_question"
QUESTION_MENU = "polls.question_menu"
PREVIEW = "polls.preview"
NEW = "polls.new"
QUIZ = "polls.quiz_for_session"
"""Its button stands on a training session; the value is the session's id."""
CHOOSE_TEMPLATE = "What kind of poll? You see it before it is sent."
ONE_A_LINE = "One a line, 2 to 20 of them."
RIGHT_MARKED = "One a line, 2 to 20 of them; a * before each right one."
OR_FREE_TEXT = "One a line, 2 to 20 of them. Left empty: a free-text question."
PROPOSED = "Begun with knowledge gaps that came up more than once in the last 30 days. Change them as you like."
DOUBLE_CHECK = (
    "This is what they will be asked. Once it is sent, its questions and who sees the answers stay as they are."
)
FREE_TEXT_WARNS = "Free text is shown as it was written: words can tell who wrote them."
TEAMS_AT_MOST = 100


def templates() -> Block:
    """The first window: each template with what it asks."""
    rows = [
        section(
            f"*{pattern.name}*\n{pattern.about}",
            accessory=button("Choose", TEMPLATE, template.value, says=f"Choose {pattern.name}"),
        )
        for template, pattern in PATTERNS.items()
    ]
    return modal("polls.templates", "New poll", [section(CHOOSE_TEMPLATE), *rows])


def new_form(
    metadata: str,
    template: Template,
    teams: Sequence[Team],
    typed: Mapping[str, Any],
    *,
    more: bool,
    proposed: bool = False,
) -> dict[str, Any]:
    """The form of a new poll. `typed`: what stands in it, by block id."""
    pattern = PATTERNS[template]
    blocks: list[Block] = [context(f"*{pattern.name}* · {pattern.about}")]
    if "question" in pattern.asks:
        blocks.append(asked("question", "Question", text_input(most=300, focus=True, initial=typed.get("question"))))
    if "options" in pattern.asks:
        blocks.append(_options(template, typed.get("options"), proposed=proposed))
    blocks.append(_teams(teams, typed.get("teams") or ()))
    blocks.append(asked("closes", "Closes", _moment(typed.get("closes"))))
    if more:
        blocks += _more(template, pattern, typed)
    else:
        blocks.append(actions(button("More: title, channel, people, who sees it, repeat", MORE)))
    return modal(FORM, "New poll", blocks, submit="Preview", metadata=metadata)


def _options(template: Template, typed: str | None, *, proposed: bool) -> Block:
    label = {Template.DATE: "Dates", Template.TOPIC: "Topics"}.get(template, "Answers to choose from")
    hint = {Template.QUIZ: RIGHT_MARKED, Template.BLANK: OR_FREE_TEXT}.get(template, ONE_A_LINE)
    hint = PROPOSED if proposed else hint
    element = text_input(multiline=True, initial=typed)
    return asked("options", label, element, hint=hint, optional=template == Template.BLANK)


def _teams(teams: Sequence[Team], chosen: Sequence[str]) -> Block:
    options = [option(team.name, str(team.id)) for team in teams[:TEAMS_AT_MOST]]
    element: Block = {"type": "multi_static_select", "action_id": "choice", "options": options}
    element["placeholder"] = plain("Teams that you lead")
    if initial := [one for one in options if one["value"] in set(chosen)]:
        element["initial_options"] = initial
    return asked("teams", "Teams to ask", element, optional=True, hint="A channel or single people: under More.")


def _moment(typed: Any) -> Block:
    element: Block = {"type": "datetimepicker", "action_id": "at"}
    return element | ({"initial_date_time": int(typed.timestamp())} if typed is not None else {})


def _more(template: Template, pattern: Pattern, typed: Mapping[str, Any]) -> list[Block]:
    channel: Block = {
        "type": "conversations_select",
        "action_id": "choice",
        "filter": {
            "include": ["public", "private"],
            "exclude_bot_users": True,
            "exclude_external_shared_channels": True,
        },
    }
    people: Block = {"type": "multi_users_select", "action_id": "choice", "max_selected_items": 100}
    if typed.get("channel"):
        channel["initial_conversation"] = typed["channel"]
    if typed.get("people"):
        people["initial_users"] = list(typed["people"])
    modes = [option(MODE[mode], mode.value, MODE_MEANS[mode]) for mode in Mode]
    results = [option(RESULTS[one], one.value) for one in Results]
    repeats = [option(words, str(weeks)) for weeks, words in REPEATS.items()]
    blocks = [
        asked("title", "Title", text_input(most=150, initial=typed.get("title")), optional=True),
        asked("channel", "Channel to ask", channel, optional=True, hint="It is posted there, for everybody in it."),
        asked("people", "People to ask", people, optional=True),
    ]
    if template == Template.QUIZ:
        marks = [option(f"{mark} %", str(mark)) for mark in (50, 60, 70, 80, 90, 100)]
        blocks.append(
            asked(
                "pass_mark",
                "Passed with",
                select("choice", marks, placeholder="Passed with", initial=typed.get("pass_mark") or str(PASS_MARK)),
            )
        )
    else:
        blocks.append(asked("mode", "Answers", radio("choice", modes, initial=typed.get("mode") or pattern.mode.value)))
    shown = typed.get("results") or pattern.results.value
    blocks.append(asked("results", "Result", radio("choice", results, initial=shown)))
    blocks.append(
        asked(
            "every_weeks",
            "Repeat",
            select("choice", repeats, placeholder="Repeat", initial=typed.get("every_weeks") or "0"),
        )
    )
    return blocks


def editor(poll: Poll, teams: Sequence[Team], named: int, asked_now: int | None, metadata: str) -> Block:
    """The preview: who is asked, what, and how; each question can still be changed. `asked_now`: how many people that
    is; None: as many as are in the channel."""
    number = "" if asked_now is None else f" ({asked_now} people)"
    facts = [
        bold(poll.title, 150),
        f"Asked: {audience(teams, named, poll.channel)}{number}",
        f"{MODE[poll.mode]}: {MODE_MEANS[poll.mode].lower()}",
        f"Result: {RESULTS_SHORTLY[poll.results].lower()}",
        f"{closing(poll)} · {REPEATS[poll.every_weeks]}",
    ]
    if poll.pass_mark is not None:
        facts.append(f"Passed with {poll.pass_mark} %")
    blocks: list[Block] = [section("\n".join(facts)), divider()]
    blocks += [_question(one, number, len(poll.questions)) for number, one in enumerate(poll.questions, 1)]
    if poll.is_anonymous and any(one.kind == Kind.TEXT for one in poll.questions):
        blocks.append(context(FREE_TEXT_WARNS))
    more = [button("Add a question", ADD, poll.id)] if len(poll.questions) < QUESTIONS_AT_MOST else []
    blocks += [actions(*more, button("See it as they will", PREVIEW, poll.id)), context(DOUBLE_CHECK)]
    return modal(EDITOR, "Preview", blocks, submit="Send", metadata=metadata)


def _question(one: Question, number: int, of: int) -> Block:
    right = {int(index) for index in one.right}
    choices = [
        f"{':white_check_mark:' if index in right else '•'} {said(text, 75)}" for index, text in enumerate(one.options)
    ]
    how = KIND[one.kind] + (f", up to {one.most}" if one.kind == Kind.SEVERAL else "")
    shown = [] if one.kind == Kind.RATING else choices
    entries = [option(f"Edit question {number}…", f"edit:{one.id}")]
    entries += [option(f"Move question {number} up", f"up:{one.id}")] if number > 1 else []
    entries += [option(f"Remove question {number}", f"remove:{one.id}")] if of > 1 else []
    text = "\n".join([f"*{number}.* {said(one.text, 300)}", f"_{how}_", *shown])
    return section(text, accessory=overflow(QUESTION_MENU, entries))


def question_form(metadata: str, question: Question | None, *, quiz: bool) -> Block:
    """One question, new or as it is."""
    right = {int(index) for index in question.right} if question else set()
    chosen = question is not None and question.kind in {Kind.ONE, Kind.SEVERAL}
    lines = (
        [f"{'* ' if index in right else ''}{text}" for index, text in enumerate(question.options)]
        if question and chosen
        else []
    )
    kinds = [option(words, kind.value) for kind, words in KIND.items()]
    counts = [option(str(number), str(number)) for number in range(1, 21)]
    kind = question.kind.value if question else Kind.ONE.value
    most = str(question.most) if question and question.kind == Kind.SEVERAL else None
    return modal(
        QUESTION_FORM,
        "Question",
        [
            asked("text", "Question", text_input(most=300, initial=question.text if question else None, focus=True)),
            asked("kind", "Kind", radio("choice", kinds, initial=kind)),
            asked(
                "options",
                "Answers to choose from",
                text_input(multiline=True, initial="\n".join(lines) or None),
                hint=RIGHT_MARKED if quiz else ONE_A_LINE,
                optional=True,
            ),
            asked(
                "most",
                "How many may be chosen",
                select("choice", counts, placeholder="How many", initial=most),
                hint="For several choices. Left empty: all of them.",
                optional=True,
            ),
        ],
        submit="Save",
        close="Back",
        metadata=metadata,
    )
