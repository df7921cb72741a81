"""The words for modes, kinds and audiences: one home for each."""

from collections.abc import Mapping, Sequence

from handlers.blocks import said, when
from storage.polls import Kind, Mode, Poll, PollState, Results
from storage.teams import Team

MODE: Mapping[Mode, str] = {Mode.ANONYMOUS: "Anonymous", Mode.NAMED: "Named"}
MODE_MEANS: Mapping[Mode, str] = {
    Mode.ANONYMOUS: "Nobody learns who said what; shown from 5 others’ answers on",
    Mode.NAMED: "The managers see who said what",
}
RESULTS: Mapping[Results, str] = {
    Results.AFTER_CLOSE: "To everybody asked, after the close",
    Results.LIVE: "To everybody asked, while it runs (named polls only)",
    Results.MANAGERS: "To the managers only, after the close",
}
RESULTS_SHORTLY: Mapping[Results, str] = {**RESULTS, Results.LIVE: "To everybody asked, while it runs"}
"""Where a poll is chosen no more: without what speaks of the choice."""
KIND: Mapping[Kind, str] = {
    Kind.ONE: "One choice",
    Kind.SEVERAL: "Several choices",
    Kind.RATING: "A rating from 1 to 5",
    Kind.TEXT: "Free text",
}
REPEATS: Mapping[int, str] = {0: "Once", 1: "Every week", 2: "Every two weeks", 4: "Every four weeks"}
BEFORE_ANONYMOUS = (
    ":lock: *Anonymous.* Nobody sees what you answer, not even while the poll is open. At the close the answers are "
    "cut loose from their names and shuffled; they are shown if there are 5 besides the reader’s own. `/poll privacy` "
    "says exactly how."
)
BEFORE_NAMED = ":bust_in_silhouette: *Named.* Whoever asks and the managers see your answers with your name."
BEFORE_QUIZ = ":bust_in_silhouette: *Quiz.* You see your result at the close; the managers see everybody’s."


def promise(poll: Poll) -> str:
    """Who sees the answers: it stands above the first thing that one can press."""
    if poll.is_anonymous:
        return BEFORE_ANONYMOUS
    return BEFORE_QUIZ if poll.pass_mark is not None else BEFORE_NAMED


def closing(poll: Poll) -> str:
    if poll.state == PollState.CLOSED and poll.closed_at is not None:
        return f"Closed {when(poll.closed_at)}"
    return f"Closes {when(poll.closes_at)}"


def turnout(answered: int, asked: int) -> str:
    """Without names: 9 of 12 answered."""
    return f"{answered} of {asked} answered" if asked else f"{answered} answered"


def audience(teams: Sequence[Team], named: int, channel: str | None) -> str:
    """Who is asked, as mrkdwn."""
    parts = [said(team.name, 80) for team in teams]
    parts += [f"<#{channel}>"] if channel else []
    parts += [f"{named} chosen by name"] if named else []
    return ", ".join(parts)


def questions(number: int) -> str:
    return "1 question" if number == 1 else f"{number} questions"
