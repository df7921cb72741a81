"""Each protection of delivery is worth its keep: with it taken away, something is lost or doubled, and tests see it.

The first half of each pair is the story with the protection; the second takes exactly that one away.
"""

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.http_retry.builtin_async_handlers import async_default_handlers
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import true

from bot import sending
from bot.reconciling import Finding, Reconciliation
from handlers.escalations import renderers
from storage import messages, outbox, settling
from storage.messages import MessageState
from storage.outbox import Claim
from tests.bot.post_office import PostOffice
from tests.handlers.escalations.stories import letters, press, raised
from tests.office import Office


@pytest.mark.parametrize("protected", [True, False])
async def test_without_reconciliation_what_slack_took_is_doubled(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    async def nothing_is_there(*_: Any, **__: Any) -> Finding:
        return Finding(Reconciliation.ABSENT)

    if not protected:
        monkeypatch.setattr(sending, "find_in_history", nothing_is_there)
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.rests()
    assert len(post_office.posts("card")) == (1 if protected else 2)


@pytest.mark.parametrize("protected", [True, False])
async def test_without_the_fence_a_sender_that_lost_its_lease_undoes_its_successors_work(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        frozen = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.passes(seconds=120)
    await post_office.rests()
    if not protected:
        monkeypatch.setattr(settling, "_fence", lambda _attempt: true())
    async with post_office.store.write() as session:
        await settling.settle_parked(session, frozen, error="is_archived", now=post_office.clock.at)
    await post_office.changes("card", "new")
    await post_office.passes(seconds=5)
    assert [post["text"] for post in post_office.posts("card")] == ["new" if protected else "card"]


@pytest.mark.parametrize("protected", [True, False])
async def test_without_the_lease_check_a_process_that_was_frozen_before_its_call_doubles_it(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        monkeypatch.setattr(Claim, "has_lapsed", lambda *_: False)
    await post_office.wants("card")
    async with post_office.store.write() as session:
        [(row, _)] = await outbox.candidates(session, now=post_office.clock.at, most=1)
        frozen = outbox.take(row, now=post_office.clock.at, thread_ts=None)
    await post_office.passes(seconds=120)
    await post_office.rests()
    await post_office.sends(frozen)
    assert len(post_office.posts("card")) == (1 if protected else 2)


@pytest.mark.parametrize("protected", [True, False])
async def test_without_the_unique_key_an_obligation_that_is_wanted_twice_is_met_twice(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    want = messages.want
    wanted: list[str] = []

    async def want_without_key(session: Any, *, key: str, **more: Any) -> None:
        wanted.append(key)
        await want(session, key=f"{key} {len(wanted)}", **more)

    if not protected:
        monkeypatch.setattr(messages, "want", want_without_key)
    await post_office.wants("card")
    await post_office.wants("card")
    await post_office.rests()
    assert len(post_office.everything()) == (1 if protected else 2)


@pytest.mark.parametrize("protected", [True, False])
async def test_the_sdks_own_retry_doubles_what_slack_took_before_the_line_broke(
    post_office: PostOffice, protected: bool
) -> None:
    if not protected:
        post_office.delivery._sending._client.retry_handlers = async_default_handlers()
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.rests()
    assert len(post_office.posts("card")) == (1 if protected else 2)


async def test_a_client_with_the_sdks_retry_is_refused(post_office: PostOffice) -> None:
    client = AsyncWebClient("xoxb-unused")
    with pytest.raises(AssertionError, match="double"):
        type(post_office.delivery)(
            store=post_office.store, client=client, clock=post_office.clock, house=post_office.house
        )


@pytest.mark.parametrize("protected", [True, False])
async def test_without_the_generation_guard_people_are_told_of_what_is_no_longer_owed(
    office: Office, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        monkeypatch.setattr(renderers, "_still_asked", lambda *_: True)
    await raised(office, office.ben, severity="S3")
    # 13:10 in Dublin: three quarters of the time have passed, and Ramon, who is on duty, has gone home in Manila
    await office.passes(hours=3, minutes=10)
    await press(office, office.cara, "Claim")
    before = len(letters(office.ramon, "E-1"))
    await office.passes(hours=14)
    assert len(letters(office.ramon, "E-1")) == (before if protected else before + 1)


@pytest.mark.parametrize("protected", [True, False])
async def test_without_the_wait_for_history_a_lagging_one_doubles(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    if not protected:
        for module in (outbox, settling):
            monkeypatch.setattr(module, "SETTLE", timedelta(0))
    post_office.sim.faults.lag_history(timedelta(seconds=45))
    post_office.sim.faults.drop_after("chat.postMessage")
    await post_office.wants("card")
    await post_office.rests()
    assert len(post_office.posts("card")) == (1 if protected else 2)
    assert (await post_office.state("card")) == MessageState.SENT
