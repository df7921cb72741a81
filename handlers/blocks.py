"""The few Block Kit builders that features share. Text that a person typed passes `said`; nothing else may carry it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

Block = dict[str, Any]

SECTION_LIMIT = 3000
OPTION_LIMIT = 75
TEXT_LIMIT = 4000
_ESCAPED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ASTERISK = "\u2217"
_NEW_QUOTED_LINE = "\n>"
# A link has a scheme; "<GmbH>" is what somebody typed after a command
_MARKUP = re.compile(
    r"<(?:(?P<sign>[@#!])(?P<target>[^<>|\s][^<>|]*)|(?P<link>(?:[a-z]+://|mailto:|tel:)[^<>|]*))(?:\|(?P<label>[^<>]*))?>"
)
_ESCAPES = str.maketrans(_ESCAPED)
# Control characters and lone surrogates (Unicode's categories Cc, Cs); bidirectional overrides and isolates, which let
# a text rearrange the sentence around it
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")

_LAST_WORD = re.compile(r"\s\S*\Z")


def clean(text: str) -> str:
    """What somebody typed, without control and reordering characters; line ends and tabs stay."""
    return _UNSHOWN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def clipped(text: str, most: int) -> str:
    """At most `most` characters; if something was left out it ends at a word, with an ellipsis. Where a single word
    would take half of it along, the word is cut."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    whole = kept if text[most - 1].isspace() else _LAST_WORD.sub("", kept)
    return (whole if len(whole) >= most // 2 else kept).rstrip() + "…"


def said(text: str, most: int = 2500) -> str:
    """What a person typed, safe inside mrkdwn: shown as it is, notifying nobody. At most `most` characters as sent."""
    shown = clean(text)
    escaped = shown.translate(_ESCAPES)
    return escaped if len(escaped) <= most else _fitting(map(_escaped, shown), most)


def bold(text: str, most: int = 2500) -> str:
    """What a person typed, in bold. An asterisk of theirs would end it early: its look-alike is shown instead."""
    return f"*{said(text.replace('*', _ASTERISK), most)}*"


def quoted(text: str, most: int = 1200) -> str:
    """What a person typed, as a quotation; at most `most` characters as sent, however many lines it has."""
    lines = (_NEW_QUOTED_LINE if char == "\n" else _escaped(char) for char in clean(text))
    return ">" + _fitting(lines, most - 1)


def _escaped(char: str) -> str:
    return _ESCAPED.get(char, char)


def _fitting(pieces: Iterable[str], most: int) -> str:
    """The pieces as far as they fit, none of them cut; an ellipsis if something was left out."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        kept.append(piece)
        length += len(piece)
        if length > most:
            while length > most - 1:
                length -= len(kept.pop())
            return "".join(kept).rstrip() + "…"
    return "".join(kept)


def readable(text: str, names: Mapping[str, str] | None = None) -> str:
    """Text as Slack writes it in events and commands, as a person reads it: mentions by name, links by address.

    `names`: people by Slack id, for mentions that carry no label. The result is plain text: not escaped.
    """
    known = names or {}

    def spelled(found: re.Match[str]) -> str:
        sign, target, label = found["sign"] or "", found["target"] or found["link"], found["label"]
        match sign:
            case "@":
                return f"@{label or known.get(target) or 'somebody'}"
            case "#":
                return f"#{label or 'channel'}"
            case "!":
                word = target.partition("^")[0]
                return label or f"@{word}"
            case _:
                address = target.removeprefix("mailto:").removeprefix("tel:")
                bare = address.partition("://")[2].rstrip("/")
                return (
                    address if label in {None, target, address} or label.rstrip("/") == bare else f"{label} ({address})"
                )

    spelt = _MARKUP.sub(spelled, text)
    return spelt.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def one_line(text: str, most: int) -> str:
    """The beginning of what a person typed, on one line; not escaped (for plain_text and for `said`)."""
    return clipped(" ".join(clean(text).split()), most)


def mention(slack_id: str) -> str:
    return f"<@{slack_id}>"


def when(instant: datetime, style: str = "{date_short_pretty} at {time}") -> str:
    """An instant in the reader's own zone; the fallback (UTC) is for clients that can't."""
    return f"<!date^{int(instant.timestamp())}^{style}|{instant:%Y-%m-%d %H:%M} UTC>"


def clock_time(instant: datetime) -> str:
    """Only the time of day, in the reader's zone."""
    return when(instant, "{time}")


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": True}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def section(text: str, *, accessory: Block | None = None, block_id: str | None = None) -> Block:
    return _block("section", block_id, text=mrkdwn(text), accessory=accessory)


def in_sections(lines: Iterable[str]) -> list[Block]:
    """Lines under each other, in as few sections as hold them."""
    parts: list[str] = []
    for line in lines:
        if parts and len(parts[-1]) + 1 + len(line) <= SECTION_LIMIT:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return [section(part) for part in parts]


def fields(texts: Sequence[str]) -> Block:
    """Up to ten short texts in two columns."""
    return {"type": "section", "fields": [mrkdwn(text) for text in texts]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(clipped(text, 150))}


def divider() -> Block:
    return {"type": "divider"}


def context(*texts: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def actions(*elements: Block, block_id: str | None = None) -> Block:
    return _block("actions", block_id, elements=list(elements))


def button(
    label: str,
    action_id: str,
    value: str | int = "",
    *,
    style: str | None = None,
    url: str | None = None,
    says: str | None = None,
    confirm: Block | None = None,
) -> Block:
    """`says` is what a screen reader reads where the label alone would not tell."""
    made: Block = {"type": "button", "text": plain(label), "action_id": action_id}
    optional = {"value": str(value) or None, "style": style, "url": url, "confirm": confirm}
    optional |= {"accessibility_label": clipped(says, OPTION_LIMIT) if says else None}
    return made | {name: given for name, given in optional.items() if given is not None}


def confirmation(title: str, text: str, *, yes: str, no: str = "Cancel") -> Block:
    return {"title": plain(title), "text": mrkdwn(text), "confirm": plain(yes), "deny": plain(no)}


def option(label: str, value: str, description: str | None = None) -> Block:
    made: Block = {"text": plain(clipped(label, OPTION_LIMIT)), "value": value}
    if description:
        made["description"] = plain(clipped(description, OPTION_LIMIT))
    return made


def overflow(action_id: str, options: Iterable[Block]) -> Block:
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def select(action_id: str, options: Sequence[Block], *, placeholder: str, initial: str | None = None) -> Block:
    made: Block = {"type": "static_select", "action_id": action_id, "options": list(options)}
    made["placeholder"] = plain(placeholder)
    chosen = next((choice for choice in options if choice["value"] == initial), None)
    return made | ({"initial_option": chosen} if chosen else {})


def radio(action_id: str, options: Sequence[Block], *, initial: str | None = None) -> Block:
    made: Block = {"type": "radio_buttons", "action_id": action_id, "options": list(options)}
    chosen = next((choice for choice in options if choice["value"] == initial), None)
    return made | ({"initial_option": chosen} if chosen else {})


def checkboxes(action_id: str, options: Sequence[Block], *, initial: Iterable[str] = ()) -> Block:
    ticked = set(initial)
    chosen = [choice for choice in options if choice["value"] in ticked]
    made: Block = {"type": "checkboxes", "action_id": action_id, "options": list(options)}
    return made | ({"initial_options": chosen} if chosen else {})


def text_input(
    *,
    placeholder: str | None = None,
    initial: str | None = None,
    multiline: bool = False,
    most: int = 3000,
    focus: bool = False,
) -> Block:
    """A line or a paragraph of text; its action id is always "text" (the block id says what it is)."""
    made: Block = {"type": "plain_text_input", "action_id": "text", "multiline": multiline, "max_length": most}
    if placeholder:
        made["placeholder"] = plain(clipped(placeholder, 150))
    if initial:
        made["initial_value"] = clipped(initial, most)
    if focus:
        made["focus_on_load"] = True
    return made


def asked(
    block_id: str,
    label: str,
    element: Block,
    *,
    hint: str | None = None,
    optional: bool = False,
    dispatch: bool = False,
) -> Block:
    """One field of a form."""
    made: Block = {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
    made["optional"] = optional
    if hint:
        made["hint"] = plain(hint)
    if dispatch:
        made["dispatch_action"] = True
    return made


def modal(
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str = "Cancel",
    metadata: str = "",
) -> Block:
    made: Block = {"type": "modal", "callback_id": callback_id, "title": plain(title), "close": plain(close)}
    made |= {"blocks": list(blocks), "private_metadata": metadata}
    if submit:
        made["submit"] = plain(submit)
    return made


def bar(share: float, *, width: int = 10) -> str:
    """A share of the whole (0 to 1) as a bar of blocks that reads at phone width: anything above 0 shows, and only the
    whole is full."""
    filled = min(width if share >= 1 else width - 1, max(round(share * width), 1 if share > 0 else 0))
    return "█" * filled + "░" * (width - filled)


def notice(title: str, text: str) -> Block:
    """A modal that only says something."""
    return modal("notice", title, [section(text)], close="Close")


def _block(kind: str, block_id: str | None, **parts: Any) -> Block:
    made: Mapping[str, Any] = {"type": kind, "block_id": block_id, **parts}
    return {name: part for name, part in made.items() if part is not None}
