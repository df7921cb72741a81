"""An hour in which Slack is of no use, and clocks that are set: afterwards everything is there, once and in order."""

from collections.abc import Callable, Collection
from datetime import timedelta

import pytest

from simulator.faults import Faults
from storage import outbox
from storage.leases import LEASE
from storage.messages import MessageState
from tests.bot.post_office import PostOffice

TROUBLES: dict[str, Callable[[Faults], object]] = {
    "every connection is dropped": lambda faults: faults.drop_before("*", times=None),
    "every answer is lost": lambda faults: faults.drop_after("chat.postMessage", times=None),
    "server errors": lambda faults: faults.refuse_http("*", times=None),
    "rate limits": lambda faults: faults.rate_limit("*", 30, times=None),
    "the token is revoked": lambda faults: faults.fail("*", "token_revoked", times=None),
    "a scope is lost": lambda faults: faults.fail("chat.postMessage", "missing_scope", times=None),
}
REPLIES = ["first", "second", "third"]
NOBODY_LISTENS = "http://127.0.0.1:1/api/"


def _lose_the_scope_of_looking(faults: Faults) -> None:
    for method in ("conversations.history", "conversations.replies", "conversations.open"):
        faults.fail(method, "missing_scope", times=None)


WHILE_IT_IS_BROKEN: dict[str, Callable[[Faults], object]] = {
    "the token is revoked": lambda faults: faults.fail("*", "token_revoked", times=None),
    "the scope of posting is lost": lambda faults: faults.fail("chat.postMessage", "missing_scope", times=None),
    "the scope of looking is lost": _lose_the_scope_of_looking,
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_after_an_hour_of_trouble_everything_is_there_once_and_in_order(
    post_office: PostOffice, trouble: str
) -> None:
    TROUBLES[trouble](post_office.sim.faults)
    post_office.sim.faults.lag_history(timedelta(seconds=50))
    await is_wanted(post_office)
    for _ in range(12):
        await post_office.passes(minutes=5)
    post_office.sim.faults.heal()
    await post_office.rests()
    is_there_once_and_in_order(post_office)


async def test_after_an_hour_in_which_no_connection_is_taken_everything_is_there_once_and_in_order(
    post_office: PostOffice,
) -> None:
    client = post_office.delivery._sending._client
    there, client.base_url = client.base_url, NOBODY_LISTENS
    await is_wanted(post_office)
    for _ in range(12):
        await post_office.passes(minutes=5)
    assert post_office.everything() == []
    client.base_url = there
    await post_office.rests()
    is_there_once_and_in_order(post_office)


@pytest.mark.parametrize("trouble", WHILE_IT_IS_BROKEN)
async def test_what_was_in_flight_when_the_installation_broke_is_there_once_and_in_order(
    post_office: PostOffice, trouble: str
) -> None:
    """Slack has the card and one letter, whose answers are lost; from then on it refuses everything for an hour."""
    faults = post_office.sim.faults
    faults.drop_after("chat.postMessage", times=2)
    await is_wanted(post_office)
    await post_office.turns()
    assert len(post_office.everything()) == 2
    WHILE_IT_IS_BROKEN[trouble](faults)
    await post_office.wants("later", "#platform")
    for _ in range(12):
        await post_office.passes(minutes=5)
    faults.heal()
    await post_office.rests()
    assert len(post_office.posts("later")) == 1
    is_there_once_and_in_order(post_office, beside={"later"})


async def is_wanted(post_office: PostOffice) -> None:
    await post_office.wants("card")
    for reply in REPLIES:
        await post_office.wants(reply, parent_key="card")
    await post_office.wants("letter", "Ben")


def is_there_once_and_in_order(post_office: PostOffice, *, beside: Collection[str] = ()) -> None:
    assert sorted(post_office.order()) == sorted(["card", *REPLIES, "letter", *beside])
    assert [key for key in post_office.order() if key not in {"letter", *beside}] == ["card", *REPLIES]


async def test_a_replica_whose_clock_is_a_little_behind_doubts_no_message_that_another_has_in_hand(
    post_office: PostOffice,
) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        in_hand = outbox.take(row, now=post_office.clock.at, thread_ts=None)
        await session.flush()
        await outbox.disown_abandoned(session, now=post_office.clock.at - timedelta(seconds=2))
        await session.refresh(row)
        assert row.state == MessageState.SENDING
    await post_office.sends(in_hand)
    assert post_office.order() == ["card"]


@pytest.mark.parametrize("step", [timedelta(seconds=3), timedelta(minutes=10), timedelta(hours=8)])
@pytest.mark.parametrize("direction", [1, -1])
async def test_a_clock_that_is_set_while_messages_are_on_their_way_loses_and_doubles_none(
    post_office: PostOffice, step: timedelta, direction: int
) -> None:
    for key in ("in hand", "in doubt", "waiting"):
        await post_office.wants(key, "#care" if key != "in doubt" else "Ben")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        in_hand = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    assert in_hand.head.key == "in hand"
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.turns()
    post_office.clock.at += step * direction
    await post_office.turns()
    if step > LEASE:
        for _ in range(3):
            await post_office.passes(seconds=61)
        assert len(post_office.posts("in hand")) == 1
    await post_office.sends(in_hand)  # its process was stopped meanwhile, and goes on
    await post_office.rests()
    assert sorted(post_office.order()) == ["in doubt", "in hand", "waiting"]
