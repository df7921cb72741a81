"""What Home shows of escalations: what waits for this person, each with its button; then what they may want to see."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, context, header
from handlers.escalations.rules.clocks import is_due_soon
from handlers.escalations.views import answers, waiting
from handlers.escalations.views.words import clock_line
from handlers.house import OnHome
from handlers.local_time import parse_zone
from handlers.teams.rules.duty import on_duty
from handlers.teams.rules.roles import is_manager
from storage import escalation_home, handovers, memberships, people, team_facts
from storage.clocks import ClockState, Kind
from storage.escalations import Escalation, Need, State
from storage.follow_ups import open_follow_ups
from storage.people import Person

SHOWN_AT_MOST = 8
RAISED = "You raised"
TEAM = "Open in your teams"
MORE = "There are more: `/escalate list` shows them all."


async def on_home(session: AsyncSession, person: Person, now: datetime) -> OnHome:
    """Handovers, questions, what has no owner while they are on duty, news that customers wait for, what they own, what
    to confirm, follow-ups; then what they raised, and what else is open in their teams."""
    seen = await memberships.teams_seen_by(session, person.id)
    found = await escalation_home.concerning(session, person.id, [team.id for team in seen])
    mine = found.mine
    returned = [one for one in mine if one.reporter_id == person.id and one.state == State.RETURNED]
    due = {one.id: line for one in mine if (line := _news_due(one, person, now))}
    owned = [one for one in mine if one.owner_id == person.id and one not in returned and one.id not in due]
    unowned = await _unowned_on_my_duty(session, found.unowned, person, now)
    shown = [
        *(await _offered(session, person, now) if found.is_offered_any else ()),
        *[waiting.returned(one) for one in returned],
        *[waiting.unowned(one, now) for one in unowned],
        *[waiting.news_due(one, due[one.id]) for one in mine if one.id in due and one not in returned],
        *[waiting.own(one, now) for one in owned],
        *[waiting.resolved(one) for one in found.unconfirmed],
        *(await _follow_ups(session, person, now) if found.has_follow_ups else ()),
    ]
    told = {one.id for one in (*returned, *owned, *unowned)} | set(due)
    raised = [one for one in mine if one.id not in told]
    rest = [one for one in found.of_teams if one.id not in told]
    return OnHome(shown, await _further(session, raised, rest, now), first=[waiting.raising("")])


async def _offered(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    found = (await handovers.offered_to(session, person.id))[:SHOWN_AT_MOST]
    givers = await people.seen_by_ids(session, [handover.from_id for handover, _ in found])
    return [block for handover, one in found for block in waiting.offered(handover, one, givers, now)]


async def _unowned_on_my_duty(
    session: AsyncSession, found: Sequence[Escalation], person: Person, now: datetime
) -> list[Escalation]:
    """What waits for an owner in the teams in which they are on duty; where they manage, what waits for too long."""
    mine = await team_facts.of_teams(session, await memberships.teams_of(session, person.id), now=now)
    duty_of = {facts.team.id for facts in mine if any(one.id == person.id for one in on_duty(facts, now).people)}
    managed = {facts.team.id for facts in mine if is_manager(facts, person)}
    shown = [one for one in found if one.team_id in duty_of or (one.team_id in managed and _is_late(one))]
    return shown[:SHOWN_AT_MOST]


def _is_late(one: Escalation) -> bool:
    clock = one.clock(Kind.ACKNOWLEDGE)
    return clock is not None and clock.state == ClockState.BREACHED


def _news_due(one: Escalation, person: Person, now: datetime) -> str | None:
    """The line of a promise to the customer that this person must keep soon, or has broken."""
    owing = one.owner_id if one.need == Need.TAKE_OVER and one.owner_id is not None else one.reporter_id
    clock = one.clock(Kind.PROMISE)
    if clock is None or owing != person.id or clock.met_at is not None:
        return None
    return clock_line(clock, now) if clock.state == ClockState.BREACHED or is_due_soon(clock, now) else None


async def _follow_ups(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    today = now.astimezone(parse_zone(person.zone))
    found = await open_follow_ups(session, team_ids=(), owner_id=person.id, most=SHOWN_AT_MOST)
    return [waiting.follow_up(one, escalation, today) for one, escalation in found]


async def _further(
    session: AsyncSession, raised: Sequence[Escalation], rest: Sequence[Escalation], now: datetime
) -> list[Block]:
    owners = await people.seen_by_ids(session, [one.owner_id for one in (*raised, *rest)])
    blocks: list[Block] = []
    for title, found in ((RAISED, raised), (TEAM, rest)):
        if found:
            blocks += [header(title), *[answers.row(one, owners, now) for one in found[:SHOWN_AT_MOST]]]
            blocks += [context(MORE)] if len(found) > SHOWN_AT_MOST else []
    return blocks
