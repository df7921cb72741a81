"""Setting and changing a goal, inside the caller's transaction: who may, what is asked for, what follows."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import hours_of
from handlers.blocks import one_line
from handlers.forms import identifier
from handlers.goals import counting, telling, timers
from handlers.goals.forms import GoalForm
from handlers.goals.rules import periods, rights
from handlers.goals.rules.standing import TOO_FEW, Before, holds, looking_back
from handlers.goals.rules.targets import target_of
from handlers.house import Me
from handlers.local_time import local_date, parse_zone
from handlers.measures import Adds, Measure
from handlers.refusals import FormRefusal, Refusal
from handlers.shifts import Hours
from handlers.teams.rules.hours import hours_of_team
from storage import counters, goals, memberships, people
from storage.departments import Department
from storage.goal_circles import Circle
from storage.goals import BY_HAND, Better, Goal, Kind, State, Unit, Whose
from storage.people import Person
from storage.teams import Team

NO_SUCH = "Choose whose goal it is."
NOT_YOURS = "You can set goals for yourself, and for the people, teams and departments that you lead."
WHO = "Choose a person."
HAS_LEFT = "{} has left, so they can’t have a goal. Choose somebody else."
NOT_IN_TEAM = "You don’t manage {}: only their managers set goals for them."
METRIC = "Choose what is measured."
NOT_OF_PEOPLE = "That is measured for teams, not for one person. Choose another, or give the numbers yourself."
NOT_OF_TEAMS = "That is measured for one person only. Choose another."
NAME_IT = "Say what is counted, in a few words."
ONE_PERSON = "{} has one person in it, so this would be a goal for them alone. Set it for that person instead."
NOBODY = "There is nobody in {} yet, so there is nothing to measure."
SAME = "{} has the same metric and period. Change that one, or choose another period (More)."


@dataclass(frozen=True)
class Owner:
    """Whose goal it becomes, and by which days and hours."""

    whose: Whose
    id: int
    name: str
    hours: Hours
    person: Person | None = None
    team: Team | None = None
    department: Department | None = None

    @property
    def zone(self) -> str:
        return self.hours.zone


@dataclass(frozen=True)
class Metric:
    """What a goal is measured by; `measure` None: by hand."""

    key: str
    title: str
    unit: Unit
    better: Better
    measure: Measure | None


async def owner_of(session: AsyncSession, who: str, slack_id: str | None, me: Me, circle: Circle) -> Owner:
    """Whom the form means. Raises FormRefusal at `who` or `person`, also where this person may not."""
    kind, _, written = who.partition(":")
    if kind == "me":
        return await owner_person(session, me.person)
    if kind == "person":
        return await owner_person(session, await _named(session, slack_id, me, circle))
    try:
        chosen = identifier(written)
        whose = {"team": Whose.TEAM, "department": Whose.DEPARTMENT}[kind]
    except (KeyError, Refusal):
        raise FormRefusal({"who": NO_SUCH}) from None
    if not rights.may_set(whose, chosen, circle):
        raise FormRefusal({"who": NOT_YOURS})
    if whose == Whose.TEAM:
        return owner_team(circle.teams[chosen])
    first = next(team for team in circle.teams.values() if team.department_id == chosen)
    return owner_department(circle.departments[chosen], first)


async def owner_person(session: AsyncSession, person: Person) -> Owner:
    hours = hours_of(person, await memberships.primary_team(session, person))
    return Owner(Whose.PERSON, person.id, person.name, hours, person=person)


def owner_team(team: Team) -> Owner:
    return Owner(Whose.TEAM, team.id, team.name, hours_of_team(team), team=team)


def owner_department(department: Department, first: Team) -> Owner:
    """`first`: its first team, whose working days are the department's."""
    return Owner(Whose.DEPARTMENT, department.id, department.name, hours_of_team(first), department=department)


async def _named(session: AsyncSession, slack_id: str | None, me: Me, circle: Circle) -> Person:
    if slack_id is None:
        raise FormRefusal({"person": WHO})
    found = await people.by_slack_id(session, me.person.workspace_id, slack_id)
    if found is None:
        raise FormRefusal({"person": NOT_IN_TEAM.format("them")})
    if found.id == me.id:
        return found
    if not found.is_reachable:
        raise FormRefusal({"person": HAS_LEFT.format(found.name)})
    if found.id not in circle.reports:
        raise FormRefusal({"person": NOT_IN_TEAM.format(found.name)})
    return found


def metric_of(form: GoalForm, measures: dict[str, Measure], owner: Owner) -> Metric:
    """What the form means to measure. Raises FormRefusal at `metric` or `counted`."""
    if form.metric == BY_HAND:
        counted = one_line(form.counted or "", 110)
        if not counted:
            raise FormRefusal({"counted": NAME_IT})
        return Metric(f"{BY_HAND}:{counted.casefold()}", counted, form.unit, form.better, None)
    measure = measures.get(form.metric)
    if measure is None:
        raise FormRefusal({"metric": METRIC})
    if owner.whose == Whose.PERSON and not measure.of_people:
        raise FormRefusal({"metric": NOT_OF_PEOPLE})
    if owner.whose != Whose.PERSON and not measure.of_teams:
        raise FormRefusal({"metric": NOT_OF_TEAMS})
    return Metric(measure.key, measure.title, measure.unit, measure.better, measure)


async def require_measured(session: AsyncSession, metric: Metric, owner: Owner, workspace_id: str) -> None:
    """Raises FormRefusal where there is nothing to measure, or only one person's figures would be a group's."""
    scopes = await counting.scopes_of(session, owner.whose, [owner.id], workspace_id)
    if owner.whose != Whose.PERSON:
        there = await memberships.people_in(session, scopes[owner.id].team_ids)
        if there <= 1:
            raise FormRefusal({"who": (ONE_PERSON if there else NOBODY).format(owner.name)})
    if metric.measure is not None and metric.measure.unmeasured is not None:
        why = await metric.measure.unmeasured(session, scopes[owner.id])
        if why is not None:
            raise FormRefusal({"metric": why})


def target_in(form: GoalForm, metric: Metric) -> float:
    try:
        return target_of(form.target, metric.unit)
    except ValueError as wrong:
        raise FormRefusal({"target": str(wrong)}) from None


def days_in(form: GoalForm, owner: Owner, now: datetime) -> tuple[date, date]:
    try:
        return periods.chosen(form.starts, form.period, local_date(now, parse_zone(owner.zone)))
    except ValueError as wrong:
        raise FormRefusal({"starts": str(wrong)}) from None


async def past_of(
    session: AsyncSession, metric: Metric, owner: Owner, form: GoalForm, first: date, me: Me
) -> Before | None:
    """What the periods before made of the metric; None by hand, and where that is for somebody else alone to see."""
    if metric.measure is None or (metric.measure.is_theirs and owner.whose == Whose.PERSON and owner.id != me.id):
        return None
    ranges = periods.before(first, form.period)
    found = await counting.look_back(
        session, metric.measure, owner.whose, owner.id, ranges, owner.zone, me.person.workspace_id
    )
    if metric.measure.adds == Adds.TOTAL:
        # before anything was counted at all, nothing is no measure
        began = max((n for n, (_, sample) in enumerate(found) if sample), default=-1)
        levels = [level if n <= began else None for n, (level, _) in enumerate(found)]
    else:
        # of so few cases a level says nothing: it would be a best that anything lies beyond
        levels = [level if sample >= TOO_FEW else None for level, sample in found]
    return looking_back(levels, metric.better)


def kind_of(form: GoalForm, metric: Metric, target: float, past: Before | None) -> Kind:
    """As chosen; else a total that may grow is reached, a level that is usual already is kept, another improved."""
    if form.kind is not None:
        return form.kind
    is_total = metric.measure is None or metric.measure.adds == Adds.TOTAL
    if is_total:
        adds_up = metric.better == Better.UP and metric.unit in {Unit.COUNT, Unit.DURATION}
        return Kind.REACH if adds_up else Kind.KEEP
    usual = past.median if past is not None else None
    return Kind.KEEP if usual is None or holds(usual, target, metric.better) else Kind.IMPROVE


async def create(
    session: AsyncSession,
    *,
    form: GoalForm,
    key: str,
    owner: Owner,
    metric: Metric,
    target: float,
    kind: Kind,
    past: Before | None,
    me: Me,
    now: datetime,
) -> Goal:
    """The goal, with what follows it: its end, its asking for numbers, its weekly post, the proposal to its person."""
    first, last = days_in(form, owner, now)
    await _refuse_same(session, owner, metric, first, last, me.person.workspace_id)
    for_another = owner.whose == Whose.PERSON and owner.id != me.id
    goal = Goal(
        workspace_id=me.person.workspace_id,
        number=await counters.next_number(session, me.person.workspace_id, "goal"),
        form_key=key,
        whose=owner.whose,
        whose_id=owner.id,
        person_id=owner.person.id if owner.person else None,
        team_id=owner.team.id if owner.team else None,
        department_id=owner.department.id if owner.department else None,
        set_by_id=me.id,
        metric=metric.key,
        title=metric.title,
        unit=metric.unit,
        better=metric.better,
        kind=kind,
        target=target,
        baseline=past.levels[0] if past is not None and kind == Kind.IMPROVE else None,
        period=form.period,
        first_day=first,
        last_day=last,
        zone=owner.zone,
        weekdays=sorted(owner.hours.days),
        country=owner.hours.country,
        note=form.note,
        state=State.PROPOSED if for_another else State.OPEN,
        created_at=now,
        changed_at=now,
        sample=0,
        recent_sample=0,
        told="",
    )
    session.add(goal)
    try:
        await session.flush()
    except IntegrityError as clash:
        raise FormRefusal({"metric": SAME.format("Another goal")}) from clash
    await timers.set_end(session, goal)
    await timers.keep_counting(session, goal.workspace_id, now=now)
    await telling.want_schedules(session, goal, owner.team)
    if for_another and owner.person is not None:
        await telling.propose(session, goal, owner.person, now=now)
    return goal


async def change(
    session: AsyncSession,
    goal: Goal,
    *,
    form: GoalForm,
    metric: Metric,
    owner: Owner,
    target: float,
    kind: Kind,
    past: Before | None,
    now: datetime,
) -> None:
    """A goal that isn't agreed yet is proposed anew, as it is now."""
    first, last = days_in(form, owner, now)
    if (metric.key, first, last) != (goal.metric, goal.first_day, goal.last_day):
        await _refuse_same(session, owner, metric, first, last, goal.workspace_id)
    goal.metric, goal.title, goal.unit, goal.better = metric.key, metric.title, metric.unit, metric.better
    goal.kind, goal.target, goal.note, goal.period = kind, target, form.note, form.period
    goal.baseline = past.levels[0] if past is not None and kind == Kind.IMPROVE else None
    goal.first_day, goal.last_day = first, last
    goal.level = goal.recent = goal.counted_at = None
    goal.sample = goal.recent_sample = 0
    goal.state, goal.changed_at = State.PROPOSED, now
    await session.flush()
    await timers.set_end(session, goal)
    await timers.keep_counting(session, goal.workspace_id, now=now)
    await telling.refresh_proposal(session, goal, now=now)


async def _refuse_same(
    session: AsyncSession, owner: Owner, metric: Metric, first: date, last: date, workspace_id: str
) -> None:
    standing = await goals.same(
        session,
        workspace_id,
        whose=owner.whose,
        whose_id=owner.id,
        metric=metric.key,
        first_day=first,
        last_day=last,
    )
    if standing is not None:
        raise FormRefusal({"metric": SAME.format(standing.label)})
