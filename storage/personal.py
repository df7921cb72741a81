"""Everything in the database that is about somebody: what to show them, what to hand out, and what erasing does.

A test holds this table against the models: a new column that names a person must say here what becomes of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import Column, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import measured_days
from storage.base import Base
from storage.messages import Message, MessageState
from storage.people import Person

NEVER_SHOWN = frozenset({"form_key", "lease_until", "claimed_at", "attempt", "sending", "wanted", "shown"})
"""Columns that say nothing about anybody: the machinery of delivery, and the keys of forms."""
WITHIN_THE_WORK = (
    "id",
    "number",
    "escalation_id",
    "team_id",
    "state",
    "severity",
    "at",
    "kind",
    "raised_at",
    "due_on",
    "created_at",
    "value",
)
"""What somebody gets of a row that others wrote: that it is, and when; not what it says."""


class OnErase(Enum):
    DELETE = "deleted"
    KEEP = "kept: it is the team’s record"


@dataclass(frozen=True)
class Holding:
    """One way in which a table is about a person."""

    table: str
    column: str
    title: str
    """In plain words, for the person: "Escalations you raised"."""
    on_erase: OnErase
    whole: bool = True
    """Whether they get the whole row, or only what WITHIN_THE_WORK lists."""


HOLDINGS: tuple[Holding, ...] = (
    Holding("direct_message_counts", "person_id", "How many messages I sent you unasked, by day", OnErase.DELETE),
    Holding("messages", "person_id", "Messages that I sent you, or shall", OnErase.DELETE),
    Holding("data_accesses", "person_id", "Who read or exported your data", OnErase.KEEP),
    Holding("data_accesses", "by_id", "Whose data you read or exported", OnErase.KEEP, whole=False),
    Holding("memberships", "person_id", "Teams you are in", OnErase.KEEP),
    Holding("departures", "person_id", "Teams you left while still in their channel", OnErase.KEEP),
    Holding("heads", "person_id", "Departments you lead", OnErase.KEEP),
    Holding("rota_turns", "person_id", "Your place in duty rotas", OnErase.KEEP),
    Holding("duty_overrides", "person_id", "When you stood in on duty", OnErase.KEEP),
    Holding("duty_overrides", "set_by_id", "When you let somebody stand in", OnErase.KEEP, whole=False),
    Holding("teams", "requested_by_id", "Teams you asked for", OnErase.KEEP, whole=False),
    Holding("teams", "decided_by_id", "Teams you decided about", OnErase.KEEP, whole=False),
    Holding("escalation_drafts", "person_id", "Escalations you began to type", OnErase.DELETE),
    Holding("escalations", "reporter_id", "Escalations you raised", OnErase.KEEP),
    Holding("escalations", "owner_id", "Escalations you own", OnErase.KEEP, whole=False),
    Holding("escalations", "last_owner_id", "Escalations you owned last", OnErase.KEEP, whole=False),
    Holding("escalation_events", "actor_id", "What you did with escalations", OnErase.KEEP),
    Holding("escalation_tickets", "joined_by_id", "Tickets you joined to escalations", OnErase.KEEP),
    Holding("escalation_viewers", "person_id", "Restricted escalations that name you", OnErase.KEEP, whole=False),
    Holding("follow_ups", "owner_id", "Follow-ups that are yours", OnErase.KEEP),
    Holding("follow_ups", "closed_by_id", "Follow-ups you closed", OnErase.KEEP, whole=False),
    Holding("home_views", "person_id", "When your Home was last drawn", OnErase.DELETE),
    Holding("goals", "person_id", "Your goals", OnErase.DELETE),
    Holding("goals", "set_by_id", "Goals that you set", OnErase.KEEP, whole=False),
    Holding("goals", "closed_by_id", "Goals that you closed", OnErase.KEEP, whole=False),
    Holding("goal_updates", "by_id", "Numbers that you gave for goals", OnErase.KEEP),
    Holding("handovers", "from_id", "What you handed over", OnErase.KEEP, whole=False),
    Holding("handovers", "to_id", "What was handed over to you", OnErase.KEEP, whole=False),
    Holding("polls", "author_id", "Polls you sent", OnErase.KEEP),
    Holding("polls", "closed_by_id", "Polls you closed", OnErase.KEEP, whole=False),
    Holding("poll_people", "person_id", "Polls that you were asked in", OnErase.KEEP),
    Holding("named_ballots", "person_id", "What you answered in named polls", OnErase.DELETE),
    Holding("secret_ballots", "person_id", "Answers in anonymous polls that are open", OnErase.DELETE, whole=False),
    Holding("sources", "connected_by_id", "Help desks you connected", OnErase.KEEP, whole=False),
    Holding("source_agents", "person_id", "Who you are in help desks", OnErase.KEEP),
    Holding("tickets", "assignee_id", "Tickets assigned to you", OnErase.KEEP, whole=False),
    Holding("ratings", "assignee_id", "Customers’ ratings of tickets that were yours", OnErase.KEEP, whole=False),
    Holding("digest_takes", "person_id", "Lines of digests that you took", OnErase.KEEP),
    Holding("checkin_answers", "person_id", "Your check-ins: load, feeling, what is in the way", OnErase.DELETE),
    Holding("checkin_prompts", "person_id", "When check-ins were to ask you", OnErase.DELETE),
    Holding("checkin_shares", "person_id", "What you shared of your load with your managers", OnErase.DELETE),
    Holding("checkin_blockers", "person_id", "What you said is in the way, with your name", OnErase.DELETE),
    Holding("checkin_wishes", "person_id", "Whether check-ins may ask you, and warn you", OnErase.KEEP),
    Holding("checkin_blockers", "done_by_id", "What you did about things in the way", OnErase.KEEP, whole=False),
    Holding("checkin_rounds", "started_by_id", "Check-ins you started", OnErase.KEEP, whole=False),
    Holding("checkin_settings", "changed_by_id", "Check-in settings you changed", OnErase.KEEP, whole=False),
    Holding("training_items", "owner_id", "Training topics that you see to", OnErase.KEEP),
    Holding("training_items", "created_by_id", "Training topics that you noted", OnErase.KEEP, whole=False),
    Holding("training_items", "done_by_id", "Training topics that you closed", OnErase.KEEP, whole=False),
    Holding("training_sessions", "host_id", "Sessions that you host", OnErase.KEEP),
    Holding("training_sessions", "created_by_id", "Sessions that you planned", OnErase.KEEP, whole=False),
    Holding("training_places", "person_id", "Your answers to invitations, and whether you were there", OnErase.DELETE),
    Holding("training_requirements", "created_by_id", "Trainings that you required", OnErase.KEEP, whole=False),
    Holding("training_assignments", "person_id", "Trainings required of you, and when you did them", OnErase.KEEP),
    Holding("onboarding_plans", "changed_by_id", "Onboarding plans that you changed last", OnErase.KEEP, whole=False),
    Holding("onboarding_buddies", "person_id", "Where you look after newcomers", OnErase.KEEP),
    Holding("onboarding_enrolments", "person_id", "Your onboarding", OnErase.KEEP),
    Holding("onboarding_enrolments", "buddy_id", "Newcomers whose buddy you are", OnErase.KEEP, whole=False),
    Holding("onboarding_enrolments", "started_by_id", "Onboarding that you started", OnErase.KEEP, whole=False),
    Holding(
        "metrics_changes", "asked_by_id", "Settings of personal figures that you widened", OnErase.KEEP, whole=False
    ),
    Holding("spike_days", "told_by_id", "What you told the product people of", OnErase.KEEP, whole=False),
)
FINISHED = (MessageState.SENT, MessageState.CANCELLED, MessageState.EXPIRED)


def references() -> Iterator[tuple[str, str]]:
    """(table, column) of every column in the database that names a person."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == Person.__tablename__ for key in column.foreign_keys):
                yield table.name, column.name


async def counts(session: AsyncSession, person_id: int) -> list[tuple[Holding, int]]:
    """How many rows of each kind there are about somebody; kinds without any are left out."""
    counted = []
    for holding in HOLDINGS:
        table, column = _of(holding)
        number = (
            await session.execute(select(func.count()).select_from(table).where(column == person_id))
        ).scalar_one()
        if number:
            counted.append((holding, number))
    return counted


async def export(session: AsyncSession, person: Person) -> dict[str, Any]:
    """Everything about somebody, as a JSON object: their own row, then each kind of rows under its title."""
    own: Table = Base.metadata.tables[Person.__tablename__]
    mine = (await session.execute(select(own).where(own.c.id == person.id))).mappings().one()
    handed: dict[str, Any] = {"You": _plain(mine)}
    for holding in HOLDINGS:
        table, column = _of(holding)
        shown = [
            one
            for one in table.columns
            if one.name not in NEVER_SHOWN and (holding.whole or one.name in WITHIN_THE_WORK)
        ]
        if rows := (await session.execute(select(*shown or [column]).where(column == person.id))).mappings().all():
            handed[holding.title] = [_plain(row) for row in rows]
    return handed


async def erase(session: AsyncSession, person: Person) -> None:
    """Deletes what is kept for somebody's own sake: hours, absence, Do Not Disturb, e-mail address, drafts, the list of
    messages that went to them. What they did in their team's work stays its record, under their Slack id."""
    for holding in HOLDINGS:
        if holding.on_erase != OnErase.DELETE:
            continue
        table, column = _of(holding)
        gone = delete(table).where(column == person.id)
        if holding.table == Message.__tablename__:
            # what others were merged into goes with them; what is still to be sent is owed to the person
            finished = select(Message.id).where(Message.person_id == person.id, Message.state.in_(FINISHED))
            await session.execute(
                update(Message).where(Message.merged_into_id.in_(finished)).values(merged_into_id=None)
            )
            gone = gone.where(table.c.state.in_(FINISHED))
        await session.execute(gone)
    await measured_days.forget_days_of(session, person.id)
    person.email = None
    person.own_days = person.own_start = person.own_end = person.own_country = None
    person.primary_team_id = None
    person.away_from = person.away_until = person.dnd_from = person.dnd_until = None
    person.home_opened_at = None


def _of(holding: Holding) -> tuple[Table, Column[Any]]:
    table = Base.metadata.tables[holding.table]
    return table, table.c[holding.column]


def _plain(row: Any) -> dict[str, Any]:
    return {name: _written(value) for name, value in row.items() if name not in NEVER_SHOWN and value is not None}


def _written(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value
