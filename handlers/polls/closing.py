"""The close of a poll: what may be published leaves its ballots, and the ballots are gone. One transaction."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.polls.rules import drafting, secrecy, tallying
from storage import ballots, poll_audiences, polls
from storage.jobs import want_job
from storage.messages import Attention, Priority, refresh_subject, want
from storage.people import Person
from storage.polls import Poll, PollState, Results

PROMPT = "polls.prompt"
OUTCOME = "polls.outcome"
SCRUB = "polls.scrub"
COMPARED_FOR = timedelta(weeks=secrecy.WEEKS_COMPARED)
COMPARED_WITH = 250
"""Earlier polls with the same question. Beyond, a question isn't shown until older ones are past comparing."""


async def close(session: AsyncSession, poll: Poll, *, by: Person | None, now: datetime) -> bool:
    """Ends an open poll, which the caller has locked; False if it isn't open (any more). `by`: None at its time."""
    if poll.state != PollState.OPEN:
        return False
    poll.answered = await ballots.turnout(session, poll)
    poll.state, poll.closed_at, poll.closed_by_id = PollState.CLOSED, now, by.id if by else None
    if poll.is_anonymous:
        await _set_loose(session, poll, now)
        await want_job(session, workspace_id=poll.workspace_id, kind=SCRUB, key=f"{SCRUB}:{poll.id}", run_at=now)
    elif poll.pass_mark is not None:
        given = await ballots.named_of(session, poll.id)
        poll.passed = sum(tallying.score(poll, answers).passed for answers in given.values())
    await session.flush()
    await refresh_subject(session, poll.id, PROMPT, now=now)
    await _tell(session, poll, now)
    return True


async def _set_loose(session: AsyncSession, poll: Poll, now: datetime) -> None:
    await polls.one_close_at_a_time(session, poll.workspace_id)
    given = await ballots.secret_of(session, poll.id)
    asked = {one.person_id: one.team_id for one in await poll_audiences.asked_of(session, poll.id)}
    loose: list[ballots.Loose] = []
    groups = []
    teams = [poll.team_id, *(team.id for team in await poll_audiences.teams_asked(session, poll.id))]
    readers = secrecy.Readers.of(poll.results, await polls.leading(session, poll.author_id, teams))
    for question in poll.questions:
        alike = drafting.alike(question.text)
        earlier = await ballots.published_since(
            session, question, poll.workspace_id, alike, since=now - COMPARED_FOR, most=COMPARED_WITH
        )
        shown = secrecy.publish(question, given, asked, earlier, readers)
        question.held_back = shown.held_back
        loose += shown.answers
        published = [(None, shown.everybody), *shown.teams.items()]
        groups += [
            {"question_id": question.id, "team_id": team, "asked": len(group.people), "answered": group.answered}
            for team, group in published
            if group is not None
        ]
    await ballots.publish(session, loose, groups)
    await ballots.destroy_secret(session, poll.id)


async def _tell(session: AsyncSession, poll: Poll, now: datetime) -> None:
    """Whoever asked hears it; the managers too, where the result is theirs alone."""
    heard = await polls.leaders(session, poll)
    for person in heard if poll.results == Results.MANAGERS else [one for one in heard if one.id == poll.author_id]:
        await want(
            session,
            workspace_id=poll.workspace_id,
            key=f"poll:{poll.id}:outcome:{person.id}",
            renderer=OUTCOME,
            subject_id=poll.id,
            destination=person.slack_id,
            person_id=person.id,
            attention=Attention.NEWS,
            priority=Priority.SCHEDULED,
            now=now,
        )
