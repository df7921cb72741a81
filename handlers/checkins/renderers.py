"""Message rows → what Slack shows, from the present truth. FALLEN when the obligation fell away before it was sent."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import section
from handlers.charts import picture_blocks
from handlers.checkins import rounds, telling
from handlers.checkins.rules import answering, results, rights, watching, windows
from handlers.checkins.views import notes, result
from handlers.checkins.views import prompt as prompt_view
from handlers.house import FALLEN, Fallen, Rendered
from storage import checkin_answers, checkins, escalation_lists, escalations, people, sources, team_facts, tickets
from storage.checkin_answers import CheckinShare
from storage.checkins import Prompt, Round
from storage.messages import Message
from storage.people import Person
from storage.teams import Team

DONE_SHOWN = 3
DONE_WITHIN = timedelta(days=14)
MEASURED_OVER = timedelta(days=7)
COUNTED_AT_MOST = 500
"""Escalations: nobody feels the difference beyond."""


async def render_prompt(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """The question, as it stands for its reader; their answer is shown to them, in their own conversation."""
    prompt = await session.get(Prompt, message.subject_id)
    round_ = await session.get(Round, prompt.round_id) if prompt else None
    team = await session.get(Team, round_.team_id) if round_ else None
    if prompt is None or round_ is None or team is None:
        return FALLEN
    answer = await checkin_answers.of_day(session, prompt.person_id, round_.day)
    answer = answer if answer is not None and answer.round_id == round_.id else None
    is_open = answering.is_open(prompt, round_, now)
    if message.slack_ts is None and (answer is not None or not is_open):
        return FALLEN
    done = await checkin_answers.done_since(session, team.id, round_.created_at - DONE_WITHIN, most=DONE_SHOWN)
    names = await people.by_ids(session, [one.done_by_id for one in done])
    owned = len(await escalations.owned_by(session, prompt.person_id))
    held = await tickets.held_in(session, team.id)
    blocks = prompt_view.prompt(
        prompt,
        round_,
        answer,
        team_name=team.name,
        done=[(one, names[one.done_by_id].name) for one in done if one.done_by_id in names],
        queue=prompt_view.queue_in_words(owned, held.get(prompt.person_id)),
        is_usual_queue=watching.is_usual_queue(prompt.person_id, held, owned=owned),
        is_nudge=bool(message.details.get("nudge")),
        is_open=is_open,
    )
    return Rendered(prompt_view.summary(prompt, is_open=is_open), blocks)


async def when_prompt_is_parked(session: AsyncSession, message: Message, _error: str, _now: datetime) -> None:
    """Slack lets the bot not write to them: their part says so, and they don't count as asked."""
    found = await checkins.locked_prompt(session, message.subject_id or 0)
    if found is not None and message.slack_ts is None:
        found[0].skip = windows.CLOSED_DM


async def render_result(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    round_ = await session.get(Round, message.subject_id)
    team = await session.get(Team, round_.team_id) if round_ else None
    reader = await session.get(Person, message.person_id)
    if round_ is None or team is None or reader is None:
        return FALLEN
    if not rights.may_read_results(await team_facts.of_team(session, team, now=now), reader):
        return FALLEN if message.slack_ts is None else Rendered(result.HIDDEN, [section(result.HIDDEN)])
    told = await told_of(session, round_, team, reader)
    picture = await picture_blocks(session, rounds.picture_key(round_.id)) if round_.load else []
    return Rendered(f"Check-in of {team.name}: {result.summary(told)}", result.message(told, picture))


async def told_of(session: AsyncSession, round_: Round, team: Team, reader: Person) -> result.Told:
    """Everything that a round's result shows to this reader."""
    since = round_.day - results.COMPARED_WITH
    earlier = await checkins.closed_rounds(session, team.id, since=since, before=round_.day)
    blockers = await checkin_answers.blockers_of(session, round_.id)
    named = await people.by_ids(session, [one for each in blockers for one in (each.person_id, each.done_by_id)])
    return result.Told(
        team=team,
        round=round_,
        change=results.change(round_.load, earlier, round_.day) if round_.load else None,
        warned=results.warned([*earlier, round_]),
        blockers=blockers,
        people=named,
        measured=await _measured(session, round_, team, reader),
    )


async def _measured(session: AsyncSession, round_: Round, team: Team, reader: Person) -> result.Measured:
    """What the work shows; restricted escalations count for who may see them."""
    until = round_.closed_at or round_.created_at
    viewer, own = reader.id, [team.id]

    async def standing(which: str) -> int:
        found = await escalation_lists.listed(
            session, which=which, viewer_id=viewer, team_ids=own, most=COUNTED_AT_MOST
        )
        return len(found)

    raised = await escalation_lists.raised_between(
        session, viewer_id=viewer, team_ids=own, start=until - MEASURED_OVER, end=until, most=COUNTED_AT_MOST
    )
    has_desk = bool(await sources.of_team(session, team.id))
    return result.Measured(
        tickets=(await tickets.backlog_of(session, team.id))["open"] if has_desk else None,
        open=await standing("open"),
        overdue=await standing("overdue"),
        raised=len(raised),
    )


async def render_note(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """To the person alone, and only as long as their answers say it."""
    person = await session.get(Person, message.person_id)
    if person is None:
        return FALLEN
    loads = telling.loads_of(await telling.own(session, person.id, windows.today_of(person, now)))
    what = watching.noticed(loads)
    if what is None:
        return FALLEN
    return Rendered(notes.NOTIFIED, notes.watched(what))


async def render_shared(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    share = await session.get(CheckinShare, message.subject_id)
    person = await session.get(Person, share.person_id) if share else None
    if share is None or person is None:
        return FALLEN
    return Rendered(notes.SHARED_NOTIFIED.format(person.name), notes.shared(person, share.loads, share.words))


async def render_named(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    team = await session.get(Team, message.subject_id)
    settings = await checkins.settings_of(session, team.id) if team else None
    current = settings is not None and settings.named_turn == message.details.get("turn")
    if team is None or settings is None or not current or settings.named_from is None:
        return FALLEN
    return Rendered(notes.NAMED_NOTIFIED, notes.named_soon(team.name, settings.named_from))
