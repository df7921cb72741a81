"""What people do with training over and over, in one line each."""

from datetime import timedelta
from typing import Any

from simulator.acting import Actor
from simulator.shown import Shown
from tests.office import Office


async def plans(
    office: Office, who: Actor, title: str = "Refunds", *, more: dict[str, Any] | None = None, **fields: Any
) -> None:
    """Somebody plans a session for the day after tomorrow at this hour. `more`: fields behind *More…*."""
    await who.types(f"/training session {title}", channel="#care")
    form = await who.modal()
    if more is not None:
        await who.clicks(form, "More…")
        await office.settles()
        form = await who.modal()
    given = {"starts_at": office.now + timedelta(days=2)} | fields | (more or {})
    for field, value in given.items():
        form.fill(field, value)
    await form.submit()
    await office.settles()


async def invitation(who: Actor, title: str = "Refunds") -> Shown:
    return await who.finds("#care", title)


async def answers(office: Office, who: Actor, what: str, title: str = "Refunds") -> str:
    """Presses a button of the invitation; returns what they read."""
    await who.clicks(await invitation(who, title), what)
    await office.settles()
    return (await who.privately()).text


async def overview(who: Actor) -> Shown:
    await who.types("/training", channel="#care")
    return await who.privately()


async def details(office: Office, who: Actor, title: str = "Refunds") -> Any:
    """The session's window."""
    await who.clicks(await invitation(who, title), "Details…")
    await office.settles()
    return await who.modal(titled="Session")


def letters(who: Actor, containing: str) -> list[str]:
    """The direct messages from the bot that say this, as they stand."""
    return [shown.text for shown in who.sees("@bot") if containing in shown.text]
