"""What no listener may do is noticed, in every test that runs the bot."""

import pytest

from tests.listened import ANSWERS, COMMITS, is_one_transaction

ASKS = "conversations.info"


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [COMMITS],
        ["views.open"],
        [ASKS, ANSWERS, ASKS],
        [ASKS, ASKS, COMMITS, "views.update", ANSWERS],
        ["users.info", COMMITS, ASKS, COMMITS, ANSWERS],
    ],
)
def test_asking_committing_once_and_answering_is_one_transaction(steps: list[str]) -> None:
    assert is_one_transaction(steps)


@pytest.mark.parametrize(
    "steps",
    [
        [COMMITS, COMMITS],
        [COMMITS, ASKS],
        [COMMITS, "chat.postMessage"],
        [COMMITS, ANSWERS, COMMITS],
        [ANSWERS, COMMITS],
        ["chat.postMessage", COMMITS],
        ["users.info", COMMITS, COMMITS, COMMITS],
    ],
)
def test_whoever_could_die_half_way_is_noticed(steps: list[str]) -> None:
    assert not is_one_transaction(steps)
