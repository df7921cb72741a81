"""The window behind *Open* and *More…*: one escalation in full, with everything that this reader may do to it."""

from collections.abc import Collection, Sequence

from handlers.blocks import Block, actions, button, context, modal
from handlers.escalations.views import card
from handlers.escalations.views.forms import packed
from storage.escalations import Escalation

WINDOW = "escalations.window"
HISTORY = "escalations.history"
WHY = "escalations.why"
FIRST = {
    "claim": ("Claim", card.CLAIM),
    "answer": ("Answer…", card.ANSWER),
    "resume": ("Resume", card.RESUME),
    "confirm": ("Confirm", card.CONFIRM),
    "update": ("Update…", card.UPDATE),
    "return": ("Return…", card.RETURN),
    "resolve": ("Resolve…", card.RESOLVE),
    "reopen": ("Reopen…", card.REOPEN),
}
"""The moves that the card itself shows, the one that matters most first."""
FURTHER = {
    "severity": ("Change severity…", "escalations.severity"),
    "reassign": ("Reassign…", "escalations.reassign"),
    "hold": ("Put on hold…", "escalations.hold"),
    "join": ("Join a ticket…", "escalations.join"),
    "restrict": ("Restrict…", "escalations.restrict"),
}
LOOK = (("History", HISTORY), ("Why these deadlines?", WHY))
FORM_BUTTONS = tuple(action_id for _, action_id in FURTHER.values())
ONLY_LOOK = "You can read this one. What can be done to it is up to its team and whoever raised it."


def window(
    escalation: Escalation,
    body: Sequence[Block],
    offered: Collection[str],
    *,
    link: str | None,
) -> Block:
    """`body` is the card without its moves, `offered` what this reader may do (rules.offers)."""
    blocks = [*body]
    rows = [_row(escalation, names, offered) for names in (FIRST, FURTHER)]
    if not any(rows):
        blocks.append(context(ONLY_LOOK))
    rows.append([button(label, action_id, escalation.id) for label, action_id in LOOK])
    blocks += [actions(*row) for row in rows if row]
    if link:
        blocks.append(context(f"<{link}|Go to its card in the channel>"))
    return modal(
        WINDOW, escalation.label, blocks, close="Close", metadata=packed({"id": escalation.id, "key": "window-"})
    )


def _row(escalation: Escalation, names: dict[str, tuple[str, str]], offered: Collection[str]) -> list[Block]:
    row = [button(*names[name], escalation.id) for name in names if name in offered]
    if row and names is FIRST:
        row[0]["style"] = "primary"
    return row
