"""Messages claim no more of their readers' attention than they may, and of Slack's; a fan-out never delays a page."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot.delivery import AT_ONCE, KEPT_FOR_URGENT, Delivery
from simulator.faults import Fault
from storage import pacing, people
from storage.messages import Attention, MessageState, Priority
from storage.people import Person
from storage.store import DatabaseAwayError, Store
from tests.bot.post_office import PostOffice

SENT, READY, CANCELLED = MessageState.SENT, MessageState.READY, MessageState.CANCELLED
UNREQUESTED = Attention.UNREQUESTED


def block(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def test_an_unrequested_message_waits_for_its_readers_hours(post_office: PostOffice) -> None:
    # Tuesday 10:00 in Dublin is 17:00 in Manila, whose people work until 17:30 of their own day
    await post_office.writes_to("Ben", "for Ben")
    await post_office.writes_to("Mei", "for Mei", due_at=post_office.clock.at + timedelta(hours=1))
    await post_office.turns()
    await post_office.passes(hours=1)
    assert post_office.order() == ["for Ben"]
    waiting = await post_office.row("for Mei")
    assert waiting.due_at == datetime.fromisoformat("2026-06-03T09:00:00+08:00")
    await post_office.rests()
    assert post_office.order() == ["for Ben", "for Mei"]


async def test_what_is_due_together_comes_as_one_message(post_office: PostOffice) -> None:
    await post_office.writes_to("Ben", "one", "two", "three")
    await post_office.turns()
    [post] = post_office.everything()
    assert all(word in str(post["blocks"]) for word in ("one", "two", "three"))
    assert {await post_office.state(key) for key in ("one", "two", "three")} == {SENT}
    assert (await post_office.row("two")).slack_ts == post["ts"]


async def test_the_daily_limit_counts_messages_that_arrived_and_the_rest_comes_the_next_day(
    post_office: PostOffice,
) -> None:
    post_office.sim.faults.rate_limit("chat.postMessage", 5, times=2)
    for n in range(7):
        await post_office.writes_to("Ben", f"note {n}")
        await post_office.passes(minutes=10)
    # Slack refused twice: the first three had become one by the time that they arrived
    assert len(post_office.everything()) == 3
    await post_office.rests()
    last = await post_office.row("note 6")
    assert last.sent_at == datetime.fromisoformat("2026-06-03T09:00:00+01:00")
    assert len(post_office.everything()) == 4, "what waited for the next day came together"


async def test_what_fell_before_it_was_sent_uses_nobodys_attention(post_office: PostOffice) -> None:
    for n in range(5):
        post_office.fallen.add(f"fallen {n}")
        await post_office.writes_to("Ben", f"fallen {n}")
        await post_office.passes(minutes=1)
    await post_office.writes_to("Ben", "stands")
    await post_office.passes(minutes=1)
    assert post_office.order() == ["stands"]


async def test_a_message_in_doubt_is_counted_when_it_is_found(post_office: PostOffice) -> None:
    post_office.sim.faults.drop_after("chat.postMessage", times=3)
    for n in range(4):
        await post_office.writes_to("Ben", f"note {n}")
        await post_office.passes(seconds=5)
    assert len(post_office.everything()) == 3
    await post_office.passes(minutes=5)
    assert len(post_office.everything()) == 3
    async with post_office.store.read() as session:
        day = datetime.fromisoformat("2026-06-02").date()
        assert await people.direct_messages_on(session, post_office.people["Ben"].id, day) == 3


async def test_answers_ignore_hours_and_limit(post_office: PostOffice) -> None:
    post_office.clock.at += timedelta(hours=14)
    for n in range(5):
        await post_office.wants(f"answer {n}", "Ben", attention=Attention.ASKED)
    await post_office.passes(seconds=0)
    await post_office.rests()
    assert len(post_office.everything()) == 5


async def test_a_page_ignores_hours_and_limit_but_not_absence(post_office: PostOffice) -> None:
    await _is(post_office.store, "Cara", away_from=post_office.clock.at)
    post_office.clock.at += timedelta(hours=14)
    for n in range(5):
        await post_office.wants(f"page {n}", "Ben", attention=Attention.PAGE, priority=Priority.SLA)
    await post_office.wants("page for Cara", "Cara", attention=Attention.PAGE, priority=Priority.SLA)
    await post_office.rests()
    assert post_office.order() == [f"page {n}" for n in range(5)]
    assert await post_office.state("page for Cara") == CANCELLED


@pytest.mark.parametrize("how", [{"deactivated": True}, {"is_guest": True}, {"is_bot": True}, {"is_stranger": True}])
@pytest.mark.parametrize("attention", [Attention.UNREQUESTED, Attention.ASKED])
async def test_who_cannot_be_a_reader_is_not_written_to(
    post_office: PostOffice, how: dict[str, bool], attention: Attention
) -> None:
    await _is(post_office.store, "Ben", **how)
    await post_office.wants("note", "Ben", attention=attention)
    await post_office.turns()
    row = await post_office.row("note")
    assert (row.state, row.last_error) == (CANCELLED, "deactivated, a guest, a bot or from another workspace")
    assert post_office.calls("chat.postMessage") == 0


async def test_who_is_away_reads_it_when_back(post_office: PostOffice) -> None:
    back = datetime.fromisoformat("2026-06-08T00:00:00+01:00")
    await _is(post_office.store, "Ben", away_from=post_office.clock.at, away_until=back)
    await post_office.writes_to("Ben", "note")
    await post_office.rests()
    assert (await post_office.row("note")).sent_at == datetime.fromisoformat("2026-06-08T09:00:00+01:00")


async def test_a_change_of_any_merged_message_shows_in_the_one_that_carries_it(post_office: PostOffice) -> None:
    await post_office.writes_to("Ben", "one", "two")
    await post_office.rests()
    await post_office.changes("two", "two, mended")
    await post_office.passes(seconds=5)
    [post] = post_office.everything()
    assert "one" in str(post["blocks"])
    assert "two, mended" in str(post["blocks"])
    await post_office.changes("one", "one, mended")
    await post_office.passes(seconds=5)
    assert "one, mended" in str(post_office.everything()[0]["blocks"])
    assert "two, mended" in str(post_office.everything()[0]["blocks"])
    assert not await post_office.unsettled()


async def test_of_merged_messages_each_falls_for_itself(post_office: PostOffice) -> None:
    post_office.fallen.add("head")
    await post_office.writes_to("Ben", "head", "stands", "stands too")
    await post_office.rests()
    [post] = post_office.everything()
    assert post_office.order() == ["stands"]
    assert "head" not in str(post["blocks"])
    assert await post_office.state("head") == CANCELLED
    post_office.fallen.clear()
    await post_office.changes("stands too", "changed")
    await post_office.passes(seconds=5)
    assert "head" not in str(post_office.everything()[0]["blocks"])
    assert "changed" in str(post_office.everything()[0]["blocks"])


async def test_a_renderers_bug_keeps_back_its_own_message_of_the_merged_ones(post_office: PostOffice) -> None:
    post_office.broken.add("bad")
    await post_office.writes_to("Ben", "bad", "good")
    await post_office.turns()
    assert post_office.order() == ["good"]
    assert await post_office.state("bad") == READY
    post_office.broken.clear()
    await post_office.rests()
    assert post_office.order() == ["good", "bad"]


async def test_merged_messages_that_slack_refused_or_lost_all_come_in_the_end(post_office: PostOffice) -> None:
    faults = post_office.sim.faults
    faults.rate_limit("chat.postMessage", 5)
    faults.drop_before("chat.postMessage")
    faults.refuse_http("chat.postMessage")
    await post_office.writes_to("Ben", "one", "two", "three")
    await post_office.rests()
    [post] = post_office.everything()
    assert all(word in str(post["blocks"]) for word in ("one", "two", "three"))
    assert {await post_office.state(key) for key in ("one", "two", "three")} == {SENT}


async def test_what_does_not_fit_into_one_message_comes_in_the_next(post_office: PostOffice) -> None:
    for key in ("long", "longer", "longest"):
        post_office.blocks[key] = [block(f"{key} {n}") for n in range(30)]
    await post_office.writes_to("Ben", "long", "longer", "longest")
    await post_office.rests()
    assert post_office.order() == ["long", "longer", "longest"]
    assert [len(post["blocks"]) for post in post_office.everything()] == [30, 30, 30]


async def turn(replica: Delivery) -> int:
    """As the delivery's own loop does it: a database that is busy with the other one is waited for."""
    try:
        return await replica.run_once()
    except DatabaseAwayError:
        return 1


async def test_two_deliveries_never_send_one_message_twice_and_keep_the_order_of_threads(
    post_office: PostOffice,
) -> None:
    workspace = post_office.sim.workspace
    for n in range(60):
        workspace.add_channel(f"busy-{n}", members=["Ben"], bot_is_member=True)
        await post_office.wants(f"card {n}", f"#busy-{n}", priority=Priority.SLA)
        for reply in range(4):
            await post_office.wants(f"reply {n}.{reply}", f"#busy-{n}", parent_key=f"card {n}", priority=Priority.SLA)
    replicas = [post_office.delivery, post_office.hires()]
    for _ in range(200):
        if not any(await asyncio.gather(*(turn(replica) for replica in replicas))):
            if not await post_office.unsettled():
                break
            post_office.clock.at += timedelta(seconds=1)
    assert len(post_office.everything()) == 300
    assert len(set(post_office.order())) == 300
    for n in range(60):
        care = workspace.channel(f"busy-{n}")
        keys = [post["metadata"]["event_payload"]["key"] for post in care.messages.values() if "metadata" in post]
        assert keys == [f"card {n}", *(f"reply {n}.{reply}" for reply in range(4))]


async def test_a_fan_out_leaves_room_for_what_is_urgent(post_office: PostOffice) -> None:
    workspace = post_office.sim.workspace
    for n in range(80):
        workspace.add_channel(f"fan-{n}", members=["Ben"], bot_is_member=True)
        await post_office.wants(f"digest {n}", f"#fan-{n}", priority=Priority.SCHEDULED)
    await post_office.turns()
    sent = len(post_office.everything())
    assert sent == pacing.POSTS.shares[Priority.SCHEDULED]
    for n in range(30):
        await post_office.wants(f"page {n}", f"#fan-{79 - n}", priority=Priority.SLA)
    await post_office.turns()
    assert len(post_office.everything()) == sent + 30, "the pages left at once"
    began = post_office.clock.at
    await post_office.rests()
    assert len(post_office.everything()) == 110
    assert post_office.clock.at - began <= timedelta(seconds=40)


async def test_a_call_that_hangs_holds_nobody_up(post_office: PostOffice) -> None:
    care = post_office.sim.workspace.channel("care").id
    post_office.sim.faults.choose = lambda _, args: Fault("delay", seconds=2.0) if args.get("channel") == care else None
    await post_office.wants("slow", "#care")
    running = asyncio.create_task(post_office.delivery.run())
    await post_office.wants("page", "#platform", priority=Priority.SLA)
    post_office.delivery.wake()
    await post_office.sim.called("chat.postMessage", outcome="ok", within=1.8)
    assert post_office.order() == ["page"]
    post_office.delivery.stop()
    await running
    assert sorted(post_office.order()) == ["page", "slow"]


@pytest.mark.parametrize("priority", [Priority.INTERACTIVE, Priority.SCHEDULED])
async def test_calls_that_hang_leave_a_few_for_what_is_urgent(post_office: PostOffice, priority: Priority) -> None:
    let_go = post_office.sim.faults.hold("chat.postMessage", times=None)
    for n in range(AT_ONCE * 2):
        post_office.sim.workspace.add_channel(f"fan-{n}", members=["Ben"], bot_is_member=True)
        await post_office.wants(f"note {n}", f"#fan-{n}", priority=priority)
    for _ in range(AT_ONCE):
        await post_office.delivery._begin()
        post_office.clock.at += timedelta(seconds=1)
    assert await _in_flight(post_office) == AT_ONCE - KEPT_FOR_URGENT
    for n in range(KEPT_FOR_URGENT + 1):
        await post_office.wants(f"page {n}", f"#fan-{AT_ONCE + n}", priority=Priority.SLA)
    await post_office.delivery._begin()
    assert await _in_flight(post_office) == AT_ONCE
    assert await post_office.state(f"page {KEPT_FOR_URGENT - 1}") == MessageState.SENDING
    let_go.set()
    post_office.sim.faults.heal()
    await post_office.rests()
    assert len(post_office.everything()) == AT_ONCE * 2 + KEPT_FOR_URGENT + 1


async def test_looks_at_history_that_hang_leave_a_few_for_what_is_urgent(post_office: PostOffice) -> None:
    faults = post_office.sim.faults
    faults.drop_before("chat.postMessage", times=None)
    for n in range(AT_ONCE * 2):
        post_office.sim.workspace.add_channel(f"fan-{n}", members=["Ben"], bot_is_member=True)
        await post_office.wants(f"note {n}", f"#fan-{n}")
    for _ in range(5):
        await post_office.passes(seconds=5)
    faults.heal()
    let_go = faults.hold("conversations.history", times=None)
    post_office.clock.at += timedelta(minutes=1)
    for _ in range(3):
        await post_office.delivery._begin()
    await post_office.wants("page", "#care", priority=Priority.SLA)
    await post_office.delivery._begin()
    await post_office.sim.called("chat.postMessage", outcome="ok")
    assert post_office.order() == ["page"]
    let_go.set()
    faults.heal()
    await post_office.rests()
    assert len(post_office.everything()) == AT_ONCE * 2 + 1


async def _in_flight(post_office: PostOffice) -> int:
    return sum(message.state == MessageState.SENDING for message in await post_office.unsettled())


async def test_old_gates_are_forgotten(post_office: PostOffice) -> None:
    await post_office.wants("card")
    await post_office.rests()
    await post_office.changes("card", "new")
    await post_office.passes(seconds=5)
    await post_office.wants("late", "#platform")
    await post_office.passes(hours=3)
    async with post_office.store.read() as session:
        keys = (await session.execute(select(pacing.Gate.key))).scalars().all()
    assert not [key for key in keys if ":" in key and key.startswith("C")]


async def test_what_everybody_locks_is_not_forgotten_under_whoever_is_about_to(post_office: PostOffice) -> None:
    """Another process may tidy up between the two statements with which a claim takes its pace."""
    await post_office.wants("card")
    await post_office.rests()
    later = post_office.clock.at + timedelta(hours=3)
    async with post_office.store.write() as session:
        await pacing.forget_gates(session, now=later)
    async with post_office.store.read() as session:
        keys = (await session.execute(select(pacing.Gate.key))).scalars().all()
    assert {pacing.POSTS.key, pacing.UPDATES.key, pacing.UPDATES_CLOSED} == set(keys)


async def _is(store: Store, name: str, **what: object) -> None:
    async with store.write() as session:
        await session.execute(update(Person).where(Person.name == name).values(**what))
