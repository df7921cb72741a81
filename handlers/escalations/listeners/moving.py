"""Every move that a click or a small form makes: one table, one way of opening, one way of submitting."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said, when
from handlers.escalations import cases, forms, raising
from handlers.escalations.forms import Metadata
from handlers.escalations.listeners.raising import named_people
from handlers.escalations.rules import moves, policy, rights
from handlers.escalations.rules.case import Case, Change
from handlers.escalations.rules.moves import Stale
from handlers.escalations.views import forms as form_views
from handlers.escalations.views.answers import DID
from handlers.escalations.views.words import STATE
from handlers.forms import Form, values
from handlers.house import Listener, Me
from handlers.refusals import FormRefusal, StaleRefusal
from storage import people, search
from storage.escalations import Kind
from storage.people import Person
from storage.store import Store

STALE = "Too late: {}. The card shows where {} stands now."
MOVED_ON = "Too late: {} is “{}” by now. Its card shows where it stands."
NOT_KNOWN_HERE = "I don’t know that person. Choose somebody of this workspace."
NOT_REACHABLE = "{} can’t be given work here: deactivated, a guest or a bot."


async def move(store: Store, escalation_id: int, now: datetime, decide: Callable[[Case], Change]) -> None:
    """One move in one transaction. A stale one refreshes the card and raises StaleRefusal: who did what, and when."""
    try:
        async with store.write() as session:
            case = await cases.load(session, escalation_id, now=now)
            await cases.keep(session, case, decide(case))
    except Stale:
        await refuse_stale(store, escalation_id, now)


async def refuse_stale(store: Store, escalation_id: int, now: datetime) -> None:
    """Shows the card anew. Raises StaleRefusal with who did the last thing."""
    async with store.write() as session:
        case = await cases.load(session, escalation_id, now=now)
        await cases.refresh(session, case.escalation, now=now)
    escalation, last = case.escalation, case.last
    if last is None or last.actor_id is None:
        raise StaleRefusal(MOVED_ON.format(escalation.label, STATE[escalation.state].lower()))
    did = f"{DID[last.kind].format(said(case.people[last.actor_id].name, 80))} {when(last.at, '{date_short_pretty} {time}')}"
    raise StaleRefusal(STALE.format(did, escalation.label))


async def claim(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    await move(store, int(action["value"]), now, lambda case: moves.claim(case, me.person, now))
    await ack()


async def resume(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    await move(store, int(action["value"]), now, lambda case: moves.resume(case, me.person, now))
    await ack()


async def confirm(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    await move(store, int(action["value"]), now, lambda case: moves.confirm(case, me.person, now))
    await ack()


async def see_breach(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    escalation_id, _, kind = str(action["value"]).partition(":")
    await move(store, int(escalation_id), now, lambda case: moves.see_breach(case, me.person, now, kind=Kind(kind)))
    await ack()


Require = Callable[[Case, Person], None]
View = Callable[[Case, dict[str, Any]], dict[str, Any]]
Decide = Callable[[AsyncSession, Case, Me, Any, datetime], Awaitable[Change | None]]


@dataclass(frozen=True)
class FormMove:
    """A move with a form: who may open it, what it looks like, what it reads, what it does."""

    require: Require
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
    return moves.change_severity(case, me.person, now, to=form.severity, reason=form.reason)


async def _join(session: AsyncSession, case: Case, me: Me, form: forms.Join, now: datetime) -> None:
    await raising.join_ticket(session, case, me.person, now, ticket=form.ticket, customer=form.customer, note=form.note)


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
    return change


FORM_MOVES: dict[str, FormMove] = {
    "update": FormMove(
        rights.require_involved, lambda case, kept: form_views.update_form(case.escalation, kept), forms.Update, _update
    ),
    "return": FormMove(
        rights.require_team, lambda case, kept: form_views.return_form(case.escalation, kept), forms.Reason, _return
    ),
    "answer": FormMove(
        rights.require_reporter, lambda case, kept: form_views.answer_form(case.escalation, kept), forms.Answer, _answer
    ),
    "hold": FormMove(
        rights.require_involved, lambda case, kept: form_views.hold_form(case.escalation, kept), forms.Hold, _hold
    ),
    "reassign": FormMove(
        rights.require_involved,
        lambda case, kept: form_views.reassign_form(case.escalation, kept),
        forms.Reassign,
        _reassign,
    ),
    "severity": FormMove(
        rights.require_involved,
        lambda case, kept: form_views.severity_form(
            case.escalation,
            kept,
            {severity: policy.frozen_terms(case.escalation, severity) for severity in policy.DEFAULTS},
        ),
        forms.ChangeSeverity,
        _severity,
    ),
    "join": FormMove(
        rights.require_sight, lambda case, kept: form_views.join_form(case.escalation, kept), forms.Join, _join
    ),
    "reopen": FormMove(
        rights.require_reporter, lambda case, kept: form_views.reopen_form(case.escalation, kept), forms.Reason, _reopen
    ),
    "restrict": FormMove(
        rights.require_involved,
        lambda case, kept: form_views.restrict_form(
            case.escalation,
            kept,
            [case.people[viewer].slack_id for viewer in sorted(case.viewers) if viewer in case.people],
        ),
        forms.Restrict,
        _restrict,
    ),
}


def opens(name: str) -> Listener:
    """The listener of a button that opens the form of this move."""

    async def open_form(
        ack: Any,
        action: dict[str, Any],
        body: dict[str, Any],
        client: AsyncWebClient,
        store: Store,
        me: Me,
        now: datetime,
    ) -> None:
        await ack()
        await open_move(name, int(action["value"]), body["trigger_id"], client=client, store=store, me=me, now=now)

    return open_form


async def open_move(
    name: str, escalation_id: int, trigger_id: str, *, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    async with store.read() as session:
        case = await cases.load(session, escalation_id, now=now, lock=False)
    chosen = FORM_MOVES[name]
    chosen.require(case, me.person)
    await client.views_open(trigger_id=trigger_id, view=chosen.view(case, {"key": secrets.token_hex(16)}))


def submits(name: str) -> Listener:
    """The listener of that form's submission."""
    chosen = FORM_MOVES[name]

    async def submit(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
        form = chosen.form.of(values(view))
        metadata = Metadata.of(view)
        assert metadata.id is not None
        try:
            async with store.write() as session:
                case = await cases.load(session, metadata.id, now=now)
                rights.require_sight(case, me.person)
                change = await chosen.decide(session, case, me, form, now)
                if change is not None:
                    await cases.keep(session, case, change)
        except Stale:
            await refuse_stale(store, metadata.id, now)
        await ack(response_action="clear")

    return submit


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
    async with store.write() as session:
        escalation_id = await cases.in_thread(session, str(event["channel"]), str(thread))
        if escalation_id is None:
            return
        case = await cases.load(session, escalation_id, now=now)
        await cases.set_timers(session, case.escalation, moves.hear_word(case, now), now=now)
