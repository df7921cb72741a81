"""Escalations and the help desk's tickets: which ticket one is about, what is left there as a note, and the tag that
asks for an escalation."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.escalations.rules.references import ticket_key
from handlers.escalations.views import ticket as views
from handlers.helpdesks import HelpDesks, NoteRefusedError
from handlers.house import Run
from handlers.teams.rules.duty import on_duty
from storage import messages, people, sources, team_facts, tickets
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.jobs import Job, want_job
from storage.messages import Attention, NewMessage, Priority
from storage.sources import Source, SourceTeam
from storage.store import Store
from storage.teams import Team, TeamState
from storage.ticket_pages import Kept
from storage.tickets import Ticket
from storage.workspaces import Workspace

log = structlog.get_logger(__name__)

NOTE = "escalations.ticket_note"
TAGGED = "escalations.tagged"
TAG = "escalate"
NOTED = frozenset({"claimed", "resolved"})
"""What the help desk hears of, where the team wants it."""
DRAFT_HOLDS = timedelta(days=2)


async def known(session: AsyncSession, workspace_id: str, written: str | None) -> tuple[Ticket, Source] | None:
    """The ticket that somebody means by a number or a link, and where it is from; None: no source told of it."""
    if not written:
        return None
    for ticket in await tickets.by_external_id(session, workspace_id, ticket_key(written)):
        source = await sources.by_id(session, ticket.source_id)
        if source is not None and ticket.gone is None:
            return ticket, source
    return None


async def conversation_of(session: AsyncSession, escalation: Escalation) -> tuple[Ticket, Source] | None:
    """The ticket whose conversation can be asked for; files hold none."""
    found = await known(session, escalation.workspace_id, escalation.ticket)
    return found if found is not None and found[1].kind not in sources.FILES else None


async def want_note(session: AsyncSession, escalation: Escalation, event: Event) -> None:
    """Wants the internal note on the ticket, if the team wants such notes. A restricted escalation leaves none."""
    if escalation.restricted or event.kind not in NOTED:
        return
    found = await known(session, escalation.workspace_id, escalation.ticket)
    if found is None:
        return
    query = select(SourceTeam.group_name).where(
        SourceTeam.source_id == found[1].id, SourceTeam.team_id == escalation.team_id, SourceTeam.writes_notes
    )
    if (await session.execute(query.limit(1))).scalar_one_or_none() is not None:
        await want_job(
            session,
            workspace_id=escalation.workspace_id,
            kind=NOTE,
            key=f"{NOTE}:{event.id}",
            run_at=event.at,
            details={"event": event.id, "source": found[1].id, "ticket": found[0].external_id},
        )


def notes_through(helpdesks: HelpDesks) -> Run:
    """The job that leaves a note, once: what may have got there before is looked for first."""

    async def leave_note(
        job: Job,
        *,
        store: Store,
        client: AsyncWebClient,  # noqa: ARG001  # every job is given one; this one talks to the help desk
        now: Callable[[], datetime],  # noqa: ARG001  # likewise: the note tells when it happened
    ) -> None:
        async with store.read() as session:
            event = await session.get(Event, job.details["event"])
            source = await sources.by_id(session, job.details["source"])
            escalation = await session.get(Escalation, event.escalation_id) if event is not None else None
            if event is None or source is None or escalation is None or escalation.restricted:
                return
            actor = (await people.by_ids(session, [event.actor_id])).get(event.actor_id or 0)
            card = await messages.by_key(session, f"escalation:{escalation.id}:card")
            workspace = await session.get(Workspace, escalation.workspace_id)
        link = None
        if card is not None and card.slack_channel and card.slack_ts and workspace is not None:
            link = workspace.link(card.slack_channel, card.slack_ts)
        marker = views.marker(escalation, event)
        text = views.note(escalation, event, actor, link)
        try:
            # a lease above the first: an earlier run may have got as far as the help desk
            again = job.attempts > 0 or job.lease > 1
            await helpdesks.note(source.kind, job.details["ticket"], text, marker=marker, again=again)
        except NoteRefusedError as refused:
            log.warning("the help desk takes no note", source=source.name, error=str(refused))

    return leave_note


async def offer_tagged(session: AsyncSession, source: Source, kept: Kept, now: datetime) -> None:
    """A ticket that was just tagged `escalate` is offered to whoever is on duty, once; nothing is raised by itself.
    What was tagged before the desk was connected is history."""
    if source.filled_at is None:
        return
    for ticket_id, tag in kept.newly_tagged:
        ticket = await session.get(Ticket, ticket_id) if tag.casefold() == TAG else None
        team = await session.get(Team, ticket.team_id) if ticket is not None and ticket.team_id else None
        if ticket is None or not ticket.in_backlog or team is None or team.state != TeamState.ACTIVE:
            continue
        facts = await team_facts.of_team(session, team, now=now)
        told = on_duty(facts, now).people or facts.managers
        letters = [
            NewMessage(
                workspace_id=source.workspace_id,
                key=f"{TAGGED}:{ticket.id}:{person.id}",
                renderer=TAGGED,
                destination=person.slack_id,
                priority=Priority.INTERACTIVE,
                subject_id=ticket.id,
                person_id=person.id,
                attention=Attention.UNREQUESTED,
                expires_at=now + DRAFT_HOLDS,
            )
            for person in told
            if person.is_reachable
        ]
        await messages.want_all(session, letters, now=now)
