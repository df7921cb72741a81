"""Wanted messages reach Slack, each once, in order, whatever happens on the way."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot import delivery as delivering
from bot.alarms import RENDERER
from storage import messages, outbox, settling
from storage.messages import Message, MessageState, Priority
from storage.pacing import UPDATES
from storage.settling import Sent
from storage.store import DatabaseAwayError
from tests.bot.post_office import PostOffice

SENT, READY = MessageState.SENT, MessageState.READY


async def test_a_thread_reply_waits_for_its_parent_and_for_earlier_replies(post_office: PostOffice) -> None:
    post_office.sim.faults.rate_limit("chat.postMessage", 20)
    await post_office.wants("card", priority=Priority.SCHEDULED)
    for key in ("first", "second", "third"):
        await post_office.wants(key, parent_key="card", priority=Priority.SLA)
    await post_office.turns()
    assert post_office.order() == []
    await post_office.rests()
    assert post_office.order() == ["card", "first", "second", "third"]
    card = post_office.posts("card")[0]
    assert {post["thread_ts"] for post in post_office.everything()[1:]} == {card["ts"]}


async def test_a_reply_of_unknown_outcome_holds_later_replies_back(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    post_office.sim.faults.drop_before("chat.postMessage")
    await post_office.wants("first", parent_key="card")
    await post_office.wants("second", parent_key="card")
    await post_office.passes(seconds=2)
    await post_office.passes(seconds=2)
    assert post_office.order() == ["card"]
    await post_office.rests()
    assert post_office.order() == ["card", "first", "second"]


async def test_ten_changes_make_one_update_that_shows_the_last(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    post_office.clock.at += timedelta(seconds=2)
    for n in range(10):
        await post_office.changes("card", f"change {n}")
    await post_office.rests()
    assert post_office.calls("chat.update") == 1
    assert [post["text"] for post in post_office.posts("card")] == ["change 9"]


async def test_a_change_while_the_call_is_in_flight_is_shown_by_the_next_one(post_office: PostOffice) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        claim = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.changes("card", "new")
    await post_office.sends(claim)
    await post_office.delivery._settle()
    assert await post_office.state("card") == READY
    await post_office.rests()
    assert [post["text"] for post in post_office.posts("card")] == ["new"]


async def test_one_channel_takes_one_post_a_second_and_others_do_not_wait_for_it(post_office: PostOffice) -> None:
    for n in range(100):
        await post_office.wants(f"care {n}", "#care", priority=Priority.SLA)
    await post_office.wants("platform", "#platform")
    await post_office.turns()
    assert sorted(post_office.order()) == ["care 0", "platform"]
    await post_office.passes(seconds=1)
    assert post_office.order()[-1] == "care 1"


async def test_retry_after_is_honoured_and_closes_the_channel(post_office: PostOffice) -> None:
    post_office.sim.faults.rate_limit("chat.postMessage", 30)
    await post_office.wants("early")
    await post_office.turns()
    await post_office.wants("late", priority=Priority.SLA)
    await post_office.passes(seconds=29)
    assert post_office.order() == []
    assert post_office.calls("chat.postMessage") == 1
    await post_office.rests()
    assert post_office.order() == ["late", "early"]


async def test_a_refused_update_holds_back_all_updates_and_no_post(post_office: PostOffice) -> None:
    await post_office.wants("one")
    await post_office.wants("two", "#platform")
    await post_office.rests()
    post_office.clock.at += timedelta(seconds=5)
    post_office.sim.faults.rate_limit("chat.update", 30)
    await post_office.changes("one", "changed")
    await post_office.turns()
    await post_office.changes("two", "changed")
    await post_office.wants("three")
    await post_office.passes(seconds=2)
    assert post_office.calls("chat.update") == 1
    assert post_office.order()[-1] == "three"
    await post_office.rests()
    assert [post_office.posts(key)[0]["text"] for key in ("one", "two")] == ["changed", "changed"]


async def test_more_updates_than_slack_takes_in_a_minute_hold_back_no_post(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "AT_ONCE", 8)
    looked_at, at_once = 4 * 8, UPDATES.shares[Priority.INTERACTIVE]
    cards = [f"card {n}" for n in range(looked_at + at_once)]
    for n, key in enumerate(cards):
        await post_office.wants(key, ("#care", "#platform", "Ben", "Cara")[n % 4])
    await post_office.rests()
    await post_office.passes(minutes=2)
    for key in cards:
        await post_office.changes(key, "changed")
    await post_office.wants("question", "Mei", priority=Priority.SCHEDULED)
    await post_office.turns()
    assert len(post_office.posts("question")) == 1
    assert 0 < post_office.calls("chat.update") < len(cards)
    await post_office.rests()
    assert post_office.calls("chat.update") == len(cards)


async def test_what_slack_took_before_the_line_broke_is_found_and_not_doubled(post_office: PostOffice) -> None:
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.turns()
    assert await post_office.state("card") == MessageState.UNKNOWN
    await post_office.passes(seconds=59)
    assert post_office.calls("conversations.history") == 0
    await post_office.passes(seconds=1)
    [post] = post_office.posts("card")
    row = await post_office.row("card")
    assert (row.state, row.slack_ts) == (SENT, post["ts"])
    await post_office.wants("reply", parent_key="card")
    await post_office.rests()
    assert post_office.posts("reply")[0]["thread_ts"] == post["ts"]


@pytest.mark.parametrize("to", ["#care", "Ben"])
async def test_what_slack_never_took_is_sent_again(post_office: PostOffice, to: str) -> None:
    post_office.sim.faults.drop_before("chat.postMessage")
    await post_office.wants("card", to)
    await post_office.turns()
    await post_office.passes(seconds=60)
    await post_office.rests()
    assert len(post_office.posts("card")) == 1
    assert post_office.calls("chat.postMessage") == 2


@pytest.mark.parametrize("to", ["#care", "Ben"])
async def test_a_server_error_is_an_unknown_outcome_too(post_office: PostOffice, to: str) -> None:
    post_office.sim.faults.break_after("chat.postMessage", 502)
    await post_office.wants("taken", to)
    await post_office.turns()
    assert await post_office.state("taken") == MessageState.UNKNOWN
    post_office.sim.faults.refuse_http("chat.postMessage", 503)
    await post_office.wants("not taken", to)
    await post_office.passes(seconds=2)
    assert await post_office.state("not taken") == MessageState.UNKNOWN
    await post_office.rests()
    assert [len(post_office.posts(key)) for key in ("taken", "not taken")] == [1, 1]


async def test_a_thread_is_searched_for_replies(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("reply", parent_key="card")
    await post_office.passes(seconds=2)
    await post_office.rests()
    assert len(post_office.posts("reply")) == 1
    assert post_office.calls("conversations.replies") == 1


async def test_a_history_that_lags_less_than_a_minute_doubles_nothing(post_office: PostOffice) -> None:
    post_office.sim.faults.lag_history(timedelta(seconds=45))
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.turns()
    await post_office.rests()
    assert len(post_office.posts("card")) == 1


async def test_a_busy_channel_is_searched_page_by_page(post_office: PostOffice) -> None:
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.turns()
    care = post_office.sim.workspace.channel("care")
    for n in range(450):
        post_office.sim.workspace.post(care, post_office.sim.workspace.person("Ben"), f"chatter {n}")
    await post_office.rests()
    assert post_office.calls("conversations.history") == 3
    assert len(post_office.posts("card")) == 1


async def test_an_unreadable_history_repeats_pages_and_leaves_the_rest_to_a_person(post_office: PostOffice) -> None:
    post_office.sim.faults.drop_after("chat.postMessage", times=2)
    post_office.sim.faults.fail("conversations.history", "channel_not_found", times=None)
    await post_office.wants("page", priority=Priority.SLA)
    await post_office.wants("digest", "#platform", priority=Priority.SCHEDULED)
    await post_office.turns()
    await post_office.passes(seconds=60)
    await post_office.passes(seconds=2)
    assert [post["text"] for post in post_office.posts("page")] == ["page", "page (possible repeat)"]
    assert await post_office.state("digest") == MessageState.PARKED
    omar = post_office.sim.acts_as("Omar")
    assert "note" in (await omar.finds("@bot", "can’t be sent or may have been sent already")).text
    # mended: it is looked for before it is sent again
    post_office.sim.faults.heal()
    async with post_office.store.write() as session:
        await outbox.unpark(session, post_office.sim.workspace.channel("platform").id, now=post_office.clock.at)
    await post_office.rests()
    assert len(post_office.posts("digest")) == 1


async def test_reconciling_waits_as_long_as_slack_asks(post_office: PostOffice) -> None:
    post_office.sim.faults.drop_after("chat.postMessage")
    post_office.sim.faults.rate_limit("conversations.history", 90)
    await post_office.wants("card")
    await post_office.turns()
    await post_office.passes(seconds=60)
    await post_office.passes(seconds=89)
    assert post_office.calls("conversations.history") == 1
    await post_office.passes(seconds=1)
    assert await post_office.state("card") == SENT


async def test_a_failed_update_is_made_again_without_asking_history(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    post_office.clock.at += timedelta(seconds=2)
    post_office.sim.faults.drop_before("chat.update")
    post_office.sim.faults.break_after("chat.update")
    await post_office.changes("card", "new")
    await post_office.rests()
    assert post_office.posts("card")[0]["text"] == "new"
    assert post_office.calls("conversations.history") == 0


async def test_what_was_deleted_in_slack_is_posted_again_when_it_changes(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    care = post_office.sim.workspace.channel("care")
    post_office.sim.workspace.delete(care, post_office.posts("card")[0]["ts"])
    post_office.clock.at += timedelta(days=3)
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.changes("card", "new")
    await post_office.rests()
    assert [post["text"] for post in post_office.posts("card")] == ["new"]
    row = await post_office.row("card")
    assert row.first_claimed_at is not None
    assert post_office.clock.at - row.first_claimed_at < timedelta(minutes=5)


@pytest.mark.parametrize("has_replies", [False, True])
async def test_a_reply_to_what_was_deleted_follows_it_into_the_channel_again(
    post_office: PostOffice, has_replies: bool
) -> None:
    """Slack keeps a thread whose parent is deleted beneath its replies, with a gravestone."""
    await post_office.wants("card")
    await post_office.rests()
    [card] = post_office.posts("card")
    for key in ("early",) if has_replies else ():
        await post_office.wants(key, parent_key="card")
    await post_office.rests()
    post_office.sim.workspace.delete(post_office.sim.workspace.channel("care"), card["ts"])
    post_office.clock.at += timedelta(minutes=1)
    for key in ("first", "second"):
        await post_office.wants(key, parent_key="card")
    await post_office.rests()
    parent = card["ts"] if has_replies else post_office.posts("card")[0]["ts"]
    assert post_office.order() == (["early", "first", "second"] if has_replies else ["card", "first", "second"])
    assert {post_office.posts(key)[0]["thread_ts"] for key in ("first", "second")} == {parent}
    assert parent != card["ts"] or has_replies
    assert await post_office.state("first") == await post_office.state("second") == SENT


async def test_a_deleted_card_that_turns_while_its_thread_is_told_is_posted_once(post_office: PostOffice) -> None:
    await _card_is_deleted(post_office)
    await post_office.wants("reply", parent_key="card")
    await post_office.changes("card", "new")
    await post_office.rests()
    assert [post["text"] for post in post_office.everything()] == ["new", "reply"]
    assert post_office.posts("reply")[0]["thread_ts"] == post_office.posts("card")[0]["ts"]


@pytest.mark.parametrize("turns", [False, True])
async def test_a_reply_that_went_astray_unseen_is_taken_back(post_office: PostOffice, turns: bool) -> None:
    """Its answer is lost; meanwhile the card is posted again, or isn't."""
    await _card_is_deleted(post_office)
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("reply", parent_key="card")
    await post_office.turns()
    assert await post_office.state("reply") == MessageState.UNKNOWN
    if turns:
        await post_office.changes("card", "card")
        await post_office.passes(seconds=2)
    await post_office.rests()
    assert post_office.order() == ["card", "reply"]
    assert post_office.posts("reply")[0]["thread_ts"] == post_office.posts("card")[0]["ts"]


@pytest.mark.parametrize(
    ("method", "trouble"),
    [("conversations.replies", "drop_before"), ("chat.delete", "drop_before"), ("chat.delete", "drop_after")],
)
async def test_a_reply_that_can_not_be_taken_back_at_once_is_later(
    post_office: PostOffice, method: str, trouble: str
) -> None:
    await _card_is_deleted(post_office)
    getattr(post_office.sim.faults, trouble)(method, times=2)
    await post_office.wants("reply", parent_key="card")
    await post_office.rests()
    assert post_office.order() == ["card", "reply"]
    assert post_office.posts("reply")[0]["thread_ts"] == post_office.posts("card")[0]["ts"]


async def test_a_card_that_is_deleted_again_and_again_is_not_posted_for_ever(post_office: PostOffice) -> None:
    await _card_is_deleted(post_office)
    care = post_office.sim.workspace.channel("care")
    await post_office.wants("reply", parent_key="card")
    for _ in range(40):
        await post_office.passes(minutes=5)
        for card in post_office.posts("card"):
            post_office.sim.workspace.delete(care, card["ts"])
    assert await post_office.state("reply") == MessageState.PARKED
    assert post_office.posts("reply") == []
    cards = [one for one in post_office.sim.calls if (one.method, one.args.get("text")) == ("chat.postMessage", "card")]
    assert len(cards) <= 1 + settling.PARKED_AFTER_FAILURES
    assert "note" in (await post_office.sim.acts_as("Omar").finds("@bot", "can’t be sent")).text


async def _card_is_deleted(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    [card] = post_office.posts("card")
    post_office.sim.workspace.delete(post_office.sim.workspace.channel("care"), card["ts"])
    post_office.clock.at += timedelta(minutes=1)


async def test_an_archived_channel_parks_and_tells_once_and_the_mend_lets_everything_go(
    post_office: PostOffice,
) -> None:
    care = post_office.sim.workspace.channel("care")
    await post_office.wants("card")
    await post_office.rests()
    post_office.sim.workspace.archive(care)
    await post_office.wants("other")
    await post_office.wants("elsewhere", "#platform")
    await post_office.changes("card", "new")
    await post_office.passes(seconds=2)
    await post_office.passes(hours=2)
    assert sorted(post_office.parked) == [("card", "is_archived"), ("other", "is_archived")]
    assert await post_office.state("elsewhere") == SENT
    post_office.sim.workspace.unarchive(care)
    post_office.sim.workspace.join(care, post_office.sim.workspace.bot)
    async with post_office.store.write() as session:
        await outbox.unpark(session, care.id, now=post_office.clock.at)
    await post_office.rests()
    assert [post["text"] for post in post_office.everything() if post["text"] != "elsewhere"] == ["new", "other"]


async def test_replies_wait_while_their_parked_parent_does(post_office: PostOffice) -> None:
    post_office.sim.faults.fail("chat.postMessage", "not_in_channel")
    await post_office.wants("card")
    await post_office.wants("reply", parent_key="card")
    await post_office.turns()
    await post_office.passes(minutes=5)
    assert (await post_office.state("card"), await post_office.state("reply")) == (MessageState.PARKED, READY)
    async with post_office.store.write() as session:
        await outbox.unpark(session, post_office.sim.workspace.channel("care").id, now=post_office.clock.at)
    await post_office.rests()
    assert post_office.order() == ["card", "reply"]


async def test_replies_to_what_will_never_be_posted_are_cancelled(post_office: PostOffice) -> None:
    soon = post_office.clock.at + timedelta(minutes=1)
    post_office.fallen.add("fallen")
    await post_office.wants("fallen")
    await post_office.wants("cancelled", "#platform", due_at=soon)
    await post_office.wants("expired", "#care-leads", due_at=soon, expires_at=soon)
    for parent in ("fallen", "cancelled", "expired"):
        await post_office.wants(f"reply to {parent}", parent_key=parent)
    async with post_office.store.write() as session:
        await messages.cancel(session, "cancelled")
    await post_office.turns()
    await post_office.passes(minutes=2)
    assert post_office.order() == []
    states = [await post_office.state(f"reply to {parent}") for parent in ("fallen", "cancelled", "expired")]
    assert states == [MessageState.CANCELLED] * 3


@pytest.mark.parametrize("error", ["token_revoked", "missing_scope"])
async def test_a_broken_installation_blames_no_message_and_after_the_mend_all_goes_out(
    post_office: PostOffice, error: str
) -> None:
    for method in ("chat.postMessage", "auth.test"):
        post_office.sim.faults.fail(method, error, times=None)
    for n in range(20):
        await post_office.wants(f"card {n}", "#care" if n % 2 else "#platform")
    for _ in range(20):
        await post_office.passes(minutes=1)
    assert post_office.delivery.breaker.error == error
    assert post_office.calls("chat.postMessage") <= 4
    assert {await post_office.state(f"card {n}") for n in range(20)} == {READY}
    post_office.sim.faults.heal()
    await post_office.passes(minutes=1)
    await post_office.rests()
    assert post_office.delivery.breaker.error is None
    assert sorted(post_office.order()) == sorted(f"card {n}" for n in range(20))


async def test_what_expired_unsent_is_not_sent(post_office: PostOffice) -> None:
    await post_office.wants("nudge", due_at=post_office.clock.at, expires_at=post_office.clock.at + timedelta(hours=1))
    post_office.clock.at += timedelta(hours=1)
    await post_office.turns()
    assert await post_office.state("nudge") == MessageState.EXPIRED
    assert post_office.order() == []


async def test_a_renderers_bug_holds_up_nobody_and_after_eight_tries_admins_hear(post_office: PostOffice) -> None:
    post_office.broken.add("bad")
    await post_office.wants("bad", priority=Priority.SLA)
    await post_office.wants("good")
    await post_office.turns()
    await post_office.passes(seconds=1)
    assert post_office.order() == ["good"]
    for _ in range(10):
        await post_office.passes(minutes=15)
    row = await post_office.row("bad")
    assert (row.state, row.failures) == (MessageState.PARKED, settling.PARKED_AFTER_FAILURES)
    told = await post_office.sim.acts_as("Omar").finds("@bot", "can’t be sent")
    assert "bad" not in told.text
    assert len([post for post in post_office.everything() if RENDERER in str(post["metadata"])]) == 0
    async with post_office.store.write() as session:
        post_office.broken.clear()
        await outbox.unpark_all(session, now=post_office.clock.at)
    await post_office.rests()
    assert len(post_office.posts("bad")) == 1


async def test_what_several_messages_show_is_loaded_once_for_all_of_them(post_office: PostOffice) -> None:
    asked: list[list[str]] = []

    async def load(_session: AsyncSession, several: Sequence[Message], _now: datetime) -> None:
        asked.append(sorted(message.key for message in several))
        if "bad" in asked[-1]:
            raise ValueError("bad")

    post_office.house.ahead["note"] = load
    for key, channel in (("first", "#care"), ("second", "#platform"), ("third", "#care-escalations")):
        await post_office.wants(key, channel)
    await post_office.turns()
    assert asked == [["first", "second", "third"]]
    await post_office.wants("bad", "#care")
    await post_office.wants("good", "#platform")
    await post_office.passes(seconds=1)
    assert asked[1:] == [["bad", "good"]]
    assert sorted(post_office.order()) == ["bad", "first", "good", "second", "third"]


async def test_a_settle_that_comes_after_the_lease_was_taken_over_changes_nothing(post_office: PostOffice) -> None:
    await post_office.wants("card")
    now = post_office.clock.at
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=now, most=1)
        old = outbox.take(row, now=now, thread_ts=None)
    await post_office.passes(seconds=120)
    await post_office.rests()
    [post] = post_office.posts("card")
    late = post_office.clock.at
    async with post_office.store.write() as session:
        settled = [
            await settling.settle_sent(session, [Sent(old, "C0WRONG", "1.0")], now=late),
            await settling.settle_later(session, old, at=late),
            await settling.settle_unknown(session, old, error="late", now=late),
            await settling.settle_parked(session, old, error="late", now=late),
            await settling.settle_failed(session, old, error="late", now=late),
            await settling.settle_deleted(session, old, now=late),
            await settling.settle_fallen(session, old),
        ]
    assert settled == [[], *[False] * 6]
    row = await post_office.row("card")
    assert (row.state, row.slack_ts, row.last_error) == (SENT, post["ts"], None)


async def test_of_several_that_settle_together_those_that_were_taken_over_do_not(post_office: PostOffice) -> None:
    await post_office.wants("ours", "#care")
    await post_office.wants("theirs", "#platform")
    now = post_office.clock.at
    async with post_office.store.write() as session:
        found = await outbox.candidates(session, now=now, most=2)
        claims = [outbox.take(row, now=now, thread_ts=None) for row, _ in found]
    theirs = await post_office.row("theirs")
    async with post_office.store.write() as session:
        outbox.take(await session.get_one(Message, theirs.id), now=now, thread_ts=None)
    async with post_office.store.write() as session:
        held = await settling.settle_sent(session, [Sent(claim, "C0CARE", "1.0") for claim in claims], now=now)
    assert [one.claim.head.key for one in held] == ["ours"]
    ours, theirs = await post_office.row("ours"), await post_office.row("theirs")
    assert (ours.state, ours.slack_channel, ours.slack_ts) == (SENT, "C0CARE", "1.0")
    assert (theirs.state, theirs.attempt, theirs.slack_ts) == (MessageState.SENDING, 2, None)


async def test_a_message_whose_sender_died_is_reconciled_once_its_lease_is_over(post_office: PostOffice) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.passes(seconds=119)
    assert post_office.calls("conversations.history") == 0
    await post_office.passes(seconds=1)  # what was begun at the lease's very end has its minute to show
    assert post_office.calls("conversations.history") == 0
    await post_office.passes(seconds=60)
    assert post_office.calls("conversations.history") == 1
    assert len(post_office.posts("card")) == 1


async def test_a_database_that_goes_away_while_settling_costs_one_look_at_history(post_office: PostOffice) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        claim = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    delivery = post_office.hires()
    await post_office.sends(claim, by=delivery)
    delivery._store = _Away()  # type: ignore[assignment]  # only `read` is asked of it
    delivery.stop()
    await delivery.run()  # it leaves, and can't write down what came of the call
    await post_office.passes(seconds=121)
    await post_office.rests()
    assert post_office.calls("conversations.history") == 1
    assert len(post_office.posts("card")) == 1


async def test_what_could_not_be_settled_is_settled_once_the_database_is_back(post_office: PostOffice) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        claim = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    delivery = post_office.delivery
    await post_office.sends(claim)
    real, delivery._store = delivery._store, _Away()  # type: ignore[assignment]  # only `read` is asked of it
    with pytest.raises(DatabaseAwayError):
        await delivery.run_once()
    assert await post_office.state("card") == MessageState.SENDING
    delivery._store = real
    await delivery.run_once()
    assert await post_office.state("card") == SENT
    assert post_office.calls("conversations.history") == 0


async def test_a_bug_in_claiming_leaves_nothing_unsettled_that_slack_has(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        claim = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.sends(claim)
    monkeypatch.setattr(delivering, "claim_due", break_down)
    with pytest.raises(ZeroDivisionError):
        await post_office.delivery.run_once()
    assert await post_office.state("card") == SENT


class _Away:
    """A store whose database can't be reached."""

    def read(self) -> "_Away":
        return self

    async def __aenter__(self) -> None:
        raise DatabaseAwayError("away")

    async def __aexit__(self, *_: object) -> None:
        return None

    async def transact(self, work: object) -> None:
        raise DatabaseAwayError("away")
