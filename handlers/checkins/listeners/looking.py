"""Looking back: the trend, a result, who said what in a named round, and what was done about a blocker."""

from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.checkins import rounds
from handlers.checkins.forms import DoneForm
from handlers.checkins.renderers import told_of
from handlers.checkins.rules import results, rights, windows
from handlers.checkins.views import prompt as prompt_view
from handlers.checkins.views import result
from handlers.checkins.views import trend as views
from handlers.forms import NOT_OURS, identifier, values
from handlers.house import Me, Reply
from handlers.refusals import Refusal
from storage import checkin_answers, checkins, memberships, team_facts
from storage.checkin_answers import Blocker
from storage.checkins import Round, Visibility
from storage.people import DataAccess
from storage.store import Store
from storage.teams import Team

USUAL_WEEKS = 8
TEAMS_AT_MOST = 4
NOT_YOURS = "Only the managers of {} and their heads see its check-ins."
READ_NAMED = "read your check-in of {}"
NOT_NAMED = "That check-in is private: nobody sees who said what."


async def trend(weeks: int, *, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """One's own answers; before them, for managers and heads, their teams'."""
    today = windows.today_of(me.person, now)
    blocks: list[Block] = []
    async with store.read() as session:
        for team in (await memberships.teams_seen_by(session, me.id))[:TEAMS_AT_MOST]:
            if rights.may_read_results(await team_facts.of_team(session, team, now=now), me.person):
                blocks += await _of_team(session, team, weeks, me, now)
        mine = await checkin_answers.own(session, me.id, since=today - timedelta(weeks=weeks))
        wish = (await checkins.wishes_of(session, [me.id])).get(me.id)
    blocks += views.mine(mine[-20:], watched=wish is not None and wish.watch)
    await reply("Check-ins", blocks=blocks)


async def _of_team(session: AsyncSession, team: Team, weeks: int, me: Me, now: datetime) -> list[Block]:
    today = windows.today_of(me.person, now)
    since = today - timedelta(weeks=weeks, days=today.weekday())
    closed = await checkins.closed_rounds(session, team.id, since=since)
    if not closed and not team.checkins:
        return []
    asked = [one for one in closed if one.asked]
    return views.team(team, results.by_week(closed, weeks=weeks, today=today), asked[-1] if asked else None)


async def show_trend(ack: Any, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """The button below a result."""
    await ack()
    await trend(USUAL_WEEKS, reply=reply, store=store, me=me, now=now)


async def show_result(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        round_, team = await readable(session, identifier(action["value"]), me, now)
        told = await told_of(session, round_, team, me.person)
    await client.views_open(trigger_id=body["trigger_id"], view=result.window(told))


async def who_said_what(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """Of a named round; each of them sees that it was read."""
    await ack()
    async with store.write() as session:
        round_, _ = await readable(session, identifier(action["value"]), me, now)
        if round_.visibility != Visibility.NAMED:
            raise Refusal(NOT_NAMED)
        answers = await checkin_answers.named(session, round_.id)
        what = READ_NAMED.format(round_.day.isoformat())
        for person, _ in answers:
            session.add(DataAccess(person_id=person.id, by_id=me.id, at=now, what=what))
    words = {person.id: prompt_view.in_words(answer) for person, answer in answers}
    await client.views_open(trigger_id=body["trigger_id"], view=result.who_said_what(answers, words))


async def readable(session: AsyncSession, round_id: int, me: Me, now: datetime) -> tuple[Round, Team]:
    """A round that has ended, and its team. Raises Refusal for who may not read its result."""
    round_ = await session.get(Round, round_id)
    team = await session.get(Team, round_.team_id) if round_ else None
    if round_ is None or team is None or team.workspace_id != me.person.workspace_id or round_.closed_at is None:
        raise Refusal(NOT_OURS)
    if not rights.may_read_results(await team_facts.of_team(session, team, now=now), me.person):
        raise Refusal(NOT_YOURS, team.name)
    return round_, team


async def open_done(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """*What I did…* beside a blocker, in the message or in the window."""
    await ack()
    async with store.read() as session:
        blocker = await session.get(Blocker, identifier(action["value"]))
        if blocker is None:
            raise Refusal(NOT_OURS)
        await _answerable(session, blocker, me, now)
    view = result.done_form(result.DoneMemory(blocker=blocker.id), blocker)
    opens = client.views_push if body.get("view") else client.views_open
    await opens(trigger_id=body["trigger_id"], view=view)


async def submit_done(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    form, memory = DoneForm.of(values(view)), result.DoneMemory.of(view)
    async with store.write() as session:
        found = await checkin_answers.locked_blocker(session, identifier(memory.blocker))
        if found is None:
            raise Refusal(NOT_OURS)
        blocker, round_ = found
        await _answerable(session, blocker, me, now)
        blocker.done, blocker.done_by_id, blocker.done_at = form.done, me.id, now
        await rounds.refresh_results(session, round_, now=now)
    await ack(response_action="clear")


async def _answerable(session: AsyncSession, blocker: Blocker, me: Me, now: datetime) -> None:
    """Raises Refusal for who doesn't manage the team."""
    _, team = await readable(session, blocker.round_id, me, now)
    if not rights.may_start(await team_facts.of_team(session, team, now=now), me.person):
        raise Refusal(NOT_YOURS, team.name)


async def watch(ack: Any, reply: Reply, store: Store, me: Me) -> None:
    await ack()
    await _watch(store, me, on=True)
    await reply(views.WATCH_ON)


async def unwatch(ack: Any, reply: Reply, store: Store, me: Me) -> None:
    await ack()
    await _watch(store, me, on=False)
    await reply("Early warning is off. `/checkin trend` switches it on again.")


async def _watch(store: Store, me: Me, *, on: bool) -> None:
    async with store.write() as session:
        wish = await checkins.wish_of(session, me.id)
        wish.watch = on
        wish.told_on = None if on else wish.told_on
