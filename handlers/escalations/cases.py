"""Between the tables and the rules: loads a case under its lock, and writes down everything that follows from a change.

What follows from a change has one home, `keep`: the history's line, the timers of the clocks that moved, the messages
that must show it, the people who are told.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations import telling, tickets
from handlers.escalations.rules.case import Case, Change
from handlers.escalations.rules.clocks import PROMISES, reached, time_of
from handlers.escalations.rules.rights import UNKNOWN
from handlers.refusals import Refusal
from handlers.teams.rules.hours import calendar_of_person
from storage import escalation_events, escalations, handovers, memberships, messages, people, schedule, team_facts
from storage.base import seen_or_loaded
from storage.clocks import Clock, ClockState
from storage.escalation_events import Event
from storage.escalations import Escalation, EscalationViewer, Severity
from storage.follow_ups import follow_ups_of
from storage.messages import Attention, NewMessage, Priority
from storage.people import Person
from storage.schedule import NewTimer
from storage.team_facts import TeamFacts
from storage.teams import Team
from storage.workspaces import Workspace

WARN = "escalations.warn"
BREACH = "escalations.breach"
RUN_OUT = "escalations.run_out"
URGENCY = {Severity.S1: 0, Severity.S2: 1, Severity.S3: 2, Severity.S4: 3}
SHOWN_ELSEWHERE = ("escalations.card", "escalations.receipt", "escalations.page")
"""The messages that follow an escalation: refreshed whenever it changes."""
QUIET_KINDS = frozenset({"raised", "restricted", "declined"})
"""Lines of the history that need no note in the thread."""


async def load(session: AsyncSession, escalation_id: int, *, now: datetime, lock: bool = True) -> Case:
    """The escalation with everyone who matters to it. Raises Refusal if there is none."""
    find = escalations.locked if lock else escalations.loaded
    found = await find(session, escalation_id)
    if found is None:
        raise Refusal(UNKNOWN)
    return await case_of(session, found, now=now)


async def case_of(session: AsyncSession, escalation: Escalation, *, now: datetime) -> Case:
    return (await cases_of(session, [escalation], now=now))[0]


async def cases_of(session: AsyncSession, several: Sequence[Escalation], *, now: datetime) -> list[Case]:
    """In their order; by as many queries as one of them takes."""
    facts = await _facts(session, {one.team_id for one in several}, now)
    lasts = await escalation_events.last_of_a_person(session, (one.id for one in several))
    viewers = {one.id: await escalations.viewers(session, one.id) for one in several if one.restricted}
    involved: dict[int, set[int]] = {}
    for one in several:
        last = lasts.get(one.id)
        people_ids = (one.reporter_id, one.owner_id, one.last_owner_id, last.actor_id if last else None)
        involved[one.id] = {*filter(None, people_ids), *viewers.get(one.id, ())}
    persons = {person.id: person for one in facts.values() for person in one.everybody}
    persons |= await people.by_ids(session, set().union(*involved.values()) - persons.keys())
    primary = await memberships.primary_teams(session, (persons[one.reporter_id] for one in several))
    return [
        Case(
            one,
            facts[one.team_id],
            {person_id: persons[person_id] for person_id in involved[one.id]},
            viewers.get(one.id, frozenset()),
            lasts.get(one.id),
            calendar_of_person(persons[one.reporter_id], primary[one.reporter_id] or facts[one.team_id].team),
        )
        for one in several
    ]


async def _facts(session: AsyncSession, team_ids: Collection[int], now: datetime) -> dict[int, TeamFacts]:
    """Loaded once for all cases of a team that one transaction, or one look, is about: nothing here changes them."""
    seen: dict[int, TeamFacts] = session.info.setdefault("facts of teams", {})
    unseen = await seen_or_loaded(session, Team, set(team_ids) - seen.keys())
    seen |= {one.team.id: one for one in await team_facts.of_teams(session, list(unseen.values()), now=now)}
    return seen


async def keep(session: AsyncSession, case: Case, change: Change) -> Event:
    """Writes what follows from a change, in the caller's transaction."""
    escalation = case.escalation
    event = Event(
        escalation_id=escalation.id,
        at=change.at,
        kind=change.kind,
        actor_id=change.actor_id,
        details=change.details,
        clocks=[snapshot(clock) for clock in change.clocks],
    )
    session.add(event)
    await session.flush()
    await set_timers(session, escalation, change.clocks, now=change.at)
    if change.kind != "raised":  # nothing shows it yet
        await refresh(session, escalation, now=change.at)
    if change.kind not in QUIET_KINDS and not escalation.restricted:
        await _note_in_thread(session, escalation, event)
    await telling.tell(session, case, event)
    await tickets.want_note(session, escalation, event)
    return event


async def refresh(session: AsyncSession, escalation: Escalation, *, now: datetime) -> None:
    """Every message that shows this escalation shows its present truth."""
    await messages.refresh_subject(session, escalation.id, *SHOWN_ELSEWHERE, now=now)


async def refresh_everywhere(session: AsyncSession, escalation: Escalation, *, now: datetime) -> None:
    """Also the direct messages that usually stay as they were sent: who may see it has changed."""
    await refresh(session, escalation, now=now)
    for renderer in ("escalations.news", "escalations.parked"):
        await messages.refresh_subject(session, escalation.id, renderer, now=now)
    for follow_up in await follow_ups_of(session, [escalation.id]):
        await messages.refresh_subject(session, follow_up.id, "escalations.follow_up", now=now)
    for offered in await handovers.of_escalation(session, escalation.id):
        await messages.refresh_subject(session, offered.id, "escalations.handover", now=now)


def snapshot(clock: Clock) -> dict[str, Any]:
    """A clock as the history keeps it."""
    return {
        "kind": clock.kind.value,
        "state": clock.state.value,
        "deadline": clock.deadline.isoformat(),
        "started_at": clock.started_at.isoformat(),
        "paused_s": clock.paused_s,
        "given": clock.given,
    }


async def set_timers(session: AsyncSession, escalation: Escalation, touched: Iterable[Clock], *, now: datetime) -> None:
    """The next steps of clocks that moved. Their older timers are void: the generation has risen. A deadline that the
    move itself brought into the past is due now, and not late."""
    timers: list[NewTimer] = []
    for clock in touched:
        if clock.state != ClockState.RUNNING:
            continue
        if clock.warn_at is not None and clock.warn_at >= now:
            timers.append(_timer(escalation, WARN, clock, at=clock.warn_at))
        passed = BREACH if clock.kind in PROMISES else RUN_OUT
        timers.append(_timer(escalation, passed, clock, at=max(clock.deadline, now)))
    await schedule.set_timers(session, timers)


async def set_timer(
    session: AsyncSession, escalation: Escalation, step: str, clock: Clock, *, at: datetime, turn: int = 0
) -> None:
    await schedule.set_timers(session, [_timer(escalation, step, clock, at=at, turn=turn)])


def _timer(escalation: Escalation, step: str, clock: Clock, *, at: datetime, turn: int = 0) -> NewTimer:
    return NewTimer(
        workspace_id=escalation.workspace_id,
        step=step,
        subject_id=escalation.id,
        part=clock.kind.value,
        generation=clock.generation,
        turn=turn,
        due_at=at,
        priority=URGENCY[escalation.severity],
    )


async def show_card(session: AsyncSession, case: Case, *, now: datetime) -> None:
    """Wants the card, wherever it is to be seen."""
    await messages.want_all(session, card_of(case), now=now)


def card_of(case: Case) -> list[NewMessage]:
    """The card's messages: one in the channel, or one to each who may see a restricted escalation."""
    escalation = case.escalation
    if escalation.restricted:
        seers = {escalation.reporter_id, escalation.owner_id, *case.viewers}
        return [
            telling.letter(
                case,
                person,
                key=f"{card_key(escalation.id)}:{person.id}",
                renderer="escalations.card",
                attention=Attention.ASKED,
            )
            for person in case.people.values()
            if person.id in seers
        ]
    return [
        NewMessage(
            workspace_id=escalation.workspace_id,
            key=card_key(escalation.id),
            renderer="escalations.card",
            subject_id=escalation.id,
            destination=escalation.channel,
            priority=Priority.SLA,
        )
    ]


def card_key(escalation_id: int) -> str:
    return f"escalation:{escalation_id}:card"


async def _note_in_thread(session: AsyncSession, escalation: Escalation, event: Event) -> None:
    if await messages.by_key(session, card_key(escalation.id)) is None:
        return
    await messages.want(
        session,
        workspace_id=escalation.workspace_id,
        key=f"escalation:{escalation.id}:note:{event.id}",
        renderer="escalations.note",
        subject_id=escalation.id,
        details={"event": event.id},
        destination=escalation.channel,
        parent_key=card_key(escalation.id),
        priority=Priority.INTERACTIVE,
        now=event.at,
    )


async def link_of(session: AsyncSession, escalation: Escalation) -> str | None:
    """Where Slack shows the card; None until it does."""
    return (await links_of(session, [escalation])).get(escalation.id)


async def links_of(session: AsyncSession, several: Sequence[Escalation]) -> dict[int, str]:
    """Where Slack shows the cards that it shows, by the escalation's id."""
    found: dict[int, str] = {}
    cards = await messages.by_keys(session, [card_key(one.id) for one in several])
    for one in several:
        shown = cards.get(card_key(one.id))
        if shown is None or shown.slack_ts is None or shown.slack_channel is None:
            continue
        if (workspace := await session.get(Workspace, one.workspace_id)) is not None:
            found[one.id] = workspace.link(shown.slack_channel, shown.slack_ts)
    return found


async def name_viewers(session: AsyncSession, escalation: Escalation, named: Iterable[Person]) -> None:
    """Who may see it, from now on; earlier names are dropped."""
    await session.execute(delete(EscalationViewer).where(EscalationViewer.escalation_id == escalation.id))
    for person in named:
        session.add(EscalationViewer(escalation_id=escalation.id, person_id=person.id))
    await session.flush()


def next_page_at(case: Case, clock: Clock, now: datetime, every: timedelta) -> datetime:
    """When an unanswered breach is paged again, in the clock's own time."""
    return reached(time_of(case.escalation, clock.kind), now, every)


async def in_thread(session: AsyncSession, channel: str, thread_ts: str) -> int | None:
    """The escalation whose card starts that thread, if one does."""
    shown = await messages.shown_at(session, channel, thread_ts)
    return shown.subject_id if shown is not None and shown.renderer == "escalations.card" else None
