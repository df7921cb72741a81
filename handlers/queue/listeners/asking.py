"""`/queue`: how it stands now, one tag, one person; each privately, and only to who may see it."""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.local_time import at_local, local_date, parse_zone
from handlers.queue import looking, spotting, widening
from handlers.queue.listeners.spikes import ESCALATE, readable
from handlers.queue.rules import figures, rights, usual
from handlers.queue.views import queue as views
from handlers.refusals import Refusal
from storage import memberships, people, queue_figures, spikes, team_facts
from storage.people import DataAccess
from storage.store import Store
from storage.teams import Team
from storage.ticket_days import ALL

MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]+)(\|[^>]*)?>")
TAG = re.compile(r"tag:\s*(?P<tag>\S.*)", re.IGNORECASE)
VERBS = ("help", "me", "@person", "tag:")
PERSON_DAYS = timedelta(days=7)
READ = "looked at the figures about you (/queue)"
NOT_A_COLLEAGUE = "I know nobody like that here."
FREQUENT_WITHIN = timedelta(days=14)
LATEST = 6


async def queue(ack: AsyncAck, words: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    await ack()
    typed = words.strip()
    if typed.casefold() == "help":
        await reply(views.HELP)
    elif (mentioned := MENTION.fullmatch(typed)) is not None:
        await _person(mentioned["id"], reply, store, me, now)
    elif typed.casefold() == "me":
        await _person(me.person.slack_id, reply, store, me, now)
    elif (wanted := TAG.fullmatch(typed)) is not None:
        await _tag(wanted["tag"].strip().removeprefix("#"), reply, store, me, now)
    elif typed.casefold() == "tag:":
        raise Refusal(views.WHICH_TAG)
    else:
        await _now(typed, reply, store, me, now)


async def look(ack: AsyncAck, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """The button on Home, which names its team, and of whoever asked in words, which doesn't."""
    await ack()
    if not action.get("value"):
        await _now("", reply, store, me, now)
        return
    async with store.read() as session:
        team = await readable(session, identifier(action["value"]), me, now)
        blocks = await _standing_of(session, team, now)
    await reply(f"{team.name}: the queue", blocks=blocks)


async def _now(name: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.read() as session:
        seen = await _teams(session, me)
        if not seen:
            raise Refusal(views.NO_TEAM)
        chosen = [team for team in seen if team.name.casefold() == name.casefold()] if name else seen[:1]
        if not chosen:
            raise Refusal(views.NO_SUCH_TEAM, name[:60], name[:60])
        team = chosen[0]
        blocks = await _standing_of(session, team, now)
    await reply(f"{team.name}: the queue", blocks=blocks)


async def _standing_of(session: AsyncSession, team: Team, now: datetime) -> list[Block]:
    look = await looking.look(session, team, looking.night_began(team, now), now)
    known = await looking.days_of_history(session, team, local_date(now, parse_zone(team.zone)))
    return views.now(look, days_known=known)


async def _tag(name: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.read() as session:
        seen = await _teams(session, me)
        if not seen:
            raise Refusal(views.NO_TEAM)
        for team in seen:
            if (blocks := await _tag_of(session, team, name, now)) is not None:
                break
        else:
            tags = await queue_figures.tags_between(session, seen[0].id, now - FREQUENT_WITHIN, now)
            await reply(views.no_such_tag(name, [one.tag for one in tags if one.tag != ALL]))
            return
    await reply(f"The tag {name}", blocks=blocks)


async def _tag_of(session: AsyncSession, team: Team, name: str, now: datetime) -> list[dict[str, object]] | None:
    """None: none of the team's recent tickets has it."""
    zone = parse_zone(team.zone)
    today = local_date(now, zone)
    first = today - timedelta(days=views.TREND_DAYS)
    tickets = await queue_figures.tagged(session, team.id, name, at_local(first, time(0), zone), now, most=LATEST)
    if not tickets:
        return None
    rolled = await queue_figures.days(
        session, team.id, today - usual.WEEKS * usual.WEEK, today - timedelta(days=1), tag=name
    )
    created = {one.local_date: one.created for one in rolled}
    began = spotting.day_began(team, now)
    counted = {one.tag: one.tickets for one in await queue_figures.tags_between(session, team.id, began, now)}
    hours = {one.local_date: one.by_hour for one in rolled if one.by_hour}
    found = await spikes.of_days(session, team.id, today, today)
    return views.tag(
        team,
        name,
        [(day, created.get(day, 0)) for day in (first + timedelta(days=n) for n in range(views.TREND_DAYS))],
        counted.get(name, 0),
        usual.arrivals(began, now, zone, hours, await queue_figures.first_day(session, team.id)),
        next((one for one in found if one.tag == name), None),
        tickets,
        now,
        escalate=ESCALATE,
    )


async def _person(slack_id: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """Who reads about somebody else is logged first, in the transaction that decides that they may."""
    async with store.write() as session:
        subject = await people.by_slack_id(session, me.person.workspace_id, slack_id)
        if subject is None or not subject.is_reachable:
            raise Refusal(NOT_A_COLLEAGUE)
        shared = [
            await team_facts.of_team(session, team, now=now) for team in await memberships.teams_of(session, subject.id)
        ]
        open_to = rights.visible_teams(subject, me.person, shared)
        if subject.id != me.id:
            open_to = [team for team in open_to if await widening.has_heard(session, team, subject, now)]
        if subject.id != me.id and open_to:
            session.add(DataAccess(person_id=subject.id, by_id=me.id, at=now, what=READ))
    if shared and not open_to:
        raise Refusal(rights.NOT_TOLD_YET, subject.name)
    since, ids = now - PERSON_DAYS, [team.id for team in open_to]
    async with store.read() as session:
        solved = await queue_figures.solved(session, ids, since, now, person_id=subject.id)
        replied = await queue_figures.replied(session, ids, since, now, person_id=subject.id)
        rated = await queue_figures.rated(session, ids, since, now, person_id=subject.id)
        standing = await queue_figures.standing(
            session, ids, now=now, risk_until=now + looking.AT_RISK_WITHIN, person_id=subject.id
        )
    blocks = views.person(
        subject,
        me.person,
        open_to,
        standing,
        len(solved),
        figures.first_responses(replied),
        figures.resolutions(solved),
        figures.csat(rated),
        now,
    )
    await reply(f"{subject.name}, the last 7 days", blocks=blocks)


async def _teams(session: AsyncSession, me: Me) -> Sequence[Team]:
    """Their own, the primary one first; then those that they head."""
    [own] = await memberships.teams_primary_first(session, me.person)
    led = await memberships.teams_seen_by(session, me.id)
    return [*own, *(team for team in led if team.id not in {one.id for one in own})]
