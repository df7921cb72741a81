"""Message rows → what Slack shows, from the present truth. FALLEN when the obligation fell away before it was sent."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, said, section
from handlers.escalations import cases, telling, tickets
from handlers.escalations.rules import receipt, rights
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.policy import frozen_terms
from handlers.escalations.rules.references import ticket_key
from handlers.escalations.views import card, happened, notes
from handlers.escalations.views import ticket as ticket_views
from handlers.escalations.views.words import NEED, STATE, title
from handlers.house import FALLEN, Fallen, Rendered
from handlers.teams.rules.duty import on_duty
from storage import escalation_events, escalations, people
from storage.clocks import Clock, ClockState, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation, EscalationTicket, State
from storage.follow_ups import FollowUp, follow_ups_of
from storage.handovers import Handover
from storage.messages import Attention, Message
from storage.tickets import Ticket

DUTY_WORD = "On duty: {}"
NOBODY = "Nobody is on duty right now; the managers were told."


async def render_card(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    case = await _case(session, message, now)
    if case is None:
        return FALLEN
    escalation = case.escalation
    if message.person_id is None and escalation.restricted:
        if message.slack_ts is None:
            return FALLEN
        return Rendered(card.RESTRICTED_STUB.format(escalation.label), card.stub(escalation))
    if not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    return Rendered(card.summary(escalation), await blocks_of(session, case, now))


def _hidden(case: Case, message: Message) -> Rendered | Fallen:
    """What somebody keeps of an escalation that they may not see any more: nothing that it says."""
    if message.slack_ts is None:
        return FALLEN
    return Rendered(card.RESTRICTED_STUB.format(case.escalation.label), card.stub(case.escalation))


async def blocks_of(session: AsyncSession, case: Case, now: datetime) -> list[Block]:
    """The card as a message shows it, with what the other tables know of it."""
    return [*await body_of(session, case, now), card.buttons(case.escalation)]


async def body_of(session: AsyncSession, case: Case, now: datetime, *, whole: bool = False) -> list[Block]:
    """The card without its buttons; `whole`: nothing that was typed is shortened (a window has the room)."""
    escalation = case.escalation
    follow_ups, joined = (await _beside(session, [escalation.id]))[escalation.id]
    owners = await people.by_ids(session, (one.owner_id for one in follow_ups))
    known = replace(case, people={**owners, **case.people})
    duty = duty_word(case, now) if escalation.state == State.WAITING else None
    conversation = await tickets.conversation_of(session, escalation) is not None
    return card.body(
        known,
        now,
        follow_ups=follow_ups,
        joined=joined,
        duty=duty,
        whole=whole,
        conversation=conversation,
        earlier=await _earlier(session, escalation),
    )


async def _earlier(session: AsyncSession, escalation: Escalation) -> list[receipt.Earlier]:
    """How it was acknowledged before that was asked for anew."""
    clock = escalation.clock(Kind.ACKNOWLEDGE)
    if clock is None or clock.started_at == escalation.raised_at:  # as most are: their history needn't be read
        return []
    history = await escalation_events.history(session, escalation.id)
    return receipt.earlier_acknowledgements(escalation, history)


def duty_word(case: Case, now: datetime) -> str:
    """Who is on duty, by name: nobody is tagged."""
    on = on_duty(case.facts, now).people
    return DUTY_WORD.format(", ".join(said(person.name, 60) for person in on[:4])) if on else NOBODY


async def render_note(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    case = await _case(session, message, now)
    event = await session.get(Event, message.details["event"])
    if case is None or event is None or case.escalation.restricted:
        return FALLEN
    text = happened.note(event, await _named(session, event))
    if text is None:
        return FALLEN
    return Rendered(text[:3000], [section(text[:3000])])


async def render_news(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    case = await _case(session, message, now)
    event = await session.get(Event, message.details["event"])
    if case is None or event is None:
        return FALLEN
    if not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    if event.kind == "returned" and message.slack_ts is None and case.escalation.state != State.RETURNED:
        return FALLEN
    named = await _named(session, event)
    link = await _link(session, case.escalation)
    text = f"{case.escalation.label}: {happened.note(event, named) or STATE[case.escalation.state]}"
    return Rendered(text[:3000], notes.news(case, event, named, link=link))


async def render_receipt(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    case = await _case(session, message, now)
    if case is None:
        return FALLEN
    link = await _link(session, case.escalation)
    blocks = notes.receipt(case, now, link=link, duty=duty_word(case, now))
    return Rendered(f"You raised {card.summary(case.escalation)}", blocks)


async def render_page(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """`details`: reason (raised, warn, breach, silence, unanswered, back), clock and generation, turn, late_min."""
    case = await _case(session, message, now)
    if case is None:
        return FALLEN
    if not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    escalation = case.escalation
    kind = message.details.get("clock")
    clock = escalation.clock(Kind(kind)) if kind else None
    if message.slack_ts is None and not _still_asked(case, message, clock):
        return FALLEN
    link = await _link(session, escalation)
    reason = _reason(case, message) + happened.late_label(message.details)
    if message.possible_repeat:
        reason += f"\n{notes.REPEAT}"
    text = f"{reason.splitlines()[0]} {escalation.label}: {said(title(escalation), 120)}"
    return Rendered(text, notes.page(case, reason, now, link=link, clock=clock))


def _still_asked(case: Case, message: Message, clock: Clock | None) -> bool:
    """The guard: a page is sent only while what it asks for is still owed."""
    reason = message.details["reason"]
    if clock is None:  # raised, nobody: the first to read it asks for an owner
        return case.escalation.state == State.WAITING
    if reason == "back" and case.escalation.state != State.WAITING:
        return False
    if reason == "warn" and clock.state != ClockState.RUNNING:
        return False
    return clock.generation == message.details["generation"] and clock.met_at is None


def _reason(case: Case, message: Message) -> str:
    details = message.details
    escalation = case.escalation
    match details["reason"]:
        case "raised":
            need = NEED[escalation.need].lower()
            return notes.RAISED_PAGE.format(
                who=said(case.reporter.name, 80), need=need, team=said(case.facts.team.name, 80)
            )
        case "nobody":
            return notes.NOBODY_ON_DUTY.format(said(case.facts.team.name, 80), said(details.get("why", ""), 200))
        case "warn":
            return notes.WARN[Kind(details["clock"])]
        case "breach":
            last = notes.LAST_PAGE if details.get("last") else ""
            return notes.BREACH[Kind(details["clock"])] + last
        case "silence":
            minutes = frozen_terms(escalation).update_min or 0
            return notes.silence_reason(case, minutes, to_owner=message.person_id == escalation.owner_id)
        case "unanswered":
            return notes.UNANSWERED.format(reporter=said(case.reporter.name, 80))
        case _:
            return notes.BACK


async def render_follow_up(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    follow_up = await session.get(FollowUp, message.subject_id)
    if follow_up is None or (follow_up.closed_at is not None and message.slack_ts is None):
        return FALLEN
    case = await cases.load(session, follow_up.escalation_id, now=now, lock=False)
    escalation = case.escalation
    if message.person_id != follow_up.owner_id and not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    text = f"Follow-up of {escalation.label}: {said(follow_up.what, 200)}"
    if follow_up.closed_at is not None:
        return Rendered(text, [section(f":white_check_mark: {text}\n>{said(follow_up.note or 'Closed.', 500)}")])
    link = await _link(session, escalation)
    return Rendered(text, notes.follow_up_reminder(follow_up, escalation.label, link=link))


async def render_tagged(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """What was solved or escalated before anybody was told needs no telling."""
    ticket = await session.get(Ticket, message.subject_id)
    if ticket is None:
        return FALLEN
    raised = await escalations.by_ticket(session, ticket.workspace_id, ticket_key(ticket.external_id))
    if message.slack_ts is None and (raised is not None or not ticket.in_backlog):
        return FALLEN
    if raised is not None and (raised.restricted or raised.team_only):
        raised = None
    return ticket_views.tagged(ticket, raised)


async def render_handover(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    offered = await session.get(Handover, message.subject_id)
    if offered is None:
        return FALLEN
    case = await cases.load(session, offered.escalation_id, now=now, lock=False)
    if not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    offerer = await people.by_ids(session, [offered.from_id, offered.to_id])
    link = await _link(session, case.escalation)
    giver = offerer[offered.from_id]
    text = f"{giver.name} would like to hand {case.escalation.label} over to you."
    if message.person_id != offered.to_id:
        if offered.answered_at is not None and message.slack_ts is None:
            return FALLEN
        taker = said(offerer[offered.to_id].name, 80)
        if offered.answered_at is not None:
            did = "took it over" if offered.accepted else "didn’t take it over"
            done = f":handshake: {taker} {did}."
            return Rendered(done, [section(f"{done}\n{notes.headline(case, link)}")])
        waiting = f":handshake: {taker} hasn’t taken over this from {said(giver.name, 80)} yet."
        return Rendered(waiting, [section(f"{waiting}\n{notes.headline(case, link)}")])
    if offered.answered_at is not None:
        if message.slack_ts is None:
            return FALLEN
        done = ":white_check_mark: You took it over." if offered.accepted else ":no_entry_sign: You left it with them."
        return Rendered(text, [section(f"{done}\n{notes.headline(case, link)}")])
    return Rendered(text, notes.handover_offer(case, giver, offered.note, offered.id, link=link))


async def load_ahead(session: AsyncSession, several: Sequence[Message], now: datetime) -> None:
    """The cases of all messages that are rendered in one look, and what their cards show beside them."""
    ids = {message.subject_id for message in several if message.subject_id is not None}
    found = await _cases(session, ids, now)
    await _links(session, [case.escalation for case in found.values()])
    await _beside(session, ids)


async def _case(session: AsyncSession, message: Message, now: datetime) -> Case | None:
    assert message.subject_id is not None
    return (await _cases(session, [message.subject_id], now)).get(message.subject_id)


async def _cases(session: AsyncSession, ids: Collection[int], now: datetime) -> dict[int, Case]:
    """Each loaded once for all of its messages that are rendered in one look."""
    seen: dict[int, Case] = session.info.setdefault("escalations", {})
    if unseen := set(ids) - seen.keys():
        found = await escalations.all_loaded(session, unseen)
        seen |= {case.escalation.id: case for case in await cases.cases_of(session, found, now=now)}
    return seen


async def _link(session: AsyncSession, escalation: Escalation) -> str | None:
    """Where the card stands."""
    return (await _links(session, [escalation]))[escalation.id]


async def _links(session: AsyncSession, several: Sequence[Escalation]) -> dict[int, str | None]:
    """Where their cards stand, by id; asked once for all messages that are rendered in one look."""
    seen: dict[int, str | None] = session.info.setdefault("links of cards", {})
    if unseen := [one for one in several if one.id not in seen]:
        found = await cases.links_of(session, unseen)
        seen |= {one.id: found.get(one.id) for one in unseen}
    return seen


Beside = tuple[tuple[FollowUp, ...], tuple[EscalationTicket, ...]]


async def _beside(session: AsyncSession, ids: Collection[int]) -> dict[int, Beside]:
    """The follow-ups and the joined tickets of each, loaded once in one look."""
    seen: dict[int, Beside] = session.info.setdefault("beside escalations", {})
    if unseen := set(ids) - seen.keys():
        follow_ups = await follow_ups_of(session, unseen)
        joined = await escalations.joined_tickets(session, unseen)
        for one in unseen:
            seen[one] = (
                tuple(follow_up for follow_up in follow_ups if follow_up.escalation_id == one),
                tuple(ticket for ticket in joined if ticket.escalation_id == one),
            )
    return seen


async def _may_see(session: AsyncSession, case: Case, person_id: int | None) -> bool:
    """Who reads a channel's message is the channel's matter; a direct message is for one who may see."""
    if person_id is None:
        return True
    reader = case.known(person_id) or (await people.by_ids(session, [person_id])).get(person_id)
    return reader is not None and rights.may_see(case, reader)


async def _named(session: AsyncSession, event: Event) -> dict[int, people.Person]:
    """The people whom a line of the history names."""
    return await people.by_ids(
        session,
        [
            event.actor_id,
            event.details.get("to"),
            event.details.get("owner"),
            event.details.get("before") if isinstance(event.details.get("before"), int) else None,
        ],
    )


async def when_card_is_parked(session: AsyncSession, message: Message, error: str, now: datetime) -> None:
    """The channel can't be posted to: the managers are told once, with the mend."""
    case = await _case(session, message, now)
    if case is None or message.person_id is not None or case.escalation.restricted:
        return
    for manager in case.facts.managers:
        await telling.write_to(
            session,
            case,
            manager,
            key=f"escalation:{case.escalation.id}:parked:{error}:{manager.id}",
            renderer="escalations.parked",
            attention=Attention.PAGE,
            details={"error": error, "channel": message.destination},
            now=now,
        )


PARKED = {
    "is_archived": (
        "it is archived. Unarchive it, or choose another in `/backstop team edit`; the card follows by itself."
    ),
    "not_in_channel": "I’m not in it. Write `/invite @Backstop` there; the card follows by itself.",
    "channel_not_found": "I can’t see it. Invite me there, or choose another in `/backstop team edit`.",
}
PARKED_OTHERWISE = "Slack doesn’t let me ({}). Mend it there, or choose another in `/backstop team edit`."


async def render_parked(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    case = await _case(session, message, now)
    if case is None:
        return FALLEN
    if not await _may_see(session, case, message.person_id):
        return _hidden(case, message)
    error = str(message.details["error"])
    mend = PARKED.get(error) or PARKED_OTHERWISE.format(said(error, 60))
    reason = f":warning: I couldn’t post this in <#{message.details['channel']}>: {mend}"
    return Rendered(f"{case.escalation.label}: {reason}", notes.page(case, reason, now, link=None))
