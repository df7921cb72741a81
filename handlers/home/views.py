"""The Home screen and the help."""

from collections.abc import Sequence

from handlers.blocks import Block, context, divider, header, section
from handlers.house import OnHome

WAITS = "Waits for you"
EMPTY = (
    ":white_check_mark: *Nothing waits for you, {}.*\n"
    "What you raise, own or are asked stands here with its button. Stuck with a customer? Raise an escalation."
)
I_READ_COMMANDS = "I don’t read sentences, but I do read commands and buttons. What you wrote to me is kept nowhere."
MORE = "There is more than fits here: `/escalate mine` and `/escalate follow-ups` show the rest."
HELP = """\
*Escalations*   `/escalate` raises one · `/escalate list` · `/escalate help` for the rest
*Polls*   `/poll` asks your team · `/poll list` · `/poll privacy` what anonymous means
*Training*   `/training` sessions, topics, what is required of you · `/training help`
*Your team*   `/backstop team` · `/backstop duty` who is on duty · `/backstop upcoming` what will be sent, and when
*You*   `/availability` who is on and away · `/availability away until friday` · `/availability hours`
*Your data*   `/backstop privacy` who sees what · `/backstop my-data` see, export, erase"""
BLOCKS_AT_MOST = 100
WAITING_AT_MOST = 55
FURTHER_AT_MOST = 38


def help_text(prefix: str) -> str:
    """What each command does; `prefix` is the installation's, before every command."""
    return _prefixed(HELP, prefix)


def home(name: str, parts: Sequence[OnHome], prefix: str) -> Block:
    """What waits, feature by feature; what one comes here to do; what else there is; what to type."""
    waiting = [block for part in parts for block in part.waiting]
    further = [block for part in parts for block in part.further][:FURTHER_AT_MOST]
    blocks: list[Block] = [header(WAITS), *waiting[:WAITING_AT_MOST]] if waiting else [section(EMPTY.format(name))]
    if len(waiting) > WAITING_AT_MOST:
        blocks.append(context(_prefixed(MORE, prefix)))
    blocks += [block for part in parts for block in part.first]
    blocks += [*further, divider(), section(help_text(prefix))]
    return {"type": "home", "blocks": blocks[:BLOCKS_AT_MOST]}


def in_words(parts: Sequence[OnHome], prefix: str) -> list[Block]:
    """The answer to somebody who wrote to the bot: what it understands, and what one comes here to do."""
    first = [block for part in parts for block in part.first]
    return [section(I_READ_COMMANDS), section(help_text(prefix)), *first]


def _prefixed(text: str, prefix: str) -> str:
    return text.replace("`/", f"`/{prefix}")
