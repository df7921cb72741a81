"""Two thousand people vote on one message within ten seconds.

A named poll with live results stands in a channel; each of its members chooses an option, one in ten of them changes
their mind at once, and one in ten taps twice. Backstop runs as it does (a process of its own, Socket Mode, SQLite, then
PostgreSQL), and what it does after starting is over; the simulator and the people are in this process, so that their
work isn't its own. A vote is counted when its row says what its voter chose last.

An answer touches no row that other answers touch: the post that shows the result follows every few seconds, at Slack's
pace for changed messages. Measured: what became of each vote, how long each tap waited for its acknowledgement (what
took longer than Slack's 3 s is `unacknowledged`, and counted like any other), how many were told anything but thanks
(`refused`), how often the message was changed, and how long after the last tap it showed the whole result. The targets
are held to the worse of both databases.
"""

import asyncio
import contextlib
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from benchmarks import databases
from benchmarks.bots import bot
from benchmarks.company import EVERY_DAY
from benchmarks.figures import Figures, Target, figure, run, spread
from bot.manifest import read_manifest
from handlers.polls.opening import Audience, open_poll
from handlers.polls.rules.drafting import question
from simulator.acting import Shown
from simulator.changes import NeverHappened
from simulator.errors import NotAcknowledged
from simulator.server import Simulator
from simulator.workspace import Workspace
from storage import people
from storage.ballots import NamedBallot
from storage.jobs import Job, JobState
from storage.memberships import Membership
from storage.people import Person
from storage.polls import Kind, Mode, Poll, PollState, Results, Template
from storage.store import Store, open_store
from storage.teams import Team, TeamState

CLAIM = "two thousand votes in ten seconds: each is counted once, and the result is right within seconds of the last"
TARGETS = {
    "lost": Target(0),
    "doubled": Target(0),
    "refused": Target(0),
    "right_after_s": Target(15),
}
OPTIONS = ("Refunds", "Exports", "Invoices")
CHANNEL = "everybody"
COUNTED = "Your answer is counted"
PATIENCE_S = 60.0
SEED = 1


@dataclass
class Crowd:
    """What the voters did, and saw."""

    simulator: Simulator
    meant: dict[str, int] = field(default_factory=dict)
    acknowledged_ms: list[float] = field(default_factory=list)
    unacknowledged: int = 0

    async def vote(self, name: str, message: Shown, option: int, value: str, *, after_s: float) -> None:
        await asyncio.sleep(after_s)
        began = time.perf_counter()
        self.meant[name] = option
        try:
            await self.simulator.acts_as(name).clicks(message, f"polls.tap={value}", stale=True)
        except NotAcknowledged:
            self.unacknowledged += 1
        else:
            self.acknowledged_ms.append((time.perf_counter() - began) * 1000)


def measure(*, quick: bool) -> Figures:
    voters, within_s = (20, 0.5) if quick else (2000, 10.0)
    figures: Figures = {}
    for name, database in (("sqlite", databases.sqlite), ("postgresql", databases.postgres)):
        with database() as url:
            figures[name] = None if url is None else run(_measure(url, voters, within_s))
    told = [one for one in figures.values() if one is not None]
    return {key: max(one[key] for one in told) for key in (*TARGETS, "failed")} | figures


async def _measure(url: str, voters: int, within_s: float) -> Figures:
    store = open_store(url)
    workspace = Workspace(now=lambda: datetime.now(UTC), team_id="T0VOTES", team_domain="votes", name="Votes Inc")
    names = [f"Voter{number:04}" for number in range(voters)]
    for name in names:
        workspace.add_person(name, tz="UTC", email=f"{name.lower()}@votes.example")
    workspace.add_channel(CHANNEL, members=names, bot_is_member=True)
    simulator = Simulator(workspace, now=workspace.now, manifest=read_manifest())
    async with AsyncExitStack() as running:
        running.push_async_callback(store.close)
        poll = await _ask(store, workspace)
        await simulator.start()
        running.push_async_callback(simulator.stop)
        settings = {
            "SLACK_BOT_TOKEN": simulator.bot_token,
            "SLACK_APP_TOKEN": simulator.app_token,
            "SLACK_API_URL": simulator.api_url,
            "BACKSTOP_DATABASE_URL": url,
        }
        await running.enter_async_context(bot("backstop", settings))
        message = await simulator.acts_as(names[0]).finds(f"#{CHANNEL}", OPTIONS[0], within=PATIENCE_S)
        await _nothing_else_to_do(store)
        crowd = Crowd(simulator)
        await _everybody(crowd, names, message, poll, within_s)
        ended = time.perf_counter()
        whole = f"{voters} of {voters} answered"
        with contextlib.suppress(NeverHappened):  # then the figures tell how much of it did
            await simulator.acts_as(names[0]).finds(f"#{CHANNEL}", whole, within=PATIENCE_S)
        right_after_s = time.perf_counter() - ended
        return await _figures(store, crowd, right_after_s)


async def _nothing_else_to_do(store: Store) -> None:
    """A bot that has just started looks at everybody in the workspace first."""
    at_work = select(func.count()).select_from(Job).where(Job.state.in_((JobState.READY, JobState.RUNNING)))
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with store.read() as session:
                if not (await session.execute(at_work.where(Job.run_at <= datetime.now(UTC)))).scalar_one():
                    return
            await asyncio.sleep(0.2)


async def _everybody(crowd: Crowd, names: list[str], message: Shown, poll: Poll, within_s: float) -> None:
    chance = random.Random(SEED)
    taps = []
    for name in names:
        at, option = chance.uniform(0, within_s), chance.randrange(len(OPTIONS))
        value = f"{poll.id}:{poll.questions[0].id}:"
        taps.append(_person(crowd, name, message, option, value, at, chance.random()))
    await asyncio.gather(*taps)


async def _person(crowd: Crowd, name: str, message: Shown, option: int, value: str, at: float, whim: float) -> None:
    if whim < 0.1:  # changes their mind
        first = (option + 1) % len(OPTIONS)
        await crowd.vote(name, message, first, f"{value}{first}", after_s=at)
        at = 0
    taps = [crowd.vote(name, message, option, f"{value}{option}", after_s=at)]
    if whim > 0.9:  # taps twice
        taps.append(crowd.vote(name, message, option, f"{value}{option}", after_s=at))
    await asyncio.gather(*taps)


async def _ask(store: Store, workspace: Workspace) -> Poll:
    """The poll, as a manager sends it, in the database before the bot starts."""
    now = datetime.now(UTC)
    members = [member for member in workspace.people.values() if not member.is_bot]
    async with store.write() as session:
        await people.keep_all(session, workspace.team_id, [member.as_slack(now) for member in members], now=now)
        voters = list((await session.execute(select(Person).order_by(Person.id))).scalars())
        channel = workspace.channel(CHANNEL).id
        team = Team(
            workspace_id=workspace.team_id,
            form_key="votes",
            name="Everybody",
            channel=channel,
            escalation_channel=channel,
            zone="UTC",
            days=EVERY_DAY,
            start=now.time(),
            end=now.time(),
            policy={},
            state=TeamState.ACTIVE,
            requested_at=now,
        )
        session.add(team)
        await session.flush()
        session.add(Membership(team_id=team.id, person_id=voters[0].id, is_manager=True, since=now))
        poll = Poll(
            workspace_id=workspace.team_id,
            form_key="votes",
            team_id=team.id,
            author_id=voters[0].id,
            template=Template.BLANK,
            title="What next?",
            mode=Mode.NAMED,
            results=Results.LIVE,
            state=PollState.DRAFT,
            channel=channel,
            created_at=now,
            closes_at=now + timedelta(days=1),
        )
        poll.questions = [question(Kind.ONE, "What should we train next?", OPTIONS)]
        session.add(poll)
        await session.flush()
        rows: list[dict[str, Any]] = [
            {"person_id": voter.id, "team_id": None, "by_name": False, "in_channel": True} for voter in voters
        ]
        await open_poll(session, poll, Audience(rows), now=now)
    return poll


async def _figures(store: Store, crowd: Crowd, right_after_s: float) -> Figures:
    async with store.read() as session:
        query = select(Person.name, NamedBallot.answers).join(NamedBallot, NamedBallot.person_id == Person.id)
        counted = [(name, next(iter(answers.values()))) for name, answers in (await session.execute(query)).all()]
    kept = dict(counted)
    answers = [str(call.args.get("text")) for call in crowd.simulator.calls if call.method == "response_url"]
    changes = [call for call in crowd.simulator.calls if call.method == "chat.update" and call.outcome == "ok"]
    return {
        "lost": sum(kept.get(name) != option for name, option in crowd.meant.items()),
        "doubled": len(counted) - len(kept) + max(0, len(kept) - len(crowd.meant)),
        "refused": sum(COUNTED not in answer for answer in answers),
        "unacknowledged": crowd.unacknowledged,
        "failed": len(crowd.simulator.surprises),
        "voters": len(crowd.meant),
        "taps": len(crowd.acknowledged_ms),
        "acknowledged_ms": spread(crowd.acknowledged_ms or [0.0]),
        "message_changed": len(changes),
        "right_after_s": figure(right_after_s),
    }
