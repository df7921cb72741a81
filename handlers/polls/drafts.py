"""Drafts: whom somebody may ask, what a draft begins with, what its preview shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.forms import identifier
from handlers.house import Me
from handlers.polls import opening
from handlers.polls.forms import Draft, Editing, NewPoll
from handlers.polls.rules import drafting, rights
from handlers.polls.rules.drafting import Options
from handlers.polls.rules.templates import PATTERNS, questions_of, title_of
from handlers.polls.views import draft as views
from handlers.refusals import FormRefusal, Refusal
from handlers.training.rules.rights import may_run
from storage import memberships, people, poll_audiences, polls, team_facts, training
from storage.people import Person
from storage.polls import Poll, PollState, Template
from storage.teams import Team

NOT_YOURS = "You can ask only teams that you lead."
UNKNOWN_PERSON = "I don’t know one of these people, or they can’t be written to. Choose members of this workspace."
SENT_ALREADY = "{} was sent already."
NO_SESSION = "I don’t know that session, or it isn’t yours to follow up."


@dataclass(frozen=True)
class Askable:
    """Whom somebody may ask, and on whose behalf."""

    teams: Sequence[Team]
    own: int
    """The id of the team on whose behalf, unless one is chosen."""
    session: training.Session | None = None
    came: Sequence[Person] = ()
    """Who came to the session that the quiz follows; before somebody says who did, who said that they would."""


async def askable(session: AsyncSession, me: Me, session_id: int | None, *, now: datetime) -> Askable:
    """Raises Refusal for who leads no team and, of a session, for who doesn't run it."""
    led = await memberships.teams_led_by(session, me.id)
    if session_id is not None:
        return await _follows(session, me, led, session_id, now)
    if not led:
        raise Refusal(rights.ONLY_LEADERS)
    joined = {team.id for team in await memberships.teams_of(session, me.id)}
    own = next((team.id for team in led if team.id in joined), led[0].id)
    return Askable(led, own)


async def _follows(session: AsyncSession, me: Me, led: Sequence[Team], session_id: int, now: datetime) -> Askable:
    held = await session.get(training.Session, session_id)
    team = await session.get(Team, held.team_id) if held is not None else None
    if held is None or team is None or held.workspace_id != me.person.workspace_id:
        raise Refusal(NO_SESSION)
    if not may_run(await team_facts.of_team(session, team, now=now), held, me.person):
        raise Refusal(NO_SESSION)
    places = await training.places(session, held.id)
    came = [person for place, person in places if place.attended]
    if held.attendance_at is None:
        came = [person for place, person in places if place.answer == training.Answer.GOING]
    return Askable([team, *(one for one in led if one.id != team.id)], team.id, held, came)


async def keep(
    session: AsyncSession,
    memory: Draft,
    form: NewPoll,
    options: Options,
    in_channel: frozenset[str],
    me: Me,
    now: datetime,
) -> Poll:
    """A draft of what the form says. Raises FormRefusal."""
    allowed = await askable(session, me, memory.session, now=now)
    team_ids = [identifier(chosen) for chosen in form.teams]
    if not set(team_ids) <= {team.id for team in allowed.teams}:
        raise FormRefusal({"teams": NOT_YOURS})
    named = await people.by_slack_ids(session, me.person.workspace_id, form.people)
    if len(named) < len(set(form.people)) or not all(person.is_reachable for person in named):
        raise FormRefusal({"people": UNKNOWN_PERSON})
    asked = await opening.audience(
        session,
        me.person.workspace_id,
        team_ids=team_ids,
        named=[person.id for person in named],
        in_channel=in_channel,
    )
    poll = _poll(memory, form, team_ids[0] if team_ids and not memory.session else allowed.own, me, now)
    if why := await opening.why_not(session, poll, asked, team_ids):
        raise FormRefusal({"mode" if memory.more and asked.number else "teams": why})
    session.add(poll)
    await session.flush()
    begun = questions_of(memory.template, text=form.question, options=options.texts, right=options.right)
    for position, question in enumerate(begun):
        question.poll_id, question.position = poll.id, position
    session.add_all(begun)
    await poll_audiences.name_teams(session, poll.id, team_ids)
    await poll_audiences.ask(session, poll.id, [row for row in asked.rows if row["by_name"]])
    await session.flush()
    found = await polls.loaded(session, poll.id)
    assert found is not None
    return found


def _poll(memory: Draft, form: NewPoll, team_id: int, me: Me, now: datetime) -> Poll:
    pattern = PATTERNS[memory.template]
    return Poll(
        workspace_id=me.person.workspace_id,
        form_key=memory.key,
        team_id=team_id,
        author_id=me.id,
        template=memory.template,
        title=form.title or title_of(memory.template, form.question),
        mode=form.mode or pattern.mode,
        results=form.results or pattern.results,
        state=PollState.DRAFT,
        channel=form.channel,
        pass_mark=(form.pass_mark or drafting.PASS_MARK) if memory.template == Template.QUIZ else None,
        every_weeks=form.every_weeks,
        session_id=memory.session,
        created_at=now,
        closes_at=form.closes,
    )


async def preview_of(session: AsyncSession, poll: Poll, in_channel: frozenset[str] | None) -> Block:
    """The preview. `in_channel`: who is in the channel that is asked; None: not looked up."""
    asked_teams = await poll_audiences.teams_asked(session, poll.id)
    named = await opening.named_in(session, poll.id)
    number = None
    if poll.channel is None or in_channel is not None:
        asked = await opening.audience(
            session,
            poll.workspace_id,
            team_ids=[team.id for team in asked_teams],
            named=[one.person_id for one in named],
            in_channel=in_channel or (),
        )
        number = asked.number
    return views.editor(poll, asked_teams, len(named), number, Editing(poll=poll.id).kept())


async def draft_of(session: AsyncSession, poll_id: int, me: Me) -> Poll:
    """A draft of this reader's own, locked. Raises Refusal."""
    poll = await polls.locked(session, poll_id)
    rights.require_draft(poll, me.id)
    assert poll is not None
    if poll.state != PollState.DRAFT:
        raise Refusal(SENT_ALREADY, poll.label)
    return poll
