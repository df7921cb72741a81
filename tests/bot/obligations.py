"""What is owed on a busy Monday, carried out by replicas that die, freeze or lose their database meanwhile; and what
came of each obligation."""

import random
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from benchmarks.company import found_company, found_teams
from bot.manifest import read_manifest
from handlers.checkins.rounds import prompt_key, result_key
from simulator.server import Simulator
from storage.checkins import Prompt, Round
from storage.clocks import Clock
from storage.digests import Digest
from storage.escalation_events import Event
from storage.goals import Goal, Period
from storage.jobs import Job, JobState
from storage.memberships import Membership
from storage.messages import Message, MessageState
from storage.poll_audiences import Asked
from storage.polls import Poll
from storage.schedule import Schedule, Timer
from storage.store import open_store
from tests.bot.busy_monday import SUNDAY, WAKING, owe
from tests.bot.replicas import Fleet, FleetClock
from tests.bot.shown import Verdict, doubled, posts_by_key
from tests.handlers.checkins.stories import QUESTION

RESUMED_WITHIN = timedelta(seconds=180)
"""A lease, and then the wait for Slack's history."""
BEAT = timedelta(seconds=5)
"""In which the workspace's pace lets a burst of scheduled messages out."""
MONDAY = date(2026, 6, 8)
ON_THE_WAY = (MessageState.READY, MessageState.UNKNOWN)
NO_LIMIT = "50"
"""Unrequested messages a day: who is asked for this much at once would hear of most of it days later."""
EACH = MappingProxyType(
    {"cards": 1, "prompts": 2, "nudges": 2, "results": 1, "polls": 2, "outcomes": 1, "digests": 3, "goals": 2}
)
"""How many of a kind a desk is owed at least; pages go on until somebody claims."""


class Indebted(Fleet):
    """`life`: how many commits and calls a process lives through, from and to."""

    def __init__(self, *given: Any, life: tuple[int, int], **more: Any) -> None:
        super().__init__(*given, **more)
        self.life = life
        self.freezes = self.cuts = 0.0
        self._settings["BACKSTOP_DAILY_DM_LIMIT"] = NO_LIMIT
        self.resumed: list[timedelta] = []
        """For each message that a process had in flight when it died: how long after the last death until Slack had
        it."""
        self._turns = 0
        self._in_flight: set[int] = set()
        self._deaths, self._died_at = 0, self.clock.at

    async def meets_monday(
        self,
        outages: Mapping[datetime, timedelta] = MappingProxyType({}),
        *,
        until: datetime = WAKING[-1][1],
    ) -> None:
        """From Sunday to Tuesday; over the hours in which nothing is owed, in one leap. `outages`: from when on the
        database is away, and for how long."""
        for begins, ends in WAKING:
            if begins < until:
                self.clock.at = max(self.clock.at, begins)
                at_work = {at: span for at, span in outages.items() if begins <= at < ends}
                await self._lives_until(min(ends, until), at_work)
                while ends <= until and await self._left():  # Slack takes fifty updates a minute
                    self.clock.at += BEAT
                    await self._lives_a_turn()

    async def _lives_until(self, ends: datetime, outages: Mapping[datetime, timedelta]) -> None:
        """Goes from one due instant to the next."""
        to_come = sorted(outages.items())
        while (at := await self._next_instant()) <= ends:
            self.clock.at = max(at, self.clock.at + BEAT)
            if to_come and self.clock.at >= to_come[0][0]:
                begins, span = to_come.pop(0)
                self.clock.at = begins
                await self._is_away(span)
            await self._lives_a_turn()

    async def _lives_a_turn(self) -> None:
        await self._turn(self._turns, trouble=True)
        await self._look_at_the_dead()
        self._turns += 1

    async def sleeps(self, span: timedelta) -> None:
        """As a laptop does whose lid is closed in the middle of a turn: every process stops, the clock goes on."""
        awake = [(place, one) for place, one in enumerate(self._replicas) if one is not None]
        for _, replica in awake:
            replica.turns("falls asleep")
            replica.freezes(until=0)
        self.clock.at += span
        for _, replica in awake:
            replica.thaws()
        await self._rest(awake)
        await self._lives_until(self.clock.at + timedelta(minutes=15), {})

    async def _is_away(self, span: timedelta) -> None:
        """The database lets nobody in, while replicas go on trying."""
        until = self.clock.at + span
        await self._lets_in(anybody=False)
        try:
            await self._terminates()
            while self.clock.at < until:
                self.clock.at = min(until, self.clock.at + timedelta(minutes=1))
                await self._turn(self._turns, trouble=True, starts=False)
        finally:
            await self._lets_in(anybody=True)
        self.happened["away"] += 1

    async def _look_at_the_dead(self) -> None:
        """Everybody rests: what is still being posted was in flight when somebody died."""
        if self.happened["died"] > self._deaths:
            self._deaths, self._died_at = self.happened["died"], self.clock.at
        async with self.store.read() as session:
            posting = (Message.state == MessageState.SENDING) & Message.slack_ts.is_(None)
            ours = select(Message.id, Message.state, Message.slack_ts)
            found = (await session.execute(ours.where(or_(posting, Message.id.in_(self._in_flight))))).all()
        self._in_flight |= {message_id for message_id, _, _ in found}
        under_way = (*ON_THE_WAY, MessageState.SENDING)
        there = {message_id for message_id, state, ts in found if ts is not None or state not in under_way}
        self.resumed += [self.clock.at - self._died_at] * len(there)
        self._in_flight -= there

    async def _next_instant(self) -> datetime:
        """When something is due next; it may be over."""
        leased = (Message.state == MessageState.SENDING, Job.state == JobState.RUNNING)
        soonest: list[tuple[ColumnElement[datetime | None], ColumnElement[bool]]] = [
            (func.min(Timer.retry_at), Timer.parked_at.is_(None)),
            (func.min(Schedule.next_fire_at), Schedule.next_fire_at.is_not(None)),
            (func.min(Message.due_at), Message.state.in_(ON_THE_WAY)),
            (func.min(Message.lease_until), leased[0]),
            (func.min(Job.run_at), Job.state == JobState.READY),
            (func.min(Job.lease_until), leased[1]),
        ]
        async with self.store.read() as session:
            found = [(await session.execute(select(at).where(which))).scalar_one() for at, which in soonest]
        return min(at for at in found if at is not None)

    # -- what came of it -----------------------------------------------------------------------------------------------

    async def owed(self) -> dict[str, set[str]]:
        """The keys of what had to come, by kind: as the cases, rounds, polls, digests and goals have it, whatever
        messages there are."""
        async with self.store.read() as session:
            managers = dict(
                (
                    await session.execute(select(Membership.team_id, Membership.person_id).where(Membership.is_manager))
                ).all()
            )
            prompts = (await session.execute(select(Prompt.id).where(Prompt.asked_at.is_not(None)))).scalars().all()
            rounds = (await session.execute(select(Round).where(Round.asked > 0))).scalars().all()
            asked = (await session.execute(select(Asked))).scalars().all()
            closed = (await session.execute(select(Poll).where(Poll.closed_at.is_not(None)))).scalars().all()
            digests = (await session.execute(select(Digest).where(Digest.local_date == MONDAY))).scalars().all()
            goals = (await session.execute(select(Goal))).scalars().all()
            breaches = (await session.execute(select(Event).where(Event.kind == "breached"))).scalars().all()
            warned = (await session.execute(select(Clock.escalation_id))).scalars().all()
        daily = {f"queue.digest:{one.id}:channel" for one in digests if not one.weekly}
        ended = {goal for goal in goals if goal.period == Period.WEEK and goal.team_id is not None}
        return {
            "cards": {f"escalation:{case}:card" for case in warned},
            "notes": {f"escalation:{one.escalation_id}:note:{one.id}" for one in breaches},
            "prompts": {prompt_key(one) for one in prompts},
            "nudges": {prompt_key(one, nudge=True) for one in prompts},
            "results": {result_key(one.id, managers[one.team_id]) for one in rounds},
            "polls": {f"poll:{one.poll_id}:prompt:{one.person_id}" for one in asked},
            "outcomes": {f"poll:{one.id}:outcome:{one.author_id}" for one in closed},
            "digests": daily | {f"queue.digest:{one.id}:{managers[one.team_id]}" for one in digests},
            "goals": {f"goals:weekly:{one.team_id}:{MONDAY}" for one in ended}
            | {f"goal:{one.id}:ended:{one.last_day}:{managers[one.team_id or 0]}" for one in ended},
        }

    async def met(self) -> Counter[str]:
        """How many obligations of each kind Slack shows; beside those that are owed, whatever else was sent."""
        sent, owed = await self.sent(), await self.owed()
        counted = Counter({kind: len(keys) for kind, keys in owed.items()})
        counted["pages and others"] = len(sent.difference(*owed.values()))
        return counted

    async def verdict(self) -> Verdict:
        posts, owed = posts_by_key(self.sim), await self.owed()
        async with self.store.read() as session:
            carried = select(Message.key, Message.merged_into_id).where(Message.merged_into_id.is_not(None))
            carriers = {key: carrier or 0 for key, carrier in await session.execute(carried)}
            named = select(Message.id, Message.key).where(Message.id.in_(carriers.values()))
            names = dict((await session.execute(named)).all())
        wanted = (await self.sent()).union(*owed.values())
        lost = {key for key in wanted if not posts[names.get(carriers.get(key, 0), key)]}
        wrong = [
            f"{len(owed[kind])} {kind}, not {many * self.cases}"
            for kind, many in EACH.items()
            if len(owed[kind]) < many * self.cases
        ]
        wrong += [f"{line} stands {count} times" for line, count in (await self.lines()).items() if count > 1]
        places = self.sim.workspace.channels.values()
        still_open = [post for place in places for post in place.messages.values() if QUESTION in str(post)]
        wrong += [f"{len(still_open)} check-ins still stand open"] if still_open else []
        return Verdict(doubled=doubled(self.sim), lost=lost, wrong=wrong)


async def assemble(url: str, *, replicas: int, desks: int, life: tuple[int, int], chance: random.Random) -> Indebted:
    """The desks' Sunday is over."""
    clock = FleetClock(SUNDAY)
    sim = Simulator(found_company(desks, clock.now), now=clock.now, manifest=read_manifest())
    await sim.start()
    store = open_store(url)
    async with store.write() as session:
        await owe(session, await found_teams(session, sim.workspace, clock.at), clock.at)
    return Indebted(sim, store, clock, url, replicas=replicas, cases=desks, chance=chance, life=life)
