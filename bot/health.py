"""Whether the bot does what people rely on: what /healthz answers and /metrics repeats."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.delivery import Delivery
from bot.measures import Measures
from bot.skew import Skew
from bot.ticking import Ticking
from storage import backlog, sources
from storage.store import DatabaseAwayError, Store

BEATS_WITHIN = timedelta(seconds=15)
"""A beat, and a look of delivery's for what is to be sent: each comes once a second."""
STEPS_WITHIN = timedelta(seconds=60)
"""A due step or schedule; a message or a job that nothing holds up."""


@dataclass(frozen=True)
class Check:
    name: str
    passes: bool
    says: str


class Health:
    """`is_connected` tells whether Socket Mode is up; None in HTTP mode, where Slack comes to us."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        delivery: Delivery,
        ticking: Ticking,
        skew: Skew,
        measures: Measures,
        is_connected: Callable[[], Awaitable[bool]] | None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._delivery = delivery
        self._ticking = ticking
        self._skew = skew
        self._measures = measures
        self._is_connected = is_connected

    async def checks(self) -> list[Check]:
        """Every check, made now. Never raises for what it checks."""
        now = self._clock.now()
        made = [await self._slack(), self._heartbeat(now), self._sending(now), self._time(), *await self._database(now)]
        for check in made:
            self._measures.healthy(check.name, passes=check.passes)
        return made

    async def exposition(self) -> bytes:
        """The measures in the Prometheus text format, with how things stand now (if the database can be asked)."""
        await self.checks()
        self._measures.sources_stand(await self.sources())
        now = self._clock.now()
        try:
            async with self._store.read() as session:
                oldest = await backlog.oldest_due(session, now=now)
                job = await backlog.oldest_job(session, now=now)
                parked = {
                    "timer": len(await backlog.parked_timers(session)),
                    "job": len(await backlog.parked_jobs(session)),
                }
                self._measures.stand(
                    messages=await backlog.unsettled_messages(session),
                    due=await backlog.count_due(session, now=now),
                    late_s=(now - oldest.due_at).total_seconds() if oldest else 0.0,
                    job_late_s=(now - job.due_at).total_seconds() if job else 0.0,
                    parked=parked,
                    ahead_s=self._skew.ahead.total_seconds() if self._skew.ahead is not None else None,
                )
        except DatabaseAwayError:
            pass  # the database check says so
        return self._measures.exposition()

    async def sources(self) -> dict[str, dict[str, float | bool | None]]:
        """How fresh each source of tickets is, by kind and number (`zendesk/1`): whether it fails, and how many
        seconds ago it was last read well (None: never). No check: a restart mends no help desk. Names and reasons are
        `backstop doctor`'s; this page may be read by anybody who reaches the port."""
        now = self._clock.now()
        try:
            async with self._store.read() as session:
                every = await sources.feeding(session)
        except DatabaseAwayError:
            return {}  # the database check says so
        return {
            f"{one.kind}/{one.id}": {
                "failing": one.is_failing,
                "age_s": round((now - one.last_good_at).total_seconds()) if one.last_good_at else None,
            }
            for one in every
        }

    async def _slack(self) -> Check:
        if self._is_connected is None:
            return Check("slack", passes=True, says="HTTP mode")
        connected = await self._is_connected()
        return Check("slack", connected, "connected" if connected else "Socket Mode is not connected")

    def _heartbeat(self, now: datetime) -> Check:
        last = self._ticking.last_beat_at
        if last is None:
            return Check("heartbeat", passes=False, says="it has not beaten yet")
        age = now - last
        return Check("heartbeat", age <= BEATS_WITHIN, f"last beat {age.total_seconds():.0f} s ago")

    def _sending(self, now: datetime) -> Check:
        if error := self._delivery.breaker.error:
            return Check("delivery", passes=False, says=f"Slack refuses everything: {error}")
        last = self._delivery.last_turn_at
        if last is None:
            return Check("delivery", passes=False, says="it has not looked yet for what is to be sent")
        age = now - last
        said = f"it last looked {age.total_seconds():.0f} s ago for what is to be sent"
        return Check("delivery", age <= BEATS_WITHIN, said)

    def _time(self) -> Check:
        ahead = self._skew.ahead
        if ahead is None:
            return Check("clock", passes=True, says="not measured")
        seconds = round(ahead.total_seconds())
        said = f"{abs(seconds)} s {'ahead of' if seconds >= 0 else 'behind'} Slack"
        if self._skew.is_dangerous:
            said += ": nothing fires until the clock is set right"
        return Check("clock", not self._skew.is_worth_a_complaint, said)

    async def _database(self, now: datetime) -> list[Check]:
        try:
            async with self._store.read() as session:
                step = await backlog.oldest_due(session, now=now)
                stuck = await backlog.oldest_stuck(session, since=now - STEPS_WITHIN, now=now)
                job = await backlog.oldest_job(session, now=now)
                at_work = await backlog.is_any_job_at_work(session, now=now)
        except DatabaseAwayError as error:
            return [Check("database", passes=False, says=str(error))]
        made = [
            Check("database", passes=True, says="reachable"),
            _in_time("steps", step, now),
            _in_time("messages", stuck, now, otherwise="none waits without a reason"),
        ]
        if job is not None and at_work:  # two at a time in each process: a long import may hold up a digest
            made.append(Check("jobs", passes=True, says=f"{job.step} waits for its turn"))
        else:
            made.append(_in_time("jobs", job, now))
        return made


def _in_time(name: str, oldest: backlog.Due | None, now: datetime, *, otherwise: str = "nothing is due") -> Check:
    if oldest is None:
        return Check(name, passes=True, says=otherwise)
    late = now - oldest.due_at
    return Check(name, late <= STEPS_WITHIN, f"{oldest.step} is {late.total_seconds():.0f} s late")
