"""A team with something of every feature, as it stands today, and the years behind it: what people ask is asked of the
one, then of both."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.ballots import Answer as PollAnswer
from storage.ballots import NamedBallot, Published
from storage.checkin_answers import Answer, Blocker
from storage.checkins import CheckinSettings, Prompt, Round, Visibility
from storage.clocks import Clock, ClockState, Kind
from storage.departments import Department, Head
from storage.digests import Digest
from storage.escalation_events import Event
from storage.escalations import Escalation, Need, RootCause, Severity, State
from storage.follow_ups import FollowUp
from storage.goal_updates import Update
from storage.goals import Better, Ending, Goal, Period, Unit, Whose
from storage.goals import Kind as GoalKind
from storage.goals import State as GoalState
from storage.memberships import Membership
from storage.onboarding import Enrolment, Plan, PlanStep, Stopped
from storage.people import Person
from storage.poll_audiences import Asked, PollTeam
from storage.polls import Kind as QuestionKind
from storage.polls import Mode, Poll, PollState, Question, Results, Template
from storage.requirements import Assignment, Requirement
from storage.store import Store
from storage.teams import Team, TeamState
from storage.training import Answer as Said
from storage.training import Item, Place, Session

T = "T1"
ME, AGENTS = 1, (2, 3, 4, 5, 6)
"""Who manages the team and leads its department; who is in it."""
OURS, THEIRS = 1, 2
"""Their team, and another one with the same people, which isn't shown to them as a whole."""
ENOUGH = 24
"""Of what ended lately: more than any list shows, so that what comes before changes nothing on it."""
LONG_AGO = timedelta(days=220)
_numbers: Iterator[int] = count(1)


async def found(store: Store, now: datetime) -> None:
    """The company as it stands today."""
    async with store.write() as session:
        people = (ME, *AGENTS)
        session.add_all(
            Person(id=one, workspace_id=T, slack_id=f"U{one}", name=f"P{one}", zone="UTC", seen_at=now)
            for one in people
        )
        session.add(Department(id=1, workspace_id=T, name="Support"))
        session.add_all(_team(number, now) for number in (OURS, THEIRS))
        await session.flush()
        session.add(Head(department_id=1, person_id=ME))
        session.add_all(
            Membership(team_id=OURS, person_id=one, is_manager=one == ME, since=now - timedelta(days=900))
            for one in people
        )
        session.add_all(
            Membership(team_id=THEIRS, person_id=one, since=now - timedelta(days=800)) for one in AGENTS[:2]
        )
        session.add(
            CheckinSettings(team_id=OURS, days=[1, 3], lead_min=180, nudge_min=45, window_min=None, changed_at=now)
        )
        session.add(Plan(team_id=OURS, workspace_id=T, created_at=now, changed_at=now))
        await session.flush()
        session.add(PlanStep(team_id=OURS, day=0, text="Hello"))
        await _check_in(session, OURS, now.date(), now, ended=False)
        await _goals(session, now)
        await _polls(session, now)
        await _trainings(session, now)
        for back in range(1, ENOUGH + 1):
            await _day(session, now - timedelta(days=back))


async def age(store: Store, now: datetime, *, days: int) -> None:
    """So many days more, the latest of them LONG_AGO, beyond whatever a look covers."""
    async with store.write() as session:
        for back in range(days):
            await _day(session, now - LONG_AGO - timedelta(days=back))


async def settle(store: Store) -> None:
    """As PostgreSQL does by itself within minutes."""
    if store.dialect == "postgresql":
        async with store.write_engine.connect() as connection:
            await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("ANALYZE"))


def _team(number: int, now: datetime) -> Team:
    return Team(
        id=number,
        workspace_id=T,
        form_key=f"team-{number}",
        name=f"Team {number}",
        department_id=1 if number == OURS else None,
        channel=f"C{number}",
        escalation_channel=f"C{number}",
        zone="UTC",
        days=[0, 1, 2, 3, 4],
        start=time(9),
        end=time(17),
        policy={},
        checkins=number == OURS,
        state=TeamState.ACTIVE,
        requested_at=now,
    )


async def _day(session: AsyncSession, at: datetime) -> None:
    """What a day leaves behind, in both teams."""
    for team_id in (OURS, THEIRS):
        await _check_in(session, team_id, at.date(), at, ended=True)
        await _ended_poll(session, team_id, at)
        await _held_training(session, team_id, at)
        await _resolved(session, team_id, at)
        await _add(session, Digest, _digest(team_id, at))
    await _add(session, Goal, *(_goal(whose, one, at, ended=True) for whose, one in _owners()))


def _owners() -> list[tuple[Whose, int]]:
    return [
        (Whose.DEPARTMENT, 1),
        (Whose.TEAM, OURS),
        (Whose.TEAM, THEIRS),
        *((Whose.PERSON, one) for one in (ME, *AGENTS)),
    ]


async def _add(session: AsyncSession, model: type[Any], *rows: dict[str, Any]) -> list[int]:
    """The rows' ids, if they have one."""
    if not hasattr(model, "id") or model is PollAnswer:
        await session.execute(insert(model), list(rows))
        return []
    return list((await session.execute(insert(model).returning(model.id), list(rows))).scalars())


async def _check_in(session: AsyncSession, team_id: int, day: date, at: datetime, *, ended: bool) -> None:
    figures = {"asked": 6, "answered": 6, "load": [1, 1, 2, 1, 1], "feeling": [1, 1, 2, 1, 1]} if ended else {}
    round_ = {
        "workspace_id": T,
        "team_id": team_id,
        "day": day,
        "visibility": Visibility.NAMED,
        "created_at": at,
        "closed_at": at if ended else None,
        **figures,
    }
    (round_id,) = await _add(session, Round, round_)
    opens, closes = (at, at) if ended else (at - timedelta(hours=1), at + timedelta(hours=3))
    part = {"round_id": round_id, "opens_at": opens, "closes_at": closes, "asked_at": opens}
    await _add(session, Prompt, *({**part, "person_id": one} for one in (ME, *AGENTS)))
    if team_id == THEIRS:
        return
    said = {"workspace_id": T, "day": day, "round_id": round_id, "load": 3, "feeling": 3, "changed_at": at}
    await _add(session, Answer, *({**said, "person_id": one} for one in AGENTS))
    done = {"done": "More people", "done_by_id": ME, "done_at": at} if ended else {}
    await _add(session, Blocker, {"round_id": round_id, "text": "Too few", "person_id": 2, **done})


def _goal(whose: Whose, one: int, at: datetime, *, ended: bool) -> dict[str, Any]:
    number = next(_numbers)
    column = {Whose.PERSON: "person_id", Whose.TEAM: "team_id", Whose.DEPARTMENT: "department_id"}[whose]
    return {
        "workspace_id": T,
        "number": number,
        "form_key": f"goal-{number}",
        "whose": whose,
        "whose_id": one,
        column: one,
        "set_by_id": ME,
        "metric": f"hand:{number}",
        "title": "Articles",
        "unit": Unit.COUNT,
        "better": Better.UP,
        "kind": GoalKind.REACH,
        "target": 40,
        "period": Period.MONTH,
        "first_day": at.date() - timedelta(days=20),
        "last_day": at.date() + timedelta(days=0 if ended else 10),
        "zone": "UTC",
        "weekdays": [0, 1, 2, 3, 4],
        "state": GoalState.CLOSED if ended else GoalState.OPEN,
        "ending": Ending.MET if ended else None,
        "closed_at": at if ended else None,
        "created_at": at - timedelta(days=20),
        "changed_at": at,
        "told": "",
    }


async def _goals(session: AsyncSession, now: datetime) -> None:
    for whose, one in _owners():
        (goal_id,) = await _add(session, Goal, _goal(whose, one, now, ended=False))
        numbers = {"goal_id": goal_id, "by_id": ME, "at": now - timedelta(days=5), "value": 7.0}
        await _add(session, Update, {"form_key": f"update-{goal_id}", **numbers})


async def _poll(session: AsyncSession, team_id: int, at: datetime, mode: Mode, *, ended: bool) -> int:
    number = next(_numbers)
    row = {
        "workspace_id": T,
        "number": number,
        "form_key": f"poll-{number}",
        "team_id": team_id,
        "author_id": ME if team_id == OURS else AGENTS[0],
        "template": Template.PULSE,
        "title": "Pulse",
        "mode": mode,
        "results": Results.AFTER_CLOSE,
        "state": PollState.CLOSED if ended else PollState.OPEN,
        "series_id": team_id,
        "created_at": at - timedelta(days=1),
        "opened_at": at - timedelta(days=1),
        "closes_at": at if ended else at + timedelta(days=1),
        "closed_at": at if ended else None,
        "asked": 6,
        "answered": 5 if ended else None,
    }
    (poll_id,) = await _add(session, Poll, row)
    await _add(session, PollTeam, {"poll_id": poll_id, "team_id": team_id})
    asked = {"poll_id": poll_id, "team_id": team_id}
    await _add(session, Asked, *({**asked, "person_id": one} for one in (ME, *AGENTS)))
    return poll_id


async def _question(session: AsyncSession, poll_id: int) -> int:
    row = {"poll_id": poll_id, "position": 0, "kind": QuestionKind.ONE, "text": "How is it?", "options": ["a", "b"]}
    (question_id,) = await _add(session, Question, {**row, "sameness": "pulse"})
    return question_id


async def _polls(session: AsyncSession, now: datetime) -> None:
    poll_id = await _poll(session, OURS, now, Mode.NAMED, ended=False)
    question_id = await _question(session, poll_id)
    given = {"poll_id": poll_id, "answers": {str(question_id): 0}, "at": now}
    await _add(session, NamedBallot, *({**given, "person_id": one} for one in AGENTS))


async def _ended_poll(session: AsyncSession, team_id: int, at: datetime) -> None:
    secret = await _poll(session, team_id, at, Mode.ANONYMOUS, ended=True)
    question_id = await _question(session, secret)
    loose = {"question_id": question_id, "option": 0}
    await _add(session, PollAnswer, *({**loose, "id": f"{question_id}-{one}"} for one in AGENTS))
    await _add(session, Published, {"question_id": question_id, "asked": 6, "answered": 5})
    named = await _poll(session, team_id, at, Mode.NAMED, ended=True)
    question_id = await _question(session, named)
    given = {"poll_id": named, "answers": {str(question_id): 0}, "at": at}
    await _add(session, NamedBallot, *({**given, "person_id": one} for one in (ME, *AGENTS)))


async def _training(session: AsyncSession, team_id: int, at: datetime, *, ended: bool) -> None:
    number = next(_numbers)
    base = {"workspace_id": T, "team_id": team_id, "created_at": at - timedelta(days=30), "form_key": f"t-{number}"}
    topic = {"topic": "Refunds", "owner_id": ME, "due_on": at.date(), "done_at": at if ended else None}
    (item_id,) = await _add(session, Item, {**base, **topic})
    session_row = {"item_id": item_id, "title": "Refunds", "starts_at": at if ended else at + timedelta(days=2)}
    session_row |= {"minutes": 60, "host_id": ME, "channel": "C1", "attendance_at": at if ended else None}
    (session_id,) = await _add(session, Session, {**base, **session_row})
    place = {"session_id": session_id, "answer": Said.GOING, "answered_at": at, "attended": True if ended else None}
    await _add(session, Place, *({**place, "person_id": one, "turn": one} for one in (ME, *AGENTS)))
    required = {"title": "Privacy", "for_team": True, "due_on": at.date(), "yearly": False}
    (required_id,) = await _add(session, Requirement, {**base, **required, "ended_at": at if ended else None})
    part = {"requirement_id": required_id, "round": 0, "due_on": at.date(), "assigned_at": at}
    part |= {"done_at": at if ended else None}
    await _add(session, Assignment, *({**part, "person_id": one} for one in (ME, *AGENTS)))


async def _trainings(session: AsyncSession, now: datetime) -> None:
    await _training(session, OURS, now - timedelta(days=1), ended=False)
    way = {"workspace_id": T, "team_id": OURS, "person_id": AGENTS[-1], "since": now - timedelta(days=1)}
    await _add(session, Enrolment, {**way, "buddy_id": ME})


async def _held_training(session: AsyncSession, team_id: int, at: datetime) -> None:
    await _training(session, team_id, at, ended=True)
    if team_id == OURS:
        way = {"workspace_id": T, "team_id": OURS, "person_id": AGENTS[-1], "since": at - timedelta(days=90)}
        over = {"stopped_at": at, "stopped_why": Stopped.THROUGH}
        await _add(session, Enrolment, {**way, "buddy_id": ME, **over})


async def _resolved(session: AsyncSession, team_id: int, at: datetime) -> None:
    number = next(_numbers)
    raised_at = at - timedelta(hours=4)
    case = {
        "workspace_id": T,
        "number": number,
        "form_key": f"case-{number}",
        "team_id": team_id,
        "channel": f"C{team_id}",
        "reporter_id": AGENTS[0],
        "owner_id": ME,
        "state": State.RESOLVED,
        "severity": Severity.S3,
        "need": Need.DECISION,
        "what": "Login loops",
        "policy": {},
        "calendar": {},
        "raised_at": raised_at,
        "changed_at": at,
        "last_word_at": at,
        "resolved_at": at,
        "confirmed_at": at,
        "root_cause": RootCause.KNOWLEDGE_GAP,
    }
    (case_id,) = await _add(session, Escalation, case)
    clock = {"escalation_id": case_id, "state": ClockState.MET, "started_at": raised_at, "deadline": at}
    clock |= {"met_at": at, "taken_s": 600}
    await _add(session, Clock, *({**clock, "kind": kind} for kind in (Kind.ACKNOWLEDGE, Kind.RESOLVE)))
    line = {"escalation_id": case_id, "at": at, "actor_id": ME}
    await _add(session, Event, *({**line, "kind": kind} for kind in ("raise", "claim", "resolve")))
    owed = {"workspace_id": T, "team_id": team_id, "escalation_id": case_id, "owner_id": ME, "due_on": at.date()}
    owed |= {"reason": "prevent_repeat", "what": "Write it down", "created_at": at, "closed_at": at}
    await _add(session, FollowUp, owed)


def _digest(team_id: int, at: datetime) -> dict[str, Any]:
    covers = {"since": at - timedelta(days=1), "until": at, "due_at": at}
    return {"workspace_id": T, "team_id": team_id, "weekly": False, "local_date": at.date(), **covers}
