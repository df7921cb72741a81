"""How /backstop upcoming tells of this feature's messages and timers. A restricted escalation is told of to those who
may see it, and to nobody else."""

from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations import cases
from handlers.escalations.rules import rights
from handlers.escalations.rules.case import Case
from handlers.escalations.telling import who_owes
from handlers.escalations.views.words import CLOCK, title
from handlers.house import Coming, Describer, Me
from storage import escalations
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, State
from storage.follow_ups import FollowUp
from storage.handovers import Handover
from storage.messages import Message
from storage.schedule import Schedule, Timer
from storage.tickets import Ticket

Row = Message | Timer | Schedule

MESSAGES = {
    "escalations.card": "An escalation’s card",
    "escalations.note": "News in an escalation’s thread",
    "escalations.page": "Somebody is asked to act on an escalation",
    "escalations.receipt": "Where an escalation stands, for who raised it",
    "escalations.news": "News of an escalation",
    "escalations.parked": "A card that couldn’t be posted",
}
STEPS = {
    "escalations.warn": "A reminder before a deadline",
    "escalations.breach": "A deadline passes: the next tier is told",
    "escalations.run_out": "An escalation goes on",
}
RUNS_OUT = {
    Kind.SILENCE: "A reminder to give a sign of life",
    Kind.ANSWER: "An answer is overdue: the managers are told",
    Kind.HOLD: "A hold ends",
    Kind.CONFIRM: "A resolution counts as confirmed",
}
FOLLOW_UP = "A follow-up is due"
HANDOVER = "A handover waits for its tap"
NIGHTLY = "What ended two years ago is deleted"


def message_of(renderer: str) -> Describer:
    """Describes the messages of this renderer, whose subject is an escalation."""

    async def describe(session: AsyncSession, row: Row, me: Me) -> Coming | None:
        assert isinstance(row, Message)
        case = await _seen(session, row.subject_id, me)
        return _coming(MESSAGES[renderer], case.escalation) if case else None

    return describe


async def step(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    """A clock's step, if the clock has not moved on since."""
    assert isinstance(row, Timer)
    case = await _seen(session, row.subject_id, me)
    clock = case.escalation.clock(Kind(row.part)) if case else None
    if case is None or clock is None or not _is_meant(row, clock):
        return None
    name = RUNS_OUT.get(clock.kind) if row.step == "escalations.run_out" else STEPS[row.step]
    owing = ", ".join(person.name for person in who_owes(case, clock.kind, row.due_at)[:2])
    return _coming(name or STEPS[row.step], case.escalation, f"{CLOCK[clock.kind]}, owed by {owing}" if owing else "")


async def follow_up(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert not isinstance(row, Schedule)
    found = await session.get(FollowUp, row.subject_id)
    stale = found is None or found.closed_at is not None
    stale = stale or (isinstance(row, Timer) and found is not None and found.generation != row.generation)
    case = None if stale or found is None else await _seen(session, found.escalation_id, me)
    return _coming(FOLLOW_UP, case.escalation, found.what) if case and found else None


async def handover(session: AsyncSession, row: Row, me: Me) -> Coming | None:
    assert not isinstance(row, Schedule)
    offered = await session.get(Handover, row.subject_id)
    if offered is None or offered.answered_at is not None:
        return None
    case = await _seen(session, offered.escalation_id, me)
    return _coming(HANDOVER, case.escalation) if case else None


async def nightly(_session: AsyncSession, _row: Row, me: Me) -> Coming | None:
    return Coming(NIGHTLY) if me.is_admin else None


async def tagged(session: AsyncSession, row: Row, _me: Me) -> Coming | None:
    assert isinstance(row, Message)
    ticket = await session.get(Ticket, row.subject_id)
    return Coming("A ticket was tagged to be escalated", "", ticket.team_id) if ticket else None


DESCRIBERS: dict[str, Callable[[AsyncSession, Row, Me], Awaitable[Coming | None]]] = {
    **{renderer: message_of(renderer) for renderer in MESSAGES},
    **dict.fromkeys(STEPS, step),
    "escalations.follow_up": follow_up,
    "escalations.remind_follow_up": follow_up,
    "escalations.handover": handover,
    "escalations.handover_unanswered": handover,
    "escalations.retention": nightly,
    "escalations.tagged": tagged,
}


async def _seen(session: AsyncSession, escalation_id: int | None, me: Me) -> Case | None:
    """The case, if it exists for this reader and is not over."""
    found = await escalations.loaded(session, escalation_id) if escalation_id is not None else None
    if found is None or (found.state == State.RESOLVED and found.confirmed_at is not None):
        return None
    case = await cases.case_of(session, found, now=found.changed_at)
    return case if rights.may_see(case, me.person) else None


def _is_meant(timer: Timer, clock: Clock) -> bool:
    return timer.generation == clock.generation and clock.state in {ClockState.RUNNING, ClockState.BREACHED}


def _coming(what: str, escalation: Escalation, more: str = "") -> Coming:
    detail = f"{escalation.label} {more}" if more else f"{escalation.label} {title(escalation, 40)}"
    return Coming(what, detail, escalation.team_id)
