"""Items: a topic is noted by hand or from a poll's result, changed, done."""

from datetime import date, datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import one_line, said
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import Refusal
from handlers.training import items, wishes
from handlers.training.forms import ItemForm, Metadata, refuse_far
from handlers.training.listeners.asking import chosen_team, colleague, facts_of, led_by, put_on_screen
from handlers.training.rules import rights
from handlers.training.views import items as views
from handlers.training.wishes import Wish
from storage.people import Person
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.training import Item

DONE = ":white_check_mark: Done: *{}*"
DONE_ALREADY = "That is done already."


async def open_new(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    """The button's value is empty, or names what a poll found out."""
    await ack()
    wish = None
    if value := action.get("value"):
        async with store.read() as session:
            wish = await wishes.of_poll(session, value, me.person)
    await open_form(client, body, store, me, wish.topic if wish else "", wish)


async def open_form(
    client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, topic: str, wish: Wish | None = None
) -> None:
    """Raises Refusal for who leads no team."""
    async with store.read() as session:
        led = await led_by(session, me)
    of_poll = next((team for team in led if wish and team.id == wish.team_id), led[0])
    view = views.item_form(
        Metadata(team=of_poll.id, origin=wish.origin if wish else None),
        led,
        team=of_poll.id,
        topic=one_line(topic, 200),
        owner=me.person.slack_id,
        due_on=None,
    )
    await put_on_screen(client, body, view)


async def open_edit(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    async with store.read() as session:
        item, facts, owner = await changeable(session, identifier(action["value"]), me, now, lock=False)
    view = views.item_form(
        Metadata(id=item.id, team=facts.team.id),
        [facts.team],
        team=facts.team.id,
        topic=item.topic,
        owner=owner.slack_id,
        due_on=item.due_on,
    )
    await put_on_screen(client, body, view)


async def submit(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = ItemForm.read(view), Metadata.of(view)
    async with store.write() as session:
        if memory.id is not None:
            item, facts, _ = await changeable(session, memory.id, me, now)
            owner = await colleague(session, facts, form.owner, field="owner")
            if form.due_on != item.due_on:
                _refuse_past(form.due_on, owner, now)
            await items.change(session, item, me.person, topic=form.topic, owner=owner, due_on=form.due_on, now=now)
        else:
            team = chosen_team(await led_by(session, me), form.team or memory.team)
            facts = await facts_of(session, team.id, now)
            owner = await colleague(session, facts, form.owner, field="owner")
            _refuse_past(form.due_on, owner, now)
            item = await items.note(
                session,
                team,
                me.person,
                memory.key,
                topic=form.topic,
                owner=owner,
                due_on=form.due_on,
                origin=memory.origin,
                now=now,
            )
    await reply(views.saved(item, owner, local_date(now, parse_zone(me.person.zone))))


def _refuse_past(due_on: date | None, owner: Person, now: datetime) -> None:
    if due_on is not None:
        refuse_far("due_on", due_on, local_date(now, parse_zone(owner.zone)))


async def done(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        item, _, _ = await changeable(session, identifier(action["value"]), me, now)
        await items.close(session, item, me.person, now)
    await ack()
    await reply(DONE.format(said(item.topic)))


async def changeable(
    session: AsyncSession, item_id: int, me: Me, now: datetime, *, lock: bool = True
) -> tuple[Item, TeamFacts, Person]:
    """An open item that this person may change, its team, its owner. Raises Refusal."""
    item = await session.get(Item, item_id, with_for_update=lock or None)
    if item is None:
        raise Refusal(rights.UNKNOWN)
    facts = await facts_of(session, item.team_id, now)
    owner = await session.get(Person, item.owner_id)
    assert owner is not None, "an item's owner stays"
    rights.require_owner(facts, item, me.person, owner)
    if item.done_at is not None:
        raise Refusal(DONE_ALREADY)
    return item, facts, owner
