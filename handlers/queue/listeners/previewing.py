"""`/backstop preview digest`: what it would say now, sent to nobody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Listener, Me, Reply, Report, ReportSection
from handlers.queue import composing
from handlers.queue.renderers import may_read
from handlers.queue.rules import digesting
from handlers.queue.views import digest as views
from handlers.refusals import Refusal
from storage import digests, memberships, team_facts
from storage.store import Store
from storage.teams import Team

HELP = (
    "*Preview*\n"
    "`/backstop preview digest` shows what your team’s digest would say now · `preview weekly` the weekly report · "
    "add a team’s name if you are in several. Nothing is sent."
)
KINDS = {"digest": False, "weekly": True}
NO_TEAM = "You are in no team that has a digest. `/backstop team create` makes one."
NO_SUCH_TEAM = "You have no team called “{}”. `/backstop team` shows yours."
ONLY_LEADS = "The weekly report goes to managers and heads. `/backstop preview digest` shows the daily one."


def preview_with(sections: Sequence[ReportSection]) -> Listener:
    """The listener, with what the features tell in a report; the table is read when it is asked for."""

    async def preview(words: str, reply: Reply, store: Store, me: Me, now: datetime) -> None:
        kind, _, name = words.strip().partition(" ")
        if kind.casefold() not in KINDS:
            await reply(HELP)
            return
        weekly = KINDS[kind.casefold()]
        async with store.read() as session:
            team = await _team(session, name.strip(), me)
            facts = await team_facts.of_team(session, team, now=now)
            which = next(copy for copy in reversed(composing.COPIES) if may_read(facts, me.person, copy))
            if weekly and which != composing.MANAGERS:
                raise Refusal(ONLY_LEADS)
            report = await report_until(session, team, now, weekly=weekly)
            copy = await composing.compose(session, sections, report, copy=which)
        await reply(views.title(team, weekly=weekly), blocks=views.preview(copy, team, weekly=weekly))

    return preview


async def report_until(session: AsyncSession, team: Team, now: datetime, *, weekly: bool) -> Report:
    """The report that would be made now: from where the last one ended."""
    last = await digests.last_of(session, team.id, weekly=weekly)
    settings = await digests.settings_of(session, team.id)
    since = digesting.since(last.until if last else None, now, weekly=weekly)
    return Report(team, since=since, until=now, weekly=weekly, channel=settings.channel or team.channel)


async def _team(session: AsyncSession, name: str, me: Me) -> Team:
    seen = await memberships.teams_seen_by(session, me.id)
    if not seen:
        raise Refusal(NO_TEAM)
    if not name:
        primary = await memberships.primary_team(session, me.person)
        return primary or seen[0]
    found = [team for team in seen if team.name.casefold() == name.casefold()]
    if not found:
        raise Refusal(NO_SUCH_TEAM, name[:80])
    return found[0]
