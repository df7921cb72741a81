"""A schedule fires once per local date; late, for the latest date only; anew when its rule or its zone changes."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot import firing
from storage.schedule import Occurrence, Schedule, change_schedule, want_schedule
from tests.bot.post_office import WORKSPACE, PostOffice

DUBLIN = "Europe/Dublin"
NINE = time(9)


class Bell:
    """What fires in these tests."""

    def __init__(self, post_office: PostOffice) -> None:
        self.rang: list[datetime] = []
        self.skips: str | None = None
        self.broken = False
        self.office = post_office
        post_office.house.fires("tests.bell", self.ring)

    async def ring(self, _session: AsyncSession, _schedule: Schedule, due: datetime, _now: datetime) -> str | None:
        if self.broken:
            raise RuntimeError("the bell broke")
        self.rang.append(due)
        return self.skips

    async def hangs(self, **rule: Any) -> None:
        rule = {"zone": DUBLIN, "wall": NINE, **rule}
        async with self.office.store.write() as session:
            await want_schedule(session, workspace_id=WORKSPACE, kind="tests.bell", **rule)

    async def changes(self, **rule: Any) -> None:
        rule = {"zone": DUBLIN, "wall": NINE, "weekdays": range(7), **rule}
        async with self.office.store.write() as session:
            await change_schedule(session, kind="tests.bell", target_id=0, **rule)

    async def row(self) -> Schedule:
        async with self.office.store.read() as session:
            return (await session.execute(select(Schedule))).scalar_one()

    async def occurrences(self) -> list[Occurrence]:
        async with self.office.store.read() as session:
            query = select(Occurrence).order_by(Occurrence.local_date)
            return list((await session.execute(query)).scalars())


@pytest.fixture
def bell(post_office: PostOffice) -> Bell:
    return Bell(post_office)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_it_fires_once_for_each_local_date(post_office: PostOffice, bell: Bell) -> None:
    ticking = post_office.ticking()
    await bell.hangs()
    for _ in range(3 * 24):
        await ticking.beat()
        post_office.clock.at += timedelta(hours=1)
    assert bell.rang == [utc(f"2026-06-0{day}T08:00") for day in (3, 4, 5)]
    assert [one.local_date.day for one in await bell.occurrences()] == [3, 4, 5]


async def test_after_an_outage_only_the_latest_date_fires(post_office: PostOffice, bell: Bell) -> None:
    ticking = post_office.ticking()
    await bell.hangs()
    await ticking.beat()
    post_office.clock.at += timedelta(days=4, hours=1)
    await ticking.beat()
    await ticking.beat()
    assert bell.rang == [utc("2026-06-06T08:00")]
    assert (await bell.row()).next_local_date == date(2026, 6, 7)


async def test_what_was_skipped_keeps_its_reason(post_office: PostOffice, bell: Bell) -> None:
    bell.skips = "nobody works today"
    await bell.hangs()
    ticking = post_office.ticking()
    await ticking.beat()
    post_office.clock.at += timedelta(days=1)
    await ticking.beat()
    assert [one.skipped for one in await bell.occurrences()] == ["nobody works today"]


async def test_two_heartbeats_fire_it_once(post_office: PostOffice, bell: Bell) -> None:
    await bell.hangs()
    heartbeats = [post_office.ticking(), post_office.ticking()]
    for _ in range(3):
        await asyncio.gather(*(ticking.beat() for ticking in heartbeats))
        post_office.clock.at += timedelta(days=1)
    assert len(bell.rang) == 2


async def test_a_firing_that_fails_is_tried_every_minute_told_once_and_holds_nobody_up(
    post_office: PostOffice, bell: Bell
) -> None:
    rang: list[str] = []

    async def ring(_session: AsyncSession, schedule: Schedule, _due: datetime, _now: datetime) -> None:
        rang.append(schedule.kind)

    post_office.house.fires("tests.other", ring)
    await bell.hangs()
    async with post_office.store.write() as session:
        await want_schedule(session, workspace_id=WORKSPACE, kind="tests.other", zone=DUBLIN, wall=NINE)
    bell.broken = True
    ticking = post_office.ticking()
    await ticking.beat()
    post_office.clock.at += timedelta(days=1)
    for _ in range(3):
        await ticking.beat()
        post_office.clock.at += timedelta(seconds=61)
    assert rang == ["tests.other"]
    await post_office.rests()
    omar = post_office.sim.acts_as("Omar")
    assert len([shown for shown in omar.sees("@bot") if "tests.bell" in shown.text]) == 1
    bell.broken = False
    await ticking.beat()
    assert bell.rang == [utc("2026-06-03T08:00")]


async def test_a_change_of_the_rule_aims_it_anew_and_fires_no_date_twice(post_office: PostOffice, bell: Bell) -> None:
    ticking = post_office.ticking()
    await bell.hangs()
    await ticking.beat()
    post_office.clock.at = utc("2026-06-03T08:30")
    await ticking.beat()
    await bell.changes(wall=time(10))
    await ticking.beat()
    assert (await bell.row()).next_fire_at == utc("2026-06-03T09:00")
    post_office.clock.at = utc("2026-06-03T09:00")
    await ticking.beat()
    assert bell.rang == [utc("2026-06-03T08:00")]
    await bell.changes(zone="Asia/Manila", weekdays=[4])
    await ticking.beat()
    assert (await bell.row()).next_fire_at == utc("2026-06-05T01:00")


JUST_BEFORE, JUST_AFTER = utc("2026-06-03T07:59:59"), utc("2026-06-03T08:00:01")
"""A second before and after nine o'clock in Dublin."""


@pytest.mark.parametrize(
    ("at", "rule", "rang"),
    [
        (JUST_BEFORE, {"zone": "Europe/Paris"}, ["2026-06-03T07:59:59", "2026-06-04T07:00"]),
        (JUST_BEFORE, {"zone": "Asia/Manila"}, ["2026-06-03T07:59:59", "2026-06-04T01:00"]),
        (JUST_BEFORE, {"wall": time(8)}, ["2026-06-03T07:59:59", "2026-06-04T07:00"]),
        (JUST_BEFORE, {"zone": "America/New_York"}, ["2026-06-03T13:00", "2026-06-04T13:00"]),
        (JUST_BEFORE, {"weekdays": [3]}, ["2026-06-04T08:00"]),
        (JUST_BEFORE, {"zone": "Pacific/Kiritimati"}, ["2026-06-03T07:59:59", "2026-06-03T19:00", "2026-06-04T19:00"]),
        (JUST_AFTER, {"zone": "Europe/Paris"}, ["2026-06-03T08:00", "2026-06-04T07:00"]),
        (JUST_AFTER, {"zone": "America/New_York"}, ["2026-06-03T08:00", "2026-06-04T13:00"]),
        (JUST_AFTER, {"wall": time(10)}, ["2026-06-03T08:00", "2026-06-04T09:00"]),
    ],
)
async def test_a_rule_that_moves_in_the_last_second_loses_no_date_and_fires_none_twice(
    post_office: PostOffice, bell: Bell, at: datetime, rule: dict[str, Any], rang: list[str]
) -> None:
    ticking = post_office.ticking()
    await bell.hangs()
    await ticking.beat()
    for moment in sorted([at, *(utc("2026-06-02T16:00") + n * timedelta(hours=6) for n in range(10))]):
        post_office.clock.at = moment
        await ticking.beat()
        if moment == at:
            await bell.changes(**rule)
            await ticking.beat()
    assert bell.rang == [utc(one) for one in rang]


@pytest.mark.parametrize(
    ("aimed_at", "fires"),
    [("2026-06-03T10:00", ["2026-06-03T08:00"]), ("2026-06-04T10:00", [])],
    ids=["the awaited date has come already", "the awaited date is still to come"],
)
async def test_other_zone_rules_after_a_restart_aim_it_anew(
    post_office: PostOffice, bell: Bell, aimed_at: str, fires: list[str]
) -> None:
    await bell.hangs()
    await post_office.ticking().beat()
    assert (await bell.row()).tzdata == firing.rules_of(DUBLIN) != ""
    # as if it had been aimed by a database in which Dublin's clocks stand two hours behind
    aimed = utc(aimed_at)
    async with post_office.store.write() as session:
        old = {"tzdata": "old rules", "next_fire_at": aimed, "next_local_date": aimed.date()}
        await session.execute(update(Schedule).values(**old))
    post_office.clock.at = utc("2026-06-03T09:00")
    await post_office.ticking().beat()
    assert bell.rang == [utc(at) for at in fires]
    assert (await bell.row()).next_fire_at == utc("2026-06-04T08:00")
    assert (await bell.row()).tzdata == firing.rules_of(DUBLIN)


@pytest.mark.parametrize(
    ("wall", "night", "instant"),
    [
        (time(1, 30), "2026-03-29", "2026-03-29T01:00"),
        (time(1, 30), "2026-10-25", "2026-10-25T00:30"),
    ],
    ids=["a time that is skipped", "a time that comes twice"],
)
async def test_on_the_nights_that_break_clocks_it_fires_once(
    post_office: PostOffice, bell: Bell, wall: time, night: str, instant: str
) -> None:
    post_office.clock.at = utc(f"{night}T00:00") - timedelta(hours=3)
    ticking = post_office.ticking()
    await bell.hangs(wall=wall)
    for _ in range(16):
        await ticking.beat()
        post_office.clock.at += timedelta(minutes=30)
    assert bell.rang == [utc(instant)]


def test_zone_rules_differ_and_an_unknown_zone_has_none() -> None:
    assert firing.rules_of("Asia/Manila") != firing.rules_of(DUBLIN)
    assert firing.rules_of("Nowhere/Land") == ""
