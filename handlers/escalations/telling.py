"""Who is told of an escalation in a direct message, of what, and how urgently."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations.rules import rights
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.clocks import PROMISES
from handlers.escalations.rules.policy import pages_at_any_hour
from handlers.teams.rules.duty import tier
from storage import messages, people
from storage.clocks import Kind
from storage.escalation_events import Event
from storage.escalations import Need, State
from storage.messages import Attention, MessageState, NewMessage, Priority
from storage.people import Person

PAGE = "escalations.page"


def who_owes(case: Case, kind: Kind, now: datetime) -> tuple[Person, ...]:
    """Who owes what a clock measures. To acknowledge: the last owner of a reopened one, else who is on duty. To
    resolve: the owner. News for the customer: the reporter, or the owner who was asked to take over. Somebody who is
    away or has left owes nothing: then it is who is on duty."""
    escalation = case.escalation
    owing = case.owner
    if kind == Kind.PROMISE and not (escalation.need == Need.TAKE_OVER and owing):
        owing = case.reporter if _is_there(case.reporter, now) else owing
    elif owing is None and escalation.reopened and escalation.last_owner_id is not None:
        owing = case.people[escalation.last_owner_id]
    if owing is not None and _is_there(owing, now):
        return (owing,)
    return tier(case.facts, 0, now)


def attention_for(case: Case, kind: Kind, person: Person, now: datetime) -> Attention:
    """How a page may claim somebody's attention: an always-counting severity finds its owner, who is on duty and the
    tiers above at any hour. A promise to the customer is the reporter's own: they asked to be reminded."""
    if kind == Kind.PROMISE and person.id == case.reporter.id:
        return Attention.NEWS
    at_any_hour = pages_at_any_hour(case.facts.team, case.escalation.severity)
    answering = person.id == case.escalation.owner_id or any(
        person.id == one.id for level in range(3) for one in tier(case.facts, level, now)
    )
    if at_any_hour and answering and kind in (*PROMISES, Kind.SILENCE):
        return Attention.PAGE
    return Attention.UNREQUESTED


async def write_to(
    session: AsyncSession,
    case: Case,
    person: Person,
    *,
    key: str,
    renderer: str,
    attention: Attention,
    now: datetime,
    details: dict[str, Any] | None = None,
    priority: Priority = Priority.SLA,
) -> None:
    """Wants a direct message about this escalation."""
    written = letter(case, person, key=key, renderer=renderer, attention=attention, details=details, priority=priority)
    await messages.want_all(session, [written], now=now)


def letter(
    case: Case,
    person: Person,
    *,
    key: str,
    renderer: str,
    attention: Attention,
    details: dict[str, Any] | None = None,
    priority: Priority = Priority.SLA,
) -> NewMessage:
    """A direct message about this escalation, to be wanted."""
    return NewMessage(
        workspace_id=case.escalation.workspace_id,
        key=key,
        renderer=renderer,
        subject_id=case.escalation.id,
        destination=person.slack_id,
        person_id=person.id,
        attention=attention,
        details=details or {},
        priority=priority,
    )


async def write_page(
    session: AsyncSession,
    case: Case,
    person: Person,
    *,
    key: str,
    attention: Attention,
    details: dict[str, Any],
    now: datetime,
) -> None:
    """Wants a page about one of the clocks (`details["clock"]`). What the same person was to read of that clock and
    hasn't been sent yet, it replaces: a morning doesn't begin with every page of the night."""
    for waiting in await messages.unsent(session, case.escalation.id, PAGE):
        if waiting.person_id == person.id and _clock_of(waiting.details) == details["clock"]:
            waiting.state = MessageState.CANCELLED
    await write_to(session, case, person, key=key, renderer=PAGE, attention=attention, details=details, now=now)


async def tell(session: AsyncSession, case: Case, event: Event) -> None:
    """Who hears of a line of the history in a direct message, whoever did it excepted."""
    escalation = case.escalation
    for person in (await people.by_ids(session, _who_hears(case, event))).values():
        if rights.may_see(case, person):
            await write_to(
                session,
                case,
                person,
                key=f"escalation:{escalation.id}:news:{event.id}:{person.id}",
                renderer="escalations.news",
                attention=Attention.NEWS,
                details={"event": event.id},
                now=event.at,
                priority=Priority.INTERACTIVE,
            )
    if event.kind in {"answered", "resumed", "reopened"} and escalation.state == State.WAITING:
        await _call_for_an_owner(session, case, event)


def _who_hears(case: Case, event: Event) -> set[int | None]:
    escalation = case.escalation
    heard: set[int | None]
    match event.kind:
        case "returned" | "resolved":
            heard = {escalation.reporter_id}
        case "answered" | "resumed":
            heard = {escalation.owner_id}
        case "updated" | "joined" | "severity" | "held":
            heard = {escalation.owner_id, escalation.reporter_id}
        case "reassigned":
            heard = {escalation.owner_id, event.details.get("before")}
        case "accepted":
            heard = {event.details.get("before"), escalation.reporter_id}
        case "left":
            heard = {*(manager.id for manager in case.facts.managers), *case.viewers}
        case "declined":
            heard = {escalation.owner_id}
        case _:
            heard = set()
    return heard - {event.actor_id, None}


async def _call_for_an_owner(session: AsyncSession, case: Case, event: Event) -> None:
    """It waits again, and nobody owns it: whoever owes the claim hears it."""
    clock = case.escalation.clock(Kind.ACKNOWLEDGE)
    if clock is None:
        return
    details = {"reason": "back", "event": event.id, "clock": Kind.ACKNOWLEDGE.value, "generation": clock.generation}
    for person in who_owes(case, Kind.ACKNOWLEDGE, event.at):
        if person.id != event.actor_id:
            await write_page(
                session,
                case,
                person,
                key=f"escalation:{case.escalation.id}:back:{event.id}:{person.id}",
                attention=attention_for(case, Kind.ACKNOWLEDGE, person, event.at),
                details=details,
                now=event.at,
            )


def _clock_of(details: Mapping[str, Any]) -> str:
    """What a page is about; the first one, at the raising, asks for an owner as those of the acknowledge clock do."""
    return str(details.get("clock", Kind.ACKNOWLEDGE.value))


def _is_there(person: Person, now: datetime) -> bool:
    return person.is_reachable and not person.is_away(now)
