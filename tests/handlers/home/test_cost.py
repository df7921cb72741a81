"""What Home asks of the database: as much with several teams and a long archive as with one team and none. Counted in
statements and loaded rows, which no busy machine can blur."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Mapper

from benchmarks.databases import asked_of
from bot.app import furnish
from handlers.home.drawing import parts_of
from storage.clocks import Clock, ClockState, Kind
from storage.escalations import Escalation, Need, Severity, State
from storage.goals import Better, Ending, Goal, Period, Unit, Whose
from storage.goals import Kind as GoalKind
from storage.goals import State as GoalState
from storage.memberships import Membership
from storage.people import Person
from storage.store import Store
from storage.teams import Team, TeamState

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
STATEMENTS = 15
"""Without BEGIN. Each is about half a millisecond for everybody who opens Home: think twice before you raise it."""
OPEN_EACH = 4
ARCHIVE = 300


async def test_home_asks_no_more_of_three_teams_with_a_long_archive_than_of_one_without(store: Store) -> None:
    small = await _company(store, "T1", teams=1, archive=0)
    large = await _company(store, "T2", teams=3, archive=ARCHIVE)
    asked_small, _ = await _cost(store, small)
    asked_large, loaded = await _cost(store, large)
    assert asked_large == asked_small
    assert asked_small <= STATEMENTS
    assert loaded["Escalation"] == 3 * OPEN_EACH
    assert loaded["Goal"] == 3
    assert loaded["Person"] <= 3 * 2 + 1


async def _cost(store: Store, reader: Person) -> tuple[int, dict[str, int]]:
    """(statements, loaded rows by their kind)."""
    async with store.read() as session:
        with asked_of(store.read_engine) as statements, _loaded() as loaded:
            assert "Waits for you" not in str(await parts_of(session, furnish().sections, reader, NOW))
    return len(statements), loaded


@contextmanager
def _loaded() -> Iterator[dict[str, int]]:
    """How many rows become objects in here, by their kind."""
    loaded: dict[str, int] = {}

    def load(row: Any, _context: Any) -> None:
        loaded[type(row).__name__] = loaded.get(type(row).__name__, 0) + 1

    event.listen(Mapper, "load", load)
    try:
        yield loaded
    finally:
        event.remove(Mapper, "load", load)


async def _company(store: Store, workspace_id: str, *, teams: int, archive: int) -> Person:
    """Somebody who manages these teams of two; each has open escalations and a goal, and what ended long ago."""
    async with store.write() as session:
        manager = _person(workspace_id, 0)
        session.add(manager)
        for place in range(teams):
            team, agent = _team(workspace_id, place), _person(workspace_id, place + 1)
            session.add_all([team, agent])
            await session.flush()
            session.add(Membership(team_id=team.id, person_id=manager.id, is_manager=True, since=NOW))
            session.add(Membership(team_id=team.id, person_id=agent.id, since=NOW))
            session.add(_goal(team, 1000 * place, ended=False))
            session.add_all(_goal(team, 1000 * place + 1 + number, ended=True) for number in range(archive // 10))
            cases = [_case(team, agent, 1000 * place + number, ended=False) for number in range(OPEN_EACH)]
            cases += [_case(team, manager, 1000 * place + 100 + number, ended=True) for number in range(archive)]
            ids = (await session.execute(insert(Escalation).returning(Escalation.id), cases)).scalars().all()
            await session.execute(insert(Clock), [_clock(one) for one in ids])
    return manager


def _person(workspace_id: str, number: int) -> Person:
    slack_id = f"U{workspace_id}{number}"
    return Person(workspace_id=workspace_id, slack_id=slack_id, name=slack_id, zone="UTC", seen_at=NOW)


def _team(workspace_id: str, place: int) -> Team:
    return Team(
        workspace_id=workspace_id,
        form_key=f"{workspace_id}-{place}",
        name=f"Team {place}",
        channel=f"C{place}",
        escalation_channel=f"C{place}",
        zone="UTC",
        days=[0, 1, 2, 3, 4],
        start=NOW.time(),
        end=NOW.time(),
        policy={},
        state=TeamState.ACTIVE,
        requested_at=NOW,
    )


def _case(team: Team, reporter: Person, number: int, *, ended: bool) -> dict[str, Any]:
    raised_at = NOW - timedelta(days=9 if ended else 1)
    return {
        "workspace_id": team.workspace_id,
        "number": number,
        "form_key": f"{team.form_key}-{number}",
        "team_id": team.id,
        "channel": team.channel,
        "reporter_id": reporter.id,
        "owner_id": reporter.id,
        "state": State.RESOLVED if ended else State.IN_PROGRESS,
        "severity": Severity.S3,
        "need": Need.DECISION,
        "what": "Login loops",
        "policy": {},
        "calendar": {},
        "raised_at": raised_at,
        "changed_at": raised_at,
        "last_word_at": raised_at,
        "resolved_at": raised_at + timedelta(hours=4) if ended else None,
        "confirmed_at": raised_at + timedelta(hours=5) if ended else None,
        "customer_nth": 1,
        "customer_is_vip": False,
        "reopened": 0,
    }


def _clock(escalation_id: int) -> dict[str, Any]:
    return {
        "escalation_id": escalation_id,
        "kind": Kind.RESOLVE,
        "state": ClockState.RUNNING,
        "generation": 1,
        "started_at": NOW,
        "deadline": NOW + timedelta(days=3),
        "pauses": [],
        "paused_s": 0,
        "pages": 0,
        "given": False,
    }


def _goal(team: Team, number: int, *, ended: bool) -> Goal:
    return Goal(
        workspace_id=team.workspace_id,
        number=number,
        form_key=f"goal-{team.form_key}-{number}",
        whose=Whose.TEAM,
        whose_id=team.id,
        team_id=team.id,
        metric=f"hand:{number}",
        title="Articles",
        unit=Unit.COUNT,
        better=Better.UP,
        kind=GoalKind.REACH,
        target=40,
        period=Period.MONTH,
        first_day=date(2026, 6, 1),
        last_day=date(2026, 6, 30),
        zone="UTC",
        weekdays=[0, 1, 2, 3, 4],
        state=GoalState.CLOSED if ended else GoalState.OPEN,
        ending=Ending.MET if ended else None,
        closed_at=NOW if ended else None,
        created_at=NOW,
        changed_at=NOW,
        told="",
    )
