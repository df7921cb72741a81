"""`/poll list`, Home, the digest, and the help."""

from collections.abc import Mapping, Sequence

from handlers.blocks import (
    Block,
    actions,
    bold,
    button,
    confirmation,
    context,
    header,
    said,
    section,
)
from handlers.polls.views.draft import NEW
from handlers.polls.views.prompt import ANSWER, RESULTS
from handlers.polls.views.results import CLOSE, STOP
from handlers.polls.views.words import MODE, REPEATS, closing, turnout
from storage.polls import Poll, PollState, Results

HELP = """\
*Ask*   `/poll` opens the templates; other words become the question. Managers ask their teams, a channel or people.
*Look*   `/poll list` what is open and what came of the last ones · `/poll P-7` one of them
*Close*   `/poll close P-7` closes it now; else it closes by itself at its time
*Trust*   `/poll privacy` what anonymous means here, exactly"""
NOTHING = "No poll concerns you right now. Managers make one with `/poll`."
OPEN, CLOSED = "Open", "Closed lately"
TITLE = "Polls"
SURE = "No answers are counted after it, and it can’t be opened again."
SURE_TO_STOP = "It is not asked again. What was asked so far stays."
IS_CLOSED = "{0} is closed. `/poll {0}` shows its result."
GOES_ON = " It is asked again, {}: *Stop repeating* in `/poll list` ends that."
WAITS = "{} waits for your answer"


def help_text(prefix: str) -> str:
    return HELP.replace("`/poll", f"`/{prefix}poll")


def listed(
    running: Sequence[Poll],
    over: Sequence[Poll],
    *,
    mine: Mapping[int, bool],
    waiting: frozenset[int],
    taken_part: Mapping[int, int],
) -> list[Block]:
    """`mine`: by poll id, whether the reader leads it; `waiting`: ids of those that the reader has still to answer."""
    if not running and not over:
        return [section(NOTHING)]
    blocks: list[Block] = []
    for title, polls in ((OPEN, running), (CLOSED, over)):
        if polls:
            blocks.append(header(title))
        for poll in polls:
            blocks += row(poll, leads=mine[poll.id], waits=poll.id in waiting, taken_part=taken_part[poll.id])
    return blocks


def closed(poll: Poll) -> str:
    """To whoever closed it."""
    goes_on = GOES_ON.format(REPEATS[poll.every_weeks].lower()) if poll.every_weeks else ""
    return IS_CLOSED.format(poll.label) + goes_on


def row(poll: Poll, *, leads: bool, waits: bool, taken_part: int) -> list[Block]:
    """One poll with what the reader can do."""
    facts = f"{MODE[poll.mode]} · {closing(poll)} · {turnout(taken_part, poll.asked)}"
    facts += f" · {REPEATS[poll.every_weeks].lower()}" if poll.every_weeks else ""
    text = f"*{poll.label}* {said(poll.title, 120)}\n{facts}"
    buttons = []
    if poll.state == PollState.OPEN:
        buttons += [button("Answer…", ANSWER, poll.id, style="primary", says=f"Answer {poll.label}")] if waits else []
        buttons += [close_button(poll)] if leads else []
    live = poll.state == PollState.OPEN and poll.results == Results.LIVE
    if live or (poll.state == PollState.CLOSED and (leads or poll.results != Results.MANAGERS)):
        buttons.append(button("Result", RESULTS, poll.id, says=f"Result of {poll.label}"))
    if leads and poll.every_weeks:
        sure = confirmation("Stop repeating?", SURE_TO_STOP, yes="Stop")
        buttons.append(button("Stop repeating", STOP, poll.id, confirm=sure))
    return [section(text), *([actions(*buttons)] if buttons else [])]


def close_button(poll: Poll) -> Block:
    sure = confirmation("Close it now?", SURE, yes="Close it")
    return button("Close", CLOSE, poll.id, says=f"Close {poll.label}", confirm=sure)


def waits(poll: Poll) -> Block:
    """On Home."""
    text = f":ballot_box_with_ballot: {bold(poll.title, 120)}\n{MODE[poll.mode]} · {closing(poll)}"
    return section(text, accessory=button("Answer…", ANSWER, poll.id, style="primary", says=f"Answer {poll.label}"))


def new_button() -> Block:
    return button("Ask the team", NEW)


def in_report(running: Sequence[tuple[Poll, int]], over: Sequence[tuple[Poll, int]]) -> list[Block]:
    """For the digest: turnout, and what came to an end. No names, and no answers."""
    lines = [
        f"• {said(poll.title, 100)}: {turnout(number, poll.asked)}, {closing(poll)[0].lower()}{closing(poll)[1:]}"
        for poll, number in running
    ]
    lines += [
        f"• {said(poll.title, 100)}: closed, {turnout(number, poll.asked)}. `/poll {poll.label}` shows the result."
        for poll, number in over
    ]
    return [section("\n".join(["*Polls*", *lines])[:2990])] if lines else []


def more(number: int) -> Block:
    return context(f"and {number} more")
