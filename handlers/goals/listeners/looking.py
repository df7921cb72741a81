"""Looking at goals: a list, one of them with what threatens it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.forms import NOT_OURS, identifier
from handlers.goals import counting
from handlers.goals.rules import periods, rights
from handlers.goals.rules.standing import Progress, standing_of
from handlers.goals.views import goals as views
from handlers.house import Me, Reply
from handlers.measures import Measure, Threat
from handlers.refusals import Refusal
from storage import goal_updates, goals, measured_days, people
from storage.goal_circles import Circle, circle_of
from storage.goals import Goal, State, Whose
from storage.people import DataAccess
from storage.store import Store

LISTS = ("open", "closed")
ENDED_SHOWN = 20
NUMBERS_SHOWN = 6
READ = "looked at a goal of yours"


class Looking:
    """Reads with the house's measures; the table is looked into when somebody looks."""

    def __init__(self, measures: Mapping[str, Measure]) -> None:
        self._measures = measures

    async def list_(self, which: str, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
        await reply("Goals", blocks=await self._listed(which, store, me, now))

    async def press_list(
        self, ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
    ) -> None:
        await ack()
        which = str(action.get("value") or "open")
        if which not in LISTS:
            raise Refusal(NOT_OURS)
        await reply("Goals", blocks=await self._listed(which, store, me, now))

    async def _listed(self, which: str, store: Store, me: Me, now: datetime) -> list[Block]:
        async with store.read() as session:
            circle = await circle_of(session, me.id)
            if which == "closed":
                found = await goals.closed(
                    session,
                    person_ids={me.id, *circle.reports},
                    team_ids=circle.teams,
                    department_ids=circle.departments,
                    now=now,
                    most=ENDED_SHOWN,
                )
            else:
                found = await goals.seen_in(session, circle)
            shown = await with_standings(session, found, now)
        names = names_in(circle, me)
        if which != "closed":
            shown = views.in_order(shown, names, circle)
        await _note(store, [goal for goal, _ in shown[: views.SHOWN_AT_MOST]], me, now)
        return views.listed(shown, names, circle, closed=which == "closed")

    async def show(self, number: int, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
        async with store.read() as session:
            goal = await goals.by_number(session, me.person.workspace_id, number)
        if goal is None:
            raise Refusal(rights.UNKNOWN)
        await self._show(goal.id, reply, store, me, now)

    async def open(self, ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
        await ack()
        await self._show(identifier(action["value"]), reply, store, me, now)

    async def _show(self, goal_id: int, reply: Reply, store: Store, me: Me, now: datetime) -> None:
        async with store.read() as session:
            goal, circle = await visible(session, goal_id, me)
            blocks = await self.blocks_of(session, goal, circle, me, now)
        await _note(store, [goal], me, now)
        await reply(f"{goal.label}: {goal.title}", blocks=blocks)

    async def blocks_of(self, session: AsyncSession, goal: Goal, circle: Circle, me: Me, now: datetime) -> list[Block]:
        """One goal as it is shown to somebody."""
        updates = await goal_updates.of_goal(session, goal.id, most=NUMBERS_SHOWN) if goal.is_by_hand else []
        return views.one(
            goal,
            standing_of(goal, now, last_update=updates[0].at if updates else None),
            names_in(circle, me),
            circle=circle,
            may_change=rights.may_set(goal.whose, goal.whose_id, circle),
            updates=updates,
            people=await people.by_ids(session, [update.by_id for update in updates]),
            threats=await self._threats(session, goal, me, now),
            counted_at=await self._counted_at(session, goal),
            now=now,
        )

    async def _counted_at(self, session: AsyncSession, goal: Goal) -> datetime | None:
        """As of when it stands where it does: it is written only when something in its days is news."""
        if goal.counted_at is None or goal.state == State.CLOSED or goal.metric not in self._measures:
            return goal.counted_at
        until = await measured_days.counted_until(session, goal.workspace_id)
        return max(goal.counted_at, until.get(goal.metric, goal.counted_at))

    async def _threats(self, session: AsyncSession, goal: Goal, me: Me, now: datetime) -> Sequence[Threat]:
        measure = self._measures.get(goal.metric)
        if measure is None or measure.threats is None or goal.state != State.OPEN:
            return ()
        scopes = await counting.scopes_of(session, goal.whose, [goal.whose_id], goal.workspace_id)
        return await measure.threats(session, scopes[goal.whose_id], me.id, periods.ends_at(goal), now)


async def _note(store: Store, shown: Iterable[Goal], me: Me, now: datetime) -> None:
    """Whoever's goals somebody else reads finds that among their data."""
    read = sorted({goal.whose_id for goal in shown if goal.whose == Whose.PERSON} - {me.id})
    if read:
        async with store.write() as session:
            session.add_all(DataAccess(person_id=one, by_id=me.id, at=now, what=READ) for one in read)


async def visible(session: AsyncSession, goal_id: int, me: Me, *, lock: bool = False) -> tuple[Goal, Circle]:
    """The goal, if it exists for this person, and their circle. Raises Refusal."""
    goal = await goals.locked(session, goal_id) if lock else await session.get(Goal, goal_id)
    if goal is None or goal.workspace_id != me.person.workspace_id:
        raise Refusal(rights.UNKNOWN)
    circle = await circle_of(session, me.id)
    rights.require_sight(goal, circle)
    return goal, circle


async def changeable(session: AsyncSession, goal_id: int, me: Me, *, lock: bool = False) -> tuple[Goal, Circle]:
    """The same, if they may change it and it isn't closed. Raises Refusal."""
    goal, circle = await visible(session, goal_id, me, lock=lock)
    name = names_in(circle, me).get((goal.whose, goal.whose_id), "")
    rights.require_change(goal, circle, name=name)
    rights.require_open(goal)
    return goal, circle


async def with_standings(session: AsyncSession, found: Iterable[Goal], now: datetime) -> list[tuple[Goal, Progress]]:
    """Each goal with where it stands."""
    known = list(found)
    by_hand = [goal.id for goal in known if goal.is_by_hand]
    last = await goal_updates.latest(session, by_hand) if by_hand else {}
    return [(goal, standing_of(goal, now, last_update=last[goal.id].at if goal.id in last else None)) for goal in known]


def names_in(circle: Circle, me: Me) -> dict[tuple[Whose, int], str]:
    """Whose goals they are, by name."""
    return {
        (Whose.PERSON, me.id): me.person.name,
        **{(Whose.PERSON, person.id): person.name for person in circle.reports.values()},
        **{(Whose.TEAM, team.id): team.name for team in circle.teams.values()},
        **{(Whose.DEPARTMENT, one.id): one.name for one in circle.departments.values()},
    }
