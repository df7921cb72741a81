"""Whatever goes wrong in a listener, whoever caused it is answered where they are; outsiders are told no."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from slack_bolt.kwargs_injection.async_args import AsyncArgs
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import app
from bot.desks import Desks
from bot.listening import IN_TIME_S, UnknownParameterError
from handlers.house import House, Me
from handlers.refusals import OUTSIDER, FormRefusal, Refusal
from simulator.errors import FormErrors, NotAcknowledged
from storage.store import DatabaseAwayError, Store, TryAgainError
from tests.office import Office, StillClock, open_office

TYPED = "my secret words"


def trouble(kind: str) -> Exception:
    match kind:
        case "refusal":
            return Refusal("E-1 is closed; reopen it first.")
        case "away":
            return DatabaseAwayError("away")
        case "slack":
            return SlackApiError("no", {"ok": False, "error": "fatal_error"})  # type: ignore[no-untyped-call]  # the SDK's
        case "fields":
            return FormRefusal({"what": "That is in the past."})
        case _:
            return ValueError(f"can't read {TYPED!r}")


SENTENCES = {
    "refusal": "E-1 is closed; reopen it first.",
    "away": "My database is away for a moment",
    "slack": "tell an admin this reference",
    "bug": "tell an admin this reference",
}
WRONG = pytest.mark.parametrize("wrong", list(SENTENCES))


class Feature:
    """Listeners in which things go wrong as the person asks."""

    def __init__(self) -> None:
        self.heard: list[Me | None] = []
        self.tries = 0
        self.wrong = "bug"
        self.goes_on = asyncio.Event()
        self.house = House()
        self.house.command("escalate", self.command, verbs=())
        self.house.action("tests.click", self.click)
        self.house.submission("tests.form", self.submission)
        self.house.choices("tests.choice", self.choices)
        self.house.shortcut("escalations.raise", self.shortcut)
        self.house.event("app_home_opened", self.home)
        self.house.event("message", self.message)

    async def command(self, ack: Any, body: dict[str, Any], words: str, client: AsyncWebClient, me: Me | None) -> None:
        self.heard.append(me)
        verb, _, wrong = words.partition(" ")
        if verb == "post":
            await ack()
            await client.chat_postMessage(channel=body["channel_id"], text="Choose", blocks=[_button(wrong)])
        elif verb == "form":
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=_form(wrong, _field()))
        elif verb == "bare":
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=_form(wrong, _button(wrong)))
        elif verb == "menu":
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=_form(wrong, _menu()))
        elif verb == "slow":
            await self.goes_on.wait()
        else:
            raise trouble(verb)

    async def click(self, action: dict[str, Any]) -> None:
        raise trouble(action["value"])

    async def submission(self, view: dict[str, Any]) -> None:
        raise trouble(view["private_metadata"])

    async def choices(self, view: dict[str, Any]) -> None:
        raise trouble(view["private_metadata"])

    async def shortcut(self) -> None:
        raise trouble(self.wrong)

    async def home(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [_button(self.wrong)]})

    async def message(self, me: Me | None) -> None:
        self.heard.append(me)
        self.tries += 1
        raise trouble(self.wrong)


def _button(wrong: str) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Press"}
    return {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "tests.click", "text": text, "value": wrong}],
    }


def _field() -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "typed"}
    return {"type": "input", "block_id": "what", "label": {"type": "plain_text", "text": "What"}, "element": element}


def _menu() -> dict[str, Any]:
    element = {"type": "external_select", "action_id": "tests.choice", "min_query_length": 1}
    return {"type": "input", "block_id": "zone", "label": {"type": "plain_text", "text": "Zone"}, "element": element}


def _form(wrong: str, block: dict[str, Any]) -> dict[str, Any]:
    text = {"type": "plain_text", "text": "Form"}
    submit = {"type": "plain_text", "text": "Send"}
    return {
        "type": "modal",
        "callback_id": "tests.form",
        "private_metadata": wrong,
        "title": text,
        "submit": submit,
        "blocks": [block],
    }


@pytest.fixture
def feature(monkeypatch: pytest.MonkeyPatch) -> Feature:
    feature = Feature()
    feature.house.helpdesks = Desks({}, feature.house.pulled)
    monkeypatch.setattr(app, "furnish", lambda *_: feature.house)
    return feature


@pytest.fixture
async def office(feature: Feature, tmp_path: Path, sqlite_template: Path, clock: StillClock) -> AsyncIterator[Office]:
    shutil.copy(sqlite_template, tmp_path / "backstop.sqlite3")
    office = await open_office(clock, f"sqlite:///{tmp_path}/backstop.sqlite3")
    await office.opens()
    yield office
    await office.closes()
    await office.sim.stop()


@WRONG
async def test_a_command_is_answered_privately(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate {wrong}", channel="#care")
    assert SENTENCES[wrong] in (await office.ben.privately()).text


@WRONG
async def test_a_click_on_a_message_is_answered_privately(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate post {wrong}", channel="#care")
    await office.cara.clicks(await office.cara.finds("#care", "Press"), "Press")
    assert SENTENCES[wrong] in (await office.cara.privately()).text


@WRONG
async def test_a_click_in_a_window_is_answered_by_another_above_it(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate bare {wrong}", channel="#care")
    await office.ben.clicks(await office.ben.modal(), "Press")
    assert SENTENCES[wrong] in (await office.ben.modal(titled="Backstop")).text


@WRONG
async def test_a_click_on_home_is_answered_by_a_window(office: Office, feature: Feature, wrong: str) -> None:
    feature.wrong = wrong
    await office.ben.clicks(await office.ben.opens_home(), "Press")
    assert SENTENCES[wrong] in (await office.ben.modal()).text


@WRONG
async def test_a_shortcut_is_answered_by_a_window(office: Office, feature: Feature, wrong: str) -> None:
    feature.wrong = wrong
    await office.ben.shortcut("escalations.raise")
    assert SENTENCES[wrong] in (await office.ben.modal()).text


@WRONG
async def test_a_form_stays_open_with_the_sentence_at_its_field_and_what_was_typed(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate form {wrong}", channel="#care")
    form = (await office.ben.modal()).fill("what", TYPED)
    with pytest.raises(FormErrors):
        await form.submit()
    assert form.is_open
    assert SENTENCES[wrong] in form.errors["what"]
    assert "What you typed is still here." in form.errors["what"]
    assert form.value("what") == TYPED


async def test_each_field_gets_its_own_sentence(office: Office) -> None:
    await office.ben.types("/escalate form fields", channel="#care")
    form = (await office.ben.modal()).fill("what", TYPED)
    with pytest.raises(FormErrors):
        await form.submit()
    assert form.errors == {"what": "That is in the past."}


@WRONG
async def test_a_form_without_fields_gets_a_window_above_it(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate bare {wrong}", channel="#care")
    await (await office.ben.modal()).submit()
    assert SENTENCES[wrong] in (await office.ben.modal(titled="Backstop")).text


@WRONG
async def test_what_people_say_among_themselves_is_never_answered(office: Office, feature: Feature, wrong: str) -> None:
    feature.wrong = wrong
    calls = len(office.sim.calls)
    await office.ben.types("Good morning", channel="#care")
    await office.settles()
    posts = [call.method for call in office.sim.calls[calls:] if call.method.startswith(("chat.", "views."))]
    assert posts == []


@pytest.mark.parametrize("who", ["Gwen", "Stella"])
async def test_guests_and_strangers_are_refused_and_their_events_have_nobody(
    office: Office, feature: Feature, who: str
) -> None:
    outsider = office.sim.acts_as(who)
    channel = "#care" if who == "Gwen" else "#acme-shared"
    await outsider.types("/escalate bug", channel=channel)
    assert OUTSIDER in (await outsider.privately()).text
    assert feature.heard == []
    await outsider.types("Hello", channel=channel)
    await office.settles()
    assert set(feature.heard) <= {None}


async def test_the_log_holds_nothing_of_what_was_typed(office: Office) -> None:
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        await office.ben.types("/escalate bug", channel="#care")
        said = (await office.ben.privately()).text
        await office.settles()
    [line] = [line for line in lines if line["event"] == "listener failed"]
    assert TYPED not in str(lines)
    assert line["error"] == "ValueError"
    assert line["reference"] in said
    assert line["listener"].endswith("command")
    assert any(where.endswith(" command") for where in line["where"])


@pytest.mark.parametrize(("failures", "answered"), [(2, "done"), (3, "My database is away")])
async def test_a_transaction_that_the_database_wants_repeated_is_repeated_twice(
    office: Office, feature: Feature, failures: int, answered: str
) -> None:
    async def command(reply: Callable[[str], Any]) -> None:
        feature.tries += 1
        if feature.tries <= failures:
            raise TryAgainError("deadlock")
        await reply("done")

    heard = office.bot.listening.hears(command)
    feature.house.commands.clear()
    args = _Args(office.bot.directory._client)
    await heard(args)  # type: ignore[arg-type]  # what a listener is given, written by hand
    assert feature.tries == 3
    assert answered in str(args.acknowledged)


@WRONG
async def test_a_menu_that_can_not_be_filled_is_empty_and_not_waited_for(office: Office, wrong: str) -> None:
    await office.ben.types(f"/escalate menu {wrong}", channel="#care")
    form = await office.ben.modal(titled="Form")
    assert await office.ben.suggest(form.shown.id, "zone", "tests.choice", "Man") == []


async def test_slack_is_answered_when_the_listener_acknowledges_and_not_when_it_ends(office: Office) -> None:
    goes_on, acknowledges, steps = asyncio.Event(), asyncio.Event(), list[str]()

    async def heard(args: AsyncArgs) -> None:
        await acknowledges.wait()
        await args.ack()
        await goes_on.wait()
        steps.append("ended")

    args: Any = _Args(office.bot.directory._client)
    answering = asyncio.create_task(office.bot.listening.until_acknowledged(heard, args))
    await asyncio.sleep(0)
    assert not answering.done()
    acknowledges.set()
    await answering
    assert (args.acknowledged, steps) == ([{}], [])
    goes_on.set()
    await office.bot.listening.drain(at_most_s=5)
    assert steps == ["ended"]


class _Args:
    """A submission, as Bolt hands it over."""

    def __init__(self, client: AsyncWebClient) -> None:
        self.client = client
        self.acknowledged: list[dict[str, Any]] = []
        self.ack = self
        self.response: object | None = None
        self.context: dict[str, object] = {}
        self.body = {"type": "view_submission", "view": {"blocks": [{"type": "input", "block_id": "what"}]}}

    async def __call__(self, **answer: Any) -> None:
        self.response = answer
        self.acknowledged.append(answer)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "actions": [{"type": "button", "action_id": "tests.unknown"}]},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "tests.unknown"}},
        {"type": "block_suggestion", "action_id": "tests.unknown", "view": {"type": "modal"}},
        {"type": "shortcut", "callback_id": "tests.unknown"},
        {"command": "/unknown"},
    ],
)
async def test_what_no_feature_listens_to_is_not_acknowledged(office: Office, body: dict[str, Any]) -> None:
    who = {"user": {"id": office.mei.id, "team_id": office.mei.workspace.team_id}, "user_id": office.mei.id}
    sent = AsyncBoltRequest(body=who | body, mode="socket_mode")
    with structlog.testing.capture_logs() as logs:
        answer = await office.bot.bolt.async_dispatch(sent)
    assert answer.status == 404
    assert [line["event"] for line in logs] == ["nobody listens"]


async def test_a_parameter_that_no_event_brings_is_refused_when_it_is_registered(office: Office) -> None:
    async def listener(ack: Any, sesion: Store) -> None: ...

    with pytest.raises(UnknownParameterError, match="sesion"):
        office.bot.listening.hears(listener)


async def test_whoever_is_too_slow_is_named_not_taken_for_nobody(office: Office, feature: Feature) -> None:
    office.sim.interactions.ack_within = IN_TIME_S + 0.1
    with structlog.testing.capture_logs() as lines:
        with pytest.raises(NotAcknowledged):
            await office.ben.types("/escalate slow", channel="#care")
        feature.goes_on.set()
        await office.settles()
    assert [line["listener"] for line in lines if line["event"] == "not acknowledged in time"]
    assert not any(line["event"] == "nobody listens" for line in lines)
