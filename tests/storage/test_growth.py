"""What people and the night ask of check-ins, goals, polls, trainings, figures and digests: as much with years behind
as without. Each look is the product's own, with all its queries."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from bot.app import furnish
from bot.settings import Settings
from handlers.checkins import renderers as checkin_renderers
from handlers.checkins.listeners import looking as checkins_looked_at
from handlers.escalations.listeners import asking as escalations_asked
from handlers.goals import renderers as goal_renderers
from handlers.goals.listeners.looking import Looking
from handlers.home.drawing import parts_of
from handlers.house import Me, Rendered, Report
from handlers.polls.listeners import looking as polls_looked_at
from handlers.queue import composing
from handlers.training.listeners import commanding as trainings_asked
from handlers.training.listeners import required as trainings_required
from storage import (
    ballots,
    checkin_answers,
    checkins,
    digests,
    escalation_lists,
    goal_standings,
    goals,
    onboarding,
    polls,
    requirements,
    training,
)
from storage.goals import Goal
from storage.messages import Message
from storage.people import Person
from storage.polls import Poll, PollState
from storage.store import Store
from storage.teams import Team
from tests.storage import archive
from tests.storage.archive import AGENTS, ME, OURS, T
from tests.storage.costs import Look, asking, plans_of, read_whole, steps_of

NOW = datetime(2026, 6, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
AGED = 150
"""Days, of which each leaves some fifty rows behind."""
GROWS = (
    "checkin_rounds",
    "checkin_prompts",
    "checkin_answers",
    "checkin_blockers",
    "goals",
    "goal_updates",
    "polls",
    "poll_people",
    "poll_teams",
    "poll_questions",
    "poll_answers",
    "poll_results",
    "named_ballots",
    "training_items",
    "training_sessions",
    "training_places",
    "training_requirements",
    "training_assignments",
    "onboarding_enrolments",
    "escalations",
    "escalation_clocks",
    "escalation_events",
    "follow_ups",
    "digests",
)


class Screen:
    """Where listeners put what they show."""

    async def views_open(self, **shown: Any) -> None:
        assert shown["view"]

    async def reply(self, text: str, **_: Any) -> None:
        assert text


async def _ack(*_: Any, **__: Any) -> None: ...


def _told(session: AsyncSession, team: Team, *, weekly: bool, copy: str) -> Any:
    report = Report(team, NOW - timedelta(days=7 if weekly else 1), NOW, weekly=weekly, channel=team.channel)
    return composing.compose(session, furnish().report_sections, report, copy=copy)


async def _looks(store: Store) -> dict[str, Look]:
    async with store.read() as session:
        me = Me(await _one(session, Person, ME), is_admin=False)
        agent = Me(await _one(session, Person, AGENTS[0]), is_admin=False)
        team = await _one(session, Team, OURS)
        last_round = (await checkins.closed_rounds(session, OURS, since=TODAY - timedelta(days=1)))[-1]
        prompt, _ = (await checkins.prompts_around(session, AGENTS[0], NOW))[0]
        goal = (await goals.standing(session, team_ids=[OURS]))[0]
        over = (await polls.concerning(session, ME, state=PollState.CLOSED, most=2))[1]
        assert over.is_anonymous
    house, screen = furnish(), Screen()
    client = cast("AsyncWebClient", screen)
    given: dict[str, Any] = {"reply": screen.reply, "store": store, "me": me, "now": NOW}
    on_screen: dict[str, Any] = {"ack": _ack, "client": client, "body": {"trigger_id": "1"}, "store": store, "me": me}
    of_goals = Looking(house.measures)
    month, week = NOW - timedelta(days=30), NOW - timedelta(days=7)

    def asks(ask: Callable[[AsyncSession], Any]) -> Look:
        return asking(store, ask)

    def rendered(render: Any, subject_id: int, person_id: int) -> Look:
        # as it stands in Slack already: nothing falls away unread
        message = Message(subject_id=subject_id, person_id=person_id, details={}, slack_ts="1")

        async def ask(session: AsyncSession) -> None:
            assert isinstance(await render(session, message, NOW), Rendered)

        return asks(ask)

    return {
        "home of who leads": asks(lambda session: parts_of(session, house.sections, me.person, NOW)),
        "home of an agent": asks(lambda session: parts_of(session, house.sections, agent.person, NOW)),
        # check-ins
        "/checkin trend": lambda: checkins_looked_at.trend(8, **given),
        "a check-in's result": lambda: checkins_looked_at.show_result(
            action={"value": str(last_round.id)}, now=NOW, **on_screen
        ),
        "who said what": asks(lambda session: checkin_answers.named(session, last_round.id)),
        "a check-in's question": rendered(checkin_renderers.render_prompt, prompt.id, AGENTS[0]),
        "a check-in's result, as a message": rendered(checkin_renderers.render_result, last_round.id, ME),
        "rounds that are open": asks(lambda session: checkins.open_rounds(session, OURS)),
        "sums of a round": asks(lambda session: checkin_answers.tally(session, last_round)),
        "rounds that goals count": asks(lambda session: checkins.closed_of_teams(session, [OURS], TODAY, TODAY)),
        "rounds that ended since": asks(lambda session: checkins.days_closed_since(session, T, week)),
        # goals
        "/goal list": lambda: of_goals.list_("open", **given),
        "/goal list closed": lambda: of_goals.list_("closed", **given),
        "/goal show": lambda: of_goals.show(goal.number, **given),
        "goals of the week": rendered(goal_renderers.render_weekly, OURS, ME),
        "goals of the department": rendered(goal_renderers.render_roll_up, 1, ME),
        "goals that want a number": rendered(goal_renderers.render_ask, ME, ME),
        "goals to count": asks(lambda session: goal_standings.to_count(session, T)),
        "goals that run, by pages": asks(lambda session: goals.running(session, T)),
        "whether any goal runs": asks(lambda session: goals.any_running(session, T)),
        "goals like this one": asks(lambda session: _same(session, goal)),
        # polls
        "/poll list": lambda: polls_looked_at.list_(None, **given),
        "/poll P-7": lambda: polls_looked_at.show_number(over.number or 0, reply=screen.reply, store=store, me=me),
        "/poll close": lambda: polls_looked_at.offer_close(None, **given),
        "a poll's result": lambda: polls_looked_at.open_result(action={"value": str(over.id)}, **on_screen),
        "polls that wait for somebody": asks(lambda session: ballots.open_for(session, AGENTS[0], most=5)),
        "polls in which newcomers are asked": asks(lambda session: polls.open_and_named(session, OURS, most=5)),
        "the last of a series": asks(lambda session: polls.latest_of_series(session, OURS)),
        "answers that are due to be deleted": asks(
            lambda session: ballots.with_names(session, closed_before=NOW - timedelta(days=3000), most=5)
        ),
        "the same question of others": asks(lambda session: _published(session, over)),
        # training
        "/training": lambda: trainings_asked.command(
            ack=_ack,
            body={},
            client=client,
            words="",
            settings=Settings.model_construct(),
            **given,
        ),
        "/training required": lambda: trainings_required.show_list(screen.reply, store, me, NOW),
        "trainings that goals count": asks(
            lambda session: requirements.due_between(session, [OURS], TODAY - timedelta(days=1), TODAY)
        ),
        "trainings that came due": asks(lambda session: requirements.due_dates_touched(session, T, week)),
        "all that is required": asks(lambda session: requirements.all_running(session, T)),
        "who was there": asks(lambda session: training.attended(session, [OURS], week, NOW)),
        "of which sessions it was said": asks(lambda session: training.attendance_said_since(session, T, week)),
        "sessions of leavers": asks(lambda session: training.sessions_of_leavers(session, now=NOW)),
        "newcomers under way": asks(lambda session: onboarding.under_way(session, OURS, most=9)),
        "newcomers of a buddy": asks(lambda session: onboarding.newcomers_of(session, ME)),
        "leavers under way": asks(lambda session: onboarding.of_leavers(session, T)),
        "newcomers who haven't begun": asks(lambda session: onboarding.joined_since_plan(session, T, most=9)),
        # figures
        "/escalate stats": lambda: escalations_asked.stats("month", **given),
        "/escalate follow-ups": lambda: escalations_asked.follow_ups(None, **given),
        "gaps in what is known": asks(
            lambda session: escalation_lists.knowledge_gaps(session, team_ids=[OURS], since=month, most=5)
        ),
        "escalations that changed": asks(lambda session: escalation_lists.changed_since(session, T, week)),
        "escalations that goals count": asks(
            lambda session: escalation_lists.counted_between(session, team_ids=[OURS], start=week, end=NOW)
        ),
        # digests
        "digest": asks(lambda session: _told(session, team, weekly=False, copy=composing.CHANNEL)),
        "digest for managers": asks(lambda session: _told(session, team, weekly=False, copy=composing.MANAGERS)),
        "weekly report": asks(lambda session: _told(session, team, weekly=True, copy=composing.MANAGERS)),
        "the last digest": asks(lambda session: digests.last_of(session, OURS, weekly=False)),
        "today's digest": asks(lambda session: digests.of_date(session, OURS, TODAY, weekly=False)),
    }


async def _one(session: AsyncSession, model: type[Any], one: int) -> Any:
    return await session.get_one(model, one)


async def _same(session: AsyncSession, goal: Goal) -> None:
    await goals.same(
        session,
        T,
        whose=goal.whose,
        whose_id=goal.whose_id,
        metric=goal.metric,
        first_day=goal.first_day,
        last_day=goal.last_day,
    )


async def _published(session: AsyncSession, over: Poll) -> None:
    question = over.questions[0]
    await ballots.published_since(session, question, T, [question.sameness], since=NOW - timedelta(days=30), most=99)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_look_reads_more_when_only_the_past_grows(store: Store) -> None:
    await archive.found(store, NOW)
    looks = await _looks(store)
    before = {name: await steps_of(store, look) for name, look in looks.items()}
    await archive.age(store, NOW, days=AGED)
    after = {name: await steps_of(store, look) for name, look in looks.items()}
    assert {name: (before[name], steps) for name, steps in after.items() if steps > before[name] * 1.1 + 100} == {}


async def test_no_look_reads_a_whole_table(store: Store) -> None:
    await archive.found(store, NOW)
    await archive.settle(store)
    for name, look in (await _looks(store)).items():
        for statement, plan in await plans_of(store, look):
            assert read_whole(plan, GROWS) == [], "\n".join([name, statement, *plan])


async def test_of_whom_nothing_ended_lately_the_goals_of_long_ago_are_listed(store: Store) -> None:
    await archive.found(store, NOW)
    async with store.read() as session:
        lately = await goals.closed(session, person_ids=[ME], team_ids=[OURS], now=NOW, most=5)
        much_later = await goals.closed(
            session, person_ids=[ME], team_ids=[OURS], now=NOW + timedelta(days=700), most=5
        )
    ended = [goal.closed_at for goal in lately if goal.closed_at is not None]
    assert len(ended) == 5
    assert ended == sorted(ended, reverse=True)
    assert [goal.id for goal in much_later] == [goal.id for goal in lately]
