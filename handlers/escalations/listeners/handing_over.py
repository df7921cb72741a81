"""`/escalate handover @person`: everything that you own is offered, each taken by a tap."""

import re
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import said
from handlers.escalations import cases, steps
from handlers.escalations.listeners.moving import colleague
from handlers.escalations.rules import moves, rights
from handlers.escalations.rules.case import changed
from handlers.escalations.rules.policy import HANDOVER_ANSWERED_WITHIN
from handlers.escalations.views import answers
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.refusals import FormRefusal, Refusal, StaleRefusal
from storage import escalations, memberships, people, schedule
from storage.handovers import Handover
from storage.messages import Attention, Priority, refresh_subject, want
from storage.people import Person
from storage.store import Store

PERSON = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>\s*(.*)", re.DOTALL)
NOTHING_OWNED = "You own no open escalation, so there is nothing to hand over."
NOT_TO_SELF = "You own them already. Name somebody else: `/escalate handover @person`."
OFFERED = "Offered {} to {}: {}. Each is theirs once they tap *Take it*; until then it is yours."
NOT_IN_TEAM = "{} isn’t in {}, so {} can’t be handed over to them. Nothing was offered."
NOT_NAMED = "{} is restricted, and {} isn’t named on it. Name them there first. Nothing was offered."
ANSWERED = "You answered this already."
MOVED_ON = "{} isn’t {}’s to hand over any more. Its card shows where it stands now."
NOT_YOURS = "This was offered to somebody else."


def taker(rest: str) -> tuple[str, str]:
    """(Slack id, a word for them) of `@person words`. Raises ValueError."""
    found = PERSON.fullmatch(rest.strip())
    if found is None:
        raise ValueError(rest)
    return found[1], found[2].strip()


async def offer(
    arguments: tuple[str, str] | None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any
) -> None:
    if arguments is None:
        await reply(answers.HANDOVER_TO_WHOM)
        return
    slack_id, words = arguments
    key = secrets.token_hex(16)
    async with store.write() as session:
        to = await _taker(session, me.person, slack_id)
        owned = await escalations.owned_by(session, me.id)
        if not owned:
            raise Refusal(NOTHING_OWNED)
        labels = []
        for one in owned:
            case = await cases.case_of(session, one, now=now)
            if not rights.may_see(case, to):
                raise Refusal(NOT_NAMED, one.label, to.name)
            if not rights.is_on_team(case, to) and to.id not in case.viewers:
                raise Refusal(NOT_IN_TEAM, to.name, case.facts.team.name, one.label)
            await _offer_one(session, key, one, me.person, to, words or None, now)
            labels.append(one.label)
    await reply(OFFERED.format(len(labels), said(to.name, 80), ", ".join(labels)))


async def _taker(session: AsyncSession, me: Person, slack_id: str) -> Person:
    try:
        to = await colleague(session, me, slack_id, field="to")
    except FormRefusal as refusal:
        raise Refusal(refusal.errors["to"]) from None
    if to.id == me.id:
        raise Refusal(NOT_TO_SELF)
    return to


async def _offer_one(
    session: AsyncSession,
    key: str,
    one: escalations.Escalation,
    me: Person,
    to: Person,
    words: str | None,
    now: datetime,
) -> None:
    offered = Handover(
        workspace_id=one.workspace_id,
        form_key=key,
        escalation_id=one.id,
        from_id=me.id,
        to_id=to.id,
        note=words,
        offered_at=now,
    )
    session.add(offered)
    await session.flush()
    await want(
        session,
        workspace_id=one.workspace_id,
        key=f"handover:{offered.id}:{to.id}",
        renderer="escalations.handover",
        subject_id=offered.id,
        destination=to.slack_id,
        person_id=to.id,
        attention=Attention.NEWS,
        priority=Priority.INTERACTIVE,
        now=now,
    )
    at = steps.answered_by(to, await memberships.primary_team(session, to), now, HANDOVER_ANSWERED_WITHIN)
    await schedule.set_timer(
        session,
        workspace_id=one.workspace_id,
        step="escalations.handover_unanswered",
        subject_id=offered.id,
        due_at=at,
        priority=cases.URGENCY[one.severity],
    )


async def accept(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    await _answer(store, identifier(action["value"]), me, now, accepted=True)
    await ack()


async def decline(ack: Any, action: dict[str, Any], store: Store, me: Me, now: datetime) -> None:
    await _answer(store, identifier(action["value"]), me, now, accepted=False)
    await ack()


async def _answer(store: Store, handover_id: int, me: Me, now: datetime, *, accepted: bool) -> None:
    async with store.write() as session:
        offered = await session.get(Handover, handover_id)
        if offered is None or offered.to_id != me.id:
            raise Refusal(NOT_YOURS)
        case = await cases.load(session, offered.escalation_id, now=now)
        await session.refresh(offered)
        if offered.answered_at is not None:
            raise Refusal(ANSWERED)
        rights.require_team(case, me.person)
        giver = (await people.by_ids(session, [offered.from_id]))[offered.from_id]
        still = case.escalation.owner_id == giver.id and escalations.is_open(case.escalation)
        offered.answered_at, offered.accepted = now, accepted and still
        await refresh_subject(session, offered.id, "escalations.handover", now=now)
        if still and accepted:
            await cases.keep(session, case, moves.hand(case, me.person, now, to=me.person, kind="accepted"))
        elif still:
            await cases.keep(session, case, changed("declined", now=now, actor=me.person, before=giver.id))
    if accepted and not still:
        raise StaleRefusal(MOVED_ON, case.escalation.label, giver.name)
