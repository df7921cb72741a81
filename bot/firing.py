"""Schedules that are due: each fires once per local date; late, for the latest date that has come."""

import hashlib
import zoneinfo
from datetime import datetime, time, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.alarms import Alarms
from bot.clock import Clock
from handlers.house import House
from handlers.local_time import latest_fire, local_date, next_fire
from storage.base import insertion
from storage.schedule import Occurrence, Schedule
from storage.store import DatabaseAwayError, Store

log = structlog.get_logger(__name__)

BATCH = 200
FAILED_AGAIN_AFTER = timedelta(minutes=1)


class Firing:
    def __init__(self, *, store: Store, clock: Clock, house: House, alarms: Alarms) -> None:
        self._store = store
        self._clock = clock
        self._house = house
        self._alarms = alarms
        self._knows_the_zones = False

    async def fire_due(self) -> int:
        """One batch of what is due now; returns how many schedules were looked at. Raises DatabaseAwayError."""
        now = self._clock.now()
        if not self._knows_the_zones:
            await self._recompute(now)
            self._knows_the_zones = True  # a process keeps the zones that it has read
        async with self._store.read() as session:
            due = select(Schedule.id).where(or_(Schedule.next_fire_at <= now, Schedule.next_fire_at.is_(None)))
            ids = (await session.execute(due.order_by(Schedule.next_fire_at).limit(BATCH))).scalars().all()
        for schedule_id in ids:
            await self._fire_alone(schedule_id, now)
        return len(ids)

    async def _recompute(self, now: datetime) -> None:
        """Schedules that were aimed by other zone rules than this machine's are aimed anew; one whose awaited date has
        thereby come already fires now, late."""
        async with self._store.write() as session:
            for schedule in (await session.execute(select(Schedule).with_for_update())).scalars():
                if schedule.next_fire_at is None or schedule.tzdata == rules_of(schedule.zone):
                    continue
                awaited = schedule.next_local_date if _has_come(schedule, now) else None
                aim(schedule, after=now)
                if awaited is not None:
                    schedule.next_fire_at, schedule.next_local_date = now, awaited

    async def _fire_alone(self, schedule_id: int, now: datetime) -> None:
        try:
            await self._store.transact(lambda session: self._fire(session, schedule_id, now))
        except DatabaseAwayError:
            raise
        except Exception:  # one schedule's bug must not hold up the others; admins hear of it
            log.exception("schedule failed", schedule=schedule_id)
            await self._store.transact(lambda session: self._put_off(session, schedule_id, now))

    async def _fire(self, session: AsyncSession, schedule_id: int, now: datetime) -> None:
        schedule = await session.get(Schedule, schedule_id, with_for_update=True)
        if schedule is None or (schedule.next_fire_at is not None and schedule.next_fire_at > now):
            return  # another process was faster
        is_aimed = schedule.next_fire_at is not None and schedule.next_local_date is not None
        if is_aimed or _has_come(schedule, now):
            await self._occur(session, schedule, now)
        aim(schedule, after=now)

    async def _occur(self, session: AsyncSession, schedule: Schedule, now: datetime) -> None:
        # after an outage only the latest occurrence is run: that is what people still want
        due, day = latest_fire(now, *_rule(schedule))
        if schedule.next_fire_at is None and local_date(now, ZoneInfo(schedule.zone)) == day:
            due = now  # its rule has just been changed: before that nobody waited for it at that time
        first = insertion(session, Occurrence).values(schedule_id=schedule.id, local_date=day, due_at=due, fired_at=now)
        fired = await session.execute(
            first.on_conflict_do_nothing(index_elements=["schedule_id", "local_date"]).returning(Occurrence.local_date)
        )
        if fired.first() is None:
            return  # this local date has had its firing
        skipped = await self._house.firings[schedule.kind](session, schedule, due, now)
        if skipped is not None:
            which = (Occurrence.schedule_id == schedule.id) & (Occurrence.local_date == day)
            await session.execute(update(Occurrence).where(which).values(skipped=skipped))

    async def _put_off(self, session: AsyncSession, schedule_id: int, now: datetime) -> None:
        schedule = await session.get(Schedule, schedule_id, with_for_update=True)
        if schedule is None or (schedule.next_fire_at is not None and schedule.next_fire_at > now):
            return
        schedule.next_fire_at = now + FAILED_AGAIN_AFTER
        await self._alarms.schedule(session, schedule.workspace_id, schedule.kind, now=now)


def aim(schedule: Schedule, *, after: datetime) -> None:
    """Points the schedule at its next local date after `after`."""
    schedule.next_fire_at, schedule.next_local_date = next_fire(after, *_rule(schedule))
    schedule.tzdata = rules_of(schedule.zone)


def _has_come(schedule: Schedule, now: datetime) -> bool:
    """Whether the local date that the schedule waits for has come by its rule as it is now."""
    awaited = schedule.next_local_date
    return awaited is not None and latest_fire(now, *_rule(schedule))[1] >= awaited


@cache
def rules_of(zone: str) -> str:
    """A fingerprint of the zone's rules as this machine's time-zone database has them; "" if it has no such zone."""
    known = (Path(folder, zone) for folder in zoneinfo.TZPATH)
    if file := next((path for path in known if path.is_file()), None):
        rules = file.read_bytes()
    else:
        packaged = files("tzdata").joinpath("zoneinfo", *zone.split("/"))
        if not packaged.is_file():
            return ""
        rules = packaged.read_bytes()
    return hashlib.sha256(rules).hexdigest()[:16]


def _rule(schedule: Schedule) -> tuple[time, frozenset[int], ZoneInfo]:
    return schedule.wall, frozenset(schedule.weekdays), ZoneInfo(schedule.zone)
