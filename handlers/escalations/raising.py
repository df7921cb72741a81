"""Raising: everything that follows from a filled-in form, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations import cases, forms, telling, tickets
from handlers.escalations.rules import moves, policy
from handlers.escalations.rules.case import Case, changed
from handlers.escalations.rules.references import customer_key, ticket_key
from handlers.teams.rules.duty import Duty, on_duty
from handlers.teams.rules.hours import calendar_of, calendar_of_person
from storage import counters, escalations, memberships, messages, search, team_facts
from storage.escalations import Escalation, EscalationTicket, State
from storage.messages import Attention, NewMessage, Priority
from storage.people import Person
from storage.team_facts import TeamFacts
from storage.teams import Team

SAME_CUSTOMER_WITHIN = timedelta(days=90)
SIMILAR_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Origin:
    """Where it came from: the form's key, and the message that was quoted."""

    key: str
    quote: str | None = None
    quote_link: str | None = None


async def similar(session: AsyncSession, me: Person, form: forms.Raise, now: datetime) -> Sequence[Escalation]:
    """Open or recent escalations that may be the same problem, of those that `me` may see: the same ticket first, then
    by words and customer."""
    return await search.similar(
        session,
        workspace_id=me.workspace_id,
        ticket_key=ticket_key(form.ticket) if form.ticket else None,
        customer_key=customer_key(form.customer) if form.customer else None,
        words=form.what,
        since=now - SIMILAR_WITHIN,
        viewer_id=me.id,
    )


async def open_case(
    session: AsyncSession,
    *,
    team: Team,
    me: Person,
    form: forms.Raise,
    origin: Origin,
    viewers: Sequence[Person],
    now: datetime,
) -> Case:
    """Creates the escalation with its clocks, its card, its first messages. The same form gives the same case again."""
    known = await escalations.by_form_key(session, origin.key)
    if known is not None:
        return await cases.case_of(session, known, now=now)
    facts = await team_facts.of_team(session, team, now=now)
    escalation = await _write(session, facts, me, form, origin, now)
    if escalation.restricted:
        await cases.name_viewers(session, escalation, viewers)
    case = await _new_case(session, escalation, facts, me, viewers)
    await cases.keep(session, case, moves.raise_(escalation, me, now, promise=form.promise))
    duty = on_duty(facts, now)
    wanted = [*cases.card_of(case), _receipt(case), *_pages(case, duty)]
    await messages.want_all(session, wanted, now=now)
    if not duty.people:
        await cases.keep(session, case, changed("nobody_on_duty", now=now, actor=None, why=duty.why))
    await search.index(session, escalation)
    return case


async def _new_case(
    session: AsyncSession, escalation: Escalation, facts: TeamFacts, me: Person, viewers: Sequence[Person]
) -> Case:
    """What `cases.case_of` would load, of what is known here already: nobody else can write meanwhile."""
    time = calendar_of_person(me, await memberships.primary_team(session, me) or facts.team)
    named = frozenset(person.id for person in viewers) if escalation.restricted else frozenset()
    return Case(escalation, facts, {me.id: me, **{one.id: one for one in viewers}}, named, None, time)


async def _write(
    session: AsyncSession, facts: TeamFacts, me: Person, form: forms.Raise, origin: Origin, now: datetime
) -> Escalation:
    team = facts.team
    about = await tickets.known(session, team.workspace_id, form.ticket)
    if about is not None:  # what the help desk knows stands where nobody wrote anything else
        form = form.model_copy(
            update={
                "customer": form.customer or about[0].customer_name,
                "vip": form.vip or (["vip"] if about[0].customer_is_vip and not form.customer else []),
            }
        )
        await messages.refresh_subject(session, about[0].id, tickets.TAGGED, now=now)
    same_customer = 0
    if form.customer:
        since = now - SAME_CUSTOMER_WITHIN
        same_customer = await escalations.count_of_customer(
            session, team.workspace_id, customer_key(form.customer), since=since
        )
    escalation = Escalation(
        workspace_id=team.workspace_id,
        number=await counters.next_number(session, team.workspace_id, "escalation"),
        form_key=origin.key,
        team_id=team.id,
        channel=team.escalation_channel,
        reporter_id=me.id,
        state=State.WAITING,
        severity=form.severity,
        need=form.need,
        what=form.what,
        ticket=form.ticket,
        ticket_key=ticket_key(form.ticket) if form.ticket else None,
        customer=form.customer,
        customer_key=customer_key(form.customer) if form.customer else None,
        customer_is_vip="vip" in form.vip,
        customer_nth=same_customer + 1,
        began=form.began,
        tried=form.tried,
        impact=form.impact,
        quote=origin.quote,
        quote_link=origin.quote_link,
        team_only=team.escalates_privately,
        restricted="restricted" in form.restricted,
        policy=policy.frozen(policy.terms_of(team)),
        calendar=calendar_of(facts).to_json(),
        raised_at=now,
        changed_at=now,
        last_word_at=now,
        reopened=0,
        clocks=[],
    )
    session.add(escalation)
    await session.flush()
    return escalation


def _receipt(case: Case) -> NewMessage:
    return telling.letter(
        case,
        case.reporter,
        key=f"escalation:{case.escalation.id}:receipt",
        renderer="escalations.receipt",
        attention=Attention.ASKED,
        priority=Priority.INTERACTIVE,  # the card and whoever is on duty come first
    )


def _pages(case: Case, duty: Duty) -> list[NewMessage]:
    """To whoever is on duty; with nobody there, to the managers."""
    escalation = case.escalation
    told: Sequence[Person] = duty.people
    details: dict[str, str] = {"reason": "raised"}
    if not told:
        told = [manager for manager in case.facts.managers if manager.is_reachable]
        details = {"reason": "nobody", "why": duty.why}
    if escalation.restricted:
        told = [person for person in told if person.id in case.viewers]
    at_any_hour = policy.pages_at_any_hour(case.facts.team, escalation.severity)
    return [
        telling.letter(
            case,
            person,
            key=f"escalation:{escalation.id}:raised:{person.id}",
            renderer=telling.PAGE,
            attention=Attention.PAGE if at_any_hour else Attention.UNREQUESTED,
            details=details,
        )
        for person in told
        if person.id != case.reporter.id or len(told) == 1
    ]


async def join_ticket(
    session: AsyncSession,
    case: Case,
    me: Person,
    now: datetime,
    *,
    ticket: str | None,
    customer: str | None,
    note: str | None,
) -> bool:
    """Adds a ticket (or a bare report) to a case that is known. The same ticket twice counts once: then False."""
    change = moves.join(case, me, now, ticket=ticket, note=note)
    key = ticket_key(ticket) if ticket else f"report:{me.id}:{int(now.timestamp())}"
    joined = await escalations.joined_tickets(session, [case.escalation.id])
    if any(one.ticket_key == key for one in joined) or key == case.escalation.ticket_key:
        return False
    if ticket:
        session.add(
            EscalationTicket(
                escalation_id=case.escalation.id,
                ticket=ticket,
                ticket_key=key,
                customer=customer,
                joined_by_id=me.id,
                joined_at=now,
                note=note,
            )
        )
    await cases.keep(session, case, change)
    return True
