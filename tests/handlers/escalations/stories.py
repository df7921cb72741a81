"""What people do with escalations over and over, in one line each."""

from typing import Any

from simulator.acting import Actor
from simulator.shown import Modal, Shown
from tests.office import Office

CARDS = "#care-escalations"


async def begin(office: Office, who: Actor, words: str = "", *, channel: str = "#care") -> Modal:
    """`/escalate words`, as far as the form."""
    await who.types(f"/escalate {words}".strip(), channel=channel)
    return await who.modal()


async def submit(office: Office, modal: Modal, **fields: Any) -> None:
    """Fills these fields (by block id) and submits."""
    for field, value in fields.items():
        modal.fill(field, value)
    await modal.submit()
    await office.settles()


async def raised(
    office: Office,
    who: Actor,
    words: str = "Login loops after the update",
    *,
    severity: str = "S2",
    need: str = "technical_help",
    channel: str = "#care",
    more: dict[str, Any] | None = None,
) -> None:
    """Somebody raises one. `more`: fields behind *More fields*."""
    modal = await begin(office, who, words, channel=channel)
    if more is not None:
        await who.clicks(modal, "More fields")
        await office.settles()
        modal = await who.modal()
    await submit(office, modal, severity=severity, need=need, **(more or {}))


async def card(office: Office, who: Actor, containing: str = "E-1", *, channel: str = CARDS) -> Shown:
    return await who.finds(channel, containing)


async def press(office: Office, who: Actor, what: str, containing: str = "E-1", *, channel: str = CARDS) -> None:
    """Presses a button of the card that says this."""
    await who.clicks(await who.finds(channel, containing), what)
    await office.settles()


async def fills(office: Office, who: Actor, what: str, containing: str = "E-1", **fields: Any) -> None:
    """Presses a button of the card, fills in the form that it opens, and submits."""
    await press(office, who, what, containing)
    await submit(office, await who.modal(), **fields)


async def opens(office: Office, who: Actor, containing: str = "E-1", *, channel: str = CARDS) -> Modal:
    """The window behind *More…*."""
    await press(office, who, "More…", containing, channel=channel)
    return await who.modal()


async def chooses(office: Office, who: Actor, what: str, containing: str = "E-1", **fields: Any) -> None:
    """A move behind *More…*, with its form."""
    window = await opens(office, who, containing)
    await who.clicks(window, what)
    await office.settles()
    await submit(office, await who.modal(), **fields)


async def resolves(office: Office, who: Actor, containing: str = "E-1", **fields: Any) -> None:
    given = {"outcome": "solved", "root_cause": "product_defect", "done": "Cleared the cache", "told": "yes"} | fields
    await fills(office, who, "Resolve…", containing, **given)


def screens(actor: Actor, channel: str) -> str:
    """Everything that somebody sees in a channel, joined."""
    return "\n".join(shown.text for shown in actor.sees(channel))


def letters(actor: Actor, containing: str) -> list[str]:
    """The direct messages from the bot that say this, as they stand."""
    return [shown.text for shown in actor.sees("@bot") if containing in shown.text]


async def thread(office: Office, containing: str = "E-1") -> list[str]:
    """What stands in the thread of the card that says this."""
    shown = await office.aoife.finds(CARDS, containing)
    return [reply.text for reply in office.aoife.sees(CARDS, thread=shown.ts)[1:]]
