"""Tickets: written page by page, by (source, external id); days recounted from them say the same however they came."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from benchmarks.databases import asked_of
from storage import sources, spikes, ticket_pages, tickets
from storage.people import Person
from storage.pulled import Gone, Priority, PulledAgent, PulledRating, PulledTicket, RatingKind, Status
from storage.recounting import count_days, recount, stale
from storage.sources import EVERYTHING_ELSE, Source, SourceAgent
from storage.spikes import SpikeDay
from storage.store import Store
from storage.teams import Team
from storage.ticket_days import ALL, COUNTS, TicketDay
from storage.tickets import Rating, Ticket, TicketTag

T = "T1"
NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
DUBLIN = "Europe/Dublin"


def ticket(number: int | str = 1, **facts: Any) -> PulledTicket:
    """A ticket that was created on 1 June at noon in Dublin and is open, unless said otherwise."""
    created = facts.pop("created_at", datetime(2026, 6, 1, 11, tzinfo=UTC))
    given = {"status": Status.OPEN, "created_at": created, "updated_at": created} | facts
    return PulledTicket(external_id=str(number), **given)


async def founded(store: Store, *, zone: str = DUBLIN) -> tuple[Source, Team]:
    """A source whose tickets are all one team's; Ben answers customers there."""
    async with store.write() as session:
        ben = Person(workspace_id=T, slack_id="U1", name="Ben", email="Ben@Care.example", zone=zone, seen_at=NOW)
        team = Team(
            workspace_id=T,
            form_key="k",
            name="Care",
            channel="C1",
            escalation_channel="C1",
            zone=zone,
            days=[0, 1, 2, 3, 4],
            start=time(9),
            end=time(17),
            policy={},
            requested_at=NOW,
        )
        session.add_all([ben, team])
        source = await sources.connect(
            session, workspace_id=T, kind="csv", name="tickets.csv", since=NOW - timedelta(56), by_id=None, now=NOW
        )
        await session.flush()
        await sources.link(session, source.id, team.id, [EVERYTHING_ELSE])
        await sources.keep_agents(
            session, source, [PulledAgent(external_id="a1", name="Ben", email="ben@care.example")]
        )
    return source, team


async def kept(store: Store, source: Source, *pulled: PulledTicket, **more: Any) -> ticket_pages.Kept:
    async with store.write() as session:
        return await ticket_pages.keep(session, source, pulled, **more)


async def count(store: Store, model: type[Any]) -> int:
    async with store.read() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def only(store: Store) -> Ticket:
    async with store.read() as session:
        return (await session.execute(select(Ticket))).scalar_one()


async def recounted(store: Store, team: Team) -> Sequence[TicketDay]:
    """All days of the team, after every mark was followed."""
    async with store.write() as session:
        marked = await stale(session, T, most=1000)
        await recount(session, team, marked.get(team.id, set()))
    async with store.read() as session:
        assert await stale(session, T, most=1) == {}
        return (await session.execute(select(TicketDay).order_by(TicketDay.local_date, TicketDay.tag))).scalars().all()


async def test_the_same_page_again_changes_nothing(store: Store) -> None:
    source, _ = await founded(store)
    page = [ticket(1, tags=["login", "vip"]), ticket(2)]
    first = await kept(store, source, *page)
    assert (first.new, first.changed, first.as_before) == (2, 0, 0)
    again = await kept(store, source, *page)
    assert (again.new, again.changed, again.as_before) == (0, 0, 2)
    assert (await count(store, Ticket), await count(store, TicketTag)) == (2, 2)


async def test_a_change_is_kept_with_its_tags_and_an_older_word_is_not(store: Store) -> None:
    source, team = await founded(store)
    await kept(store, source, ticket(tags=["login", "slow"], assignee_external_id="a1"))
    later = NOW
    await kept(
        store,
        source,
        ticket(tags=["login"], status=Status.SOLVED, status_raw="Erledigt", solved_at=later, updated_at=later),
    )
    stale_word = await kept(store, source, ticket(status=Status.NEW))
    assert stale_word.as_before == 1
    found = await only(store)
    assert (found.status, found.status_raw, found.solved_at, found.in_backlog) == (
        Status.SOLVED,
        "Erledigt",
        later,
        False,
    )
    assert (found.tags, found.team_id, found.reopened, found.replies) == (["login"], team.id, None, None)
    assert await count(store, TicketTag) == 1


async def test_an_agent_is_the_colleague_with_the_same_address_whatever_its_capitals(store: Store) -> None:
    source, _ = await founded(store)
    await kept(store, source, ticket(assignee_external_id="a1"))
    found = await only(store)
    assert found.assignee_id is not None
    async with store.write() as session:
        [agent] = await sources.agents(session, source.id)
        agent.person_id, agent.by_hand = None, True
    async with store.write() as session:
        await sources.match_agents(session, source)
        assert await ticket_pages.regroup(session, source, after_id=0, most=10) is None
    assert (await only(store)).assignee_id is None, "who was unmatched by hand stays so"


async def test_deleted_and_merged_tickets_leave_the_counts_and_the_backlog(store: Store) -> None:
    source, team = await founded(store)
    await kept(store, source, ticket(1, tags=["login"]), ticket(2, tags=["login"]), ticket(3, tags=["login"]))
    await kept(store, source, ticket(2, gone=Gone.MERGED, merged_into="1", updated_at=NOW), deleted=["3", "unknown"])
    days = await recounted(store, team)
    assert [(day.tag, day.created) for day in days] == [(ALL, 1), ("login", 1)]
    async with store.read() as session:
        assert (await tickets.backlog_of(session, team.id))["open"] == 1
    assert await count(store, TicketTag) == 1


async def test_the_backlog_is_counted_as_it_stands(store: Store) -> None:
    source, team = await founded(store)
    oldest = datetime(2026, 5, 1, 8, tzinfo=UTC)
    await kept(
        store,
        source,
        ticket(1, created_at=oldest, priority=Priority.URGENT),
        ticket(2, status=Status.PENDING, assignee_email="somebody@else.example"),
        ticket(3, status=Status.SOLVED),
    )
    async with store.read() as session:
        standing = await tickets.backlog_of(session, team.id)
        nobodys = await tickets.backlog_of(session, team.id + 1)
    assert standing == {
        "open": 2,
        "unassigned": 1,
        "urgent": 1,
        "oldest": oldest,
        "by_status": {"open": 1, "pending": 1},
    }
    assert nobodys == {"open": 0, "unassigned": 0, "urgent": 0, "oldest": None, "by_status": {}}


async def test_groups_decide_whose_a_ticket_is_and_a_new_link_moves_what_is_stored(store: Store) -> None:
    source, team = await founded(store)
    async with store.write() as session:
        await sources.link(session, source.id, team.id, ["Billing"])
    await kept(store, source, ticket(1, group="billing"), ticket(2, group="Shipping", tags=["late"]))
    async with store.read() as session:
        found = await session.execute(select(Ticket.external_id, Ticket.team_id))
        assert dict(found.all()) == {"1": team.id, "2": None}
    async with store.write() as session:
        await sources.link(session, source.id, team.id, ["Shipping"])
        assert await ticket_pages.regroup(session, source, after_id=0, most=1) is not None
        assert await ticket_pages.regroup(session, source, after_id=0, most=10) is None
    days = await recounted(store, team)
    assert [(day.tag, day.created) for day in days] == [(ALL, 1), ("late", 1)]


async def test_a_rating_follows_its_ticket_and_a_changed_one_replaces_the_old(store: Store) -> None:
    source, team = await founded(store)

    def rating(value: float | None, *, number: str = "r1", about: str | None = "1") -> PulledRating:
        return PulledRating(external_id=number, ticket_external_id=about, kind=RatingKind.CSAT, value=value, at=NOW)

    rated = [rating(1.0), rating(None, number="r2"), rating(0.0, number="r3", about="unknown")]
    await kept(store, source, ticket(1, assignee_external_id="a1"), ratings=rated)
    await kept(store, source, ratings=[rating(0.0)])
    async with store.read() as session:
        found = {one.external_id: one for one in (await session.execute(select(Rating))).scalars()}
    assert sorted(found) == ["r1", "r3"], "what nobody answered is not kept"
    assert found["r1"].assignee_id is not None
    [day] = [day for day in await recounted(store, team) if day.csat_bad]
    assert (day.local_date, day.csat_good, day.csat_bad) == (date(2026, 6, 2), 0, 2)


@pytest.mark.parametrize("zone", ["Asia/Manila", "America/Los_Angeles", "Pacific/Kiritimati"])
async def test_days_are_the_teams_own(store: Store, zone: str) -> None:
    source, team = await founded(store, zone=zone)
    midnight = datetime(2026, 6, 2, tzinfo=ZoneInfo(zone))
    before, after = midnight - timedelta(seconds=1), midnight
    await kept(
        store,
        source,
        ticket(1, created_at=before),
        ticket(2, created_at=after, status=Status.SOLVED, solved_at=after + timedelta(hours=2), replies=1, reopened=0),
    )
    first, second = await recounted(store, team)
    assert (first.local_date, first.created, first.by_hour[23]) == (date(2026, 6, 1), 1, 1)
    assert (second.local_date, second.created, second.by_hour[0]) == (date(2026, 6, 2), 1, 1)
    assert (second.solved, second.one_touch, second.one_touch_known, second.reopened_known) == (1, 1, 1, 1)


async def test_a_day_counted_twice_says_the_same(store: Store) -> None:
    source, team = await founded(store)
    await kept(store, source, *(ticket(number, tags=["login"]) for number in range(7)))
    [day, _tagged] = await recounted(store, team)
    async with store.read() as session:
        [again, _] = await count_days(session, team.id, [day.local_date], ZoneInfo(DUBLIN))
    assert {name: again[name] for name in COUNTS} == {name: getattr(day, name) for name in COUNTS}


async def test_a_page_costs_the_same_statements_however_many_tickets_it_has(store: Store) -> None:
    source, team = await founded(store)

    def page(numbers: range, **facts: Any) -> list[PulledTicket]:
        """Created on twelve days, one after another."""
        noon = datetime(2026, 5, 1, 11, tzinfo=UTC)
        return [ticket(one, tags=["login"], created_at=noon + timedelta(one % 12), **facts) for one in numbers]

    async def cost(*pulled: PulledTicket) -> tuple[int, int]:
        """Of keeping the page, and of counting its days."""
        rated = [
            PulledRating(
                external_id=one.external_id, ticket_external_id=one.external_id, kind=RatingKind.CSAT, value=1, at=NOW
            )
            for one in pulled
        ]
        with asked_of(store.write_engine) as to_keep:
            await kept(store, source, *pulled, ratings=rated)
        with asked_of(store.write_engine) as to_count:
            async with store.write() as session:
                await recount(session, team, (await stale(session, T, most=100))[team.id])
        return len(to_keep), len(to_count)

    few, many = await cost(*page(range(12))), await cost(*page(range(100, 400)))
    assert few == many
    changed = {"status": Status.SOLVED, "solved_at": NOW, "updated_at": NOW}
    assert await cost(*page(range(12), **changed)) == await cost(*page(range(100, 400), **changed))


async def test_days_counted_together_say_what_each_says_alone(store: Store) -> None:
    source, team = await founded(store)
    # over the hour that comes twice in Dublin, and with a day between them that is not asked for
    first = datetime(2026, 10, 23, 22, 30, tzinfo=UTC)
    await kept(
        store,
        source,
        *(
            ticket(
                hour,
                tags=["login"],
                created_at=(at := first + timedelta(hours=hour)),
                solved_at=at,
                status=Status.SOLVED,
            )
            for hour in range(122)
        ),
    )
    days = [date(2026, 10, day) for day in (24, 25, 27, 28)]
    async with store.read() as session:
        together = await count_days(session, team.id, days, ZoneInfo(DUBLIN))
        alone = [row for day in days for row in await count_days(session, team.id, [day], ZoneInfo(DUBLIN))]
    assert together == alone
    assert [row["created"] for row in together if row["tag"] == ALL] == [24, 25, 24, 24]


async def test_a_page_that_tells_a_ticket_twice_keeps_its_last_word_whatever_the_order(store: Store) -> None:
    source, _ = await founded(store)
    early, late = ticket(subject="Early", updated_at=NOW), ticket(subject="Late", updated_at=NOW + timedelta(hours=1))
    for page in ((early, late), (late, early)):
        await kept(store, source, *page)
        assert (await only(store)).subject == "Late"


async def test_a_day_counts_the_answers_of_every_kind_of_survey_by_their_bands(store: Store) -> None:
    source, team = await founded(store)
    answers = {
        RatingKind.CSAT: (1.0, 1.0, 0.6, 0.5, 0.4, 0.0),
        RatingKind.NPS: (10, 9, 8, 7, 7, 6, 0),
        RatingKind.CES: (7, 4, 1),
    }
    rated = [
        PulledRating(external_id=f"{kind}-{number}", ticket_external_id="1", kind=kind, value=value, at=NOW)
        for kind, values in answers.items()
        for number, value in enumerate(values)
    ]
    await kept(store, source, ticket(1, tags=["login"]), ratings=rated)
    second = [day for day in await recounted(store, team) if day.local_date == date(2026, 6, 2)]
    assert [day.tag for day in second] == [ALL, "login"]
    for day in second:
        assert (day.csat_good, day.csat_bad) == (3, 2)
        assert (day.nps_promoters, day.nps_passives, day.nps_detractors) == (2, 3, 2)
        assert (day.ces_sum, day.ces_count) == (12.0, 3)


async def test_answers_go_with_their_ticket_to_its_new_team_and_both_teams_days_are_counted_again(
    store: Store,
) -> None:
    source, team = await founded(store)
    one = PulledRating(external_id="r", ticket_external_id="1", kind=RatingKind.CSAT, value=1.0, at=NOW)
    await kept(store, source, ticket(1, group="Billing"), ratings=[one])
    assert sum(day.csat_good for day in await recounted(store, team)) == 1
    async with store.write() as session:
        await sources.link(session, source.id, team.id, ["Shipping"])
        await ticket_pages.regroup(session, source, after_id=0, most=10)
    assert await recounted(store, team) == []
    async with store.read() as session:
        assert (await session.execute(select(Rating.team_id))).scalar_one() is None


async def test_agents_that_are_known_already_stay_as_they_are(store: Store) -> None:
    source, _ = await founded(store)
    told = [
        PulledAgent(external_id="a1", name="Somebody else", email="else@care.example"),
        PulledAgent(external_id="a2", name="Mei", email=None),
    ]
    async with store.write() as session:
        await sources.meet_agents(session, source, told)
        await sources.meet_agents(session, source, told)
    async with store.read() as session:
        query = select(SourceAgent.external_id, SourceAgent.name).order_by(SourceAgent.external_id)
        assert (await session.execute(query)).all() == [("a1", "Ben"), ("a2", "Mei")]


async def test_a_source_whose_groups_are_a_teams_is_one_source_of_it(store: Store) -> None:
    source, team = await founded(store)
    async with store.write() as session:
        await sources.link(session, source.id, team.id, ["Billing", "Shipping"])
    async with store.read() as session:
        assert [one.id for one in await sources.of_team(session, team.id)] == [source.id]
        assert await sources.of_team(session, team.id + 1) == []


async def test_what_stood_out_leads_to_the_tickets_of_its_day_and_tag(store: Store) -> None:
    source, team = await founded(store)
    begins = datetime(2026, 5, 31, 23, tzinfo=UTC)
    await kept(
        store,
        source,
        ticket(1, tags=["login"], created_at=begins),
        ticket(2, tags=["billing"], created_at=begins + timedelta(hours=23)),
        ticket(3, tags=["login"], created_at=begins + timedelta(hours=5)),
        ticket(4, tags=["login"], created_at=begins + timedelta(days=1)),
        ticket(5, tags=["login"], created_at=begins - timedelta(seconds=1)),
    )
    async with store.read() as session:
        for tag, most, told in ((ALL, 9, ["2", "3", "1"]), (ALL, 1, ["2"]), ("login", 9, ["3", "1"])):
            found = await spikes.tickets_of(session, SpikeDay(team_id=team.id, tag=tag, day_began=begins), most=most)
            assert [one.external_id for one in found] == told
