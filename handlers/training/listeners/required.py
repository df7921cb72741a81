"""Required trainings: asked for, listed, done, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import FormRefusal, Refusal
from handlers.training import requiring, sessions
from handlers.training.forms import Metadata, RequiredForm, refuse_far
from handlers.training.listeners.asking import CHOOSE_TEAM, facts_of, led_by, led_facts, put_on_screen
from handlers.training.rules import rights
from handlers.training.views import required as views
from storage import memberships, requirements, training
from storage.people import DataAccess, Person
from storage.requirements import Requirement
from storage.store import Store
from storage.team_facts import TeamFacts
from storage.teams import Team

LISTED_AT_MOST = 8
LOOKED_AT = "looked at who hasn’t done a required training"
OF_NO_TEAM = "{} is in none of the chosen teams."
NO_SUCH_SESSION = "That session is over, cancelled, or another team’s. Choose again."
TITLE = "Required trainings"


async def open_list(ack: Any, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    await ack()
    await show_list(reply, store, me, now)


async def show_list(reply: Reply, store: Store, me: Me, now: datetime) -> None:
    today = local_date(now, parse_zone(me.person.zone))
    async with store.read() as session:
        mine = await requirements.of_person(session, me.id, most=LISTED_AT_MOST)
        led = {team.id: team for team in await memberships.teams_led_by(session, me.id)}
        found = await requirements.running(session, led, most=LISTED_AT_MOST)
        shown = [(one, led[one.team_id], await requirements.progress(session, one, today=today)) for one in found]
    await reply(TITLE, blocks=views.required_list(mine, shown, leads=bool(led), today=today))


async def open_new(ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime) -> None:
    await ack()
    async with store.read() as session:
        led = await led_by(session, me)
    await put_on_screen(client, body, views.required_form(Metadata(), led, parse_zone(me.person.zone), now))


async def open_more(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The same form with the rest of its fields; Slack keeps what was typed in the others."""
    await ack()
    memory = Metadata.of(view).model_copy(update={"more": True})
    async with store.read() as session:
        led = await led_by(session, me)
        coming = await training.coming_sessions(session, [team.id for team in led], now=now, most=100)
    fuller = views.required_form(memory, led, parse_zone(me.person.zone), now, sessions=coming)
    await client.views_update(view_id=view["id"], hash=view["hash"], view=fuller)


async def submit(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = RequiredForm.read(view), Metadata.of(view)
    async with store.write() as session:
        chosen = _chosen(form, await led_by(session, me))
        refuse_far("due_on", form.due_on, local_date(now, parse_zone(me.person.zone)))
        every = [await facts_of(session, team.id, now) for team in chosen]
        await _refuse_session(session, form, chosen, now)
        named = await _named(session, form, every) if form.people else None
        for facts in every:
            people = None if named is None else named[facts.team.id]
            if people is None or people:
                await requiring.require(
                    session,
                    facts.team,
                    me.person,
                    f"{memory.key[:48]}:{facts.team.id}",
                    title=form.title,
                    link=form.link,
                    session_id=form.session,
                    people=people,
                    due_on=form.due_on,
                    yearly=bool(form.yearly),
                    now=now,
                )
    number = None if named is None else len({one.id for people in named.values() for one in people})
    await reply(views.asked_of(form.title, chosen, number))


def _chosen(form: RequiredForm, led: Sequence[Team]) -> list[Team]:
    by_id = {team.id: team for team in led}
    if any(team_id not in by_id for team_id in form.teams):
        raise FormRefusal({"teams": CHOOSE_TEAM})
    return [by_id[team_id] for team_id in dict.fromkeys(form.teams)]


async def _refuse_session(session: AsyncSession, form: RequiredForm, chosen: Sequence[Team], now: datetime) -> None:
    if form.session is None:
        return
    found = await session.get(training.Session, form.session)
    over = found is None or found.cancelled_at is not None or found.starts_at <= now
    if found is None or over or found.team_id not in {team.id for team in chosen}:
        raise FormRefusal({"session": NO_SUCH_SESSION})


async def _named(session: AsyncSession, form: RequiredForm, every: Sequence[TeamFacts]) -> dict[int, list[Person]]:
    """Those who are named, by the team to which they belong. Raises FormRefusal for who is in none."""
    by_team: dict[int, list[Person]] = {}
    placed: set[int] = set()
    strangers: dict[int, Person] = {}
    for facts in every:
        here, others = await sessions.named(session, facts, form.people)
        by_team[facts.team.id] = [person for person in here if person.id not in placed]
        placed |= {person.id for person in here}
        strangers |= {person.id: person for person in others}
    if left_out := [person for person_id, person in strangers.items() if person_id not in placed]:
        raise FormRefusal({"people": OF_NO_TEAM.format(left_out[0].name)})
    if not placed:
        raise FormRefusal({"people": OF_NO_TEAM.format("Nobody of them")})
    return by_team


async def done(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        requirement = await requiring.finish(session, identifier(action["value"]), me.person, now)
    await ack()
    await reply(views.FINISHED.format(said(requirement.title)))


async def who_is_missing(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """By name, for who leads the team; whoever is listed can see that they looked."""
    await ack()
    today = local_date(now, parse_zone(me.person.zone))
    async with store.write() as session:
        requirement = await _led(session, identifier(action["value"]), me, now)
        parts = await requirements.parts(session, requirement, most=views.MOST_LISTED)
        progress = await requirements.progress(session, requirement, today=today)
        session.add_all(
            DataAccess(person_id=person.id, by_id=me.id, at=now, what=LOOKED_AT)
            for assignment, person in parts
            if assignment.done_at is None and person.id != me.id
        )
    await put_on_screen(client, body, views.who_is_missing(requirement, parts, progress, today))


async def end(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    async with store.write() as session:
        requirement = await _led(session, identifier(action["value"]), me, now)
        requiring.end(requirement, now)
    await ack()
    await reply(views.ENDED.format(said(requirement.title)))


async def _led(session: AsyncSession, requirement_id: int, me: Me, now: datetime) -> Requirement:
    """One that is still required, of a team that this person leads. Raises Refusal."""
    requirement = await requirements.locked(session, requirement_id)
    if requirement is None or requirement.ended_at is not None:
        raise Refusal(rights.UNKNOWN)
    await led_facts(session, requirement.team_id, me, now)
    return requirement
