"""Results: bars, means, words; and as a file."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from handlers.blocks import (
    Block,
    actions,
    bar,
    bold,
    button,
    context,
    divider,
    header,
    modal,
    quoted,
    said,
    section,
    when,
)
from handlers.polls.rules.secrecy import DIFFERENCE, FIVE
from handlers.polls.rules.tallying import Count, Score, Tally, changes, leading
from handlers.polls.views.words import MODE, closing, turnout
from storage.people import Person
from storage.polls import Kind, Poll, Question, Template

CSV = "polls.csv"
NAMES = "polls.names"
CLOSE = "polls.close"
STOP = "polls.stop"
NEW_ITEM = "training.new_item"
"""Registered by training; its value is JSON with "poll", "question", and "option" (an index) or "answer" (an id)."""
MAKE_ITEM = "Make it a training item"
IS_ITEM = ":memo: _A training item: `/training` shows it._"
HELD_BACK = {
    None: "",
    DIFFERENCE: (
        "_Not shown: set against earlier results of the same question, it would show what a few people said who joined "
        "or left since, or were asked then and not now. That ends 8 weeks after those results._"
    ),
}
TOO_FEW = f"_Not shown: too few answered this question. It takes {FIVE} besides the reader’s own and the managers’._"
NO_ANSWERS = "_Nobody answered this question._"
TEXTS_SHOWN = 12
TEXTS_IN_ALL = 40
"""Of the 100 blocks that a window holds; the file has them all."""
MORE_TEXTS = "{} more: the file has them all."
IN_MESSAGE = 2400
"""Characters of one question's lines; a message holds some 12,000 in all."""
MESSAGE_HOLDS = 8500
REST_IN_WINDOW = "_The rest is behind *Open the result*._"
PASSED = "{} of {} passed (with {} %)."
YOUR_SCORE = ":dart: You had *{} of {}* right: {}."
BY_TEAM = "_{}:_ "
CSV_SENT = "Here is the result of {} as a file."
CSV_IS_THERE = "The result of {} is a file in your messages with me now."
SMALL_SAMPLE = 10
"""Below it the number says more than a percentage."""


def summary(poll: Poll, tallies: Sequence[Tally]) -> list[str]:
    """Each question with its bars, as far as one message holds them; words are left to the window. The message is
    headed by the poll's title."""
    lines: list[str] = []
    for number, tally in _numbered(tallies):
        text = question_lines(number, tally, headed=not is_title(poll, tally.question), most=IN_MESSAGE)
        if sum(map(len, lines)) + len(text) > MESSAGE_HOLDS:
            return [*lines, REST_IN_WINDOW]
        lines.append(text)
    return lines


def _numbered(tallies: Sequence[Tally]) -> list[tuple[int | None, Tally]]:
    """The only question has no number."""
    return [(None, tallies[0])] if len(tallies) == 1 else list(enumerate(tallies, 1))


def is_title(poll: Poll, question: Question) -> bool:
    """Whether it stands above already."""
    return len(poll.questions) == 1 and question.text == poll.title


def question_lines(
    number: int | None,
    tally: Tally,
    *,
    before: tuple[Tally, datetime] | None = None,
    teams: Mapping[int, str] | None = None,
    headed: bool = True,
    most: int = 2990,
) -> str:
    """One question: its bars; since when the same was asked, the change; by team, where teams are shown."""
    one = tally.question
    head = bold(f"{number}. {one.text}" if number else one.text, 305) + "\n" if headed else ""
    if tally.held_back:
        return head + HELD_BACK.get(tally.held_back, TOO_FEW)
    if not tally.whole.answered:
        return head + NO_ANSWERS
    answers = "1 answer" if tally.whole.answered == 1 else f"{tally.whole.answered} answers"
    if one.kind == Kind.TEXT:
        return f"{head}_{answers}_"
    since = f", change since {when(before[1], '{date_short}')}" if before else ""
    lines = _bars(tally, before[0] if before else None)
    if one.kind == Kind.RATING and tally.whole.mean is not None:
        earlier = before[0].whole.mean if before else None
        grown = f" ({tally.whole.mean - earlier:+.1f})" if earlier is not None else ""
        lines.append(f"Mean *{tally.whole.mean:.1f}* of 5{grown}")
    lines.append(f"_{answers}{since}_")
    lines += [
        BY_TEAM.format(said(name, 80)) + _short(tally, tally.teams[team])
        for team, name in (teams or {}).items()
        if team in tally.teams
    ]
    return (head + "\n".join(lines))[:most]


def _bars(tally: Tally, before: Tally | None) -> list[str]:
    grown = changes(tally, before) if before else {}
    right = {int(index) for index in tally.question.right}
    return [
        f"{bar(tally.whole.share(index))} {_figure(tally.whole, index)}{_grown(grown.get(index))}  "
        f"{':white_check_mark: ' if index in right else ''}{said(str(text), 75)}"
        for index, text in enumerate(tally.question.options)
    ]


def _figure(count: Count, option: int) -> str:
    return str(count.counts[option]) if count.answered < SMALL_SAMPLE else f"{100 * count.share(option):.0f} %"


def _grown(share: float | None) -> str:
    """In percentage points."""
    return "" if share is None else f" ({share * 100:+.0f} points)"


def _short(tally: Tally, count: Count) -> str:
    """One line for a team."""
    if tally.question.kind == Kind.RATING and count.mean is not None:
        return f"mean {count.mean:.1f} ({count.answered} answers)"
    ranked = leading(Tally(tally.question, None, count))
    first = ", ".join(f"{said(str(tally.question.options[index]), 40)} {count.counts[index]}" for index in ranked)
    return f"{first} ({count.answered} answers)"


def window(
    poll: Poll,
    tallies: Sequence[Tally],
    before: Mapping[int, tuple[Tally, datetime]],
    teams: Mapping[int, str],
    *,
    leads: bool,
    taken_part: int,
    own: Score | None,
    noted: Collection[str] = (),
) -> Block:
    """The result in full; `leads`: with what managers can do about it. `before` is by question id; `noted`: topics, in
    small letters, that are training items already."""
    blocks: list[Block] = [
        header(poll.title),
        context(f"{poll.label} · {MODE[poll.mode]} · {closing(poll)} · {turnout(taken_part, poll.asked)}"),
    ]
    if own is not None:
        blocks.append(section(YOUR_SCORE.format(own.right, own.of, "passed" if own.passed else "not passed yet")))
    if poll.passed is not None:
        blocks.append(section(PASSED.format(poll.passed, taken_part, poll.pass_mark)))
    room = TEXTS_IN_ALL
    for number, tally in _numbered(tallies):
        one = tally.question
        headed = not is_title(poll, one)
        lines = question_lines(number, tally, before=before.get(one.id), teams=teams, headed=headed)
        blocks.append(section(lines))
        if one.kind == Kind.TEXT:
            texts = _texts(poll, tally, leads=leads, most=min(TEXTS_SHOWN, room))
            room -= len(texts)
            blocks += texts
        elif leads and poll.template != Template.QUIZ and (chosen := leading(tally)):
            blocks += [_train(poll, tally, option, noted) for option in chosen]
    if leads:
        blocks += [divider(), actions(*_for_leaders(poll))]
    return modal("polls.result", "Result", blocks, close="Close")


def _for_leaders(poll: Poll) -> list[Block]:
    made = [button("CSV", CSV, poll.id, says="Send me the result as a CSV file")]
    if not poll.is_anonymous and poll.names_dropped_at is None:
        made.append(button("Who said what", NAMES, poll.id))
    return made


def _train(poll: Poll, tally: Tally, option: int, noted: Collection[str]) -> Block:
    label = str(tally.question.options[option])
    if label.casefold() in noted:
        return section(f"{said(label, 75)}\n{IS_ITEM}")
    value = json.dumps({"poll": poll.id, "question": tally.question.id, "option": option})
    make = button(MAKE_ITEM, NEW_ITEM, value, says=f"Make it a training item: {label}")
    return section(said(label, 75), accessory=make)


def _texts(poll: Poll, tally: Tally, *, leads: bool, most: int) -> list[Block]:
    blocks = []
    for known_by, words in tally.texts[:most]:
        value = json.dumps({"poll": poll.id, "question": tally.question.id, "answer": known_by})
        make = button(MAKE_ITEM, NEW_ITEM, value) if leads else None
        blocks.append(section(quoted(words), accessory=make))
    if len(tally.texts) > most:
        blocks.append(context(MORE_TEXTS.format(len(tally.texts) - most)))
    return blocks


def names(poll: Poll, answers: Sequence[tuple[Person, Sequence[str], Score | None]]) -> Block:
    """Who said what, in a named poll: for its managers."""
    blocks: list[Block] = [
        context(f"{bold(poll.title, 150)} · those who read this are listed to each in `/backstop my-data`.")
    ]
    for person, lines, result in answers[:90]:
        scored = f"   {result.right} of {result.of}, {'passed' if result.passed else 'not passed'}" if result else ""
        blocks.append(
            section(f"{bold(person.name, 80)}{scored}\n" + "\n".join(said(line, 400) for line in lines)[:2800])
        )
    if len(answers) > 90:
        blocks.append(context(MORE_TEXTS.format(len(answers) - 90)))
    return modal("polls.names", "Who said what", blocks, close="Back")


def outcome(poll: Poll, tallies: Sequence[Tally], taken_part: int) -> list[Block]:
    """To whoever asked: it is over, and what came of it."""
    lines = [section(line) for line in summary(poll, tallies)]
    return [
        section(f":bar_chart: {bold(poll.title, 150)} is closed: {turnout(taken_part, poll.asked)}."),
        *lines,
        actions(button("Open the result", "polls.results", poll.id, style="primary")),
    ]
