"""Onboarding: the plan is read and changed, started for somebody, stopped; newcomers are noticed."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.forms import NOT_OURS, identifier
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import FormRefusal, Refusal
from handlers.training import enrolling, sessions
from handlers.training.forms import BuddyForm, Metadata, PeopleForm, StepForm
from handlers.training.listeners.asking import (
    NOT_IN_TEAM,
    colleague,
    led_by,
    led_facts,
    put_on_screen,
    redraw,
    window_clicked_in,
)
from handlers.training.rules import rights
from handlers.training.rules.dates import ONBOARDING_DAYS
from handlers.training.views import onboarding as views
from handlers.training.views.words import ONBOARDING_WINDOW
from storage import onboarding, people, polls
from storage.onboarding import Enrolment, PlanStep, Stopped
from storage.people import Person
from storage.store import Store
from storage.team_facts import TeamFacts

NO_TEXT = "Say what they read on that day, or leave the rest empty too."
NO_STEPS = "The plan says nothing yet. Add a day first."
NO_SUCH_POLL = "That one is closed, or another team’s. Choose again."
NOBODY_NAMED = "Name at least one person."
OVER = "Their onboarding is over already."
TEAM_FORM = "teams.form"
"""What is submitted when a team's people change: newcomers needn't wait for the night."""
SHOWN_AT_MOST = 50


async def show(client: AsyncWebClient, body: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """The plan of the team that somebody leads; which one, if there are several. Raises Refusal."""
    async with store.read() as session:
        led = await led_by(session, me)
    if len(led) > 1:
        await reply(views.CHOOSE, blocks=views.choose_team(led))
        return
    await put_on_screen(client, body, await _window(store, led[0].id, me, now))


async def open_window(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """The button's value is a team, or empty where somebody leads one only."""
    await ack()
    if not action.get("value"):
        await show(client, body, reply, store, me, now)
        return
    await put_on_screen(client, body, await _window(store, identifier(action["value"]), me, now))


async def _window(store: Store, team_id: int, me: Me, now: datetime) -> dict[str, Any]:
    async with store.read() as session:
        facts = await led_facts(session, team_id, me, now)
        steps = await onboarding.steps(session, team_id)
        buddies = await onboarding.buddies(session, team_id)
        under_way = await onboarding.under_way(session, team_id, most=SHOWN_AT_MOST)
        known = await people.by_ids(session, [enrolment.buddy_id for enrolment, _ in under_way])
    days = {enrolment.id: day_of(enrolment, person, now) for enrolment, person in under_way}
    return views.window(facts.team, steps, buddies, under_way, known, days)


def day_of(enrolment: Enrolment, person: Person, now: datetime) -> int:
    """On which day of the plan somebody is, by their own calendar."""
    zone = parse_zone(person.zone)
    return (local_date(now, zone) - local_date(enrolment.since, zone)).days


async def open_day(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    await ack()
    team_id, day = _team_and_day(str(action["value"]))
    async with store.read() as session:
        await led_facts(session, team_id, me, now)
        step = await session.get(PlanStep, (team_id, day))
        found = await polls.open_and_named(session, team_id, most=100)
    offered = [(poll.id, f"{poll.label} {poll.title}") for poll in found]
    await put_on_screen(client, body, views.day_form(Metadata(team=team_id, day=day), day, step, offered))


def _team_and_day(value: str) -> tuple[int, int]:
    """Raises Refusal for what no button of ours carries."""
    team, _, day = value.partition(":")
    if day not in {str(one) for one in ONBOARDING_DAYS}:
        raise Refusal(NOT_OURS)
    return identifier(team), int(day)


async def submit_day(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, memory = StepForm.read(view), Metadata.of(view)
    team_id, day = _team_and_day(f"{memory.team}:{memory.day}")
    if form.text is None and (form.link or form.poll):
        raise FormRefusal({"text": NO_TEXT})
    async with store.write() as session:
        facts = await led_facts(session, team_id, me, now)
        before = await session.get(PlanStep, (team_id, day))
        await _refuse_poll(session, team_id, form, before)
        await enrolling.plan_of(session, facts.team, me.person, now)
        await enrolling.set_day(
            session,
            facts.team,
            day,
            text=form.text,
            link=form.link,
            poll_id=form.poll,
            names_buddy="buddy" in form.buddy,
        )
    await ack()
    await _redraw_below(view, client, store, team_id, me, now)


async def _refuse_poll(session: AsyncSession, team_id: int, form: StepForm, before: PlanStep | None) -> None:
    """Raises FormRefusal for a poll that isn't open, named and this team's; what stood there before may stay."""
    if form.poll is None or (before is not None and before.poll_id == form.poll):
        return
    if form.poll not in {poll.id for poll in await polls.open_and_named(session, team_id, most=100)}:
        raise FormRefusal({"poll": NO_SUCH_POLL})


async def open_buddies(
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
        facts = await led_facts(session, identifier(action["value"]), me, now)
        buddies = await onboarding.buddies(session, facts.team.id)
    await put_on_screen(client, body, views.buddies_form(Metadata(team=facts.team.id), buddies))


async def submit_buddies(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, memory = PeopleForm.read(view), Metadata.of(view)
    async with store.write() as session:
        facts = await led_facts(session, identifier(memory.team), me, now)
        chosen = await _of_team(session, facts, form)
        await enrolling.plan_of(session, facts.team, me.person, now)
        await onboarding.set_buddies(session, facts.team.id, [person.id for person in chosen])
    await ack()
    await _redraw_below(view, client, store, facts.team.id, me, now)


async def open_start(
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
        facts = await led_facts(session, identifier(action["value"]), me, now)
        if not await onboarding.steps(session, facts.team.id):
            raise Refusal(NO_STEPS)
    await put_on_screen(client, body, views.start_form(Metadata(team=facts.team.id)))


async def submit_start(
    view: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, memory = PeopleForm.read(view), Metadata.of(view)
    began: list[Person] = []
    already: list[Person] = []
    async with store.write() as session:
        facts = await led_facts(session, identifier(memory.team), me, now)
        await enrolling.plan_of(session, facts.team, me.person, now)
        chosen = await _of_team(session, facts, form)
        if not chosen:
            raise FormRefusal({"people": NOBODY_NAMED})
        for person in chosen:
            if await onboarding.running_of(session, facts.team.id, person.id) is not None:
                already.append(person)
                continue
            await enrolling.begin(session, facts.team, person, now, now, by=me.person)
            began.append(person)
    await reply(views.started(began, already, facts.team))
    await _redraw_below(view, client, store, facts.team.id, me, now)


async def stop(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    async with store.write() as session:
        enrolment = await _running(session, identifier(action["value"]), me, now)
        await enrolling.stop(session, enrolment, Stopped.BY_MANAGER, now)
    await ack()
    shown = await _window(store, enrolment.team_id, me, now)
    await redraw(client, window_clicked_in(body, ONBOARDING_WINDOW), shown)


async def open_buddy(
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
        enrolment = await _running(session, identifier(action["value"]), me, now, lock=False)
        known = await people.by_ids(session, [enrolment.person_id, enrolment.buddy_id])
    memory = Metadata(team=enrolment.team_id, id=enrolment.id)
    form = views.buddy_form(memory, known[enrolment.person_id], known.get(enrolment.buddy_id or 0))
    await put_on_screen(client, body, form)


async def submit_buddy(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    form, memory = BuddyForm.read(view), Metadata.of(view)
    async with store.write() as session:
        enrolment = await _running(session, identifier(memory.id), me, now)
        facts = await led_facts(session, enrolment.team_id, me, now)
        buddy = await colleague(session, facts, form.buddy, field="buddy") if form.buddy else None
        if buddy is not None and buddy.id == enrolment.person_id:
            raise FormRefusal({"buddy": "Nobody is their own buddy. Choose somebody else."})
        await enrolling.give_buddy(session, enrolment, buddy, now)
    await ack()
    await _redraw_below(view, client, store, enrolment.team_id, me, now)


async def notice_newcomers(body: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    """After a team's people were changed by its form; who joins through a channel is noticed by its event, and
    everybody by night."""
    if (body.get("view") or {}).get("callback_id") == TEAM_FORM or _approves(body):
        await begin_newcomers(store, me.person.workspace_id, now)


def _approves(body: dict[str, Any]) -> bool:
    return any(action.get("action_id") == "teams.approve" for action in body.get("actions") or ())


async def begin_newcomers(store: Store, workspace_id: str, now: datetime) -> None:
    async with store.read() as session:
        if not await onboarding.joined_since_plan(session, workspace_id, most=1):
            return
    while True:
        async with store.write() as session:
            if await enrolling.begin_newcomers(session, workspace_id, now) < enrolling.BEGUN_AT_ONCE:
                return


async def _of_team(session: AsyncSession, facts: TeamFacts, form: PeopleForm) -> list[Person]:
    here, others = await sessions.named(session, facts, form.people)
    if others:
        raise FormRefusal({"people": NOT_IN_TEAM.format(others[0].name, facts.team.name)})
    return here


async def _running(session: AsyncSession, enrolment_id: int, me: Me, now: datetime, *, lock: bool = True) -> Enrolment:
    """Somebody's way through the plan of a team that this person leads. Raises Refusal."""
    enrolment = await session.get(Enrolment, enrolment_id, with_for_update=lock or None)
    if enrolment is None:
        raise Refusal(rights.UNKNOWN)
    await led_facts(session, enrolment.team_id, me, now)
    if enrolment.stopped_at is not None:
        raise Refusal(OVER)
    return enrolment


async def _redraw_below(
    view: dict[str, Any], client: AsyncWebClient, store: Store, team_id: int, me: Me, now: datetime
) -> None:
    """The window under the form that was submitted shows what is true now."""
    below = view.get("previous_view_id")
    if below is not None:
        await redraw(client, below, await _window(store, team_id, me, now))
