"""What many teams are owed on one Monday comes once each, whoever dies, sleeps or is cut off from the database; some
hundreds here, thousands with `make torture OBLIGATIONS=10000`."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from storage.checkins import Prompt
from storage.escalation_events import Event
from storage.schedule import Occurrence, Schedule
from tests.bot import places
from tests.bot.busy_monday import OBLIGATIONS, OUTAGES
from tests.bot.obligations import RESUMED_WITHIN, Indebted, assemble
from tests.bot.shown import Verdict

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
MONDAY = datetime(2026, 6, 8, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DESKS = 5
NIGHT = timedelta(hours=8)


@ON_SQLITE
async def test_one_process_that_dies_again_and_again_owes_nothing_in_the_end(database_url: str) -> None:
    fleet = await assemble(database_url, replicas=1, desks=DESKS, life=(100, 500), chance=random.Random(1))
    try:
        await fleet.meets_monday()
        assert await fleet.verdict() == Verdict()
        assert sum((await fleet.met()).values()) >= OBLIGATIONS * DESKS
        assert fleet.happened["died"] >= 3
        assert max(fleet.resumed, default=timedelta()) <= RESUMED_WITHIN
    finally:
        await fleet.ends()


NOT_ON_THIS_DAY = {
    *(
        "charts.draw_and_show",
        "desks.regroup",
        "desks.tidying.tidy",
        "goals.recount",
        "goals._tell_what_turned",
        "home.draw",
        "home.refreshing.run",
    ),
    *("polls._count", "polls.ask_again", "queue.spot_spikes"),
    *("teams._follow", "teams._learn_unknown", "teams.welcome_everyone"),
    *("training._assign", "training._care_for", "training._leave_places", "training._remind", "training.ask"),
    *("training.joined_channel", "training.tell_session"),
}
"""Jobs of features that don't come to each of their commits on this Monday: test_errands. A new one is met, or stands
here and is met there."""


async def test_a_death_after_every_commit_of_a_features_job_loses_and_doubles_nothing(database_url: str) -> None:
    """Once each: a job that kills its process again and again is set aside (test_jobs)."""
    fleet = await assemble(database_url, replicas=1, desks=1, life=(0, 0), chance=random.Random(4))
    fleet.dies_after = frozenset(places.working())
    try:
        await fleet.meets_monday()
        assert await fleet.verdict() == Verdict()
        came = {name for place in fleet.died_at for name in place.split()}
        assert {places.function_of(place) for place in places.working() - came} == NOT_ON_THIS_DAY
        assert fleet.happened["died"] == len(fleet.died_at)
    finally:
        await fleet.ends()


@ON_POSTGRES
async def test_outages_of_the_database_are_made_up_for_once_and_said_where_they_matter(database_url: str) -> None:
    fleet = await assemble(database_url, replicas=2, desks=DESKS, life=(100, 500), chance=random.Random(2))
    try:
        await fleet.meets_monday(OUTAGES)
        assert await fleet.verdict() == Verdict()
        assert fleet.happened["away"] == len(OUTAGES)
        assert fleet.happened["died"] >= 1
        assert max(fleet.resumed, default=timedelta()) <= RESUMED_WITHIN
        assert set(await _minutes_late(fleet, "acknowledge")) == {5}
        assert set(await _minutes_late(fleet, "promise")) == {None}
    finally:
        await fleet.ends()


@ON_SQLITE
async def test_a_process_that_is_stopped_for_eight_hours_does_what_is_still_wanted_and_says_what_is_not(
    database_url: str,
) -> None:
    fleet = await assemble(database_url, replicas=1, desks=2, life=(10**6, 10**6), chance=random.Random(3))
    try:
        await fleet.meets_monday(until=MONDAY + 9 * HOUR - MINUTE)  # at 8:45 everybody was warned
        await fleet.sleeps(NIGHT)
        await fleet.meets_monday()
        verdict = await fleet.verdict()
        assert (verdict.lost, verdict.doubled) == (set(), {})
        met = await fleet.met()
        assert (met["prompts"], met["outcomes"], met["goals"], met["digests"]) == (0, 2, 4, 2)
        assert set(await _minutes_late(fleet, "acknowledge")) == {465}
        async with fleet.store.read() as session:
            skipped = select(Prompt.skip).where(Prompt.closes_at < MONDAY + 24 * HOUR)
            assert set((await session.execute(skipped)).scalars()) == {"Backstop was down"}
            firings = select(Occurrence.skipped).join(Schedule).where(Schedule.kind == "queue.digest")
            firings = firings.where(Occurrence.due_at < MONDAY + 24 * HOUR)
            assert all("was down until" in (why or "") for why in (await session.execute(firings)).scalars())
    finally:
        await fleet.ends()


async def _minutes_late(fleet: Indebted, clock: str) -> list[int | None]:
    """What each case's history says of the deadline."""
    async with fleet.store.read() as session:
        breaches = (await session.execute(select(Event).where(Event.kind == "breached"))).scalars()
        return [one.details.get("late_min") for one in breaches if one.details["clock"] == clock]
