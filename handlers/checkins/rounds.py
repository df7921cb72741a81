"""A round from its plan to its result: who is asked when, asking, and the close. Each function is one part of somebody
else's transaction."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import shift_of
from handlers.charts import Bars, want_picture
from handlers.checkins.rules import results, windows
from handlers.checkins.rules.windows import Asked, Plan
from handlers.checkins.views.words import LOADS, long_date
from handlers.working_time import WORKING_DAY, BeyondHorizon, Calendar, Shift
from storage import checkin_answers, checkins, memberships, people, schedule
from storage.checkin_answers import Blocker
from storage.checkins import CheckinSettings, Prompt, Round, Visibility
from storage.messages import Attention, Message, Priority, by_key, refresh, want
from storage.people import Person
from storage.schedule import NewTimer
from storage.teams import Team, TeamState

PROMPT = "checkins.prompt"
RESULT = "checkins.result"
NAMED = "checkins.named"
ASK, NUDGE, CLOSE = "checkins.ask", "checkins.nudge", "checkins.close"
LOOK, FINISH = "checkins.look", "checkins.finish"
LOOK_EVERY = timedelta(hours=1)
"""How soon a change of hours, zone, holidays, absence or membership reaches who is still to be asked."""
TOLD_WITHIN = timedelta(days=14)
"""Who is away for longer doesn't hold up named answers: they hear when they are back, and are asked a day later."""
PRIORITY = 5


def prompt_key(prompt_id: int, *, nudge: bool = False) -> str:
    return f"checkin:{prompt_id}:nudge" if nudge else f"checkin:{prompt_id}"


def result_key(round_id: int, person_id: int) -> str:
    return f"checkin_round:{round_id}:result:{person_id}"


def picture_key(round_id: int) -> str:
    return f"checkin_round:{round_id}:load"


def named_key(team_id: int, turn: int, person_id: int) -> str:
    return f"checkin_named:{team_id}:{turn}:{person_id}"


async def plan_round(
    session: AsyncSession, team: Team, settings: CheckinSettings, day: date, *, now: datetime, by: Person | None = None
) -> Round | None:
    """The team's round of that date, with everybody's part in it; None if it has one, or nobody's window is still to
    come. `by`: who starts it by hand."""
    is_named = settings.visibility == Visibility.NAMED
    is_named = is_named and settings.named_from is not None and settings.named_from <= now
    made = Round(
        workspace_id=team.workspace_id,
        team_id=team.id,
        day=day,
        visibility=Visibility.NAMED if is_named else Visibility.PRIVATE,
        by_hand=by is not None,
        started_by_id=by.id if by else None,
        created_at=now,
    )
    if not await checkins.add_round(session, made):
        return None
    round_ = await checkins.round_on(session, team.id, day)
    assert round_ is not None, "it was just made"
    await plan_parts(session, round_, team, settings, now=now)
    prompts = await checkins.prompts_of(session, round_.id)
    if not prompts:  # its windows have closed already, or there is nobody: no round
        await session.delete(round_)
        return None
    ends = max(prompt.closes_at for prompt in prompts)
    await _set_timer(session, round_.workspace_id, FINISH, round_.id, at=ends)
    await _set_timer(session, round_.workspace_id, LOOK, round_.id, at=now + LOOK_EVERY)
    return round_


async def plan_parts(
    session: AsyncSession, round_: Round, team: Team, settings: CheckinSettings, *, now: datetime
) -> bool:
    """Everybody's part as things are now: who joined gets one, times and skips follow; who was asked keeps theirs.
    Returns whether somebody may still be asked."""
    prompts = {prompt.person_id: prompt for prompt in await checkins.prompts_of(session, round_.id)}
    members = [person for person, _ in await memberships.members(session, team.id)]
    gone = set(prompts) - {person.id for person in members}
    everyone = [*members, *(await people.by_ids(session, gone)).values()]
    timers: list[NewTimer] = []
    waiting = False
    for one in await asked_of(session, team, everyone, gone=gone):
        plan = _planned(one, round_, team, settings)
        prompt = prompts.get(one.person.id)
        if prompt is not None and prompt.asked_at is not None:
            continue
        if prompt is None:
            if plan.window.closes <= now:
                continue
            prompt = Prompt(round_id=round_.id, person_id=one.person.id, generation=0)
            session.add(prompt)
        elif _is_as_planned(prompt, plan):
            waiting = waiting or prompt.closes_at > now
            continue
        else:
            prompt.generation += 1
            plan = _unless_over(plan, now)
        _write(prompt, plan)
        await session.flush()
        timers.append(_timer(round_.workspace_id, ASK, prompt.id, at=prompt.opens_at, generation=prompt.generation))
        waiting = waiting or prompt.closes_at > now
    await schedule.set_timers(session, timers)
    return waiting


async def asked_of(
    session: AsyncSession, team: Team, persons: Sequence[Person], *, gone: Iterable[int] = ()
) -> list[Asked]:
    """What decides about each one's part."""
    ids = [person.id for person in persons]
    homes = await memberships.primary_teams(session, persons)
    asking = await checkins.teams_asking(session, ids)
    wishes = await checkins.wishes_of(session, ids)
    left = set(gone)
    return [
        Asked(
            person,
            home=homes[person.id],
            asks=windows.who_asks(homes[person.id], asking[person.id]),
            is_off=person.id in wishes and wishes[person.id].off_since is not None,
            is_member=person.id not in left and any(one.id == team.id for one in asking[person.id]),
        )
        for person in persons
    ]


def _planned(one: Asked, round_: Round, team: Team, settings: CheckinSettings) -> Plan:
    if round_.by_hand:
        return windows.planned_by_hand(one, team, settings, round_.created_at)
    return windows.planned(one, team, settings, round_.day)


def _is_as_planned(prompt: Prompt, plan: Plan) -> bool:
    window = plan.window
    same = (prompt.opens_at, prompt.nudge_at, prompt.closes_at) == (window.opens, window.nudge, window.closes)
    return same and (prompt.skip == plan.skip or (plan.skip is None and prompt.skip == windows.OVER))


def _unless_over(moved: Plan, now: datetime) -> Plan:
    """Who moved to where the window is over already isn't asked, and no outage is to blame."""
    return Plan(moved.window, moved.skip or windows.OVER) if moved.window.closes <= now else moved


def _write(prompt: Prompt, plan: Plan) -> None:
    prompt.opens_at, prompt.nudge_at, prompt.closes_at = plan.window.opens, plan.window.nudge, plan.window.closes
    prompt.skip = plan.skip


async def ask(session: AsyncSession, prompt: Prompt, round_: Round, *, now: datetime) -> None:
    """Its time has come, as far as the timer knew: asks, or writes down why not, or waits for the new time."""
    team = await session.get(Team, round_.team_id)
    settings = await checkins.settings_of(session, round_.team_id)
    person = await session.get(Person, prompt.person_id)
    assert team is not None, "it goes with the round"
    assert settings is not None, "they go with the team"
    assert person is not None, "their part goes with them"
    [one] = await asked_of(session, team, [person])
    plan = _planned(one, round_, team, settings)
    if not _is_as_planned(prompt, plan):
        _write(prompt, _unless_over(plan, now))
        prompt.generation += 1
        if prompt.opens_at > now:
            timer = _timer(round_.workspace_id, ASK, prompt.id, at=prompt.opens_at, generation=prompt.generation)
            await schedule.set_timers(session, [timer])
            return
    if prompt.skip is None and prompt.closes_at <= now:
        prompt.skip = windows.DOWN
    if prompt.skip is None and round_.visibility == Visibility.NAMED:
        told = await by_key(session, named_key(team.id, settings.named_turn, person.id))
        if not _knew_in_time(told, one, now):
            prompt.skip = windows.UNTOLD
    if prompt.skip is None:
        await _send(session, prompt, round_, person, now=now)


async def _send(session: AsyncSession, prompt: Prompt, round_: Round, person: Person, *, now: datetime) -> None:
    prompt.asked_at = now
    if not await checkin_answers.has_answered(session, round_.id, person.id):
        await _want_prompt(session, prompt, round_, person, now=now)
        if prompt.nudge_at is not None and prompt.nudge_at > now:
            await _set_timer(session, round_.workspace_id, NUDGE, prompt.id, at=prompt.nudge_at)
    await _set_timer(session, round_.workspace_id, CLOSE, prompt.id, at=prompt.closes_at)


async def nudge(session: AsyncSession, prompt: Prompt, round_: Round, *, now: datetime) -> None:
    """Once, to who was asked and hasn't answered."""
    first = await by_key(session, prompt_key(prompt.id))
    if first is None or first.slack_ts is None or now >= prompt.closes_at:
        return
    person = await session.get(Person, prompt.person_id)
    is_member = await session.get(memberships.Membership, (round_.team_id, prompt.person_id)) is not None
    if person is not None and is_member and not await checkin_answers.has_answered(session, round_.id, person.id):
        await _want_prompt(session, prompt, round_, person, now=now, nudge=True)


async def _want_prompt(
    session: AsyncSession, prompt: Prompt, round_: Round, person: Person, *, now: datetime, nudge: bool = False
) -> None:
    await want(
        session,
        workspace_id=round_.workspace_id,
        key=prompt_key(prompt.id, nudge=nudge),
        renderer=PROMPT,
        subject_id=prompt.id,
        details={"nudge": True} if nudge else {},
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        expires_at=prompt.closes_at,
        now=now,
    )


async def refresh_prompt(session: AsyncSession, prompt_id: int, *, now: datetime) -> None:
    """What stands in Slack of it shows what was answered, and whether it is still open."""
    for is_nudge in (False, True):
        await refresh(session, prompt_key(prompt_id, nudge=is_nudge), now=now)


async def finish(session: AsyncSession, round_: Round, *, now: datetime) -> None:
    """Everybody's window has closed: the sums are written once, and the managers get the result."""
    team = await session.get(Team, round_.team_id)
    assert team is not None, "it goes with the round"
    tally = await checkin_answers.tally(session, round_)
    shown = results.published(tally, round_.visibility)
    round_.closed_at = now
    round_.asked = await _asked(session, round_)
    round_.answered = tally.answered
    round_.load, round_.feeling = shown.load, shown.feeling
    if shown.blockers:
        await _write_blockers(session, round_)
    if not round_.asked or team.state != TeamState.ACTIVE:
        return
    managers = await memberships.managers(session, team.id)
    for manager in managers:
        await _want_result(session, round_, team, manager, now=now)
    if shown.load and sum(shown.load) >= results.LEAST_ANSWERS:
        chart = Bars(
            title=f"Load, {team.name}, {long_date(round_.day)}",
            labels=LOADS,
            counts=tuple(shown.load),
            ordered=True,
        )
        await want_picture(
            session,
            workspace_id=round_.workspace_id,
            key=picture_key(round_.id),
            chart=chart,
            messages=[result_key(round_.id, manager.id) for manager in managers],
            now=now,
        )


async def _asked(session: AsyncSession, round_: Round) -> int:
    """How many had the question before them: it reached them and they are still in the team, or they answered."""
    prompts = {prompt.id: prompt.person_id for prompt in await checkins.prompts_of(session, round_.id)}
    reached = select(Message.subject_id).where(
        Message.renderer == PROMPT, Message.subject_id.in_(prompts), Message.slack_ts.is_not(None)
    )
    asked = {prompts[prompt_id] for prompt_id in (await session.execute(reached)).scalars() if prompt_id is not None}
    members = {person.id for person, _ in await memberships.members(session, round_.team_id)}
    return len((asked & members) | await checkin_answers.answering(session, round_.id))


async def _write_blockers(session: AsyncSession, round_: Round) -> None:
    """In random order: neither its place nor its number tells who wrote one, or when."""
    texts = await checkin_answers.texts_in_the_way(session, round_.id)
    random.SystemRandom().shuffle(texts)
    is_named = round_.visibility == Visibility.NAMED
    for person_id, text in texts:
        session.add(Blocker(round_id=round_.id, text=text, person_id=person_id if is_named else None))
        await session.flush()


async def _want_result(session: AsyncSession, round_: Round, team: Team, manager: Person, *, now: datetime) -> None:
    """At the beginning of the manager's next working day, with what else is due then."""
    home = await memberships.primary_team(session, manager) or team
    calendar = Calendar((shift_of(manager, home),))
    try:
        at = calendar.next_open(calendar.next_close(now) if calendar.is_open(now) else now)
    except BeyondHorizon:
        return  # who never works reads it with /checkin trend
    await want(
        session,
        workspace_id=round_.workspace_id,
        key=result_key(round_.id, manager.id),
        renderer=RESULT,
        subject_id=round_.id,
        destination=manager.slack_id,
        person_id=manager.id,
        attention=Attention.UNREQUESTED,
        priority=Priority.SCHEDULED,
        due_at=at,
        now=now,
    )


async def refresh_results(session: AsyncSession, round_: Round, *, now: datetime) -> None:
    for manager in await memberships.managers(session, round_.team_id):
        await refresh(session, result_key(round_.id, manager.id), now=now)


async def tell_named(session: AsyncSession, team: Team, settings: CheckinSettings, *, now: datetime) -> None:
    """Every member hears that answers will be named, each once per turning on."""
    for person, _ in await memberships.members(session, team.id):
        if person.is_reachable:
            await want(
                session,
                workspace_id=team.workspace_id,
                key=named_key(team.id, settings.named_turn, person.id),
                renderer=NAMED,
                subject_id=team.id,
                details={"turn": settings.named_turn},
                destination=person.slack_id,
                person_id=person.id,
                attention=Attention.NEWS,
                priority=Priority.INTERACTIVE,
                now=now,
            )


def named_from(members: Sequence[tuple[Person, Team]], now: datetime) -> datetime:
    """When every member has known for one working day of their own; `members` with the team whose hours are theirs."""
    latest = now
    for person, team in members:
        calendar = Calendar((shift_of(person, team),))
        try:
            known = calendar.add(calendar.next_open(now), WORKING_DAY)
        except BeyondHorizon:
            continue
        if known - now <= TOLD_WITHIN:
            latest = max(latest, known)
    return latest


def _knew_in_time(told: Message | None, one: Asked, now: datetime) -> bool:
    if told is None or told.sent_at is None:
        return False
    try:
        return Calendar((Shift(shift_of(one.person, one.home).hours),)).add(told.sent_at, WORKING_DAY) <= now
    except BeyondHorizon:
        return False


async def _set_timer(
    session: AsyncSession, workspace_id: str, step: str, subject_id: int, *, at: datetime, turn: int = 0
) -> None:
    await schedule.set_timers(session, [_timer(workspace_id, step, subject_id, at=at, turn=turn)])


def _timer(
    workspace_id: str, step: str, subject_id: int, *, at: datetime, generation: int = 0, turn: int = 0
) -> NewTimer:
    return NewTimer(
        workspace_id=workspace_id,
        step=step,
        subject_id=subject_id,
        due_at=at,
        priority=PRIORITY,
        generation=generation,
        turn=turn,
    )


async def look_again(session: AsyncSession, round_: Round, *, turn: int, now: datetime) -> None:
    """Follows what changed since the last look; the next one comes while somebody is still to be asked."""
    team = await session.get(Team, round_.team_id)
    settings = await checkins.settings_of(session, round_.team_id)
    if team is None or settings is None or round_.closed_at is not None:
        return
    if round_.visibility == Visibility.NAMED:
        await tell_named(session, team, settings, now=now)
    if await plan_parts(session, round_, team, settings, now=now):
        await _set_timer(session, round_.workspace_id, LOOK, round_.id, at=now + LOOK_EVERY, turn=turn + 1)


async def finish_or_wait(session: AsyncSession, round_: Round, *, turn: int, now: datetime) -> None:
    """The round ends with its last window; those may have moved since its timer was set."""
    prompts = [prompt for prompt in await checkins.prompts_of(session, round_.id) if prompt.closes_at > now]
    waits_for = [prompt.closes_at for prompt in prompts if prompt.skip is None]
    if waits_for:
        await _set_timer(session, round_.workspace_id, FINISH, round_.id, at=max(waits_for), turn=turn + 1)
    else:
        await finish(session, round_, now=now)
