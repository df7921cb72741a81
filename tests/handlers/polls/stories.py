"""What people do with polls over and over, in one line each."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from simulator.acting import Actor
from simulator.shown import Modal, Shown
from storage import polls
from storage.polls import Poll
from tests.office import Office

CARE_WITHOUT_LEAD = ("Ben", "Cara", "Niamh", "Sean", "Petra", "Yusuf", "Mei", "Ramon", "Lee", "Isko", "Tala")


async def form(office: Office, who: Actor, template: str, *, more: bool = False, channel: str = "#care") -> Modal:
    """`/poll`, a template, and the form that it opens."""
    await who.types("/poll", channel=channel)
    await who.clicks(await who.modal(), f"polls.template={template}")
    await office.settles()
    modal = await who.modal()
    if more:
        await who.clicks(modal, "polls.more")
        await office.settles()
        modal = await who.modal()
    return modal


async def preview(
    office: Office, who: Actor, template: str, *, more: bool = False, days: float = 2, **fields: Any
) -> Modal:
    """As far as the preview. `fields`: by block id."""
    modal = await form(office, who, template, more=more)
    modal.fill("closes", office.now + timedelta(days=days))
    for field, value in fields.items():
        modal.fill(field, value)
    await modal.submit()
    await office.settles()
    return await who.modal(titled="Preview")


async def sent(office: Office, who: Actor, template: str, **fields: Any) -> Poll:
    """A poll, sent. Returns it as the database has it."""
    shown = await preview(office, who, template, **fields)
    await shown.submit()
    await office.settles()
    await (await who.modal(titled="Sent")).close()
    return await latest(office)


async def latest(office: Office) -> Poll:
    async with office.bot.store.read() as session:
        newest = (await session.execute(select(Poll.id).order_by(Poll.id.desc()).limit(1))).scalar_one()
        found = await polls.loaded(session, newest)
    assert found is not None
    return found


async def letter(who: Actor, poll: Poll) -> Shown:
    """The direct message that asks somebody."""
    return await who.finds("@bot", poll.title)


async def answers(who: Actor, poll: Poll, given: Mapping[int, Any], *, where: Shown | None = None) -> None:
    """Answers by the form; `given`: by the question's place, from 1."""
    await who.clicks(where or await letter(who, poll), f"polls.answer={poll.id}")
    modal = await who.modal()
    for place, value in given.items():
        modal.fill(f"question-{poll.questions[place - 1].id}", value)
    await modal.submit()
    await (await who.modal()).close()


async def taps(office: Office, who: Actor, poll: Poll, option: int, *, where: Shown | None = None) -> None:
    """Answers the one question of a poll in its message."""
    shown = where or await letter(who, poll)
    value = f"{poll.id}:{poll.questions[0].id}:{option}"
    question = poll.questions[0]
    if len(question.options) <= 5 and question.kind == "one":
        await who.clicks(shown, f"polls.tap={value}")
    else:
        await who.clicks(shown, "polls.tap", option=str(question.options[option]))
    await office.settles()


async def result(office: Office, who: Actor, poll: Poll) -> Modal:
    """The window with the result, opened from `/poll P-n`."""
    await office.settles()
    await who.types(f"/poll {poll.label}", channel="#care")
    await who.clicks(await who.privately(f"{poll.label} {poll.title[:20]}"), "Result")
    await office.settles()
    return await who.modal(titled="Result")


def crew(office: Office, names: Iterable[str] = CARE_WITHOUT_LEAD) -> list[Actor]:
    return [office.sim.acts_as(name) for name in names]
