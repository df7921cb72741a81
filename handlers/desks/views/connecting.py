"""Connecting a help desk: what is connected, the choice of one, its test, and what is to be taken from it."""

from collections.abc import Sequence
from dataclasses import dataclass

from handlers.blocks import (
    Block,
    actions,
    asked,
    bar,
    bold,
    button,
    checkboxes,
    clipped,
    confirmation,
    context,
    modal,
    option,
    said,
    section,
    when,
)
from handlers.desks.forms import ALL, DeskMemory
from handlers.desks.views.matching import MATCH
from handlers.helpdesks import DeskCheck
from handlers.house import Rendered
from storage.sources import EVERYTHING_ELSE, IMPORTED, Source, SourceAgent
from storage.teams import Team

OPEN = "desks.open"
WINDOW = "desks.window"
TEST = "desks.test"
CONNECT_FORM = "desks.connect_form"
NOTES = "desks.notes"
DISCONNECT = "desks.disconnect"
WEEKS = 8
GROUPS_AT_MOST = 9
"""Slack's checkboxes take ten, and one of them is everything."""

CONNECT_ONE = "Which help desk has the tickets of *{}*?"
TESTED_FIRST = "It is tested first. Nothing is stored before you say so."
NONE_SET = (
    "No help desk’s credentials are set here. Whoever operates Backstop sets them in its environment "
    "(`BACKSTOP_ZENDESK_…`, `BACKSTOP_FRESHDESK_…`, `BACKSTOP_HUBSPOT_…`, `BACKSTOP_RT_…`, or `BACKSTOP_CSV_FOLDER`) "
    "and starts it again; or imports a file: `backstop import tickets.csv`."
)
ALL_CONNECTED = "Every help desk whose credentials are set is connected to this team."
TESTING = "Asking {} whether the credentials work…"
REFUSED = ":x: *{}* can’t be connected.\n{}\n\nNothing was changed. Mend it and try again."
WORKS = ":white_check_mark: *{}* answers: {}."
LACKS = ":warning: {}"
WHAT_HAPPENS = (
    f"I fill the last {WEEKS} weeks, then look every few minutes. I read tickets, ratings and agents’ names and "
    "addresses; conversations only when somebody asks for one, and I don’t keep them."
)
CONNECTED = (
    ":white_check_mark: *{}* is connected to *{}*. I’m filling the last {} weeks; a message in our conversation shows "
    "how far I am, and whom I couldn’t match."
)
NOTE_SWITCH = "Leave an internal note when an escalation is claimed or resolved"
NOTES_ON = "Claim and resolve leave an internal note on the ticket."
NOTES_OFF = "Claim and resolve leave no note on the ticket."
DISCONNECTED = "*{}* no longer feeds *{}*. What was pulled stays until it is too old."
OTHER_TEAMS = "{} is another team’s by now. Choose other groups, or talk with its managers."
NOTHING_LEFT = "Other teams take all of its tickets. One of them has to disconnect it, or to take only its own groups."
CHOOSE_GROUPS = "Choose at least one group, or everything."


@dataclass(frozen=True)
class Standing:
    """A source that feeds the team, as its managers look at it."""

    source: Source
    groups: Sequence[str]
    unmatched: int
    agents: int
    notes: bool | None
    """Whether claim and resolve leave a note there; None: it takes none (files)."""


def settings(
    team: Team, standing: Sequence[Standing], available: Sequence[tuple[str, str]], memory: DeskMemory
) -> Block:
    """What feeds the team, each with its freshness; and what else could."""
    blocks: list[Block] = []
    for each in standing:
        blocks += [section(described(each)), actions(*_buttons(team, each))]
    if not available:
        told = section(ALL_CONNECTED if standing else NONE_SET)
        return modal(WINDOW, "Help desk", [*blocks, told], close="Close")
    blocks.append(section("Connect another:" if standing else CONNECT_ONE.format(said(team.name, 80))))
    # one row each: an action id may stand only once in a row
    blocks += [actions(button(clipped(f"Connect {name}…", 75), TEST, kind)) for kind, name in available[:10]]
    return modal(WINDOW, "Help desk", [*blocks, context(TESTED_FIRST)], close="Close", metadata=memory.kept())


def described(each: Standing) -> str:
    """A source in a few lines: what it is, how fresh, who is matched, whether it is written to."""
    source = each.source
    groups = "everything" if "" in each.groups else ", ".join(said(group, 60) for group in each.groups)
    lines = [f"{bold(source.name, 120)} · {groups}", freshness(source)]
    if each.agents:
        lines.append(f"{each.agents - each.unmatched} of {each.agents} agents matched")
    if each.notes is not None:
        lines.append(NOTES_ON if each.notes else NOTES_OFF)
    return "\n".join(lines)


def freshness(source: Source) -> str:
    if source.failing_since is not None:
        good = f"last good {when(source.last_good_at)}" if source.last_good_at else "it never worked yet"
        return f":warning: failing since {when(source.failing_since)}, {good}: {said(source.last_error or '', 300)}"
    if source.filled_at is None:
        return f"being filled: {far(source)}"
    at = when(source.last_good_at) if source.last_good_at else "never"
    return f"imported {at}" if source.kind == IMPORTED else f"data as of {at}"


def far(source: Source) -> str:
    """How far the filling is."""
    if source.expected:
        share = min(source.pulled / source.expected, 1.0)
        return f"{bar(share)} {source.pulled:,} of about {source.expected:,} tickets"
    return f"{source.pulled:,} tickets so far"


def _buttons(team: Team, each: Standing) -> list[Block]:
    buttons = []
    if each.unmatched:
        buttons.append(button(f"Match {each.unmatched} agents…", MATCH, each.source.id, style="primary"))
    if each.notes is not None:
        label, wanted = ("Leave no notes", "off") if each.notes else ("Leave internal notes", "on")
        buttons.append(button(label, NOTES, f"{each.source.id}:{team.id}:{wanted}"))
    sure = confirmation(
        f"Disconnect {each.source.name}?"[:100],
        "Its tickets no longer reach this team. Connecting it again takes up what is stored.",
        yes="Disconnect",
    )
    label = f"Disconnect {each.source.name}"[:75]
    return [*buttons, button("Disconnect…", DISCONNECT, f"{each.source.id}:{team.id}", says=label, confirm=sure)]


def testing(name: str) -> Block:
    return modal(WINDOW, "Help desk", [section(TESTING.format(said(name, 120)))], close="Close")


def refused(name: str, why: str) -> Block:
    text = REFUSED.format(said(name, 120), said(why, 800))
    return modal(WINDOW, "Help desk", [section(text)], close="Close")


def connection(name: str, checked: DeskCheck, memory: DeskMemory, *, taken: Sequence[str]) -> Block:
    """The test went well: what of it is this team's. `taken`: groups that are another team's already."""
    blocks = [section(WORKS.format(said(name, 120), said(checked.account, 200)))]
    blocks += [context(LACKS.format(said(sentence, 400))) for sentence in checked.missing[:5]]
    free = [group for group in checked.groups if group.casefold() not in {one.casefold() for one in taken}]
    choices = [] if EVERYTHING_ELSE in taken else [option("Everything that no other team takes", ALL)]
    choices += [option(group, f"group:{group}"[:150]) for group in free[:GROUPS_AT_MOST]]
    if not choices:
        return modal(WINDOW, "Help desk", [*blocks, section(NOTHING_LEFT)], close="Close")
    blocks.append(
        asked("groups", "Whose tickets are this team’s?", checkboxes("choice", choices, initial=[ALL]), optional=True)
    )
    if len(free) > GROUPS_AT_MOST:
        blocks.append(context(f"And {len(free) - GROUPS_AT_MOST} more groups, which everything includes."))
    blocks.append(
        asked("notes", "In the help desk", checkboxes("choice", [option(NOTE_SWITCH, "notes")]), optional=True)
    )
    return modal(CONNECT_FORM, "Help desk", [*blocks, context(WHAT_HAPPENS)], submit="Connect", metadata=memory.kept())


def progress(source: Source, teams: Sequence[Team], agents: Sequence[SourceAgent]) -> Rendered:
    """The message of whoever connected it, from the first page to the last."""
    name, whose = said(source.name, 120), " and ".join(said(team.name, 80) for team in teams[:4]) or "no team any more"
    if source.filled_at is None:
        summary = f"Filling {source.name}: {source.pulled:,} tickets so far"
        text = f"*{name}* for *{whose}*: filling the last {WEEKS} weeks\n{far(source)}"
        trouble = [context(freshness(source))] if source.failing_since is not None else []
        return Rendered(summary, [section(text), *trouble])
    unmatched = [agent for agent in agents if agent.person_id is None and agent.active and not agent.by_hand]
    matched = sum(1 for agent in agents if agent.person_id is not None)
    text = (
        f":white_check_mark: *{name}* for *{whose}* is filled: {source.pulled:,} tickets of the last {WEEKS} weeks.\n"
    )
    text += f"{matched} of {len(agents)} agents matched by their e-mail addresses." if agents else "It names no agents."
    if not unmatched:
        return Rendered(f"{source.name} is filled: {source.pulled:,} tickets", [section(text)])
    names = ", ".join(said(agent.name, 60) for agent in unmatched[:5])
    more = f" and {len(unmatched) - 5} more" if len(unmatched) > 5 else ""
    text += f"\nI don’t know who these are here: {names}{more}."
    match = button(f"Match {len(unmatched)} agents…", MATCH, source.id, style="primary")
    return Rendered(f"{source.name} is filled: {source.pulled:,} tickets", [section(text), actions(match)])


def failing(source: Source) -> Rendered:
    """What managers hear once of a source that stands still; and after its mend, that it works again."""
    name = said(source.name, 120)
    if source.failing_since is None:
        at = when(source.last_good_at) if source.last_good_at else "now"
        text = f":white_check_mark: *{name}* works again: data as of {at}."
        return Rendered(f"{source.name} works again", [section(text)])
    good = f"The figures stand as of {when(source.last_good_at)}." if source.last_good_at else "It never worked yet."
    text = (
        f":warning: *{name}* can’t be read since {when(source.failing_since)}.\n{said(source.last_error or '', 400)}\n"
        f"{good} I go on trying, and this message says when it works again."
    )
    return Rendered(f"{source.name} can’t be read", [section(text)])
