"""Who sees a poll, leads it, and reads its result: every reader beside every kind of poll."""

from itertools import product

import pytest

from handlers.polls.rules import rights
from handlers.refusals import Refusal
from storage.polls import Mode, Poll, PollState, Reader, Results

READERS = [Reader(author, leads, asked) for author, leads, asked in product([False, True], repeat=3)]
DRAFT, OPEN, CLOSED = PollState.DRAFT, PollState.OPEN, PollState.CLOSED


def poll(state: PollState = OPEN, mode: Mode = Mode.NAMED, results: Results = Results.AFTER_CLOSE) -> Poll:
    return Poll(number=7, author_id=1, state=state, mode=mode, results=results)


@pytest.mark.parametrize("reader", READERS)
def test_who_is_asked_sees_it_and_who_wrote_it_or_leads_a_team_of_it_may_close_it(reader: Reader) -> None:
    leads = reader.is_author or reader.leads
    assert rights.leads(reader) is leads
    assert rights.may_see(reader) is (leads or reader.is_asked)
    if leads:
        rights.require_leading(poll(), reader)
        return
    told = rights.NOT_YOURS.format("P-7") if reader.is_asked else rights.UNKNOWN
    with pytest.raises(Refusal) as refused:
        rights.require_leading(poll(), reader)
    assert str(refused.value) == told


@pytest.mark.parametrize("of", [None, poll(DRAFT), poll()], ids=["none", "a draft", "of others"])
def test_what_isnt_there_isnt_sent_yet_or_is_for_others_is_all_the_same(of: Poll | None) -> None:
    stranger = Reader(is_author=False, leads=False, is_asked=False)
    author = Reader(is_author=True, leads=True, is_asked=True)
    for reader in (None, stranger, *([] if of and of.state == OPEN else [author])):
        with pytest.raises(Refusal) as refused:
            rights.require_sight(of, reader)
        assert str(refused.value) == rights.UNKNOWN


@pytest.mark.parametrize(
    ("state", "mode", "results", "asked_reads", "leader_reads"),
    [
        (OPEN, Mode.NAMED, Results.LIVE, None, None),
        (OPEN, Mode.NAMED, Results.AFTER_CLOSE, rights.NOT_YET, rights.NOT_YET),
        (OPEN, Mode.NAMED, Results.MANAGERS, rights.NOT_YET, rights.NOT_YET),
        (OPEN, Mode.ANONYMOUS, Results.LIVE, rights.NOT_YET, rights.NOT_YET),
        (OPEN, Mode.ANONYMOUS, Results.AFTER_CLOSE, rights.NOT_YET, rights.NOT_YET),
        (CLOSED, Mode.NAMED, Results.LIVE, None, None),
        (CLOSED, Mode.ANONYMOUS, Results.AFTER_CLOSE, None, None),
        (CLOSED, Mode.NAMED, Results.MANAGERS, rights.MANAGERS_ONLY, None),
        (CLOSED, Mode.ANONYMOUS, Results.MANAGERS, rights.MANAGERS_ONLY, None),
    ],
)
def test_when_who_reads_the_result(
    state: PollState, mode: Mode, results: Results, asked_reads: str | None, leader_reads: str | None
) -> None:
    of = poll(state, mode, results)
    for reader, why in (
        (Reader(is_author=False, leads=False, is_asked=True), asked_reads),
        (Reader(is_author=False, leads=True, is_asked=False), leader_reads),
        (Reader(is_author=True, leads=False, is_asked=False), leader_reads),
    ):
        assert rights.why_no_results(of, reader) == why
        if why is None:
            rights.require_results(of, reader)
            continue
        with pytest.raises(Refusal) as refused:
            rights.require_results(of, reader)
        assert str(refused.value) == why.format("P-7")


def test_nobody_else_reads_a_result() -> None:
    with pytest.raises(Refusal) as refused:
        rights.require_results(poll(CLOSED), Reader(is_author=False, leads=False, is_asked=False))
    assert str(refused.value) == rights.UNKNOWN


def test_a_draft_is_its_authors_alone() -> None:
    rights.require_draft(poll(DRAFT), 1)
    for of, person in ((poll(DRAFT), 2), (None, 1)):
        with pytest.raises(Refusal) as refused:
            rights.require_draft(of, person)
        assert str(refused.value) == rights.UNKNOWN
