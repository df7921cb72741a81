"""What people do with goals over and over, in one line each."""

from typing import Any

from sqlalchemy import select

from handlers.goals.views.form import TITLE
from simulator.acting import Actor
from simulator.shown import Modal, Shown
from storage.goals import Goal
from tests.office import Office


async def begin(
    office: Office, who: Actor, *, whose: str = "Me", metric: str | None = None, channel: str = "#care"
) -> Modal:
    """`/goal`, as far as the form for these."""
    await who.types("/goal", channel=channel)
    modal = await who.modal(titled=TITLE)  # what an earlier one said may still stand there
    if whose != "Me":
        await choose(office, who, "goals.who", whose)
    if metric is not None:
        await choose(office, who, "goals.metric", metric)
    return modal


async def choose(office: Office, who: Actor, menu: str, option: str) -> None:
    """Chooses in a menu of the form that redraws it."""
    await who.clicks(await who.modal(), menu, option=option)
    await office.settles()


async def sets(
    office: Office,
    who: Actor,
    *,
    whose: str = "Me",
    metric: str = "Escalations resolved",
    target: str = "10",
    more: dict[str, Any] | None = None,
    channel: str = "#care",
    **fields: Any,
) -> None:
    """Somebody sets a goal. `more`: fields behind *More…*."""
    modal = await begin(office, who, whose=whose, metric=metric, channel=channel)
    if more is not None:
        await who.clicks(modal, "More…")
        await office.settles()
    for field, value in {**fields, "target": target, **(more or {})}.items():
        modal.fill(field, value)
    await modal.submit()
    await office.settles()


async def by_hand(office: Office, who: Actor, counted: str = "Articles written", **given: Any) -> None:
    await sets(office, who, metric="Something else: I give the numbers", counted=counted, **given)


async def shows(office: Office, who: Actor, number: int = 1) -> Shown:
    """`/goal show G-1`."""
    await who.types(f"/goal show G-{number}", channel="#care")
    return await who.privately(f"G-{number}")


async def goal(office: Office, number: int = 1) -> Goal:
    """The goal as the database has it."""
    async with office.bot.store.read() as session:
        return (await session.execute(select(Goal).where(Goal.number == number))).scalar_one()
