"""`/backstop help`: what one can do here, for one's role, from what the features tell of themselves."""

from collections.abc import Sequence

from handlers.blocks import Block, context, header, section
from handlers.house import Help

TITLE = "What you can do here"
YOU = (
    "*You*   `/backstop my-data` what is kept about you, as a file, and erased · `/backstop privacy` who sees what · "
    "`/backstop upcoming` what will be sent, and when"
)
EACH = "Each command answers `help`: `/escalate help`. Home (my name › Home) shows what waits for you."
LEADS, ADMINS = "For those who lead", "For admins"
FIRST_STEPS = "*No team yet?*   `/backstop team create` asks for one: a channel, managers, members."


def help_blocks(table: Sequence[Help], *, leads: bool, is_admin: bool, in_a_team: bool) -> list[Block]:
    """One screen: what everybody may do, then what managers, then what admins may."""
    blocks = [header(TITLE)]
    if not in_a_team:
        blocks.append(section(FIRST_STEPS))
    blocks.append(section("\n".join([*_lines(table, "everyone"), YOU])))
    if leads and (lines := _lines(table, "leads")):
        blocks.append(section("\n".join([f"*{LEADS}*", *lines])))
    if is_admin and (lines := _lines(table, "admins")):
        blocks.append(section("\n".join([f"*{ADMINS}*", *lines])))
    return [*blocks, context(EACH)]


def _lines(table: Sequence[Help], audience: str) -> list[str]:
    by_topic: dict[str, list[str]] = {}
    for one in table:
        if told := getattr(one, audience):
            by_topic.setdefault(one.topic, []).append(told)
    return [f"*{topic}*   {' · '.join(told)}" for topic, told in by_topic.items()]
