"""Names as people type them (@Ben, #care) and the ids that Slack puts in their place."""

import re

from simulator.workspace import Workspace

_SIGIL = re.compile(r"(?<![\w<@#])([@#])(?=\w)")
_BROADCASTS = ("channel", "here", "everyone")


def with_ids_for_names(workspace: Workspace, text: str, *, labelled: bool) -> str:
    """@name and #name become <@U…> and <#C…>, with `|name` if `labelled`; the longest known name wins."""
    pieces: list[str] = []
    position = 0
    for found in _SIGIL.finditer(text):
        if found.start() < position:
            continue
        match = _longest(workspace, found[1], text[found.end() :])
        if match is None:
            continue
        any_id, length = match
        typed = text[found.end() : found.end() + length]
        label = f"|{typed}" if labelled else ""
        pieces += [text[position : found.start()], f"<{found[1]}{any_id}{label}>"]
        position = found.end() + length
    return "".join(pieces) + text[position:]


def said(workspace: Workspace, text: str) -> str:
    """A message as Slack stores it: escaped, names and broadcasts resolved."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    for word in _BROADCASTS:
        escaped = re.sub(rf"(?<!\w)@{word}\b", f"<!{word}>", escaped)
    return with_ids_for_names(workspace, escaped, labelled=False)


def _longest(workspace: Workspace, sigil: str, rest: str) -> tuple[str, int] | None:
    lowered = rest.lower()
    names = (
        [(name, member.id) for member in workspace.people.values() for name in (member.name, member.real_name) if name]
        if sigil == "@"
        else [(channel.name, channel.id) for channel in workspace.channels.values() if channel.name]
    )
    best: tuple[str, int] | None = None
    for name, any_id in names:
        ends_well = not rest[len(name) : len(name) + 1].isalnum()
        if lowered.startswith(name.lower()) and ends_well and (best is None or len(name) > best[1]):
            best = any_id, len(name)
    return best
