"""Pulling: each page kept with its cursor; what a desk can't do is shown, backed off from, and mends itself."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.helpdesks import CursorLostError, DeskAwayError, DeskError, SlowDownError
from bot.helpdesks.pulling import GOES_ROUND, NOT_SET, Pulling
from storage import sources
from storage.jobs import Job, JobState, LeaseLostError, claim_job, want_again
from storage.pulled import Page, PulledAgent
from storage.sources import EVERYTHING_ELSE, Source
from storage.store import DatabaseAwayError, Store
from storage.ticket_pages import Kept
from storage.tickets import Ticket
from tests.bot.helpdesks.scripted import ScriptedDesk
from tests.storage.test_tickets import NOW, T, founded, ticket

LATER = NOW + timedelta(minutes=5)


async def connected(store: Store) -> Source:
    """The scripted desk, connected to the team Care eight weeks ago's tickets on."""
    _, team = await founded(store)
    async with store.write() as session:
        source = await sources.connect(
            session, workspace_id=T, kind="scripted", name="S", since=NOW - timedelta(56), by_id=None, now=NOW
        )
        await sources.link(session, source.id, team.id, [EVERYTHING_ELSE])
    return source


async def claimed(store: Store, source: Source) -> Job:
    async with store.write() as session:
        details: dict[str, Any] = {"source_id": source.id}
        await want_again(session, workspace_id=T, kind="desks.pull", key="pull", run_at=NOW, details=details)
    async with store.write() as session:
        job = await claim_job(session, now=NOW)
    assert job is not None
    return job


async def pulls(
    store: Store, source: Source, desk: ScriptedDesk, *, at: datetime = NOW, pulling: Pulling | None = None
) -> Source:
    """One run of the pull; the source as it stands then."""
    job = await claimed(store, source)
    await (pulling or Pulling({desk.kind: desk})).pull(job, store=store, now=lambda: at)
    async with store.write() as session:
        await session.execute(update(Job).where(Job.id == job.id).values(state=JobState.DONE))
    async with store.read() as session:
        found = await sources.by_id(session, source.id)
    assert found is not None
    return found


async def numbers(store: Store) -> list[str]:
    async with store.read() as session:
        return sorted((await session.execute(select(Ticket.external_id))).scalars())


async def test_pages_are_kept_with_their_cursors_and_the_end_is_the_state_of_that_instant(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(
        Page(tickets=[ticket(1), ticket(2)], cursor="a", more=True, total=3),
        Page(tickets=[ticket(2), ticket(3)], cursor="b", more=False),
    )
    after = await pulls(store, source, desk)
    assert desk.asked == [(None, source.since), ("a", source.since)]
    assert (after.cursor, after.last_good_at, after.filled_at, after.pulled, after.expected) == ("b", NOW, NOW, 4, 3)
    assert await numbers(store) == ["1", "2", "3"]
    again = await pulls(store, source, desk, at=LATER)
    assert desk.asked[-1] == ("b", source.since)
    assert (again.last_good_at, again.filled_at) == (LATER, NOW)


async def test_what_fails_half_way_keeps_what_it_has_and_goes_on_from_there(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(
        Page(tickets=[ticket(1)], cursor="a", more=True),
        DeskAwayError("It answers 503."),
        Page(tickets=[ticket(2)], cursor="b", more=False),
    )
    failed = await pulls(store, source, desk)
    assert (failed.failing_since, failed.failures, failed.last_error) == (NOW, 1, "It answers 503.")
    assert (failed.cursor, failed.last_good_at, await numbers(store)) == ("a", None, ["1"])
    mended = await pulls(store, source, desk, at=LATER)
    assert (mended.failing_since, mended.failures, mended.last_error, mended.last_good_at) == (None, 0, None, LATER)
    assert await numbers(store) == ["1", "2"]


async def test_a_source_fails_since_its_first_failure(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(DeskAwayError("one"), DeskAwayError("two"))
    await pulls(store, source, desk)
    failed = await pulls(store, source, desk, at=LATER)
    assert (failed.failing_since, failed.failures, failed.last_error) == (NOW, 2, "two")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ([Page(cursor="a", more=True), Page(cursor="a", more=True)], GOES_ROUND),
        ([CursorLostError("No such cursor.")], "No such cursor."),
    ],
)
async def test_a_desk_that_leads_nowhere_is_left_in_peace(
    store: Store, script: list[Page | DeskError], says: str
) -> None:
    source = await connected(store)
    assert (await pulls(store, source, ScriptedDesk(*script))).last_error == says


async def test_a_lost_cursor_begins_anew_an_hour_before_the_last_good_pull(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(Page(cursor="a", more=False))
    await pulls(store, source, desk)
    desk.script = [CursorLostError("No such cursor."), Page(tickets=[ticket(1)], cursor="b", more=False)]
    after = await pulls(store, source, desk, at=LATER)
    assert desk.asked[-2:] == [("a", source.since), (None, NOW - timedelta(hours=1))]
    assert (after.cursor, after.is_failing) == ("b", False)


async def test_a_desk_that_asks_for_patience_is_not_failing(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(SlowDownError("Later, please.", wait=timedelta(minutes=3)))
    assert not (await pulls(store, source, desk)).is_failing


async def test_credentials_that_were_taken_away_are_named(store: Store) -> None:
    source = await connected(store)
    failed = await pulls(store, source, ScriptedDesk(), pulling=Pulling({}))
    assert failed.last_error == NOT_SET


async def test_agents_are_asked_for_once_when_somebody_unknown_has_a_ticket(store: Store) -> None:
    source = await connected(store)
    desk = ScriptedDesk(
        Page(tickets=[ticket(1, assignee_external_id="z9")], cursor="a", more=True),
        Page(tickets=[ticket(2, assignee_external_id="z9")], cursor="b", more=False),
    )
    desk.people = [PulledAgent(external_id="z9", name="Benjamin", email="ben@care.EXAMPLE")]
    await pulls(store, source, desk)
    async with store.read() as session:
        people = (await session.execute(select(Ticket.assignee_id))).scalars().all()
    assert None not in people


async def test_features_hear_of_each_page_in_its_own_transaction(store: Store) -> None:
    source = await connected(store)
    heard: list[tuple[int, list[str]]] = []

    async def hear(session: AsyncSession, of: Source, kept: Kept, now: datetime) -> None:
        assert now == NOW
        seen = await session.execute(select(Ticket.external_id).where(Ticket.source_id == of.id))
        heard.append((kept.new, sorted(tag for _, tag in kept.newly_tagged)))
        assert seen.scalars().all()

    desk = ScriptedDesk(Page(tickets=[ticket(1, tags=["escalate", "vip"])], cursor="a", more=False))
    await pulls(store, source, desk, pulling=Pulling({desk.kind: desk}, [hear]))
    desk.script = [Page(tickets=[ticket(1, tags=["escalate", "late"], updated_at=NOW)], cursor="b", more=False)]
    await pulls(store, source, desk, pulling=Pulling({desk.kind: desk}, [hear]))
    assert heard == [(1, ["escalate", "vip"]), (0, ["late"])]


class PagedDesk(ScriptedDesk):
    """Three pages, which stay as they are: it answers by the cursor that it is given."""

    async def pull(self, cursor: str | None, since: datetime) -> Page:
        self.asked.append((cursor, since))
        number = int(cursor or 0) + 1
        return Page(tickets=[ticket(number)] if number < 4 else (), cursor=str(min(number, 3)), more=number < 3)


async def test_the_next_page_is_on_its_way_while_the_last_one_is_written(store: Store) -> None:
    source = await connected(store)
    desk = PagedDesk()
    on_its_way: list[list[str | None]] = []

    async def look(_session: AsyncSession, _of: Source, _kept: Kept, _now: datetime) -> None:
        on_its_way.append([cursor for cursor, _since in desk.asked])

    await pulls(store, source, desk, pulling=Pulling({desk.kind: desk}, [look]))
    assert on_its_way == [[None, "1"], [None, "1", "2"], [None, "1", "2"]]


@pytest.mark.parametrize("falls", [0, 1, 2])
async def test_a_page_that_was_read_ahead_counts_only_once_the_one_before_is_kept(store: Store, falls: int) -> None:
    source = await connected(store)
    desk = PagedDesk()
    heard = 0

    async def fall(_session: AsyncSession, _of: Source, _kept: Kept, _now: datetime) -> None:
        nonlocal heard
        heard += 1
        if heard == falls + 1:
            raise DatabaseAwayError("gone")

    job = await claimed(store, source)
    others = asyncio.all_tasks()
    with pytest.raises(DatabaseAwayError):
        await Pulling({desk.kind: desk}, [fall]).pull(job, store=store, now=lambda: NOW)
    assert asyncio.all_tasks() == others, "nothing goes on behind a pull that fell"
    assert await numbers(store) == ["1", "2", "3"][:falls]
    await Pulling({desk.kind: desk}).pull(job, store=store, now=lambda: NOW)
    async with store.read() as session:
        after = await sources.by_id(session, source.id)
    assert after is not None
    assert (after.cursor, await numbers(store)) == ("3", ["1", "2", "3"])


async def test_who_lost_the_lease_writes_nothing(store: Store) -> None:
    source = await connected(store)
    job = await claimed(store, source)
    async with store.write() as session:
        await session.execute(update(Job).where(Job.id == job.id).values(lease=job.lease + 1))
    desk = ScriptedDesk(Page(tickets=[ticket(1)], cursor="a", more=False))
    with pytest.raises(LeaseLostError):
        await Pulling({desk.kind: desk}).pull(job, store=store, now=lambda: NOW)
    assert await numbers(store) == []


async def test_work_that_recurs_is_one_row(store: Store) -> None:
    source = await connected(store)
    first = await claimed(store, source)
    async with store.write() as session:
        details: dict[str, Any] = {"source_id": source.id}
        await want_again(session, workspace_id=T, kind="desks.pull", key="pull", run_at=LATER, details=details)
    async with store.read() as session:
        found = (await session.execute(select(Job))).scalars().one()
    assert (found.id, found.state, found.run_at) == (first.id, JobState.RUNNING, datetime(2026, 6, 2, 9, tzinfo=UTC))
