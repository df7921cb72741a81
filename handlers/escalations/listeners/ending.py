"""Resolving, with what keeps it from happening again; and closing what was promised."""

import secrets
from datetime import date, datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import bold, notice
from handlers.escalations import cases, forms, steps
from handlers.escalations.forms import Metadata
from handlers.escalations.listeners import window
from handlers.escalations.listeners.moving import Click, by_form, colleague, done_before, openable, too_late
from handlers.escalations.rules import moves, references, rights
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.moves import Stale
from handlers.escalations.views import forms as form_views
from handlers.forms import identifier, values
from handlers.house import Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.refusals import FormRefusal, Refusal
from storage import escalations, people, search
from storage.escalations import Escalation, Outcome, RootCause
from storage.follow_ups import FollowUp, follow_ups_of
from storage.people import Person
from storage.store import Store

FIND_ROOT_CAUSE = "Find out why it happened ({})"
TELL_CUSTOMER = "Tell the customer how it ended ({})"
ROOT_CAUSE_WITHIN = timedelta(days=7)
CUSTOMER_WITHIN = timedelta(days=1)
NEEDS_OWNER = "Say who does it."
NEEDS_DUE = "Say by when."
PAST_DAY = "That day is over. Choose today or a later day."
WHICH = "Which one? Give its number, like E-31 (under Prevent a repeat)."
NO_SUCH = "I don’t know an escalation {}."
NOT_ITSELF = "An escalation can’t be its own duplicate."
SETTLED = "Settled when the escalation was resolved again."
CLOSED = "That follow-up was closed already, by {}."
ONLY_OWNER = "Only {} or a manager of {} can close this follow-up."
DONE = ":white_check_mark: {} is closed. The card shows it; nobody is reminded of it any more."
GONE = "That follow-up isn’t there any more."


async def open_resolve(
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
    case = await openable(Click(body, client, reply, store, me, now), "resolve", identifier(action["value"]))
    view = form_views.resolve_form(case.escalation, {"key": secrets.token_hex(16)})
    await window.put_on_screen(client, body, view)


async def more_resolution(
    ack: Any, view: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The rest of the form; what was typed stays."""
    await ack()
    metadata = Metadata.of(view)
    async with store.read() as session:
        case = await window.visible(session, identifier(metadata.id), me, now)
    rights.require_team(case, me.person)
    tomorrow = local_date(now, parse_zone(me.person.zone)) + timedelta(days=1)
    redrawn = form_views.resolve_form(
        case.escalation,
        {"key": metadata.key},
        typed=values(view),
        more=True,
        owner=me.person.slack_id,
        tomorrow=tomorrow,
    )
    await client.views_update(view_id=view["id"], hash=view["hash"], view=redrawn)


async def submit_resolve(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    form, metadata = forms.Resolve.of(values(view)), Metadata.of(view)
    escalation_id = identifier(metadata.id)
    try:
        async with store.write() as session:
            case = await cases.load(session, escalation_id, now=now)
            rights.require_sight(case, me.person)
            if not await done_before(session, case, metadata.key):
                await _resolve(session, case, form, metadata, me, now)
    except Stale:
        raise await too_late(store, escalation_id, me, now) from None
    await ack(response_action="clear")


async def _resolve(
    session: AsyncSession, case: Case, form: forms.Resolve, metadata: Metadata, me: Me, now: datetime
) -> None:
    duplicate_of = await _duplicate(session, form, case.escalation)
    owner = await _prevention(session, form, me.person, now)
    change = moves.resolve(
        case,
        me.person,
        now,
        outcome=form.outcome,
        root_cause=form.root_cause,
        done=form.done,
        customer_told=form.told == "yes",
        duplicate_of=duplicate_of,
    )
    await cases.keep(session, case, by_form(change, metadata.key))
    await _follow_up(session, case, form, me.person, owner, now)
    await search.index(session, case.escalation)


async def _duplicate(session: AsyncSession, form: forms.Resolve, escalation: Escalation) -> Escalation | None:
    if form.outcome != Outcome.DUPLICATE and not form.duplicate_of:
        return None
    field = "duplicate_of" if form.duplicate_of else "outcome"
    try:
        number = references.duplicate_number(form.duplicate_of or "")
    except ValueError:
        raise FormRefusal({field: WHICH}) from None
    found = await escalations.by_number(session, escalation.workspace_id, number)
    if found is None or found.restricted:
        raise FormRefusal({field: NO_SUCH.format(f"E-{number}")})
    if found.id == escalation.id:
        raise FormRefusal({field: NOT_ITSELF})
    return found


async def _prevention(session: AsyncSession, form: forms.Resolve, me: Person, now: datetime) -> Person | None:
    """Who prevents the repeat. Raises FormRefusal while the three fields don't fit together."""
    if form.prevent is None:
        return None
    if form.prevent_owner is None:
        raise FormRefusal({"prevent_owner": NEEDS_OWNER})
    if form.prevent_due is None:
        raise FormRefusal({"prevent_due": NEEDS_DUE})
    owner = await colleague(session, me, form.prevent_owner, field="prevent_owner")
    if form.prevent_due < local_date(now, parse_zone(owner.zone)):
        raise FormRefusal({"prevent_due": PAST_DAY})
    return owner


async def _follow_up(
    session: AsyncSession, case: Case, form: forms.Resolve, me: Person, owner: Person | None, now: datetime
) -> None:
    """What must still happen: prevent the repeat, find the root cause, tell the customer. What an earlier ending left
    to do is closed where this one settles it, and isn't asked for twice."""
    label = case.escalation.label
    left = {"find_root_cause": form.root_cause == RootCause.NOT_KNOWN, "tell_customer": form.told != "yes"}
    for earlier in await follow_ups_of(session, [case.escalation.id]):
        if earlier.closed_at is None and earlier.reason in left:
            if not left[earlier.reason]:
                await _close(session, earlier, me, SETTLED, now)
            left[earlier.reason] = False
    if form.prevent is not None and owner is not None and form.prevent_due is not None:
        await promise(session, case, "prevent_repeat", form.prevent, owner, form.prevent_due, now)
    holder = case.owner if case.escalation.owner_id in case.people else me
    holder = holder or me
    if left["find_root_cause"]:
        due = local_date(now + ROOT_CAUSE_WITHIN, parse_zone(holder.zone))
        await promise(session, case, "find_root_cause", FIND_ROOT_CAUSE.format(label), holder, due, now)
    if left["tell_customer"]:
        due = local_date(now + CUSTOMER_WITHIN, parse_zone(case.reporter.zone))
        await promise(session, case, "tell_customer", TELL_CUSTOMER.format(label), case.reporter, due, now)


async def promise(
    session: AsyncSession, case: Case, reason: str, what: str, owner: Person, due_on: date, now: datetime
) -> FollowUp:
    """Writes a follow-up down, with its reminder."""
    follow_up = FollowUp(
        workspace_id=case.escalation.workspace_id,
        team_id=case.escalation.team_id,
        escalation_id=case.escalation.id,
        reason=reason,
        what=what,
        owner_id=owner.id,
        due_on=due_on,
        generation=1,
        created_at=now,
    )
    session.add(follow_up)
    await session.flush()
    at = max(steps.reminder_at(follow_up, owner, case.facts.team), now + timedelta(hours=1))
    await steps.set_reminder(session, follow_up, at=at)
    return follow_up


async def open_close_follow_up(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    await ack()
    async with store.read() as session:
        follow_up = await _closable(session, identifier(action["value"]), me.person, now)
    view = form_views.close_follow_up_form(follow_up.what, {"key": secrets.token_hex(16), "id": follow_up.id})
    await window.put_on_screen(client, body, view)


async def submit_close_follow_up(ack: Any, view: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    form, metadata = forms.CloseFollowUp.of(values(view)), Metadata.of(view)
    async with store.write() as session:
        follow_up = await _closable(session, identifier(metadata.id), me.person, now)
        await _close(session, follow_up, me.person, form.note, now)
    await ack(response_action="update", view=notice("Follow-up", DONE.format(bold(follow_up.what, 300))))


async def _close(session: AsyncSession, follow_up: FollowUp, me: Person, note: str, now: datetime) -> None:
    follow_up.closed_at, follow_up.closed_by_id, follow_up.note = now, me.id, note
    follow_up.generation += 1
    await steps.refresh_follow_up(session, follow_up, now=now)


async def _closable(session: AsyncSession, follow_up_id: int, me: Person, now: datetime) -> FollowUp:
    """The follow-up, if it is open and this person may close it. Raises Refusal."""
    follow_up = await session.get(FollowUp, follow_up_id, with_for_update=True)
    if follow_up is None:
        raise Refusal(GONE)
    case = await cases.load(session, follow_up.escalation_id, now=now, lock=False)
    if not rights.may_see(case, me) and me.id != follow_up.owner_id:
        raise Refusal(GONE)
    known = await people.by_ids(session, [follow_up.owner_id, follow_up.closed_by_id])
    if follow_up.closed_at is not None:
        closer = known.get(follow_up.closed_by_id or 0)
        raise Refusal(CLOSED, closer.name if closer else "somebody")
    if me.id != follow_up.owner_id and not rights.is_manager(case, me):
        raise Refusal(ONLY_OWNER, known[follow_up.owner_id].name, case.facts.team.name)
    return follow_up
