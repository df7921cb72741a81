"""What lists and figures cost: every query walks an index, on both databases, and finds what a plain scan would."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.databases import asked_of
from handlers.escalations.rules import figures
from storage import escalation_home, escalation_lists, search
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, EscalationViewer, Need, Severity, State
from storage.people import Person
from storage.store import Store
from storage.teams import Team, TeamState

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
COUNT = 3000
TEAMS = 3


@pytest.fixture
async def archive(store: Store) -> Store:
    """Three teams with a thousand escalations each over two years; the newest few of each are open, some overdue."""
    async with store.write() as session:
        session.add_all(
            [Person(workspace_id="T1", slack_id=f"U{n}", name=f"P{n}", zone="UTC", seen_at=NOW) for n in range(4)]
        )
        session.add_all([_team(number) for number in range(TEAMS)])
        await session.flush()
        await session.execute(insert(Escalation), [_escalation(number) for number in range(1, COUNT + 1)])
        rows = [row for number in range(1, COUNT + 1) for row in _clocks(number)]
        await session.execute(insert(Clock), rows)
        for number in range(COUNT - 100, COUNT):
            newest = await session.get(Escalation, number)
            assert newest is not None
            await search.index(session, newest)
        await session.execute(insert(EscalationViewer), [{"escalation_id": COUNT, "person_id": 4}])
    async with store.write_engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if store.dialect == "postgresql":
            await autocommit.execute(text("ANALYZE"))
    return store


def _team(number: int) -> Team:
    return Team(
        workspace_id="T1",
        form_key=f"team-{number}",
        name=f"Team {number}",
        channel=f"C{number}",
        escalation_channel=f"C{number}",
        zone="UTC",
        days=[0, 1, 2, 3, 4],
        start=NOW.time(),
        end=NOW.time(),
        policy={},
        state=TeamState.ACTIVE,
        requested_at=NOW,
    )


def _is_open(number: int) -> bool:
    return number > COUNT - 60


def _escalation(number: int) -> dict[str, Any]:
    raised_at = NOW - timedelta(hours=6) * (COUNT - number)
    return {
        "id": number,
        "workspace_id": "T1",
        "number": number,
        "form_key": f"form-{number}",
        "team_id": number % TEAMS + 1,
        "channel": "C1",
        "reporter_id": number % 3 + 1,
        "owner_id": 3 if number % 5 else None,
        "state": State.WAITING if _is_open(number) else State.RESOLVED,
        "severity": list(Severity)[number % 4],
        "need": Need.DECISION,
        "what": "Login loops",
        "restricted": number % 10 == 0,
        "policy": {},
        "calendar": {},
        "raised_at": raised_at,
        "changed_at": raised_at,
        "last_word_at": raised_at,
        "resolved_at": None if _is_open(number) else raised_at + timedelta(hours=4),
        "customer_nth": 1,
        "customer_is_vip": False,
        "reopened": 0,
    }


def _clocks(number: int) -> list[dict[str, Any]]:
    raised_at = NOW - timedelta(hours=6) * (COUNT - number)
    late = number % 7 == 0
    taken = None if _is_open(number) else number % 97 * 60
    return [
        {
            "escalation_id": number,
            "kind": kind,
            "state": ClockState.BREACHED if late else ClockState.RUNNING if taken is None else ClockState.MET,
            "generation": 1,
            "started_at": raised_at,
            "deadline": raised_at + timedelta(hours=4),
            "met_at": None if taken is None else raised_at + timedelta(seconds=taken),
            "taken_s": taken,
            "pauses": [],
            "paused_s": 0,
            "pages": 0,
            "given": False,
        }
        for kind in (Kind.ACKNOWLEDGE, Kind.RESOLVE)
    ]


Ask = Callable[[AsyncSession], Any]
MONTH = {"start": NOW - timedelta(days=30), "end": NOW}


def _first_page_of(which: str) -> Ask:
    return lambda session: escalation_lists.listed(session, which=which, viewer_id=4, team_ids=[1, 2], most=9)


QUESTIONS: dict[str, Ask] = {
    **{which: _first_page_of(which) for which in ("open", "mine", "overdue", "resolved")},
    "an older page": lambda session: escalation_lists.listed(
        session, which="resolved", viewer_id=4, team_ids=[1, 2], below=900, most=9
    ),
    "home": lambda session: escalation_home.concerning(session, 2, [1, 2]),
    "figures": lambda session: escalation_lists.measured(session, team_ids=[1, 2], viewer_id=4, **MONTH),
    "turns": lambda session: escalation_lists.turns(
        session, kinds=list(figures.HOLDER_AFTER), team_ids=[1, 2], viewer_id=4, **MONTH
    ),
    "file": lambda session: escalation_lists.raised_between(session, team_ids=[1, 2], viewer_id=4, most=100, **MONTH),
    "similar": lambda session: search.similar(
        session,
        workspace_id="T1",
        ticket_key="48213",
        customer_key="acme",
        words="Login loops",
        since=NOW - timedelta(days=30),
        viewer_id=4,
    ),
}


async def test_no_question_reads_the_whole_archive(archive: Store) -> None:
    for question, ask in QUESTIONS.items():
        with asked_of(archive.read_engine) as asked:
            async with archive.read() as session:
                await ask(session)
        assert asked, question
        for statement, parameters in (one for one in asked if not one[0].startswith("SET ")):
            plan = await _plan(archive, statement, parameters)
            assert not [line for line in plan if _reads_everything(line)], "\n".join([question, statement, *plan])


async def _plan(store: Store, statement: str, parameters: Any) -> list[str]:
    async with store.read_engine.connect() as connection:
        if store.dialect == "sqlite":
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        else:
            # so small a table is read whole, and rightly; what is asked here is whether there is another way
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return [str(row[-1]) for row in rows]


def _reads_everything(line: str) -> bool:
    """A scan of a table that grows with the archive, or of all that a workspace has in it. (The small tables of viewers
    and joined tickets may be read.)"""
    grows = ("escalations", "escalation_clocks", "escalation_events")
    if line.endswith("(workspace_id=?)"):
        return True
    scanned = line.startswith(tuple(f"SCAN {table}" for table in grows)) and "USING" not in line
    return scanned or any(f"Seq Scan on {table}" in line for table in grows)


async def test_pages_hold_what_a_plain_scan_would_find(archive: Store) -> None:
    for which in ("open", "mine", "overdue", "resolved"):
        await _compare(archive, which)
    async with archive.read() as session:
        assert await escalation_lists.listed(session, which="open", viewer_id=4, team_ids=[], most=9) == []


async def _compare(archive: Store, which: str) -> None:
    team_ids, viewer = {1, 2}, 3
    expected = []
    for number in range(COUNT, 0, -1):
        row = _escalation(number)
        own = viewer in {row["reporter_id"], row["owner_id"]}
        fits = {
            "mine": own and _is_open(number),
            "open": row["team_id"] in team_ids and _is_open(number),
            "overdue": row["team_id"] in team_ids and _is_open(number) and number % 7 == 0,
            "resolved": row["team_id"] in team_ids and not _is_open(number),
        }
        if fits[which] and (not row["restricted"] or own):
            expected.append(number)
    found: list[int] = []
    async with archive.read() as session:
        for _ in range(3):
            page = await escalation_lists.listed(
                session,
                which=which,
                viewer_id=viewer,
                team_ids=sorted(team_ids),
                below=found[-1] if found else None,
                most=9,
            )
            found += [one.number for one in page]
    assert found == expected[: len(found)]
    assert len(found) == min(27, len(expected))


async def test_the_figures_count_what_was_raised_in_their_time_and_may_be_seen(archive: Store) -> None:
    async with archive.read() as session:
        cases = await escalation_lists.measured(session, team_ids=[1], viewer_id=4, **MONTH)
    rows = [_escalation(number) for number in range(1, COUNT + 1)]
    expected = {
        row["id"]
        for row in rows
        if row["team_id"] == 1 and row["raised_at"] >= MONTH["start"] and (not row["restricted"] or row["id"] == COUNT)
    }
    assert {case.id for case in cases} == expected
    chosen = random.Random(1).choice([case for case in cases if case.resolved_at])
    assert chosen.resolve_s == chosen.id % 97 * 60
