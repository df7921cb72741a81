"""A Bolt app over real Web API and Socket Mode connections."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from slack_sdk.errors import SlackApiError

from simulator.acting import FormErrors, Impossible, NotAcknowledged
from simulator.changes import NeverHappened
from simulator.server import Simulator
from tests.simulator.conftest import Clock
from tests.simulator.tiny_app import TinyApp, card, form, plain


@pytest.fixture(autouse=True)
async def nothing_surprises(request: pytest.FixtureRequest, simulator: Simulator) -> AsyncIterator[None]:
    """Except in tests whose name says so."""
    yield
    if "surpris" not in request.node.name:
        assert simulator.surprises == []


async def test_a_command_opens_a_form_whose_submission_carries_what_was_typed(
    simulator: Simulator, app: TinyApp
) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    assert modal.title == "Tell us"
    assert modal.fields == ["What is happening", "Severity", "Zone"]
    modal.fill("What is happening", "login broken").fill("severity", "S2: today")
    await modal.submit()
    body = await app.received("submission")
    values = body["view"]["state"]["values"]
    assert values["what"]["text"] == {"type": "plain_text_input", "value": "login broken"}
    assert values["severity"]["choice"]["selected_option"]["value"] == "S2"
    assert values["zone"]["zones"]["selected_option"] is None
    assert not modal.is_open


async def test_an_empty_required_field_cannot_be_submitted(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    with pytest.raises(Impossible, match="What is happening"):
        await modal.submit()
    with pytest.raises(Impossible, match="40 characters"):
        modal.fill("what", "x" * 41)


async def test_errors_stay_at_their_field_with_nothing_typed_lost(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    app.answer = {"response_action": "errors", "errors": {"what": "Say more"}}
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    modal.fill("what", "hm")
    with pytest.raises(FormErrors) as refused:
        await modal.submit()
    assert refused.value.errors == {"What is happening": "Say more", "what": "Say more"}
    assert "Say more" in modal.text
    assert modal.value("what") == "hm"
    assert modal.is_open


async def test_an_answer_that_slack_cannot_use_is_a_surprise(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    app.answer = {"response_action": "errors", "errors": {"nowhere": "Say more"}}
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    modal.fill("what", "hm")
    with pytest.raises(NotAcknowledged):
        await modal.submit()
    assert "nowhere" in simulator.surprises[0]


async def test_a_pushed_view_lies_on_the_first_and_a_clear_takes_both_away(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    app.answer = {"response_action": "push", "view": form(title=plain("Second"))}
    await ben.types("/form", channel="#care")
    first = await ben.modal()
    first.fill("what", "one")
    await first.submit()
    second = await ben.modal(titled="Second")
    assert second.shown.view["previous_view_id"] == first.shown.id
    with pytest.raises(Impossible, match="on top"):
        await first.submit()
    second.fill("what", "two")
    app.answer = {"response_action": "clear"}
    await second.submit()
    assert not first.is_open
    assert not second.is_open


async def test_an_update_keeps_what_was_typed_and_needs_the_present_hash(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    modal.fill("what", "kept")
    before = modal.shown.view["hash"]
    await ben.clicks(modal, "More")
    modal = await ben.modal(titled="Tell us more")
    assert modal.value("what") == "kept"
    assert (await app.received("more"))["view"]["state"]["values"]["what"]["text"]["value"] == "kept"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await app.client.views_update(view_id=modal.shown.id, hash=before, view=form())


async def test_closing_tells_the_app_when_it_asked_for_it(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    await modal.close()
    assert (await app.received("closed"))["is_cleared"] is False
    assert not modal.is_open


async def test_an_external_select_offers_what_the_app_suggests(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    assert await modal.suggestions("Zone", "dub") == ["Europe/Dublin"]
    modal.fill("Zone", "Europe/Dublin")
    with pytest.raises(Impossible, match="not offered"):
        modal.fill("Zone", "Europe/Berlin")


async def test_a_trigger_works_once(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    await ben.modal()
    trigger_id = (await app.received("command"))["trigger_id"]
    with pytest.raises(SlackApiError, match="exchanged_trigger_id"):
        await app.client.views_open(trigger_id=trigger_id, view=form())


async def test_a_command_that_is_not_acknowledged_in_time_fails(simulator: Simulator, app: TinyApp) -> None:
    assert simulator.interactions.ack_within == 3.0
    simulator.interactions.ack_within = 0.1
    with pytest.raises(NotAcknowledged, match=r"within 0\.1 s"):
        await simulator.acts_as("Ben").types("/slow", channel="#care")


async def test_names_become_ids_only_where_the_manifest_asks(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    cara = simulator.workspace.person("Cara")
    care = simulator.workspace.channel("care")
    await ben.types("/form for @cara, in #care", channel="#care")
    assert (await app.received("command"))["text"] == f"for <@{cara.id}|cara>, in <#{care.id}|care>"
    await ben.types("/raw for @cara", channel="@Tiny")
    body = await app.received("command")
    assert body["text"] == "for @cara"
    assert body["channel_name"] == "directmessage"


async def test_a_command_answers_privately_by_response_url_or_openly_with_its_ack(
    simulator: Simulator, app: TinyApp
) -> None:
    ben, cara = simulator.acts_as("Ben"), simulator.acts_as("Cara")
    await ben.types("/raw hello", channel="#random")
    assert (await ben.privately("you said hello")).is_ephemeral
    assert cara.sees("#random") == []
    await ben.types("/raw at once", channel="#random")
    assert (await cara.finds("#random", "heard")).author == simulator.workspace.bot.id


async def test_a_response_url_works_five_times_in_thirty_minutes_and_surprises_after(
    simulator: Simulator, app: TinyApp, clock: Clock
) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/raw one", channel="#care")
    await ben.privately("you said one")
    url = (await app.received("command"))["response_url"]
    assert app.session is not None
    for _ in range(4):
        async with app.session.post(url, json={"text": "again"}) as answer:
            assert answer.status == 200
    async with app.session.post(url, json={"text": "again"}) as answer:
        assert answer.status == 404
        assert (await answer.json())["error"] == "used_url"
    await ben.types("/raw two", channel="#care")
    await ben.privately("you said two")
    url = (await app.received("command"))["response_url"]
    clock.move(timedelta(minutes=31))
    async with app.session.post(url, json={"text": "late"}) as answer:
        assert (await answer.json())["error"] == "expired_url"


async def test_a_click_carries_message_and_state_and_the_update_shows(simulator: Simulator, app: TinyApp) -> None:
    ben, cara = simulator.acts_as("Ben"), simulator.acts_as("Cara")
    care = simulator.workspace.channel("care").id
    posted = await app.client.chat_postMessage(channel=care, text="E-1", blocks=card("*E-1* broken", "Claim"))
    shown = await cara.finds("#care", "E-1 broken")
    assert shown.buttons() == ["Claim"]
    await cara.clicks(shown, "Claim")
    assert (await ben.finds("#care", "Claimed by @Cara")).edited
    body = await app.received("claim")
    assert body["message"]["ts"] == posted["ts"]
    assert body["actions"][0]["value"] == "7"
    with pytest.raises(Impossible, match="Resolve"):
        await ben.clicks(shown, "Claim")
    await ben.clicks(shown, "Claim", stale=True)


async def test_an_ephemeral_is_seen_by_one_and_replaced_only_by_its_response_url(
    simulator: Simulator, app: TinyApp
) -> None:
    ben, cara = simulator.acts_as("Ben"), simulator.acts_as("Cara")
    care = simulator.workspace.channel("care").id
    posted = await app.client.chat_postEphemeral(channel=care, user=ben.id, text="psst", blocks=card("psst", "Claim"))
    shown = await ben.privately("psst")
    assert cara.sees("#care") == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await app.client.chat_update(channel=care, ts=posted["message_ts"], text="no")
    await ben.clicks(shown, "Claim")
    assert (await ben.finds("#care", "done")).ts == shown.ts
    assert "message" not in await app.received("claim")


async def test_shortcuts_reach_the_app_with_their_message(simulator: Simulator, app: TinyApp) -> None:
    ben, cara = simulator.acts_as("Ben"), simulator.acts_as("Cara")
    await ben.shortcut("Tell")
    assert (await ben.modal()).title == "From anywhere"
    said = await cara.types("it is <broken>", channel="#random")
    assert said is not None
    await ben.message_shortcut("quote", said)
    await ben.privately("quoted it is <broken>")
    assert (await app.received("quote"))["message"]["user"] == cara.id


async def test_home_is_published_when_opened(simulator: Simulator, app: TinyApp) -> None:
    home = await simulator.acts_as("Ben").opens_home()
    assert "Good morning" in home.text
    assert home.buttons() == ["Claim"]


async def test_events_come_where_the_bot_is_and_the_manifest_subscribes(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("unheard", channel="#random")
    await ben.types("heard", channel="#care")
    assert (await app.received("message"))["text"] == "heard"
    simulator.workspace.archive("care")
    assert (await app.received("archive"))["channel"] == simulator.workspace.channel("care").id
    await simulator.events.settle()
    assert [kind for kind, _ in app.seen] == ["message", "archive"]
    await simulator.events.redeliver(simulator.events.sent[0])
    assert len(simulator.events.sent) == 2


async def test_a_dropped_socket_is_reopened_and_works_again(simulator: Simulator, app: TinyApp) -> None:
    await simulator.sockets.drop()
    await simulator.sockets.connected(within=20)
    await simulator.acts_as("Ben").types("/raw back", channel="#care")
    await simulator.acts_as("Ben").privately("you said back")


async def test_a_double_click_submits_twice_and_a_payload_can_be_sent_again(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    modal.fill("what", "twice")
    await asyncio.gather(modal.submit(), modal.submit())
    kind, payload = simulator.interactions.sent[-1]
    assert await simulator.interactions.redeliver(kind, payload) == {}
    assert [seen for seen, _ in app.seen].count("submission") == 3
    assert not modal.is_open


async def test_a_call_can_be_waited_for_by_its_outcome(simulator: Simulator, app: TinyApp) -> None:
    simulator.faults.fail("chat.update", "fatal_error")
    care = simulator.workspace.channel("care").id
    posted = await app.client.chat_postMessage(channel=care, text="E-1", blocks=card("E-1", "Claim"))
    waiting = asyncio.create_task(simulator.called("chat.update", outcome="fatal_error"))
    with pytest.raises(SlackApiError, match="fatal_error"):
        await app.client.chat_update(channel=care, ts=posted["ts"], text="E-1 claimed")
    assert (await waiting).args["ts"] == posted["ts"]
    with pytest.raises(NeverHappened, match=r"views\.publish was not called"):
        await simulator.called("views.publish", within=0.01)


async def test_a_person_knows_what_notified_them(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await app.client.chat_postMessage(channel=ben.id, text="yours")
    care = simulator.workspace.channel("care").id
    await app.client.chat_postMessage(channel=care, text=f"<@{ben.id}> look")
    await app.client.chat_postMessage(channel=care, text="nobody in particular")
    assert [heard.why for heard in ben.notifications()] == ["dm", "mention"]
    assert len(ben.notifications("dm")) == 1
