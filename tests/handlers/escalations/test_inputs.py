"""Bad input gets a sentence at its place, and nothing is lost; what nobody could click is answered too."""

import asyncio
import json
import sqlite3
from typing import Any

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from simulator.acting import FormErrors
from tests.handlers.escalations.stories import CARDS, begin, card, chooses, opens, press, raised, screens, submit
from tests.office import Office

MENTIONS = "<!channel> <!here> <@U003MEI> @channel <https://evil.example|our bank> *bold* `code` &amp; <b>"
ODD = {
    "mentions": MENTIONS,
    "right to left": "مرحبا \u202eevil\u202c שלום",
    "control characters": "a\x00b\x07c\u2028d\x1b[31m",
    "only signs": "<<<>>>&&&",
    "emoji": "🔥👨‍👩‍👧‍👦" * 60,
    "many lines": "line\n" * 400,
    "ampersands": "&" * 2999,
    "quotes": '"\\' * 1400,
    "one long word": "x" * 3000,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
async def test_any_text_is_shown_as_it_is_and_notifies_nobody(office: Office, text: str) -> None:
    form = await begin(office, office.mei, "")
    await office.mei.clicks(form, "More fields")
    await office.settles()
    form = await office.mei.modal()
    before = len(office.sim.workspace.notified)
    await submit(
        office,
        form,
        what=text,
        ticket=text[:500],
        customer=text[:200].strip("\x00"),
        began=text[:200],
        tried=text[:2000],
        impact=text[:2000],
        severity="S2",
        need="decision",
    )
    shown = await card(office, office.ramon)
    heard = office.sim.workspace.notified[before:]
    assert {one.user_id for one in heard} <= {office.ramon.id, office.mei.id}
    assert all(one.channel_id != shown.channel for one in heard)
    if text == MENTIONS:
        assert MENTIONS[:30] in shown.text
    await press(office, office.ramon, "Claim")
    await press(office, office.ramon, "Update…")
    await submit(office, await office.ramon.modal(), news=text)
    await press(office, office.ramon, "Return…")
    await submit(office, await office.ramon.modal(), reason=text)
    await press(office, office.mei, "Answer…")
    await submit(office, await office.mei.modal(), answer=text)
    await chooses(office, office.ramon, "Put on hold…", reason=text[:1000], until=office.now.replace(day=5))
    await press(office, office.ramon, "Resolve…")
    form = await office.ramon.modal()
    await submit(office, form, outcome="solved", root_cause="not_known", done=text, told="no")
    heard = office.sim.workspace.notified[before:]
    assert all(one.channel_id != shown.channel for one in heard)
    for words in ("E-1", "list", "why E-1", "follow-ups", "stats"):
        await office.mei.types(f"/escalate {words}", channel="#care")
    await opens(office, office.mei)
    refused = [call for call in office.sim.calls if call.outcome != "ok"]
    assert refused == []


async def test_forty_thousand_characters_fill_the_form_and_the_rest_comes_back(office: Office) -> None:
    words = "".join(f"word{number} " for number in range(5_000))[:40_000]
    form = await begin(office, office.mei, words)
    assert "Only the first 3,000 characters fit in here" in form.text
    assert str(form.value("what")) == words[:3000].strip() or words.startswith(str(form.value("what")))
    await office.settles()
    assert "word400 " in screens(office.mei, "#care")


@pytest.mark.parametrize("text", ["", "   ", "\u202e", "\x00\x07"])
async def test_a_text_that_says_nothing_is_asked_for_at_its_field(office: Office, text: str) -> None:
    form = await begin(office, office.mei)
    form.fill("what", text or " ").fill("severity", "S2").fill("need", "decision").fill("ticket", "48213")
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert refused.value.errors["what"] == "This is needed."
    assert form.value("ticket") == "48213"


async def test_a_promise_in_the_past_is_refused_at_its_field(office: Office) -> None:
    form = await begin(office, office.mei, "Export is empty")
    await office.mei.clicks(form, "More fields")
    await office.settles()
    form = await office.mei.modal()
    form.fill("severity", "S2").fill("need", "decision").fill("promise", office.now.replace(hour=1))
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert "in the past" in refused.value.errors["promise"]
    assert form.value("what") == "Export is empty"


async def test_nobody_on_duty_is_said_on_the_card_and_the_managers_are_told(office: Office) -> None:
    for actor in (office.ramon, office.ben, office.mei, office.cara, office.aoife):
        await actor.types("/availability away", channel="#care")
    await office.settles()
    await raised(office, office.lee, "Export is empty")
    shown = await card(office, office.lee)
    assert "Nobody is on duty right now" in shown.text
    assert "Nobody was on duty" in (await office.lee.finds(CARDS, "Nobody was", thread=shown.ts)).text
    await office.aoife.types("/availability back", channel="#care")
    await office.settles()
    await office.passes(hours=20)
    assert "E-1" in screens(office.aoife, "@bot")


async def test_an_archived_channel_parks_the_card_alone_and_heals(office: Office) -> None:
    office.sim.workspace.archive(office.sim.workspace.channel("care-escalations"))
    await raised(office, office.mei, "Export is empty", severity="S1")
    assert "E-1" in (await office.ramon.finds("@bot", "E-1")).text
    told = await office.aoife.finds("@bot", "it is archived")
    assert "Unarchive it" in told.text
    assert len([one for one in office.aoife.sees("@bot") if "it is archived" in one.text]) == 1
    await press(office, office.ramon, "Claim", channel="@bot")
    assert len([one for one in office.aoife.sees("@bot") if "it is archived" in one.text]) == 1
    office.sim.workspace.unarchive(office.sim.workspace.channel("care-escalations"))
    for _ in range(3):
        await asyncio.sleep(0)
        await office.settles()
    assert "Ramon" in (await card(office, office.mei)).text


async def test_an_expired_trigger_is_said_where_the_command_was_typed(office: Office) -> None:
    office.sim.faults.fail("views.open", "expired_trigger_id")
    await office.mei.types("/escalate Export is empty", channel="#care")
    assert "Please try again" in (await office.mei.privately("too long")).text


async def test_a_database_that_is_away_keeps_the_form_and_its_text(office: Office, database_url: str) -> None:
    form = await begin(office, office.mei, "Export is empty")
    form.fill("severity", "S2").fill("need", "decision")
    async with locked_out(database_url):
        with pytest.raises(FormErrors) as refused:
            await form.submit()
    assert "My database is away for a moment" in refused.value.errors["ticket"]
    assert form.value("what") == "Export is empty"
    await form.submit()
    await office.settles()
    assert "Export is empty" in (await card(office, office.ramon)).text
    assert "E-2" not in screens(office.ramon, CARDS)


async def test_slack_away_while_posting_brings_the_card_later_and_once(office: Office) -> None:
    office.sim.faults.refuse_http("chat.postMessage", 503, times=4)
    await raised(office, office.mei, "Export is empty")
    assert "E-1" not in screens(office.ramon, CARDS)
    await office.passes(minutes=10)
    cards = [one for one in office.ramon.sees(CARDS) if "E-1" in one.text]
    assert len(cards) == 1


async def test_an_answer_that_got_lost_on_the_way_posts_no_second_card(office: Office) -> None:
    office.sim.faults.drop_after("chat.postMessage", times=1)
    await raised(office, office.mei, "Export is empty")
    await office.passes(minutes=10)
    assert len([one for one in office.ramon.sees(CARDS) if "E-1" in one.text]) == 1


GARBAGE = ("", "x", "-1", "0", "1e9", "99999999999999999999999", "１", "1; drop table escalations", "\x00")


@pytest.mark.parametrize("value", GARBAGE)
async def test_a_button_that_carries_garbage_gets_a_sentence(office: Office, value: str) -> None:
    await raised(office, office.mei)
    shown = await card(office, office.ramon)
    await office.ramon.clicks(shown, "More…")
    await office.settles()
    kind, payload = office.sim.interactions.sent[-1]
    ids = [name for name in office.bot.house.actions if name.startswith("escalations.")]
    for action_id in ids:
        action = {**payload["actions"][0], "action_id": action_id, "value": value}
        action["selected_option"] = {"value": value, "text": {"type": "plain_text", "text": "x"}}
        key = office.sim.interactions._response_urls.issue(office.ramon.id, shown.channel)
        forged = {**payload, "actions": [action], "view": {**FORGED_VIEW, "private_metadata": value}}
        forged["response_url"] = office.sim.interactions._url(key)
        await office.sim.interactions.redeliver(kind, forged)
    await office.settles()
    assert not unexpected(office)


@pytest.mark.parametrize(
    "metadata",
    [*GARBAGE, "{}", "[]", '{"key": 5}', '{"key": "12345678", "id": "x"}', '{"key": "12345678", "id": 77, "team": 9}'],
)
async def test_a_form_that_carries_garbage_gets_a_sentence(office: Office, metadata: str) -> None:
    form = await begin(office, office.mei, "Export is empty")
    form.fill("severity", "S2").fill("need", "decision")
    await submit(office, form)
    kind, payload = next(pair for pair in office.sim.interactions.sent if pair[1].get("type") == "view_submission")
    for callback_id in office.bot.house.submissions:
        if callback_id.startswith("escalations."):
            view = {**payload["view"], "callback_id": callback_id, "private_metadata": metadata}
            await office.sim.interactions.redeliver(kind, {**payload, "view": view})
            values = {name: {"x": {"type": "plain_text_input", "value": "9" * 30}} for name in ("choice", "note", "to")}
            view |= {"state": {"values": values}}
            await office.sim.interactions.redeliver(kind, {**payload, "view": view})
    await office.settles()
    assert not unexpected(office)
    assert "E-2" not in screens(office.ramon, CARDS)


FORGED_VIEW: dict[str, Any] = {
    "id": "V1",
    "hash": "h",
    "type": "modal",
    "callback_id": "escalations.raise_form",
    "blocks": [],
    "state": {"values": {}},
}


def unexpected(office: Office) -> list[str]:
    """Answers that admit a failure of ours."""
    return [json.dumps(call.args) for call in office.sim.calls if "Something went wrong on my side" in str(call.args)]


class locked_out:  # noqa: N801 - reads as what it does
    """The bot's database takes no writes meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._held: Any = None

    async def __aenter__(self) -> None:
        url = make_url(self._url)
        if url.get_backend_name() == "sqlite":
            self._held = sqlite3.connect(str(url.database), isolation_level=None, check_same_thread=False)
            self._held.execute("BEGIN IMMEDIATE")
            return
        self._held = await asyncpg.connect(str(url.set(drivername="postgresql", database="postgres")))
        await self._held.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        await self._held.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", url.database
        )

    async def __aexit__(self, *_: object) -> None:
        if isinstance(self._held, sqlite3.Connection):
            self._held.close()
            return
        assert self._held is not None
        await self._held.execute(f'ALTER DATABASE "{make_url(self._url).database}" ALLOW_CONNECTIONS true')
        await self._held.close()
