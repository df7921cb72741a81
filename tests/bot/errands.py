"""A day on which the features' jobs have something to do that a Monday doesn't have: people follow a channel, a crowd
is welcomed, trainings are required and places are left, a poll is asked again and answered, Home is looked at, tickets
get to their teams and pile up, a goal falls behind, a chart is drawn. Each is wanted by what wants it at work."""

import asyncio
import contextlib
import json
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import charts
from handlers.desks.steps import NIGHT as DESKS_NIGHT
from handlers.desks.steps import want_regroup
from handlers.goals import timers
from handlers.home.drawing import APART, fingerprint
from handlers.polls import opening
from handlers.polls.rules.drafting import question
from handlers.queue.measures import MEASURES
from handlers.queue.steps import SPOT
from handlers.teams.belonging import WELCOME_JOB, want_to_follow_channel
from handlers.training import enrolling, requiring, sessions
from handlers.training.nightly import NIGHTLY
from storage import backlog, poll_audiences, sources, team_facts, ticket_pages, training
from storage.ballots import SecretBallot
from storage.base import UtcDateTime
from storage.goals import BY_HAND, Better, Goal, Period, Unit, Whose
from storage.goals import Kind as GoalKind
from storage.goals import State as GoalState
from storage.homes import HomeView
from storage.jobs import Job, JobState, want_job
from storage.messages import Message
from storage.migrating import models
from storage.onboarding import Enrolment
from storage.people import Person
from storage.polls import Kind, Mode, Poll, PollState, Results, Template
from storage.sources import EVERYTHING_ELSE
from storage.teams import Team
from storage.training import Answer, Place
from tests.bot.obligations import NO_LIMIT
from tests.bot.scripted_day import ScriptedDay
from tests.bot.shown import posts_by_key
from tests.handlers.queue.stories import history, planted

CARE = "#care"
ANSWERS = MEASURES[0]
HOUR_OF_DAY = re.compile(r"<!date\^[^>]*>")
SOON = timedelta(seconds=150)
A_DAY = timedelta(days=1)
A_MORNING = timedelta(hours=3, minutes=30)
"""From 6:00 UTC: Manila is at work, and Dublin comes to it; whoever was killed has made up for it by then."""
OF_THEIR_LIFE = {
    *("jobs", "timers", "schedules", "occurrences", "gates", "workspaces", "messages"),
    *("direct_message_counts", "home_views", "counted_until", "sources"),
}
"""Tables that say when what was done, of which each life has its own; what is in them is looked at otherwise."""
OF_A_LIFE = ("stuck:job:", "desks.failing:")
"""Messages that tell of what was set aside, and that a help desk has no credentials here: as often as it was tried."""
WEEKS_OF_TICKETS = 30
"""Days; with fewer nothing stands out."""


class Errands(ScriptedDay):
    """`set_aside`: how often jobs of a kind were parked, told to an admin, and taken up by a retry."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._settings["BACKSTOP_DAILY_DM_LIMIT"] = NO_LIMIT
        self.set_aside: Counter[str] = Counter()
        self._began = self.clock.at.replace(hour=6, minute=0)
        self.silent: list[str] = []
        """What was set aside and told nobody."""

    async def is_lived(self) -> None:
        self.clock.at = began = self._began
        self.sim.workspace.add_person("Rosa", tz="Asia/Manila", email="rosa@care.example")
        await self._wants(self._poll, self._plan, self._session)
        await self.comes("comes up")
        await self._wants(self._follow, self._welcomes, self._tickets)
        await self.comes("people and tickets come")
        await self._wants(self._required)
        await self.comes("is required")
        await self._wants(self._night, self._desks_night)
        await self.comes("the night")
        await self._wants(self._told_of_session, self._again, self._spikes, self._goals, self._chart)
        await self.comes("again, and what stands out")
        await self._people_act()
        await self.passes(minutes=12)
        await self.passes(seconds=(began + A_MORNING - self.clock.at).total_seconds())

    async def _people_act(self) -> None:
        mei, dana = self.sim.acts_as("Mei"), self.sim.acts_as("Dana")
        homes = self.sim.workspace.homes

        async def opens() -> None:
            self.clock.at += APART  # who sees nothing tries again a little later
            await mei.opens_home(within=1)

        async def looks() -> bool:
            return mei.id in homes

        async def taps() -> None:
            await mei.clicks(await mei.finds("@bot", "Pulse", within=1), f"polls.tap={await self._tap()}")

        async def joins() -> None:
            dana.leaves(CARE)
            dana.joins(CARE)
            with contextlib.suppress(TimeoutError):  # what nobody was there to take is sent again in a minute
                async with asyncio.timeout(1):
                    await self.sim.events.settle()

        await self.does("opens Home", opens, looks)
        await self.does("answers", taps, lambda: self._is_there(SecretBallot))
        await self.does("joins", joins, lambda: self._begins("Dana"))

    # -- what is wanted ------------------------------------------------------------------------------------------------

    async def _wants(self, *errands: Any) -> None:
        self.clock.at += timedelta(minutes=1)
        async with self.store.write() as session:
            known = {one.name: one for one in (await session.execute(select(Person))).scalars()}
            care = (await session.execute(select(Team).where(Team.name == "Care"))).scalar_one()
            for errand in errands:
                await errand(session, care, known, self.clock.at)

    async def _poll(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        poll = Poll(
            workspace_id=care.workspace_id,
            form_key="poll",
            team_id=care.id,
            author_id=known["Aoife"].id,
            template=Template.PULSE,
            title="Pulse",
            mode=Mode.ANONYMOUS,
            results=Results.AFTER_CLOSE,
            state=PollState.DRAFT,
            created_at=now,
            closes_at=now + A_DAY,
            every_weeks=1,
        )
        session.add(poll)
        await session.flush()
        asked = question(Kind.ONE, "How is work going?", ["Well", "So-so", "Badly"])
        asked.poll_id, asked.position = poll.id, 0
        session.add(asked)
        await poll_audiences.name_teams(session, poll.id, [care.id])
        everybody = await opening.audience(session, care.workspace_id, team_ids=[care.id], named=[], in_channel=[])
        await opening.open_poll(session, poll, everybody, now=now)

    async def _plan(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        await enrolling.plan_of(session, care, known["Aoife"], now)
        await enrolling.set_day(session, care, 1, text="Read this", link=None, poll_id=None, names_buddy=False)

    async def _session(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        """One place, which somebody has who isn't of the team any more; somebody waits for it."""
        facts = await team_facts.of_team(session, care, now=now)
        plan = sessions.Plan("Refunds", now + 3 * A_DAY, 30, 1, known["Aoife"], None, None)
        made = await sessions.plan(session, facts, known["Aoife"], "session", plan, None, now)
        for turn, (name, answer) in enumerate({"Tomas": Answer.GOING, "Cara": Answer.WAITING}.items()):
            person_id = known[name].id
            session.add(Place(session_id=made.id, person_id=person_id, answer=answer, turn=turn, answered_at=now))

    async def _follow(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        """Rosa came, and no event told of it."""
        await session.delete(known["Rosa"])
        self.sim.workspace.channel("care").members[known["Rosa"].slack_id] = None
        care.everyone_in_channel = True
        await want_to_follow_channel(session, care, now=now)

    async def _welcomes(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        """As of a crowd, which these are not."""
        crowd = [known[name] for name in ("Mei", "Lee", "Dana")]
        for person in crowd:
            person.welcomed_at = None
        details = {"people": [person.id for person in crowd]}
        await want_job(
            session, workspace_id=care.workspace_id, kind=WELCOME_JOB, key="crowd", run_at=now, details=details
        )

    async def _tickets(self, session: AsyncSession, care: Team, _known: dict[str, Person], now: datetime) -> None:
        source = await sources.connect(
            session,
            workspace_id=care.workspace_id,
            kind="zendesk",
            name="care.zendesk.com",
            since=self._began - WEEKS_OF_TICKETS * A_DAY,
            by_id=None,
            now=now,
        )
        source.last_good_at = source.filled_at = now + A_DAY  # it is as fresh for who comes late
        await sources.link(session, source.id, care.id, [EVERYTHING_ELSE])
        told = history(self._began, days=WEEKS_OF_TICKETS) + planted(self._began)
        for start in range(0, len(told), 300):
            await ticket_pages.keep(session, source, told[start : start + 300], ())
        await want_regroup(session, source, now=now)

    async def _required(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        await requiring.require(
            session,
            care,
            known["Aoife"],
            "required",
            title="Fire drill",
            link=None,
            session_id=None,
            people=None,
            due_on=(now + 7 * A_DAY).date(),
            yearly=True,
            now=now,
        )

    async def _told_of_session(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        found = await training.session_by_key(session, "session")
        assert found is not None
        await sessions.want_tell(session, found, "day", now)

    async def _night(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        await want_job(session, workspace_id=care.workspace_id, kind=NIGHTLY, key="night", run_at=now)

    async def _desks_night(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        await want_job(session, workspace_id=care.workspace_id, kind=DESKS_NIGHT, key="desks night", run_at=now)

    async def _again(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        first = (await session.execute(select(Poll.id))).scalar_one()
        details = {"series": first, "key": "again"}
        await want_job(
            session, workspace_id=care.workspace_id, kind=opening.AGAIN, key="again", run_at=now, details=details
        )

    async def _spikes(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        await want_job(session, workspace_id=care.workspace_id, kind=SPOT, key="spot", run_at=now)

    async def _goals(self, session: AsyncSession, care: Team, known: dict[str, Person], now: datetime) -> None:
        """One by hand that is behind, and one that the tickets' marks are taken for."""
        articles = {"metric": f"{BY_HAND}:articles", "unit": Unit.COUNT, "better": Better.UP, "target": 40, "level": 3}
        answers = {"metric": ANSWERS.key, "unit": Unit.DURATION, "better": Better.DOWN, "target": 3600}
        for number, measured in enumerate((articles, answers), 1):
            made = Goal(
                workspace_id=care.workspace_id,
                number=number,
                form_key=f"goal {number}",
                whose=Whose.TEAM,
                whose_id=care.id,
                team_id=care.id,
                set_by_id=known["Aoife"].id,
                title=f"Goal {number}",
                kind=GoalKind.KEEP,
                period=Period.QUARTER,
                first_day=now.date().replace(month=4, day=1),
                last_day=now.date().replace(month=6, day=30),
                zone="UTC",
                weekdays=[0, 1, 2, 3, 4],
                state=GoalState.OPEN,
                created_at=now,
                changed_at=now,
                **measured,
            )
            session.add(made)
            await session.flush()
            await timers.set_end(session, made)
        await timers.keep_counting(session, care.workspace_id, now=now)

    async def _chart(self, session: AsyncSession, care: Team, _known: Any, now: datetime) -> None:
        found = await training.session_by_key(session, "session")
        assert found is not None
        await charts.want_picture(
            session,
            workspace_id=care.workspace_id,
            key="chart",
            chart=charts.Bars(title="Load", labels=("low", "high"), counts=(1, 2)),
            messages=[f"training:session:{found.id}:invitation"],
            now=now,
        )

    # -- what is done --------------------------------------------------------------------------------------------------

    async def _tap(self) -> str:
        """The button for the first option of the poll that was asked last."""
        async with self.store.read() as session:
            poll = (await session.execute(select(Poll.id).order_by(Poll.id.desc()).limit(1))).scalar_one()
            asked = models().tables["poll_questions"]
            found = (await session.execute(select(asked.c.id).where(asked.c.poll_id == poll))).scalar_one()
        return f"{poll}:{found}:0"

    async def _is_there(self, kind: Any) -> bool:
        async with self.store.read() as session:
            return bool((await session.execute(select(func.count()).select_from(kind))).scalar_one())

    async def _begins(self, name: str) -> bool:
        async with self.store.read() as session:
            hers = select(Enrolment.id).join(Person, Person.id == Enrolment.person_id).where(Person.name == name)
            return (await session.execute(hers)).first() is not None

    # -- when something moves ------------------------------------------------------------------------------------------

    async def _next_sending(self) -> datetime | None:
        """Jobs too: what was at work when its process died is taken up when its lease is over; and once nothing else
        moves, what was set aside is taken up by a retry, as an admin does who heard of it."""
        moves: list[tuple[ColumnElement[datetime | None], ColumnElement[bool]]] = [
            (func.min(Job.lease_until), Job.state == JobState.RUNNING),
            (func.min(Job.run_at), (Job.state == JobState.READY) & (Job.run_at <= self.clock.at + SOON)),
        ]
        async with self.store.read() as session:
            found = [(await session.execute(select(at).where(which))).scalar_one() for at, which in moves]
            parked = (await session.execute(select(Job.kind).where(Job.state == JobState.PARKED))).scalars().all()
        soonest = min((at for at in [*found, await super()._next_sending()] if at is not None), default=None)
        if soonest is not None or not parked:
            return soonest
        async with self.store.read() as session:  # it is sent when the admin's day begins, if nobody mended it before
            told = (await session.execute(select(Message.key).where(Message.key.startswith("stuck:job:")))).scalars()
            kinds = {key.split(":")[2] for key in told}
        self.silent += [kind for kind in parked if kind not in kinds]
        self.set_aside.update(parked)
        async with self.store.write() as session:
            await backlog.retry_parked(session, now=self.clock.at)
        return self.clock.at

    # -- what came of it -----------------------------------------------------------------------------------------------

    async def came_of_it(self) -> Counter[str]:
        """What stands in the database and in Slack, each as often as it does, without the hours at which it came there
        (each death costs a lease) and without numbers of rows (PostgreSQL leaves some out where it undid something)."""
        found: Counter[str] = Counter()
        async with self.store.read() as session:
            for table in models().sorted_tables:
                kept = [_by_name(column) for column in table.columns if not _is_of_its_life(column)]
                if table.name not in OF_THEIR_LIFE:
                    rows = await session.execute(select(*kept))
                    found.update(HOUR_OF_DAY.sub("", f"{table.name}: {_told(row)}") for row in rows)
            messages = (await session.execute(select(Message))).scalars().all()
            rosa = (await session.execute(select(Person.id).where(Person.name == "Rosa"))).scalar_one()
            left = (await session.execute(select(Job.key).where(Job.state != JobState.DONE))).scalars()
            found.update(f"not done: {key}" for key in left)
        posts, keys = posts_by_key(self.sim), {one.id: one.key for one in messages}
        for one in messages:  # several that wait for somebody's morning come as one post
            shown = posts[keys[one.merged_into_id or one.id]]
            key = re.sub(rf":{rosa}(?=:|$)", ":Rosa", one.key)
            found[f"{key} is {one.state.value}, in Slack {shown} times"] += 1
        return Counter({what: many for what, many in found.items() if not any(one in what for one in OF_A_LIFE)})

    async def homes_that_lie(self) -> list[str]:
        """People who don't see what their row says that they see."""
        published = [call.args for call in self.sim.calls if (call.method, call.outcome) == ("views.publish", "ok")]
        shown = {args["user_id"]: fingerprint(_read(args["view"])) for args in published}
        async with self.store.read() as session:
            rows = select(Person.slack_id, Person.name, HomeView.shown).join(HomeView)
            return [name for slack_id, name, said in await session.execute(rows) if shown.get(slack_id) != said]


def _is_of_its_life(column: ColumnElement[Any]) -> bool:
    name = str(column.key)
    return isinstance(column.type, UtcDateTime) or name in {"id", "subject_id"} or name.startswith("slack_file")


def _by_name(column: Any) -> Any:
    """Rosa's number is another in each life: she was learned of anew."""
    if not any(key.column.table.name == "people" for key in column.foreign_keys):
        return column
    return select(Person.name).where(Person.id == column).scalar_subquery()


def _told(row: Any) -> str:
    """The same for the same, whatever order a database keeps keys in."""
    return json.dumps(list(row), sort_keys=True, default=str)


def _read(view: Any) -> Any:
    return json.loads(view) if isinstance(view, str) else view
