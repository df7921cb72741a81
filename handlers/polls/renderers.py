"""Message rows → what Slack shows, from the present truth. FALLEN when a poll was over before anybody was asked."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, actions, button, said, section
from handlers.house import FALLEN, Fallen, Rendered
from handlers.polls import reading
from handlers.polls.rules.answering import is_over
from handlers.polls.rules.tallying import score
from handlers.polls.views import lists, prompt, results
from storage import ballots, people, polls
from storage.messages import Attention, Message, Priority, want
from storage.polls import Poll, PollState, Results

PARKED = "polls.parked"
UNSENT = "polls.unsent"
NOT_POSTED = (
    ":warning: I couldn’t post *{}* in <#{}> ({}). Invite me there (`/invite @Backstop`) and it follows by itself, or "
    "close it and ask elsewhere."
)
NOT_SENT = ":warning: *{}* was not asked again this time. {}"


async def render_prompt(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:
    """The direct message to one who is asked, or the post in the channel."""
    poll = await polls.loaded(session, message.subject_id)
    if poll is None:
        return FALLEN
    author = (await people.by_ids(session, [poll.author_id]))[poll.author_id]
    text = prompt.invitation(author.name, poll)
    taken_part = await ballots.turnout(session, poll)
    if poll.state == PollState.CLOSED:
        if message.slack_ts is None:
            return FALLEN
        counted = [] if poll.results == Results.MANAGERS else await reading.tallies(session, poll)
        blocks = prompt.closed(poll, counted, taken_part)
        if message.person_id is not None and poll.pass_mark is not None:
            blocks[1:1] = await _own_score(session, poll, message.person_id)
        return Rendered(f"{poll.title}: closed", blocks)
    if message.slack_ts is None and is_over(poll, now):
        return FALLEN
    live = message.person_id is None and poll.results == Results.LIVE and not poll.is_anonymous
    answered = message.person_id is not None and await ballots.has_answered(session, poll, message.person_id)
    shown = prompt.prompt(
        poll,
        author.name,
        answered=answered,
        taken_part=taken_part if message.person_id is None else None,
        tallies=await reading.tallies(session, poll) if live else (),
    )
    return Rendered(text, shown)


async def _own_score(session: AsyncSession, poll: Poll, person_id: int) -> list[Block]:
    own = await ballots.own_named(session, poll, person_id)
    if own is None:
        return []
    mine = score(poll, own)
    return [section(results.YOUR_SCORE.format(mine.right, mine.of, "passed" if mine.passed else "not passed yet"))]


async def render_outcome(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:  # noqa: ARG001  # every renderer is given the time
    poll = await polls.loaded(session, message.subject_id)
    if poll is None:
        return FALLEN
    taken_part = await ballots.turnout(session, poll)
    blocks = results.outcome(poll, await reading.tallies(session, poll), taken_part)
    return Rendered(f"{poll.title} is closed: {taken_part} of {poll.asked} answered", blocks)


async def render_parked(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:  # noqa: ARG001  # every renderer is given the time
    poll = await polls.loaded(session, message.subject_id)
    if poll is None or poll.state != PollState.OPEN:
        return FALLEN
    text = NOT_POSTED.format(said(poll.title, 120), poll.channel, said(str(message.details["error"]), 60))
    return Rendered(f"I couldn’t post {poll.title}", [section(text), actions(lists.close_button(poll))])


async def render_unsent(session: AsyncSession, message: Message, now: datetime) -> Rendered | Fallen:  # noqa: ARG001  # every renderer is given the time
    poll = await polls.loaded(session, message.subject_id)
    if poll is None:
        return FALLEN
    text = NOT_SENT.format(said(poll.title, 120), said(str(message.details["why"]), 400))
    stop = button("Stop repeating", results.STOP, poll.id)
    return Rendered(f"{poll.title} was not asked again", [section(text), actions(stop)])


async def when_prompt_is_parked(session: AsyncSession, message: Message, error: str, now: datetime) -> None:
    """A post that can't be made is told to whoever asked, once; a direct message that can't, to nobody."""
    poll = await polls.loaded(session, message.subject_id)
    if poll is None or message.person_id is not None or message.slack_ts is not None:
        return
    author = (await people.by_ids(session, [poll.author_id]))[poll.author_id]
    await want(
        session,
        workspace_id=poll.workspace_id,
        key=f"poll:{poll.id}:parked",
        renderer=PARKED,
        subject_id=poll.id,
        details={"error": error},
        destination=author.slack_id,
        person_id=author.id,
        attention=Attention.ASKED,
        priority=Priority.INTERACTIVE,
        now=now,
    )
