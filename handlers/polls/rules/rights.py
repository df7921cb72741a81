"""Who may do what with a poll. Each `require_…` raises Refusal with the sentence for whoever may not."""

from handlers.refusals import Refusal
from storage.polls import Poll, PollState, Reader, Results

UNKNOWN = "I don’t know that poll. `/poll list` shows the ones you can open."
"""The same for one that isn't there and for one that somebody may not see: the answer tells nothing."""
ONLY_LEADERS = "Polls are sent by managers, for their teams: tell yours what you would like to ask."
NOT_YOURS = "Only whoever sent {} or a manager of its teams can do this."
NOT_ASKED = "This poll is for others: you aren’t among those who were asked."
NOT_YET = "The result of {} is shown when it is closed."
MANAGERS_ONLY = "The result of {} goes to its managers."


def may_see(reader: Reader) -> bool:
    return reader.is_asked or leads(reader)


def leads(reader: Reader) -> bool:
    """May close it, stop it, export it."""
    return reader.is_author or reader.leads


def require_sight(poll: Poll | None, reader: Reader | None) -> None:
    if poll is None or reader is None or not may_see(reader) or poll.state == PollState.DRAFT:
        raise Refusal(UNKNOWN)


def require_leading(poll: Poll, reader: Reader) -> None:
    require_sight(poll, reader)
    if not leads(reader):
        raise Refusal(NOT_YOURS, poll.label)


def why_no_results(poll: Poll, reader: Reader) -> str | None:
    """Why somebody who may see the poll doesn't see its result; None if they do. It takes the poll's label."""
    if poll.state != PollState.CLOSED and (poll.is_anonymous or poll.results != Results.LIVE):
        return NOT_YET
    return MANAGERS_ONLY if poll.results == Results.MANAGERS and not leads(reader) else None


def require_results(poll: Poll, reader: Reader) -> None:
    require_sight(poll, reader)
    if why := why_no_results(poll, reader):
        raise Refusal(why, poll.label)


def require_draft(poll: Poll | None, person_id: int) -> None:
    """Only whoever is writing it may see a draft."""
    if poll is None or poll.author_id != person_id:
        raise Refusal(UNKNOWN)
