"""What happens when a clock of an escalation comes due: one step, one transaction.

A step whose clock has moved on (its generation differs) does nothing. After an outage each overdue step happens once,
labelled with how late it is.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import hours_of
from handlers.escalations import cases, telling
from handlers.escalations.rules import clocks, moves, rights
from handlers.escalations.rules.case import Case, changed
from handlers.escalations.rules.policy import PAGES_AT_MOST, frozen_terms
from handlers.local_time import at_local, parse_zone
from handlers.teams.rules.duty import tier
from handlers.working_time import Calendar, Shift
from storage import escalations, memberships, people, schedule, teams
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import State
from storage.follow_ups import FollowUp
from storage.handovers import Handover
from storage.messages import Attention, Priority, refresh_subject, want
from storage.people import Person
from storage.schedule import Timer

LATE_FROM = timedelta(minutes=1)
"""A step that leaves later than this says so."""
REMIND_AGAIN_AFTER = timedelta(days=2)
HIGHEST_TIER = 2


async def warn(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """75 % of the time has passed: one message to whoever owes it."""
    found = await _due(session, timer, now)
    if found is None:
        return
    case, clock = found
    if not clocks.is_due_soon(clock, now):
        return  # the deadline itself has passed: its own step speaks
    await _page(session, case, clock, telling.who_owes(case, clock.kind, now), "warn", timer, now)
    await cases.refresh(session, case.escalation, now=now)


async def breach(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """The deadline passed (turn 0), or a page of the breach stayed unanswered (turn n)."""
    found = await _due(session, timer, now)
    if found is None:
        return
    case, clock = found
    if timer.turn == 0:
        clocks.breach(clock)
        case.escalation.changed_at = now
        late = _late_min(timer, now)
        change = changed("breached", now=now, actor=None, clocks=[clock], clock=clock.kind.value, late_min=late)
        await cases.keep(session, case, change)
    await _page_breach(session, case, clock, timer, now)


async def _page_breach(session: AsyncSession, case: Case, clock: Clock, timer: Timer, now: datetime) -> None:
    repeat = frozen_terms(case.escalation).repeat_min
    if repeat is None:
        return  # the digest shows it
    clock.pages += 1
    told = (*telling.who_owes(case, clock.kind, now), *tier(case.facts, min(timer.turn + 1, HIGHEST_TIER), now))
    is_last = clock.pages >= PAGES_AT_MOST
    await _page(session, case, clock, told, "breach", timer, now, last=is_last)
    if not is_last:
        at = cases.next_page_at(case, clock, now, timedelta(minutes=repeat))
        await cases.set_timer(session, case.escalation, cases.BREACH, clock, at=at, turn=timer.turn + 1)


async def run_out(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """A clock that drives one step: silence, an unanswered return, the end of a hold, the quiet confirmation."""
    found = await _due(session, timer, now)
    if found is None:
        return
    case, clock = found
    match clock.kind:
        case Kind.SILENCE:
            await _break_silence(session, case, clock, timer, now)
        case Kind.ANSWER:
            clocks.breach(clock)
            await _page(session, case, clock, await _managers_of_reporter(session, case), "unanswered", timer, now)
        case Kind.HOLD:
            await cases.keep(session, case, moves.resume(case, None, now, late_min=_late_min(timer, now)))
        case Kind.CONFIRM:
            await cases.keep(session, case, moves.confirm(case, None, now))
        case _:
            raise AssertionError(clock.kind)


async def _break_silence(session: AsyncSession, case: Case, clock: Clock, timer: Timer, now: datetime) -> None:
    """First the owner hears it; if they stay silent for another interval, the managers do, once."""
    if timer.turn == 0 and case.owner is not None:
        await _page(session, case, clock, [case.owner], "silence", timer, now)
        again = clocks.length(case.escalation, Kind.SILENCE)
        assert again is not None
        at = cases.next_page_at(case, clock, now, again)
        await cases.set_timer(session, case.escalation, cases.RUN_OUT, clock, at=at, turn=1)
    else:
        await _page(session, case, clock, case.facts.managers, "silence", timer, now)


async def remind_follow_up(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """On its day, and every two days after: one message to its owner, until it is closed. Once the owner has left, the
    team's managers have it."""
    follow_up = await session.get(FollowUp, timer.subject_id)
    if follow_up is None or follow_up.closed_at is not None or follow_up.generation != timer.generation:
        return
    owner = (await people.by_ids(session, [follow_up.owner_id]))[follow_up.owner_id]
    case = await cases.load(session, follow_up.escalation_id, now=now, lock=False)
    told = [owner] if owner.is_reachable else [one for one in case.facts.managers if rights.may_see(case, one)]
    for person in told:
        await want(
            session,
            workspace_id=follow_up.workspace_id,
            key=f"follow_up:{follow_up.id}:{timer.generation}:{timer.turn}:{person.id}",
            renderer="escalations.follow_up",
            subject_id=follow_up.id,
            destination=person.slack_id,
            person_id=person.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.SCHEDULED,
            now=now,
        )
    await set_reminder(session, follow_up, at=now + REMIND_AGAIN_AFTER, turn=timer.turn + 1)


async def set_reminder(session: AsyncSession, follow_up: FollowUp, *, at: datetime, turn: int = 0) -> None:
    await schedule.set_timer(
        session,
        workspace_id=follow_up.workspace_id,
        step="escalations.remind_follow_up",
        subject_id=follow_up.id,
        generation=follow_up.generation,
        turn=turn,
        due_at=at,
        priority=5,
    )


def reminder_at(follow_up: FollowUp, owner: Person, team: teams.Team) -> datetime:
    """The morning of its day, at the owner's hours."""
    return at_local(follow_up.due_on, hours_of(owner, team).start, parse_zone(owner.zone))


async def handover_unanswered(session: AsyncSession, timer: Timer, now: datetime) -> None:
    """Offered, and not taken for 30 working minutes: the managers hear it."""
    offered = await session.get(Handover, timer.subject_id)
    if offered is None or offered.answered_at is not None:
        return
    case = await cases.load(session, offered.escalation_id, now=now)
    if case.escalation.state == State.RESOLVED or case.escalation.owner_id != offered.from_id:
        return
    for manager in (one for one in case.facts.managers if rights.may_see(case, one)):
        await want(
            session,
            workspace_id=offered.workspace_id,
            key=f"handover:{offered.id}:managers:{manager.id}",
            renderer="escalations.handover",
            subject_id=offered.id,
            destination=manager.slack_id,
            person_id=manager.id,
            attention=Attention.UNREQUESTED,
            priority=Priority.INTERACTIVE,
            now=now,
        )


async def _due(session: AsyncSession, timer: Timer, now: datetime) -> tuple[Case, Clock] | None:
    """The case and the clock, if the timer still means them."""
    escalation = await escalations.locked(session, timer.subject_id)
    clock = escalation.clock(Kind(timer.part)) if escalation else None
    if escalation is None or clock is None or clock.generation != timer.generation:
        return None
    if clock.state not in {ClockState.RUNNING, ClockState.BREACHED}:
        return None
    return await cases.case_of(session, escalation, now=now), clock


async def _page(
    session: AsyncSession,
    case: Case,
    clock: Clock,
    told: Iterable[Person],
    reason: str,
    timer: Timer,
    now: datetime,
    *,
    last: bool = False,
) -> None:
    """Writes to each of them once. What they were to read of this clock and haven't been sent yet, this replaces."""
    escalation = case.escalation
    details = {"reason": reason, "clock": clock.kind.value, "generation": clock.generation}
    details |= {"late_min": late} if (late := _late_min(timer, now)) else {}
    details |= {"last": True} if last else {}
    for person in {person.id: person for person in told}.values():
        await telling.write_page(
            session,
            case,
            person,
            key=f"escalation:{escalation.id}:{clock.kind}:{clock.generation}:{reason}:{timer.turn}:{person.id}",
            attention=telling.attention_for(case, clock.kind, person, now),
            details=details,
            now=now,
        )


async def _managers_of_reporter(session: AsyncSession, case: Case) -> list[Person]:
    """Their own team's managers; the escalation's, when they are in no team (or manage it themselves)."""
    team = await memberships.primary_team(session, case.reporter)
    own = await memberships.managers(session, team.id) if team else []
    others = [manager for manager in own if manager.id != case.reporter.id]
    return others or list(case.facts.managers)


def _late_min(timer: Timer, now: datetime) -> int | None:
    late = now - timer.due_at
    return int(late.total_seconds() // 60) if late >= LATE_FROM else None


def answered_by(person: Person, team: teams.Team | None, now: datetime, within: timedelta) -> datetime:
    """When that much of somebody's working time has passed, whether or not they are away: others wait for them. By the
    wall clock if they never work."""
    return clocks.reached(Calendar((Shift(hours_of(person, team)),)), now, within)


async def refresh_follow_up(session: AsyncSession, follow_up: FollowUp, *, now: datetime) -> None:
    """Its reminders and the card that lists it show what it is now."""
    await refresh_subject(session, follow_up.id, "escalations.follow_up", now=now)
    await refresh_subject(session, follow_up.escalation_id, "escalations.card", now=now)
