"""The Home screen, and the answer to somebody who writes to the bot in words."""

from collections.abc import Sequence

from handlers.blocks import Block, actions, context, divider, header, section
from handlers.home.rules.words import Recognised
from handlers.house import OnHome, Rendered
from handlers.refusals import OUTSIDER

WAITS = "Waits for you"
EMPTY = (
    ":white_check_mark: *Nothing waits for you, {}.*\n"
    "What you raise, own or are asked stands here with its button. Stuck with a customer? Raise an escalation."
)
I_READ_COMMANDS = "I don’t read sentences, but I do read commands and buttons. What you wrote to me is kept nowhere."
NOTHING_DONE = "Nothing has happened yet: the button does it. `/backstop help` tells what else I can do."
MORE = "There is more than fits here: `/escalate mine` and `/escalate follow-ups` show the rest."
HELP = "`/backstop help` tells all that you can do here · `/backstop upcoming` what will be sent, and when"
BLOCKS_AT_MOST = 100
WAITING_AT_MOST = 55
FURTHER_AT_MOST = 38


def home(name: str, parts: Sequence[OnHome]) -> Block:
    """What waits, feature by feature; what one comes here to do; what else there is; what to type."""
    waiting = [block for part in parts for block in part.waiting]
    further = [block for part in parts for block in part.further][:FURTHER_AT_MOST]
    blocks: list[Block] = [header(WAITS), *waiting[:WAITING_AT_MOST]] if waiting else [section(EMPTY.format(name))]
    if len(waiting) > WAITING_AT_MOST:
        blocks.append(context(MORE))
    if waiting and (first := _first(parts)):
        blocks += [divider(), *first]  # else they would seem to belong to what waits last
    else:
        blocks += _first(parts)
    blocks += [*further, divider(), context(HELP)]
    return {"type": "home", "blocks": blocks[:BLOCKS_AT_MOST]}


def closed() -> Block:
    """What somebody sees who may not use it."""
    return {"type": "home", "blocks": [section(OUTSIDER)]}


def outsider() -> Rendered:
    """What they read who write to the bot and may not use it."""
    return Rendered(OUTSIDER, [section(OUTSIDER)])


def in_words(help_: Sequence[Block], parts: Sequence[OnHome]) -> list[Block]:
    """The answer to what isn't understood: what is, and what one comes here to do."""
    return [section(I_READ_COMMANDS), *help_, *_first(parts)]


def _first(parts: Sequence[OnHome]) -> list[Block]:
    """What every feature has one do, in one row."""
    buttons = [one for part in parts for one in part.first]
    return [actions(*buttons)] if buttons else []


def understood(found: Recognised) -> list[Block]:
    """The button that does what somebody's words ask for; nothing is done before they press it."""
    return [section(found.understood.says), actions(found.understood.button(found.rest)), context(NOTHING_DONE)]
