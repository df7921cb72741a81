"""Sessions: planned, changed, cancelled; the window; who was there."""

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import one_line, said
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.local_time import at_local, local_date, parse_zone
from handlers.refusals import FormRefusal, Refusal
from handlers.training import sessions
from handlers.training.forms import AttendanceForm, Metadata, SessionForm
from handlers.training.listeners.asking import (
    chosen_team,
    colleague,
    facts_of,
    led_by,
    put_on_screen,
    redraw,
    window_clicked_in,
)
from handlers.training.listeners.items import changeable
from handlers.training.rules import line, rights
from handlers.training.rules.gathering import Gathering
from handlers.training.views import sessions as views
from handlers.training.views.words import SESSION_WINDOW
from storage import training
from storage.store import Store
from storage.teams import Team
from storage.training import Answer, Item

SUGGESTED_DAYS = 7
SUGGESTED_HOUR = 10
OVER = "This session has begun, so it can’t be changed any more."
NOT_OF_TEAM = "{} isn’t of the team. Choose people of the team."


def suggested(me: Me, now: datetime) -> datetime:
    """A week from now at ten, for whoever plans."""
    zone = parse_zone(me.person.zone)
    day = local_date(now, zone) + timedelta(days=SUGGESTED_DAYS)
    return at_local(day, datetime.min.time().replace(hour=SUGGESTED_HOUR), zone)


async def open_new(ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    await ack()
    await open_form(client, body, store, me, "", now)


async def open_form(
    client: AsyncWebClient, body: dict[str, Any], store: Store, me: Me, title: str, now: datetime
) -> None:
    """Raises Refusal for who leads no team."""
    async with store.read() as session:
        led = await led_by(session, me)
    view = views.session_form(
        Metadata(team=led[0].id),
        led,
        team=led[0].id,
        host=me.person.slack_id,
        starts_at=suggested(me, now),
        title=one_line(title, 150),
    )
    await put_on_screen(client, body, view)


async def open_for_item(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """Who sees to a topic plans its session, too."""
    await ack()
    async with store.read() as session:
        item, facts, _ = await changeable(session, identifier(action["value"]), me, now, lock=False)
    view = views.session_form(
        Metadata(team=facts.team.id, item=item.id),
        [facts.team],
        team=facts.team.id,
        host=me.person.slack_id,
        starts_at=suggested(me, now),
        title=one_line(item.topic, 150),
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
        gathering = await _run_by(session, identifier(action["value"]), me, now, lock=False)
    _refuse_over(gathering, now)
    await put_on_screen(client, body, _edit_form(gathering, Metadata(id=gathering.training.id)))


def _edit_form(gathering: Gathering, memory: Metadata) -> dict[str, Any]:
    return views.session_form(
        memory,
        [gathering.facts.team],
        team=gathering.facts.team.id,
        host=gathering.host.slack_id,
        starts_at=gathering.training.starts_at,
        training=gathering.training,
    )


async def open_more(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The same form with the rest of its fields; Slack keeps what was typed in the others."""
    await ack()
    memory = Metadata.of(view).model_copy(update={"more": True})
    async with store.read() as session:
        if memory.id is not None:
            fuller = _edit_form(await _run_by(session, memory.id, me, now, lock=False), memory)
        else:
            led = await _plannable(session, memory, me, now)
            fuller = views.session_form(
                memory, led, team=led[0].id, host=me.person.slack_id, starts_at=suggested(me, now)
            )
    await client.views_update(view_id=view["id"], hash=view["hash"], view=fuller)


async def submit(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = SessionForm.read(view), Metadata.of(view)
    async with store.write() as session:
        if memory.id is not None:
            gathering = await _run_by(session, memory.id, me, now)
            answer = await _change(session, gathering, form, memory, now)
        else:
            answer = await _plan(session, form, memory, me, now)
    await reply(answer)


async def _plan(session: AsyncSession, form: SessionForm, memory: Metadata, me: Me, now: datetime) -> str:
    form.refuse_past(now)
    team = chosen_team(await _plannable(session, memory, me, now), form.team or memory.team)
    facts = await facts_of(session, team.id, now)
    item = await session.get(Item, memory.item) if memory.item is not None else None
    host = me.person if form.host is None else await colleague(session, facts, form.host, field="host")
    plan = sessions.Plan(form.title, form.starts_at, form.minutes, form.places, host, form.link, form.about)
    made = await sessions.plan(session, facts, me.person, memory.key, plan, item, now)
    return views.PLANNED.format(said(made.title), made.channel)


async def _plannable(session: AsyncSession, memory: Metadata, me: Me, now: datetime) -> list[Team]:
    """The teams for which they plan: those they lead; of a topic that they see to, its own. Raises Refusal."""
    if memory.item is None:
        return await led_by(session, me)
    _, facts, _ = await changeable(session, memory.item, me, now, lock=False)
    return [facts.team]


async def _change(
    session: AsyncSession, gathering: Gathering, form: SessionForm, memory: Metadata, now: datetime
) -> str:
    found = gathering.training
    _refuse_over(gathering, now)
    if form.starts_at != found.starts_at:
        form.refuse_past(now)
    going = len(line.going(gathering.places))
    if form.places is not None and form.places < going:
        raise FormRefusal({"capacity": views.too_few_places(going)})
    host, minutes, link, about = gathering.host, found.minutes, found.link, found.about
    if memory.more:
        minutes, link, about = form.minutes, form.link, form.about
        if form.host is not None and form.host != host.slack_id:
            host = await colleague(session, gathering.facts, form.host, field="host")
    plan = sessions.Plan(form.title, form.starts_at, minutes, form.places, host, link, about)
    await sessions.change(session, gathering, plan, now)
    return views.CHANGED.format(said(found.title))


async def cancel(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    async with store.write() as session:
        gathering = await _run_by(session, identifier(action["value"]), me, now)
        _refuse_over(gathering, now)
        await sessions.cancel(session, gathering.training, now)
    await ack()
    if (window := window_clicked_in(body, SESSION_WINDOW)) is not None:
        await redraw(client, window, await _window(store, gathering.training.id, me, now))
    else:
        await reply(views.IS_CANCELLED.format(said(gathering.training.title)))


async def open_window(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    await put_on_screen(client, body, await _window(store, identifier(action["value"]), me, now))


async def _window(store: Store, session_id: int, me: Me, now: datetime) -> dict[str, Any]:
    async with store.read() as session:
        gathering = await sessions.load(session, session_id, now=now, lock=False)
        if gathering.host.id != me.id:
            rights.require_invited(gathering.facts, me.person, gathering.host)
        runs = rights.may_run(gathering.facts, gathering.training, me.person)
        quiz = await training.has_quiz(session, gathering.training)
        own = (await training.answers_of(session, me.id, [session_id])).get(session_id)
    return views.window(gathering, own, now, runs=runs, quiz=quiz)


async def go(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await _answer(Answer.GOING, ack, action, body, client, reply, store, me, now)


async def stay(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await _answer(Answer.NOT_GOING, ack, action, body, client, reply, store, me, now)


async def _answer(  # the two buttons' listeners, which take what Slack gives
    wanted: Answer,
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    session_id = identifier(action["value"])
    async with store.write() as session:
        gathering = await sessions.load(session, session_id, now=now)
        if gathering.host.id != me.id:
            rights.require_invited(gathering.facts, me.person, gathering.host)
        had_place = gathering.answer_of(me.id) == Answer.GOING
        others_wait = bool(gathering.who(Answer.WAITING))
        became = await sessions.answer(session, gathering, me.person, wanted, now)
        after = await sessions.gathering_of(session, gathering.training, now=now)
    await ack()
    if (window := window_clicked_in(body, SESSION_WINDOW)) is not None:
        await redraw(client, window, await _window(store, session_id, me, now))
    else:
        passed_on = became == Answer.NOT_GOING and had_place and others_wait
        await reply(views.own_answer(after, became, me.person, passed_on=passed_on))


async def open_attendance(
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
        gathering = await _run_by(session, identifier(action["value"]), me, now, lock=False)
    if gathering.training.starts_at > now:
        raise Refusal(sessions.NOT_BEGUN)
    await put_on_screen(client, body, views.attendance_form(gathering, Metadata(id=gathering.training.id)))


async def submit_attendance(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = AttendanceForm.read(view), Metadata.of(view)
    async with store.write() as session:
        gathering = await _run_by(session, identifier(memory.id), me, now)
        present, strangers = await sessions.named(session, gathering.facts, form.present)
        known = {person.id for _, person in gathering.answers} | {gathering.host.id}
        present += [person for person in strangers if person.id in known]
        if left_out := [person for person in strangers if person.id not in known]:
            raise FormRefusal({"present": NOT_OF_TEAM.format(left_out[0].name)})
        await sessions.attend(session, gathering, present, now)
    await reply(views.attendance_kept(len(present)))


async def _run_by(session: AsyncSession, session_id: int, me: Me, now: datetime, *, lock: bool = True) -> Gathering:
    """A session that this person hosts or leads. Raises Refusal."""
    gathering = await sessions.load(session, session_id, now=now, lock=lock)
    rights.require_run(gathering.facts, gathering.training, me.person, gathering.host)
    return gathering


def _refuse_over(gathering: Gathering, now: datetime) -> None:
    if gathering.training.cancelled_at is not None:
        raise Refusal(sessions.CANCELLED)
    if gathering.training.starts_at <= now:
        raise Refusal(OVER)
