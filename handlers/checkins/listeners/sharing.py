"""*Share with my manager…*: somebody's own load, because they want it known."""

from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from handlers.checkins import telling
from handlers.checkins.forms import ShareForm
from handlers.checkins.rules import windows
from handlers.checkins.rules.watching import HEAVY_OF
from handlers.checkins.views import notes
from handlers.forms import Memory, values
from handlers.house import Me, Reply
from handlers.refusals import Refusal
from storage import checkin_answers, memberships
from storage.checkin_answers import CheckinShare
from storage.store import Store

NO_TEAM = "You are in no team with a manager, so there is nobody I could tell."
NOTHING = "There is no answer of yours to share yet."
TOLD = "Shared. It comes to them in their hours, once."


async def open_form(
    ack: Any, body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        team = await memberships.primary_team(session, me.person)
        managers = [one for one in await memberships.managers(session, team.id) if one.id != me.id] if team else []
        answers = await telling.own(session, me.id, windows.today_of(me.person, now))
    loads = telling.loads_of(answers)[-HEAVY_OF:]
    if team is None or not managers:
        raise Refusal(NO_TEAM)
    if not loads:
        raise Refusal(NOTHING)
    view = notes.share_form(Memory(team=team.id), loads, managers)
    await client.views_open(trigger_id=body["trigger_id"], view=view)


async def submit(view: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    form, memory = ShareForm.of(values(view)), Memory.of(view)
    async with store.write() as session:
        team = await memberships.primary_team(session, me.person)
        if team is None or team.id != memory.team:
            raise Refusal(NO_TEAM)
        if await checkin_answers.share_by_key(session, memory.key) is None:
            answers = await telling.own(session, me.id, windows.today_of(me.person, now))
            share = CheckinShare(
                form_key=memory.key,
                workspace_id=me.person.workspace_id,
                person_id=me.id,
                team_id=team.id,
                loads=telling.loads_of(answers)[-HEAVY_OF:],
                words=form.words,
                at=now,
            )
            session.add(share)
            await session.flush()
            await telling.tell_managers(session, share, now=now)
    await reply(TOLD)
