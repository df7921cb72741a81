"""`/checkin`: answer, look back, switch off; managers start one."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.blocks import actions, button, confirmation, context, said, section
from handlers.checkins.listeners import answering, looking
from handlers.checkins.rounds import plan_round
from handlers.checkins.rules import rights
from handlers.checkins.views import settings as settings_view
from handlers.checkins.views.words import PROMISE, long_date
from handlers.forms import identifier
from handlers.house import Limits, Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import Refusal
from handlers.verbs import DID_YOU_MEAN, ArgumentParser, NearMiss, Parsed, Words, nothing, parse
from storage import checkins, memberships, team_facts, teams
from storage.checkins import CheckinSettings, Visibility
from storage.store import Store
from storage.teams import Team, TeamState

START = settings_view.START
MOST_WEEKS = 52
USUAL_WEEKS = 8
HELP = """\
`/checkin` answers early, late, or on any day
`/checkin trend` your own answers; for managers the team’s load, `trend 12` for 12 weeks
`/checkin off` I stop asking you · `/checkin on` I ask you again
`/checkin start-round` managers: ask the team now
`/backstop team` has the settings, `/backstop upcoming` says who is asked when, `/backstop privacy` who sees what"""
SWITCHED_OFF = (
    "I don’t ask you any more, and nobody is told. `/checkin` still takes an answer when you like; `/checkin on` "
    "brings the question back."
)
SWITCHED_ON = "I ask you again with your team’s next check-in."
NOT_A_WORD = "I don’t know “{}”. `/checkin` alone asks you; `/checkin help` shows the rest."
NO_TEAM = "You manage no team. Its managers start a check-in."
ONLY_MANAGERS = "Only the managers of {} start a check-in: {}."
NOT_ON = "Check-ins of *{}* are off. `/backstop team`, then *Check-ins…*, switches them on."
NOT_ON_NAMED = "Check-ins of {} are off. `/backstop team`, then Check-ins…, switches them on."
ASK_NOW = (
    "*Ask {} now?* ({}) Who is at work is asked at once, the others when their shift begins; for each it ends with the "
    "shift."
)
SURE = "Each member gets a message from me, within their hours."
STARTED = "The check-in of *{}* has begun. Its result comes to its managers when the last shift has ended."
ALREADY = "{} has its check-in of {} already. One a day is enough."
NOBODY = "Nobody of {} is at work with half an hour left, or begins soon. Nothing was started."


def _weeks(rest: str) -> int:
    weeks = int(rest) if rest else USUAL_WEEKS
    if not 1 <= weeks <= MOST_WEEKS:
        raise ValueError(rest)
    return weeks


VERBS: Mapping[str, ArgumentParser] = {
    "start-round": nothing,
    "trend": _weeks,
    "off": nothing,
    "on": nothing,
    "help": nothing,
}


async def checkin(
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
    match parse(words, VERBS):
        case Parsed(verb=verb, arguments=arguments):
            await ack()
            await ANSWERS[verb](arguments, reply=reply, store=store, me=me, now=now, settings=settings)
        case NearMiss() as near:
            raise Refusal(DID_YOU_MEAN, near.meant(f"/{settings.command_prefix}checkin"))
        case Words(text=""):
            await answering.open_form(ack, body, client, store, me, now)
        case Words(text=text):
            raise Refusal(NOT_A_WORD, text[:60])


async def _trend(weeks: int, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    await looking.trend(weeks, reply=reply, store=store, me=me, now=now)


async def _help(_arguments: None, *, reply: Reply, settings: Limits, **_: Any) -> None:
    text = HELP.replace("`/", f"`/{settings.command_prefix}")
    await reply("What /checkin can do", blocks=[section(text)])


async def _off(_arguments: None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    async with store.write() as session:
        wish = await checkins.wish_of(session, me.id)
        wish.off_since = wish.off_since or now
    await reply(SWITCHED_OFF)


async def _on(_arguments: None, *, reply: Reply, store: Store, me: Me, **_: Any) -> None:
    async with store.write() as session:
        wish = await checkins.wish_of(session, me.id)
        wish.off_since = None
    await reply(SWITCHED_ON)


async def _offer_start(_arguments: None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    """The managers' teams, each with the button that starts, and what it will do."""
    blocks = []
    async with store.read() as session:
        mine = [
            team
            for team in await memberships.teams_of(session, me.id)
            if await memberships.is_manager(session, me.id, team.id)
        ]
        for team in mine:
            settings = await checkins.settings_of(session, team.id)
            if settings is None or not team.checkins:
                blocks.append(section(NOT_ON.format(said(team.name, 80))))
                continue
            day = local_date(now, parse_zone(team.zone))
            if await checkins.round_on(session, team.id, day) is not None:
                blocks.append(section(ALREADY.format(said(team.name, 80), long_date(day))))
                continue
            members = await memberships.members(session, team.id)
            sure = confirmation(f"Ask {team.name[:60]} now?", SURE, yes="Ask")
            text = ASK_NOW.format(said(team.name, 80), settings_view.counted(len(members)))
            blocks.append(section(f"{text}\n{PROMISE[visibility_now(settings, now)]}"))
            blocks.append(actions(button("Ask now", START, team.id, style="primary", confirm=sure)))
    if not blocks:
        raise Refusal(NO_TEAM)
    await reply("Start a check-in", blocks=[*blocks, context(settings_view.SEE_UPCOMING)])


def visibility_now(settings: CheckinSettings, now: datetime) -> Visibility:
    """What a round that began now would be."""
    counts = settings.named_from is not None and settings.named_from <= now
    return settings.visibility if counts else Visibility.PRIVATE


async def start(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        team = await teams.locked(session, identifier(action["value"]))
        if team is None or team.state != TeamState.ACTIVE or team.workspace_id != me.person.workspace_id:
            raise Refusal(NO_TEAM)
        facts = await team_facts.of_team(session, team, now=now)
        if not rights.may_start(facts, me.person):
            raise Refusal(ONLY_MANAGERS, team.name, ", ".join(one.name for one in facts.managers[:4]) or "nobody")
        settings = await checkins.settings_of(session, team.id)
        if settings is None or not team.checkins:
            raise Refusal(NOT_ON_NAMED, team.name)
        await _start(session, team, settings, me, now)
    await ack()
    await reply(STARTED.format(said(team.name, 80)))


async def _start(session: Any, team: Team, settings: CheckinSettings, me: Me, now: datetime) -> None:
    day = local_date(now, parse_zone(team.zone))
    if await checkins.round_on(session, team.id, day) is not None:
        raise Refusal(ALREADY, team.name, long_date(day))
    if await plan_round(session, team, settings, day, now=now, by=me.person) is None:
        raise Refusal(NOBODY, team.name)


ANSWERS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "start-round": _offer_start,
    "trend": _trend,
    "off": _off,
    "on": _on,
    "help": _help,
}
