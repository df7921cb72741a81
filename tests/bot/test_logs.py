"""Logs: Backstop's own facts, and of the libraries' lines neither a token nor what people wrote."""

import io
import json
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from typing import Any

import aiohttp
import pytest
import structlog
from sqlalchemy.engine import make_url

from bot.logs import keep_logs, redact
from tests.handlers.escalations.stories import raised
from tests.handlers.polls.stories import answers, sent
from tests.office import Office
from tests.overhearing import Overhearing


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards logging is as it was."""
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in ("bot", "handlers", "storage", "simulator", "slack_bolt", "slack_sdk")]
    before = root.handlers, root.level, [logger.level for logger in named]
    configured = structlog.get_config()
    yield io.StringIO()
    root.handlers, root.level = before[0], before[1]
    for logger, level in zip(named, before[2], strict=True):
        logger.setLevel(level)
    structlog.configure(**configured)
    logging.captureWarnings(capture=False)


@pytest.fixture
def as_json(stream: io.StringIO) -> io.StringIO:
    keep_logs(level="DEBUG", as_json=True, to=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_of_ours_is_an_object_with_its_facts(as_json: io.StringIO) -> None:
    structlog.get_logger("bot.delivery").warning("message parked", key="escalation:42:card", error="is_archived")
    [line] = lines(as_json)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "message parked",
        "key": "escalation:42:card",
        "error": "is_archived",
        "level": "warning",
        "logger": "bot.delivery",
    }


def test_for_people_it_is_a_line_of_text(stream: io.StringIO) -> None:
    keep_logs(level="INFO", as_json=False, to=stream)
    structlog.get_logger("bot.app").info("running", workspace="T1")
    assert "running" in stream.getvalue()
    assert "workspace=T1" in stream.getvalue()


def test_what_is_below_the_level_is_left_out(stream: io.StringIO) -> None:
    keep_logs(level="WARNING", as_json=True, to=stream)
    structlog.get_logger("bot.app").info("running")
    assert lines(stream) == []


@pytest.mark.parametrize("name", ["slack_bolt.app", "slack_sdk.web.async_client", "slack_bolt.AsyncApp"])
def test_slacks_libraries_never_speak_at_debug(name: str, as_json: io.StringIO) -> None:
    logging.getLogger(name).debug("Sending a request - body_params: {'text': 'what Ben typed'}")
    assert lines(as_json) == []


@pytest.mark.parametrize(
    "said",
    [
        "Invalid request signature detected (signature: v0=1, timestamp: 1, body: text=what+Ben+typed)",
        "Unhandled request ({'type': 'message', 'text': 'what Ben typed'})\nbody: {'text': 'what Ben typed'}",
        "Failed to send a message (error: gone, message: {'text': 'what Ben typed'}, session: s_1)",
        "Failed to run a listener (error: E)\nrequest body={'text': 'what Ben typed'}",
        'Received a payload: {"text": "what Ben typed"}',
    ],
)
def test_bodies_in_the_libraries_lines_are_left_out(said: str, as_json: io.StringIO) -> None:
    logging.getLogger("slack_bolt.app").error(said)
    [line] = lines(as_json)
    assert "Ben" not in line["event"]
    assert "[left out]" in line["event"]
    assert line["event"].split()[0] == said.split(maxsplit=1)[0], "what happened is still told"


@pytest.mark.parametrize("token", ["xoxb-1-2-AbC", "xapp-1-A1-2-f", "xoxp-1", "xoxe.xoxb-1-Mi0y", "xwfp-1"])
def test_no_token_gets_through(token: str, as_json: io.StringIO) -> None:
    structlog.get_logger("bot.app").error("refused", why=f"Bearer {token}", more={"headers": [f"a {token}"]})
    logging.getLogger("anything.else").error("token=%s", token)
    try:
        int(token)
    except ValueError:
        structlog.get_logger("bot.app").exception("failed")
    assert len(lines(as_json)) == 3
    assert token not in as_json.getvalue()


def test_an_address_that_lets_in_is_cut_before_its_ticket(as_json: io.StringIO) -> None:
    logging.getLogger("slack_sdk.socket_mode").info("connecting to wss://wss.example/link?ticket=abc&app_id=1")
    assert "wss://wss.example/link?[left out]" in lines(as_json)[0]["event"]
    assert "abc" not in as_json.getvalue()


def test_a_very_long_value_is_cut_before_it_is_searched() -> None:
    made_safe = redact(None, "info", {"event": "http://" * 20_000})
    assert len(made_safe["event"]) < 10_000


ON_CASES, FOR_ONESELF, ANONYMOUSLY = "Canary of a case", "Canary for oneself", "Canary without a name"
KEEPS_WHAT_IS_FOR_ONESELF = {"checkin_answers", "checkin_blockers"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nothing_that_opens_doors_or_was_said_in_confidence_leaves_its_place(
    make_office: Callable[..., Awaitable[Office]], stream: io.StringIO
) -> None:
    keep_logs(level="DEBUG", as_json=True, to=stream)
    structlog.configure(cache_logger_on_first_use=False)  # the loggers of all modules are used here
    office = await make_office(BACKSTOP_PORT=0)
    await office.opens()
    poll = await sent(office, office.aoife, "training")
    await answers(office.ben, poll, {1: ANONYMOUSLY})
    await office.ben.types("/checkin", channel="#care")
    await (await office.ben.modal()).fill("load", "too much").fill("blocker", FOR_ONESELF).submit()
    told_by_then = len(office.sim.calls)

    def stumbles(*_args: object, **_more: object) -> None:
        raise ValueError(ON_CASES)

    render = office.bot.house.renderers["escalations.card"]
    office.bot.house.renderers["escalations.card"] = stumbles  # type: ignore[assignment]  # a bug that names a row
    office.sim.faults.fail("views.open", "invalid_arguments")
    office.sim.faults.drop_after("chat.postMessage")
    await office.aoife.types("/goal", channel="#care")
    await raised(office, office.aoife, ON_CASES)
    office.bot.house.renderers["escalations.card"] = render
    office.sim.faults.refuse_http("chat.update")
    await office.passes(days=2, hours=1)
    for words in ("/backstop preview digest", f"/poll {poll.label}", "/checkin trend", "/backstop my-data", "/queue"):
        await office.aoife.types(words, channel="#care")
        await office.settles()
    handed_out = await exports(office)
    assert office.bot.web is not None
    async with aiohttp.ClientSession() as http:
        served = ""
        for path in ("/metrics", "/healthz"):
            async with http.get(f"http://127.0.0.1:{office.bot.web.port}{path}") as answer:
                served += await answer.text()

    log = stream.getvalue()
    assert "ValueError" in log, "there was something to be told"
    for canary in (ON_CASES, FOR_ONESELF, ANONYMOUSLY, office.sim.bot_token, office.sim.app_token):
        assert canary not in log
        assert canary not in served
        assert canary not in handed_out["Cara"]
    assert ON_CASES in handed_out["Aoife"], "hers, and in what she was handed"
    assert FOR_ONESELF in handed_out["Ben"], "his own"
    for canary in (FOR_ONESELF, ANONYMOUSLY, office.sim.bot_token, office.sim.app_token):
        assert canary not in handed_out["Aoife"]
    for canary in (ANONYMOUSLY, office.sim.bot_token):
        assert canary not in handed_out["Ben"]
    told = [call for call in office.sim.calls[told_by_then:] if FOR_ONESELF in str(call.args)]
    assert [call for call in told if office.ben.id not in str(call.args)] == []
    assert ANONYMOUSLY not in str([call.args for call in office.sim.calls])
    file = str(office.bot.store.write_engine.url.database)
    assert tables_with(file, ANONYMOUSLY) == set()
    assert tables_with(file, FOR_ONESELF) <= KEEPS_WHAT_IS_FOR_ONESELF
    assert tables_with(file, office.sim.bot_token) == set()
    assert "escalations" in tables_with(file, ON_CASES)


async def exports(office: Office) -> dict[str, str]:
    """Everything that each of them can be handed as a file, by name."""
    handed: dict[str, str] = {}
    known = set(office.sim.workspace.files)
    for who, words, answer, button in (
        (office.cara, "/backstop my-data", "What is kept about you", "Send me all of it"),
        (office.ben, "/backstop my-data", "What is kept about you", "Send me all of it"),
        (office.aoife, "/backstop my-data", "What is kept about you", "Send me all of it"),
        (office.aoife, "/escalate stats", "Escalations, June 2026", "CSV"),
    ):
        await who.types(words, channel="#care")
        await who.clicks(await who.privately(answer), button)
        await office.settles()
        new = [file for key, file in office.sim.workspace.files.items() if key not in known]
        known = set(office.sim.workspace.files)
        assert [file for file in new if file.name.endswith(("json", "csv"))], words
        content = "".join((file.content or b"").decode(errors="replace") for file in new)
        handed[who.member.name] = handed.get(who.member.name, "") + content
    return handed


def tables_with(file: str, words: str) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name for name in names if words in str(connection.execute(f'SELECT * FROM "{name}"').fetchall())}


TO_THE_BOT, CHANGED, IN_A_THREAD, SEARCHED = (
    "Canary to the bot",
    "Canary changed",
    "Canary in a thread",
    "Canary searched",
)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_somebody_types_would_be_overheard_in_any_test(office: Office, overhearing: Overhearing) -> None:
    await raised(office, office.ben, ON_CASES)
    card = await office.aoife.finds("#care-escalations", "E-1")
    await office.aoife.types(IN_A_THREAD, channel="#care-escalations", thread=card.ts)
    said = await office.ben.types(TO_THE_BOT, channel="@bot")
    assert said is not None
    await office.ben.edits(said, CHANGED)
    await office.aoife.types("/backstop team create", channel="#care")
    await office.aoife.clicks(await office.aoife.modal(), "More…")
    await office.settles()
    await (await office.aoife.modal()).suggestions("Department", SEARCHED)
    assert overhearing.leaked(office) == []
    for words in (ON_CASES, TO_THE_BOT, CHANGED, IN_A_THREAD, SEARCHED):
        structlog.get_logger("bot.listening").debug("heard", subject=f"about {words}")
    logging.getLogger("slack_sdk").info("sent", extra={"with": office.sim.bot_token})
    assert set(overhearing.leaked(office)) == {ON_CASES, TO_THE_BOT, CHANGED, IN_A_THREAD, SEARCHED}, "no token passes"
    overhearing.begin()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_so_would_every_setting_that_opens_a_door(
    make_office: Callable[..., Awaitable[Office]], overhearing: Overhearing, database_url: str
) -> None:
    url = make_url(database_url).set(password="canary-of-the-database")
    office = await make_office(
        BACKSTOP_DATABASE_URL=url.render_as_string(hide_password=False),
        BACKSTOP_HUBSPOT_TOKEN="canary-of-a-desk",
        BACKSTOP_HUBSPOT_SECRET="canary-of-its-pushes",
    )
    await office.opens()
    assert overhearing.leaked(office) == []
    for words in ("canary-of-the-database", "canary-of-a-desk", "canary-of-its-pushes"):
        structlog.get_logger("bot.listening").debug("heard", subject=f"about {words}")
    assert len(overhearing.leaked(office)) == 3
    overhearing.begin()
