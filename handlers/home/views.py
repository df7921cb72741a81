"""The Home screen and the help."""

from collections.abc import Sequence

from handlers.blocks import Block, actions, button, context, header, section

RAISE = "home.raise"
WELCOME = "Hello {}. This is what waits for you."
EMPTY = "Nothing waits for you. When something does, it stands here with its button."
HELP = """\
*Escalations*   `/escalate` raises one · `/escalate list` · `/escalate help` for the rest
*Your team*   `/backstop team` · `/backstop duty` who is on duty · `/backstop upcoming` what will be sent, and when
*You*   `/availability` who is on and away · `/availability away until friday` · `/availability hours`
*Your data*   `/backstop privacy` who sees what · `/backstop my-data` see, export, erase"""


def help_text(prefix: str) -> str:
    """What each command does; `prefix` is the installation's, before every command."""
    return HELP.replace("`/", f"`/{prefix}")


def home(name: str, sections: Sequence[Sequence[Block]], prefix: str) -> Block:
    """What waits, section by section, and what to type when nothing does."""
    blocks: list[Block] = [section(WELCOME.format(name)) if any(sections) else section(EMPTY)]
    for one in sections:
        blocks += one
    blocks.append(actions(button("Raise an escalation", RAISE, style="primary")))
    blocks += [header("What you can type"), section(help_text(prefix)), context("Also in any channel where I’m not.")]
    return {"type": "home", "blocks": blocks[:100]}
