"""What a year of check-ins costs a manager who looks back on it.

`/checkin trend` from the listener to the finished blocks, for a team of 1,000 people asked twice a week: over a week
and over a year, in turn, in the same store, which holds everybody's answers of the 90 days for which they are kept and
the sums of every round. The floor is the week; `growth_ratio` is the year's median ÷ the week's, the worse of both
databases.
"""

import asyncio
import random
import statistics
import time
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from typing import Any

from sqlalchemy import insert

from benchmarks import databases
from benchmarks.figures import Figures, Target, ratio, run, spread
from handlers.checkins.listeners import looking
from handlers.house import Block, Me
from handlers.keeping import Keeping
from storage.checkin_answers import STEPS, Answer
from storage.checkins import Round, Visibility
from storage.memberships import Membership
from storage.people import Person
from storage.store import Store, open_store
from storage.teams import Team, TeamState

CLAIM = "a year of check-ins is looked back on as quickly as a week"
TARGETS = {"growth_ratio": Target(1.5)}
NOW = datetime(2026, 6, 19, 12, tzinfo=UTC)
WORKSPACE = "T0TREND"
ASKED_ON = (1, 3)
WEEK, YEAR = 1, 52


def measure(*, quick: bool) -> Figures:
    people, turns = (20, 3) if quick else (1_000, 40)
    figures: Figures = {"growth_ratio": None, "people": people}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with ExitStack() as opened:
            url = opened.enter_context(database())
            figures[name] = None if url is None else run(_measure(url, people, turns))
    ratios = [figures[name]["ratio"] for name in ("sqlite", "postgresql") if figures[name] is not None]
    return figures | {"growth_ratio": max(ratios)}


async def _measure(url: str, people: int, turns: int) -> Figures:
    store = open_store(url)
    me = await _fill(store, people)
    took_ms: dict[int, list[float]] = {WEEK: [], YEAR: []}
    for turn in range(turns + 2):
        for weeks, samples in took_ms.items():
            reply = _Reader()
            began = time.perf_counter()
            await looking.trend(weeks, reply=reply, store=store, me=me, now=NOW)
            if turn >= 2:  # the first two warm up
                samples.append((time.perf_counter() - began) * 1000)
            assert str(reply.blocks).count("week of") >= weeks - 1, "the weeks are not all there"
        await asyncio.sleep(0)
    await store.close()
    medians = statistics.median(took_ms[YEAR]), statistics.median(took_ms[WEEK])
    return {"ratio": ratio(*medians), "week_ms": spread(took_ms[WEEK]), "year_ms": spread(took_ms[YEAR])}


async def _fill(store: Store, people: int) -> Me:
    """The team with its year; who asks manages it."""
    chance = random.Random(7)  # the same year each time
    async with store.write() as session:
        team = _team()
        members = [
            Person(workspace_id=WORKSPACE, slack_id=f"U{n}", name=f"Person {n}", zone="UTC", seen_at=NOW)
            for n in range(people)
        ]
        session.add_all([team, *members])
        await session.flush()
        session.add_all(
            Membership(team_id=team.id, person_id=one.id, is_manager=one is members[0], since=NOW) for one in members
        )
        rounds = [_round(team.id, day, chance, people) for day in _days()]
        session.add_all(rounds)
        await session.flush()
        kept = [one for one in rounds if NOW.date() - one.day <= Keeping().answers]
        for one in kept:
            answers = [_answer(one, member.id, chance) for member in members]
            await session.execute(insert(Answer), answers)
    return Me(members[0], is_admin=False)


def _days() -> list[date]:
    every = (NOW.date() - timedelta(days=n) for n in range(1, YEAR * 7))
    return [day for day in every if day.weekday() in ASKED_ON]


def _round(team_id: int, day: date, chance: random.Random, people: int) -> Round:
    load = [chance.randrange(people) for _ in range(STEPS)]
    return Round(
        workspace_id=WORKSPACE,
        team_id=team_id,
        day=day,
        visibility=Visibility.PRIVATE,
        created_at=NOW,
        closed_at=NOW,
        asked=people,
        answered=sum(load),
        load=load,
        feeling=load,
    )


def _answer(one: Round, person_id: int, chance: random.Random) -> dict[str, Any]:
    step = chance.randint(1, STEPS)
    return {
        "workspace_id": WORKSPACE,
        "person_id": person_id,
        "day": one.day,
        "round_id": one.id,
        "load": step,
        "feeling": step,
        "changed_at": NOW,
    }


def _team() -> Team:
    return Team(
        workspace_id=WORKSPACE,
        form_key="trend",
        name="Care",
        channel="C0CARE",
        escalation_channel="C0CARE",
        zone="UTC",
        days=list(range(5)),
        start=wall_time(9),
        end=wall_time(17),
        policy={},
        checkins=True,
        state=TeamState.ACTIVE,
        requested_at=NOW,
    )


class _Reader:
    """Whoever asked: keeps what they were shown."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    async def __call__(self, text: str, *, blocks: list[Block] | None = None, replace: bool = False) -> None:
        del text, replace
        self.blocks = blocks or []
