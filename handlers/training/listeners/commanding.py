"""`/training`: the overview, or a verb."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, clean, one_line, said
from handlers.house import Limits, Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import Refusal
from handlers.training import sessions
from handlers.training.listeners import items, onboarding, required
from handlers.training.listeners import sessions as session_listeners
from handlers.training.rules import rights
from handlers.training.views import items as item_views
from handlers.training.views import overview as views
from handlers.training.views import required as required_views
from handlers.training.views import sessions as session_views
from handlers.training.views.words import help_text
from handlers.verbs import DID_YOU_MEAN, ArgumentParser, NearMiss, Parsed, Words, anything, nothing, parse
from storage import memberships, people, requirements, team_facts, training
from storage.people import Person
from storage.store import Store
from storage.teams import Team

VERBS: Mapping[str, ArgumentParser] = {
    "new": anything,
    "session": anything,
    "required": nothing,
    "onboarding": nothing,
    "help": nothing,
}
UNKNOWN = "I don’t know “{}” here.\n\n{}"
SHOWN_AT_MOST = 8
REQUIRED, SESSIONS, TOPICS = "Required of you", "Sessions", "Topics"


async def command(
    ack: Any,
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    words: str,
    now: datetime,
    settings: Limits,
) -> None:
    await ack()
    match parse(words, VERBS):
        case Parsed(verb="new", arguments=topic):
            await items.open_form(client, body, store, me, clean(topic))
        case Parsed(verb="session", arguments=title):
            await session_listeners.open_form(client, body, store, me, clean(title), now)
        case Parsed(verb="required"):
            await required.show_list(reply, store, me, now)
        case Parsed(verb="onboarding"):
            await onboarding.show(client, body, reply, store, me, now)
        case Parsed(verb="help"):
            await reply(help_text(settings.command_prefix))
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(f"/{settings.command_prefix}training"))
        case Words(text=text) if text:
            await reply(UNKNOWN.format(said(one_line(text, 60)), help_text(settings.command_prefix)))
        case _:
            async with store.read() as session:
                blocks = await _overview(session, me, now)
            await reply(views.TITLE, blocks=blocks)


async def _overview(session: AsyncSession, me: Me, now: datetime) -> list[Block]:
    seen = await memberships.teams_seen_by(session, me.id)
    led = await memberships.teams_led_by(session, me.id)
    parts = {
        REQUIRED: await required_rows(session, me.person, now),
        SESSIONS: await session_rows(session, me.person, seen, now),
        TOPICS: await item_rows(session, me.person, seen, now),
    }
    return views.overview(parts, teams=seen, led=led)


async def required_rows(session: AsyncSession, person: Person, now: datetime) -> list[list[Block]]:
    today = local_date(now, parse_zone(person.zone))
    found = await requirements.of_person(session, person.id, most=SHOWN_AT_MOST)
    return [required_views.row(assignment, requirement, today) for assignment, requirement in found]


async def session_rows(
    session: AsyncSession, person: Person, seen: list[Team], now: datetime, *, most: int = SHOWN_AT_MOST
) -> list[list[Block]]:
    found = await training.coming_sessions(session, [team.id for team in seen], now=now, most=most)
    own = await training.answers_of(session, person.id, [one.id for one in found])
    return [
        session_views.row(
            await sessions.gathering_of(session, one, now=now), own.get(one.id), now, many_teams=len(seen) > 1
        )
        for one in found
    ]


async def item_rows(session: AsyncSession, person: Person, seen: list[Team], now: datetime) -> list[list[Block]]:
    today = local_date(now, parse_zone(person.zone))
    by_id = {team.id: team for team in seen}
    facts = {team.id: await team_facts.of_team(session, team, now=now) for team in seen}
    found = await training.open_items(session, by_id, most=SHOWN_AT_MOST)
    owners = await people.by_ids(session, [item.owner_id for item in found])
    planned = await training.planned_on(session, found, now=now)
    return [
        item_views.row(
            item,
            owners,
            by_id[item.team_id],
            today,
            planned=planned.get(item.id),
            mine=rights.leads(facts[item.team_id], person) or rights.owns(facts[item.team_id], item, person),
            many_teams=len(seen) > 1,
        )
        for item in found
    ]
