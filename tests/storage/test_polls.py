"""Polls in the store: who is asked once more, and what the same teams were asked before."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from storage import poll_audiences, polls
from storage.people import Person
from storage.poll_audiences import PollTeam
from storage.polls import Kind, Mode, Poll, PollState, Question, Results, Template
from storage.store import Store
from storage.teams import Team, TeamState

NOW = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)


class Desk:
    """Two teams and a manager who asks; each poll closes a day after the one before."""

    def __init__(self, store: Store, author: int, care: int, sales: int) -> None:
        self.store, self.author, self.care, self.sales = store, author, care, sales
        self.count = 0

    async def asks(self, *teams: int, sameness: str = "same", held_back: str | None = None, **more: Any) -> int:
        self.count += 1
        given = {"state": PollState.CLOSED, "answered": 6, "asked": 0} | more
        poll = Poll(
            workspace_id="T1",
            number=self.count,
            form_key=f"form-{self.count}",
            team_id=self.care,
            author_id=self.author,
            template=Template.BLANK,
            title="How is work?",
            mode=Mode.NAMED,
            results=Results.AFTER_CLOSE,
            created_at=NOW,
            closes_at=NOW + timedelta(days=self.count),
            **given,
        )
        question = Question(
            kind=Kind.ONE, text="How?", options=["A", "B"], sameness=sameness, held_back=held_back, position=0
        )
        async with self.store.write() as session:
            session.add(poll)
            await session.flush()
            question.poll_id = poll.id
            session.add(question)
            session.add_all(PollTeam(poll_id=poll.id, team_id=team) for team in teams)
            return poll.id

    async def before(self, poll_id: int) -> int | None:
        """The id of the poll with which its question is compared."""
        async with self.store.read() as session:
            poll = await polls.loaded(session, poll_id)
            assert poll is not None
            found = await polls.asked_before(session, poll.questions[0], poll)
        return None if found is None else found[1].id


@pytest.fixture
async def desk(store: Store) -> Desk:
    def team(name: str) -> Team:
        return Team(
            workspace_id="T1",
            form_key=name,
            name=name,
            channel=f"C-{name}",
            escalation_channel=f"C-{name}",
            zone="UTC",
            days=[0, 1, 2, 3, 4],
            start=time(9),
            end=time(17),
            policy={},
            state=TeamState.ACTIVE,
            requested_at=NOW,
        )

    async with store.write() as session:
        aoife = Person(workspace_id="T1", slack_id="U1", name="Aoife", zone="UTC", seen_at=NOW)
        care, sales = team("Care"), team("Sales")
        session.add_all([aoife, care, sales])
        await session.flush()
        return Desk(store, aoife.id, care.id, sales.id)


async def test_a_question_is_compared_with_the_latest_time_that_the_same_teams_were_asked(desk: Desk) -> None:
    both = (desk.care, desk.sales)
    first = await desk.asks(*both)
    assert await desk.before(first) is None
    second = await desk.asks(*both)
    await desk.asks(desk.care)  # of one team alone
    last = await desk.asks(*both)
    assert [await desk.before(one) for one in (second, last)] == [first, second]


async def test_what_is_open_unanswered_held_back_or_another_question_is_no_comparison(desk: Desk) -> None:
    await desk.asks(desk.care, state=PollState.OPEN)
    await desk.asks(desk.care, answered=0)
    await desk.asks(desk.care, held_back="few")
    await desk.asks(desk.care, sameness="other")
    await desk.asks(desk.sales)
    assert await desk.before(await desk.asks(desk.care)) is None


async def test_somebody_who_comes_later_is_asked_once(desk: Desk, store: Store) -> None:
    poll_id = await desk.asks(desk.care, state=PollState.OPEN)
    async with store.write() as session:
        for _ in range(2):
            await polls.ask_one_more(session, poll_id, desk.author, desk.care)
    async with store.read() as session:
        poll = await polls.loaded(session, poll_id)
        assert poll is not None
        assert poll.asked == 1
        [asked] = await poll_audiences.asked_of(session, poll_id)
        assert (asked.person_id, asked.team_id, asked.by_name, asked.in_channel) == (
            desk.author,
            desk.care,
            False,
            True,
        )
        assert await polls.loaded(session, None) is None


async def test_a_poll_that_is_forgotten_is_gone_and_the_others_stay(desk: Desk, store: Store) -> None:
    gone, stays = await desk.asks(desk.care), await desk.asks(desk.care)
    async with store.write() as session:
        await polls.forget(session, [])
        await polls.forget(session, [gone])
    async with store.read() as session:
        assert await polls.loaded(session, gone) is None
        assert await polls.loaded(session, stays) is not None
