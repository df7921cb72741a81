"""Every move that a click or a small form makes: one table, one way of opening, one way of submitting."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.escalations import cases, forms, raising
from handlers.escalations.forms import Metadata
from handlers.escalations.listeners import window
from handlers.escalations.listeners.raising import LACKS_SEVERITY, named_people
from handlers.escalations.rules import moves, policy, rights
from handlers.escalations.rules.case import Case, Change
from handlers.escalations.rules.moves import Stale
from handlers.escalations.rules.offers import OFFERS
from handlers.escalations.views import forms as form_views
from handlers.escalations.views.answers import DID
from handlers.escalations.views.words import STATE, local
from handlers.forms import NOT_OURS, Form, identifier, values
from handlers.house import Listener, Me, Reply
from handlers.refusals import FormRefusal, Refusal, StaleRefusal
from storage import escalation_events, people, search
from storage.clocks import Kind
from storage.escalations import Escalation
from storage.people import Person
from storage.store import Store

STALE = "Too late: {} {}. The card shows where {} stands now."
MOVED_ON = "Too late: {} is “{}” by now. Its card shows where it stands."
NOT_KNOWN_HERE = "I don’t know that person. Choose somebody of this workspace."
NOT_REACHABLE = "{} can’t be given work here: deactivated, a guest or a bot."
REPEATS_WITHIN = 50
SAME_TICKET = "That ticket stands on this escalation already."


@dataclass(frozen=True)
class Click:
    """A press of a button, with what answers it."""

    body: dict[str, Any]
    client: AsyncWebClient
    reply: Reply
    store: Store
    me: Me
    now: datetime


async def move(click: Click, escalation_id: int, decide: Callable[[Case], Change]) -> None:
    """One move in one transaction; then what was clicked in is shown anew. Raises StaleRefusal when it came too late:
    who did what, and when."""
    try:
        async with click.store.write() as session:
            case = await cases.load(session, escalation_id, now=click.now)
            rights.require_sight(case, click.me.person)
            await cases.keep(session, case, decide(case))
    except Stale:
        refusal = await too_late(click.store, escalation_id, click.me, click.now)
        await _show_again(click, escalation_id)
        raise refusal from None
    await _show_again(click, escalation_id)


async def _show_again(click: Click, escalation_id: int) -> None:
    await window.show_again(
        click.body,
        escalation_id,
        client=click.client,
        reply=click.reply,
        store=click.store,
        me=click.me,
        now=click.now,
    )


async def too_late(store: Store, escalation_id: int, me: Me, now: datetime) -> StaleRefusal:
    """Who did the last thing, and when by the reader's clock. The card is shown anew."""
    async with store.write() as session:
        case = await cases.load(session, escalation_id, now=now)
        await cases.refresh(session, case.escalation, now=now)
    escalation, last = case.escalation, case.last
    if last is None or last.actor_id is None:
        return StaleRefusal(MOVED_ON.format(escalation.label, STATE[escalation.state].lower()))
    name = "you" if last.actor_id == me.id else said(case.people[last.actor_id].name, 80)
    did = DID[last.kind].format(name)
    return StaleRefusal(STALE.format(did, local(last.at, me.person.zone, now), escalation.label))


def clicks(name: str, decide: Callable[[Case, Person, datetime], Change]) -> Listener:
    """The listener of a button that makes its move at once."""

    async def press(
        ack: Any,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        reply: Reply,
        store: Store,
        me: Me,
        now: datetime,
    ) -> None:
        click = Click(body, client, reply, store, me, now)
        await move(click, identifier(action["value"]), lambda case: decide(case, me.person, now))
        await ack()

    press.__qualname__ = name
    return press


claim = clicks("claim", moves.claim)
resume = clicks("resume", moves.resume)
confirm = clicks("confirm", moves.confirm)


async def see_breach(
    ack: Any,
    action: dict[str, Any],
    body: dict[str, Any],
    client: AsyncWebClient,
    reply: Reply,
    store: Store,
    me: Me,
    now: datetime,
) -> None:
    """*I’m on it*: the breach stays, its pages stop."""
    escalation_id, _, written = str(action["value"]).partition(":")
    if written not in set(Kind):
        raise Refusal(NOT_OURS)
    click = Click(body, client, reply, store, me, now)
    kind = Kind(written)
    await move(click, identifier(escalation_id), lambda case: moves.see_breach(case, me.person, now, kind=kind))
    await ack()


View = Callable[[Case, Person, dict[str, Any]], dict[str, Any]]
"""The form of a case for a reader, with what it remembers."""
Decide = Callable[[AsyncSession, Case, Me, Any, datetime], Awaitable[Change | None]]


@dataclass(frozen=True)
class FormMove:
    """A move with a form: what it looks like, what it reads, what it does. Who may open it, and when: rules.offers."""

    view: View
    form: type[Form]
    decide: Decide


async def _update(_session: AsyncSession, case: Case, me: Me, form: forms.Update, now: datetime) -> Change:
    told = "told" in form.told
    return moves.update(case, me.person, now, news=form.news, promise=form.promise, told=told)


async def _return(_session: AsyncSession, case: Case, me: Me, form: forms.Reason, now: datetime) -> Change:
    return moves.return_(case, me.person, now, reason=form.reason)


async def _answer(_session: AsyncSession, case: Case, me: Me, form: forms.Answer, now: datetime) -> Change:
    return moves.answer(case, me.person, now, answered=form.answer)


async def _hold(_session: AsyncSession, case: Case, me: Me, form: forms.Hold, now: datetime) -> Change:
    return moves.hold(case, me.person, now, reason=form.reason, until=form.until)


async def _reassign(session: AsyncSession, case: Case, me: Me, form: forms.Reassign, now: datetime) -> Change:
    return moves.reassign(case, me.person, now, to=await colleague(session, me.person, form.to, field="to"))


async def _severity(_session: AsyncSession, case: Case, me: Me, form: forms.ChangeSeverity, now: datetime) -> Change:
    if form.severity not in policy.frozen_severities(case.escalation):
        raise FormRefusal({"severity": LACKS_SEVERITY.format(case.facts.team.name, form.severity.value)})
    return moves.change_severity(case, me.person, now, to=form.severity, reason=form.reason)


async def _join(session: AsyncSession, case: Case, me: Me, form: forms.Join, now: datetime) -> None:
    joined = await raising.join_ticket(
        session, case, me.person, now, ticket=form.ticket, customer=form.customer, note=form.note
    )
    if not joined:
        raise FormRefusal({"ticket": SAME_TICKET})


async def _reopen(_session: AsyncSession, case: Case, me: Me, form: forms.Reason, now: datetime) -> Change:
    return moves.reopen(case, me.person, now, reason=form.reason)


async def _restrict(session: AsyncSession, case: Case, me: Me, form: forms.Restrict, now: datetime) -> Change:
    restricted = "restricted" in form.restricted
    named = await named_people(session, form.viewers, me.person) if restricted else []
    change = moves.restrict(case, me.person, now, restricted=restricted, named=named)
    await cases.name_viewers(session, case.escalation, named)
    await search.index(session, case.escalation)
    await session.flush()
    await cases.show_card(session, await cases.case_of(session, case.escalation, now=now), now=now)
    await cases.refresh_everywhere(session, case.escalation, now=now)
    return change


def _severity_form(case: Case, _reader: Person, kept: dict[str, Any]) -> dict[str, Any]:
    severities = policy.frozen_severities(case.escalation)
    terms = {severity: policy.frozen_terms(case.escalation, severity) for severity in severities}
    return form_views.severity_form(case.escalation, kept, terms)


def _restrict_form(case: Case, reader: Person, kept: dict[str, Any]) -> dict[str, Any]:
    escalation = case.escalation
    named = [case.people[viewer].slack_id for viewer in sorted(case.viewers) if viewer in case.people]
    if not escalation.restricted and reader.id not in {escalation.reporter_id, escalation.owner_id}:
        named = [reader.slack_id]  # else a manager who restricts it has shut themselves out
    return form_views.restrict_form(escalation, kept, named, reporter=case.reporter.name)


def _plain(form: Callable[[Escalation, dict[str, Any]], dict[str, Any]]) -> View:
    return lambda case, _reader, kept: form(case.escalation, kept)


FORM_MOVES: dict[str, FormMove] = {
    "update": FormMove(_plain(form_views.update_form), forms.Update, _update),
    "return": FormMove(_plain(form_views.return_form), forms.Reason, _return),
    "answer": FormMove(_plain(form_views.answer_form), forms.Answer, _answer),
    "hold": FormMove(_plain(form_views.hold_form), forms.Hold, _hold),
    "reassign": FormMove(_plain(form_views.reassign_form), forms.Reassign, _reassign),
    "severity": FormMove(_severity_form, forms.ChangeSeverity, _severity),
    "join": FormMove(_plain(form_views.join_form), forms.Join, _join),
    "reopen": FormMove(_plain(form_views.reopen_form), forms.Reason, _reopen),
    "restrict": FormMove(_restrict_form, forms.Restrict, _restrict),
}


def opens(name: str) -> Listener:
    """The listener of a button that opens the form of this move."""

    async def open_form(
        ack: Any,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        reply: Reply,
        store: Store,
        me: Me,
        now: datetime,
    ) -> None:
        await ack()
        click = Click(body, client, reply, store, me, now)
        case = await openable(click, name, identifier(action["value"]))
        view = FORM_MOVES[name].view(case, me.person, {"key": secrets.token_hex(16)})
        await window.put_on_screen(client, body, view)

    open_form.__qualname__ = f"opens_{name}"
    return open_form


async def openable(click: Click, name: str, escalation_id: int) -> Case:
    """The case, if this move fits it and is theirs to make. Raises Refusal; a stale card is shown anew."""
    async with click.store.read() as session:
        case = await window.visible(session, escalation_id, click.me, click.now)
    offer = OFFERS[name]
    if not offer.fits(case):
        refusal = await too_late(click.store, escalation_id, click.me, click.now)
        await _show_again(click, escalation_id)
        raise refusal
    offer.require(case, click.me.person)
    return case


def submits(name: str) -> Listener:
    """The listener of that form's submission."""
    chosen = FORM_MOVES[name]

    async def submit(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
        form = chosen.form.of(values(view))
        metadata = Metadata.of(view)
        escalation_id = identifier(metadata.id)
        try:
            async with store.write() as session:
                case = await cases.load(session, escalation_id, now=now)
                rights.require_sight(case, me.person)
                if not await done_before(session, case, metadata.key):
                    change = await chosen.decide(session, case, me, form, now)
                    if change is not None:
                        await cases.keep(session, case, by_form(change, metadata.key))
        except Stale:
            raise await too_late(store, escalation_id, me, now) from None
        await ack(response_action="clear")

    submit.__qualname__ = f"submits_{name}"
    return submit


def by_form(change: Change, key: str) -> Change:
    """The change, remembering the form that made it."""
    return replace(change, details={**change.details, "form": key})


async def done_before(session: AsyncSession, case: Case, key: str) -> bool:
    """Whether this very form was submitted already (a double click, a payload that came twice)."""
    lately = await escalation_events.latest(session, case.escalation.id, most=REPEATS_WITHIN)
    return any(event.details.get("form") == key for event in lately)


async def colleague(session: AsyncSession, me: Person, slack_id: str, *, field: str) -> Person:
    """Whom a form's field names. Raises FormRefusal at that field for somebody who can't be given anything."""
    found = await people.by_slack_id(session, me.workspace_id, slack_id)
    if found is None:
        raise FormRefusal({field: NOT_KNOWN_HERE})
    if not found.is_reachable:
        raise FormRefusal({field: NOT_REACHABLE.format(found.name)})
    return found


async def hear_thread(event: dict[str, Any], store: Store, me: Me | None, now: datetime) -> None:
    """A person's word in a card's thread counts as activity: its time is kept, not its text."""
    thread = event.get("thread_ts")
    if me is None or thread is None or event.get("subtype") not in {None, "thread_broadcast", "file_share"}:
        return
    async with store.read() as session:  # most threads are nobody's card: they need no write
        escalation_id = await cases.in_thread(session, str(event["channel"]), str(thread))
    if escalation_id is None:
        return
    async with store.write() as session:
        case = await cases.load(session, escalation_id, now=now)
        await cases.set_timers(session, case.escalation, moves.hear_word(case, now), now=now)
