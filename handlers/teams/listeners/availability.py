"""`/availability`: who is on, I'm away, I'm back, my hours."""

from datetime import datetime, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import hours_of
from handlers.forms import Memory
from handlers.house import Me, Reply
from handlers.local_time import parse_zone
from handlers.refusals import FormRefusal, Refusal
from handlers.shifts import Hours
from handlers.teams.forms import OVER, AwayForm, HoursForm
from handlers.teams.rules.duty import on_duty
from handlers.teams.views import availability as views
from handlers.verbs import DID_YOU_MEAN, NearMiss, Parsed, anything, nothing, parse
from handlers.when import parse_when
from storage import memberships, messages, team_facts
from storage.people import Person
from storage.store import Store
from storage.teams import Team

COMMAND = "/availability"
VERBS = {"away": anything, "back": nothing, "hours": nothing, "help": nothing}
UNKNOWN = "I don’t know that.\n"
PAST = f"{OVER} You are not away."
NO_SUCH_TEAM = "You are not in that team any more. Choose again."
AN_EVENING = timedelta(hours=4)


async def availability(
    ack: AsyncAck,
    body: dict[str, Any],
    words: str,
    reply: Reply,
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    match parse(words, VERBS):
        case Parsed(verb="away", arguments=until):
            await _go_away(_instant(until, me.person, now), reply, store=store, me=me, now=now)
        case Parsed(verb="back"):
            await come_back(reply, store, me, now)
        case Parsed(verb="hours"):
            await open_hours(ack, body, client, store, me, now)
        case Parsed(verb="help"):
            await reply(views.HELP)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(COMMAND))
        case rest if getattr(rest, "text", ""):
            await reply(UNKNOWN + views.HELP)
        case _:
            await _show(reply, store=store, me=me, now=now)


def _instant(until: str, person: Person, now: datetime) -> datetime | None:
    """Until when, None if nothing was said. Raises Refusal for a time that is past, or could mean two."""
    if not until:
        return None
    try:
        instant = parse_when(until, now=now, zone=parse_zone(person.zone))
    except ValueError as wrong:
        raise Refusal(str(wrong)) from wrong
    if instant <= now:
        raise Refusal(PAST)
    return instant


async def _show(reply: Reply, *, store: Store, me: Me, now: datetime) -> None:
    async with store.read() as session:
        seen = [
            await team_facts.of_team(session, one, now=now) for one in await memberships.teams_seen_by(session, me.id)
        ]
        homes = await memberships.primary_teams(session, (person for facts in seen for person, _ in facts.members))
    presences = [views.presence(facts, homes, now) for facts in seen]
    await reply(views.summary(presences), blocks=views.who_is_on(me.person, presences, now))


async def _go_away(until: datetime | None, reply: Reply, *, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        person = await _myself(session, me)
        person.away_from, person.away_until = now, until
    await reply(views.now_away(until))


async def come_back(reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        person = await _myself(session, me)
        was_away = person.is_away(now)
        person.away_from = person.away_until = None
        await session.flush()
        if was_away:
            await messages.release(session, me.id, now=now)
        mine = [await team_facts.of_team(session, one, now=now) for one in await memberships.teams_of(session, me.id)]
    duty_of = [facts.team for facts in mine if any(one.id == me.id for one in on_duty(facts, now).people)]
    await reply(views.now_back(was_away, duty_of))


async def open_away(ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, now: datetime) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=views.away_form(Memory(), now + AN_EVENING))


async def submit_away(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form = AwayForm.read(view)
    form.refuse_past(now)
    await _go_away(form.until, reply, store=store, me=me, now=now)


async def open_hours(
    ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        mine = await memberships.teams_of(session, me.id)
        primary = await memberships.primary_team(session, me.person)
    form = views.hours_form(Memory(), hours_of(me.person, primary), mine, primary, now)
    await client.views_open(trigger_id=body["trigger_id"], view=form)


async def submit_hours(view: dict[str, Any], reply: Reply, store: Store, me: Me) -> None:
    form = HoursForm.read(view)
    async with store.write() as session:
        person = await _myself(session, me)
        if form.primary is not None:
            if form.primary not in {one.id for one in await memberships.teams_of(session, me.id)}:
                raise FormRefusal({"primary": NO_SUCH_TEAM})
            person.primary_team_id = form.primary
        team = await memberships.primary_team(session, person)
        keep_differences(person, form, team)
    hours = hours_of(person, team)
    await reply(views.hours_saved(hours, team, own=_has_own(person)))


def keep_differences(person: Person, form: HoursForm, team: Team | None) -> None:
    """Keeps as one's own what differs from the team's; what is the same follows the team."""
    person.own_days = person.own_start = person.own_end = person.own_country = None
    theirs: Hours = hours_of(person, team)
    if frozenset(form.days) != theirs.days:
        person.own_days = list(form.days)
    if form.start != theirs.start:
        person.own_start = form.start
    if form.end != theirs.end:
        person.own_end = form.end
    if form.country != theirs.country:
        person.own_country = form.country or ""


def _has_own(person: Person) -> bool:
    own = (person.own_days, person.own_start, person.own_end, person.own_country)
    return any(one is not None for one in own)


async def _myself(session: AsyncSession, me: Me) -> Person:
    """One's own row, locked."""
    person = await session.get(Person, me.id, with_for_update=True)
    assert person is not None, "whoever causes an event has a row"
    return person
