"""Many escalations at once, copied inside the database from one that the product raised: nothing of a case is made up
but its number, its text, when it was raised, and what became of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    String,
    cast,
    func,
    insert,
    literal,
    literal_column,
    null,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.company import agent_of, found_company, found_teams
from handlers.escalations.forms import Raise
from handlers.escalations.raising import Origin, open_case
from storage.clocks import Clock, ClockState
from storage.escalation_events import Event
from storage.escalations import Escalation, Need, Outcome, RootCause, Severity, State
from storage.people import Person
from storage.store import Store
from storage.teams import Team

WHAT = "Checkout freezes after the latest release and nobody can pay any more"
INDEX = {
    "sqlite": "INSERT INTO escalation_texts (rowid, document) SELECT id, what FROM escalations WHERE number > :above",
    "postgresql": "INSERT INTO escalation_texts (escalation_id, document)"
    " SELECT id, to_tsvector('simple', what) FROM escalations WHERE number > :above",
}


@dataclass(frozen=True)
class Template:
    """The case that is copied, its team, and who raised it."""

    case: Escalation
    team: Team
    agent: Person


async def raise_template(store: Store, now: datetime) -> Template:
    """A company of one desk, and its first escalation."""
    async with store.write() as session:
        workspace = found_company(1, lambda: now)
        (team,) = await found_teams(session, workspace, now)
        agent = (await session.execute(select(Person).where(Person.name == agent_of(0)))).scalar_one()
        form = Raise(severity=Severity.S2, what=WHAT, need=Need.DECISION)
        case = await open_case(session, team=team, me=agent, form=form, origin=Origin("template"), viewers=[], now=now)
        return Template(case.escalation, team, agent)


async def copy_resolved(store: Store, template: Template, many: int, *, newest: datetime, span: timedelta) -> None:
    """So many more that are over, raised evenly over the `span` up to `newest` and resolved an hour later."""
    async with store.write() as session:
        above, counting = await _next(session, many)
        raised = before(session, newest, counting.c.turn, span / many)
        resolved = before(session, newest + timedelta(hours=1), counting.c.turn, span / many)
        became: dict[str, Any] = {
            "state": State.RESOLVED,
            "owner_id": template.agent.id,
            "outcome": Outcome.SOLVED,
            "root_cause": RootCause.PRODUCT_DEFECT,
            "customer_told": True,
            "resolved_at": resolved,
            "confirmed_at": resolved,
        }
        await _copy(session, template, above, counting, raised, became)
        met = {"state": ClockState.MET, "met_at": template.case.raised_at, "taken_s": 1800}
        await _copy_clocks(session, template, above, met)
        await _copy_history(session, template, above)
        await _end_history(session, template, above)


async def copy_open(store: Store, template: Template, many: int, *, newest: datetime, overdue: int = 0) -> None:
    """So many more that nobody has claimed, raised a minute apart; the first `overdue` of them past their deadline."""
    async with store.write() as session:
        above, counting = await _next(session, many)
        raised = before(session, newest, counting.c.turn, timedelta(minutes=1))
        await _copy(session, template, above, counting, raised, {})
        await _copy_clocks(session, template, above, {})
        await _copy_history(session, template, above)
        if overdue:
            late = select(Escalation.id).where(Escalation.number > above, Escalation.number <= above + overdue)
            breach = Clock.__table__.update().where(Clock.escalation_id.in_(late))  # type: ignore[attr-defined]  # a Table
            await session.execute(breach.values(state=ClockState.BREACHED, breached_at=newest))


async def _next(session: AsyncSession, many: int) -> tuple[int, CTE]:
    """(the highest number there is, rows that count from 1 to `many`)."""
    above = (await session.execute(select(func.max(Escalation.number)))).scalar_one()
    counting = select(literal(1).label("turn")).cte("counting", recursive=True)
    counting = counting.union_all(select(counting.c.turn + 1).where(counting.c.turn < many))
    return above, counting


async def _copy(
    session: AsyncSession,
    template: Template,
    above: int,
    counting: CTE,
    raised: ColumnElement[datetime],
    became: Mapping[str, Any],
) -> None:
    number = counting.c.turn + above
    await _insert(
        session,
        Escalation,
        select(Escalation).join(counting, true()).where(Escalation.id == template.case.id),
        {
            "number": number,
            "form_key": "copy-" + cast(number, String),
            "what": WHAT + " word" + cast(number, String),
            "raised_at": raised,
            "changed_at": raised,
            "last_word_at": raised,
            **became,
        },
        but=("id",),
    )
    dialect = session.get_bind().dialect.name
    await session.execute(text(INDEX[dialect]), {"above": above})


async def _copy_clocks(session: AsyncSession, template: Template, above: int, became: Mapping[str, Any]) -> None:
    copies = select(Clock).join(Escalation, Escalation.number > above).where(Clock.escalation_id == template.case.id)
    await _insert(session, Clock, copies, {"escalation_id": Escalation.__table__.c.id, **became})


async def _copy_history(session: AsyncSession, template: Template, above: int) -> None:
    copies = select(Event).join(Escalation, Escalation.number > above).where(Event.escalation_id == template.case.id)
    await _insert(
        session,
        Event,
        copies,
        {"escalation_id": Escalation.__table__.c.id, "at": Escalation.__table__.c.raised_at},
        but=("id",),
    )


async def _end_history(session: AsyncSession, template: Template, above: int) -> None:
    first = select(func.min(Event.id)).where(Event.escalation_id == template.case.id).scalar_subquery()
    copies = select(Event).join(Escalation, Escalation.number > above).where(Event.id == first)
    ids = Escalation.__table__.c
    await _insert(
        session, Event, copies, {"escalation_id": ids.id, "kind": "resolved", "at": ids.resolved_at}, but=("id",)
    )


async def _insert(
    session: AsyncSession,
    model: Any,
    copies: Select[Any],
    instead: Mapping[str, Any],
    *,
    but: tuple[str, ...] = (),
) -> None:
    columns = [column for column in model.__table__.columns if column.name not in but]
    taken = [_as(instead[column.name], column) if column.name in instead else column for column in columns]
    await session.execute(
        insert(model).from_select([column.name for column in columns], copies.with_only_columns(*taken))
    )


def _as(value: Any, column: Any) -> ColumnElement[Any]:
    if value is None:
        return null()
    return value if isinstance(value, ColumnElement) else literal(value, column.type)


def before(
    session: AsyncSession, newest: datetime, turn: ColumnElement[int], apart: timedelta
) -> ColumnElement[datetime]:
    """`newest` less so many times `apart`, as the dialect keeps instants."""
    apart_s, at = apart.total_seconds(), newest.strftime("%Y-%m-%d %H:%M:%S")
    if session.get_bind().dialect.name == "sqlite":
        back = literal("-") + cast(turn * apart_s, String) + " seconds"
        return func.strftime("%Y-%m-%d %H:%M:%f", at, back) + "000"
    return literal_column(f"timestamptz '{at}+00'") - turn * literal_column(f"interval '{apart_s} seconds'")
