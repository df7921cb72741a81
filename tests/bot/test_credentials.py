"""What opens help desks and the database stands nowhere: in no log, no error, no answer, no row, at no terminal.

The desks here say back whatever they were sent, with every kind of answer that is none.
"""

import base64
import io
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import stamina
from aiohttp import web
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import select
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.desks import open_desks
from bot.doctor import examine, table_of
from bot.helpdesks import Desk, DeskError, Push
from bot.serving import CannotStartError, prepare_database
from bot.settings import Settings, read_settings
from handlers.desks import steps
from storage import migrating, sources
from storage.store import Store
from tests.office import Office
from tests.overhearing import Overhearing

CANARY = "canary-of-a-credential"
"""Each secret begins so, and is known by what comes after."""
CLOSED = "127.0.0.1:1"
"""Where nobody listens."""
OPENS_NOTHING = {"slack_bot_token", "slack_app_token", "slack_signing_secret", "database_url"}
"""Settings of other canaries: Slack's in test_logs.py, the database's below."""


class Parrot:
    """Answers everything with what it was asked, headers and all, in each of the ways of `ANSWERS` in turn."""

    def __init__(self) -> None:
        self.heard: set[str] = set()
        """Authorizations that it was sent."""
        self.answers = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.heard.add(request.headers.get("Authorization", ""))
        said = f"{request.method} {request.raw_path} {dict(request.headers)} {await request.text()}"
        status, kind, headers = ANSWERS[self.answers % len(ANSWERS)]
        self.answers += 1
        sent = {name: value.format(said=request.headers.get("Authorization", "")) for name, value in headers.items()}
        return web.Response(status=status, text=f'{{"error": "{said}"', content_type=kind, headers=sent)


ANSWERS: tuple[tuple[int, str, dict[str, str]], ...] = (
    (401, "application/json", {"WWW-Authenticate": "Basic realm={said}"}),
    (403, "application/json", {}),
    (302, "text/plain", {"Location": "/elsewhere?token={said}"}),
    (404, "application/json", {}),
    (422, "application/json", {}),
    (429, "application/json", {"Retry-After": "{said}"}),
    (500, "application/json", {}),
    (200, "application/json", {}),
    (200, "text/html", {}),
)


@pytest.fixture
async def parrot() -> AsyncIterator[Parrot]:
    parrot = Parrot()
    served = web.Application()
    served.router.add_route("*", "/{path:.*}", parrot.answer)
    runner = web.AppRunner(served, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    parrot.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield parrot
    await runner.cleanup()


@pytest.fixture(autouse=True)
def tries_once() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def log(overhearing: Overhearing) -> Iterator[io.StringIO]:
    """Everything that any logger says meanwhile, the libraries' at every level, too."""
    overhearing.begin()
    written = io.StringIO()
    handler, root = logging.StreamHandler(written), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def of_desks(parrot: Parrot) -> dict[str, str]:
    """Every help desk's settings, by their names: whatever is secret is a canary, and they are where the parrot is."""
    given = {"BACKSTOP_ZENDESK_EMAIL": "support@acme.example"}
    for name, field in Settings.model_fields.items():
        if "SecretStr" in str(field.annotation) and name not in OPENS_NOTHING:
            given[str(field.alias)] = f"{CANARY}-{name}"
    where = ("ZENDESK_SUBDOMAIN", "FRESHDESK_DOMAIN", "HUBSPOT_URL", "RT_URL")
    return given | {f"BACKSTOP_{name}": parrot.url for name in where}


def secrets_of(given: dict[str, str], parrot: Parrot) -> set[str]:
    """Those, and how they are sent: a login is written in base64, of which any part is as good as the whole."""
    plain = {value for value in given.values() if CANARY in value}
    sent = {header.partition(" ")[2] for header in parrot.heard} - {""}
    return plain | sent


def test_every_secret_of_a_help_desk_has_a_canary() -> None:
    given = of_desks(Parrot())
    settings = read_settings(
        SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", **{k: v or "http://localhost" for k, v in given.items()}
    )
    secret = {name for name, value in settings if isinstance(value, SecretStr)} - OPENS_NOTHING
    assert {name for name in secret if CANARY not in getattr(settings, name).get_secret_value()} == set()
    assert len(secret) >= 8


async def asked_everything(desk: Desk, since: Any) -> AsyncIterator[str]:
    """What a desk's errors say, and what a report of them would."""
    push = Push(method="POST", url="https://bot.example/push/x", headers={}, body=b"{}")
    asking: tuple[Callable[[], Awaitable[object]], ...] = (
        desk.check,
        desk.agents,
        lambda: desk.pull(None, since),
        lambda: desk.ticket("1"),
        lambda: desk.context("1"),
        lambda: desk.note("1", "hello"),
        lambda: desk.has_note("1", "hello"),
    )
    for ask in asking:
        try:
            yield str(await ask())
        except DeskError as error:
            yield "".join(traceback.format_exception(error))
    yield str(desk.is_genuine(push, now=since))


async def test_no_error_of_a_help_desk_says_what_it_was_sent(parrot: Parrot, log: io.StringIO, clock: Any) -> None:
    given = of_desks(parrot)
    settings = read_settings(SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1", **given)
    said = ""
    async with aiohttp.ClientSession() as http:
        for n in range(len(ANSWERS)):
            for desk in open_desks(settings, http=http, now=clock.now).values():
                parrot.answers = n
                async for words in asked_everything(desk, clock.now() - timedelta(days=1)):
                    said += words
                    parrot.answers = n
    assert len(parrot.heard) == 4, "each of them was asked"
    for secret in secrets_of(given, parrot):
        assert secret not in said
        assert secret not in log.getvalue()
    assert "credentials" in said
    assert "help desk answered" in log.getvalue()


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_none_stands_in_what_the_bot_says_serves_and_keeps(
    make_office: Callable[..., Awaitable[Office]],
    database_url: str,
    parrot: Parrot,
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = make_url(database_url).set(password=f"{CANARY}-database").render_as_string(hide_password=False)
    given = of_desks(parrot) | {"BACKSTOP_DATABASE_URL": url}
    office = await make_office(BACKSTOP_PORT=0, **given)
    await office.opens()
    care = office.teams["Care"]
    async with office.bot.store.write() as session:
        for kind, name in office.bot.house.helpdesks.available():
            source = await sources.connect(
                session,
                workspace_id=care.workspace_id,
                kind=kind,
                name=name,
                since=office.now - timedelta(days=7),
                by_id=None,
                now=office.now,
            )
            await sources.link(session, source.id, care.id, [sources.EVERYTHING_ELSE])
            await steps.aim(session, source, now=office.now)
    await office.passes(minutes=30)
    for words in ("/backstop team connect care", "/queue", "/backstop my-data", "/backstop preview digest"):
        await office.aoife.types(words, channel="#care")
        await office.settles()
    monkeypatch.setenv("SLACK_BOT_TOKEN", office.sim.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", office.sim.app_token)
    monkeypatch.setenv("SLACK_API_URL", office.sim.api_url)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    written = io.StringIO()
    Console(file=written, width=500).print(table_of(await examine(office.clock)))
    assert office.bot.web is not None
    async with aiohttp.ClientSession() as http:
        for path in ("/metrics", "/healthz", "/push/zendesk"):
            async with http.get(f"http://127.0.0.1:{office.bot.web.port}{path}") as answer:
                written.write(await answer.text())
    assert "doesn’t know our credentials" in written.getvalue()
    assert "failing" in written.getvalue(), "the pulls failed, and their sources say so"
    places = {
        "log": log.getvalue(),
        "doctor, /metrics, /healthz": written.getvalue(),
        "Slack": str([call.args for call in office.sim.calls]),
        **await tables(office.bot.store),
    }
    secrets = secrets_of(given, parrot)
    assert len(secrets) >= len(given) - 5
    for place, said in places.items():
        assert {secret for secret in secrets if secret in said} == set(), place


async def tables(store: Store) -> dict[str, str]:
    """Every row of every table, as text."""
    async with store.read() as session:
        return {
            table.name: str((await session.execute(select(table))).all())
            for table in migrating.models().tables.values()
        }


PASSWORD = f"{CANARY}-database"
WRONG = {
    "nobody listens there": f"postgresql://backstop:{PASSWORD}@{CLOSED}/backstop",
    "an @ that isn't escaped": f"postgresql://backstop:{PASSWORD}@{PASSWORD}@{CLOSED}/backstop",
    "a / that isn't escaped": f"postgresql://backstop:{PASSWORD}/{PASSWORD}@{CLOSED}/backstop",
    "in the query": f"postgresql://backstop@{CLOSED}/backstop?password={PASSWORD}",
    "of another kind": f"mysql://backstop:{PASSWORD}@{CLOSED}/backstop",
    "no kind": f"backstop:{PASSWORD}@{CLOSED}/backstop",
    "a port that is none": f"postgresql://backstop:{PASSWORD}@127.0.0.1:port/backstop",
}


def at_the_terminal(*words: str) -> str:
    """What stands there, with what would if Python ended with it."""
    done = CliRunner(env={"COLUMNS": "500"}).invoke(cli, list(words))  # no word is broken
    ended = done.exception if done.exc_info and not isinstance(done.exception, SystemExit) else None
    return done.output + ("".join(traceback.format_exception(ended)) if ended else "")


@pytest.mark.parametrize("wrong", WRONG)
def test_a_database_that_can_not_be_used_is_told_without_its_password(
    wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, log: io.StringIO
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", WRONG[wrong])
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_URL", f"http://{CLOSED}/api/")
    (tmp_path / "tickets.csv").write_text("id;status;created\n1;open;2026-06-01 10:00\n")
    said = "".join(
        at_the_terminal(*words.split())
        for words in (
            "doctor",
            "migrate",
            "backup copy.sqlite3",
            "digest --team Care --dry-run",
            "import tickets.csv --team Care",
        )
    )
    try:
        prepare_database(WRONG[wrong])
    except (CannotStartError, ValueError) as error:
        said += str(error)
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", f"sqlite:///{tmp_path / 'backstop.sqlite3'}")
    said += at_the_terminal("migrate", "--to", WRONG[wrong])
    assert said
    assert PASSWORD not in said
    assert PASSWORD not in log.getvalue()


@pytest.mark.postgres
def test_doctor_names_a_database_that_works_without_its_password(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_API_URL", f"http://{CLOSED}/api/")
    url = make_url(postgres_database)
    for given in (url.set(password=PASSWORD), url.update_query_dict({"password": PASSWORD})):
        monkeypatch.setenv("BACKSTOP_DATABASE_URL", given.render_as_string(hide_password=False))
        said = at_the_terminal("doctor")
        assert "up to date" in said
        assert PASSWORD not in said


def test_a_login_is_searched_for_as_it_is_sent() -> None:
    parrot = Parrot()
    parrot.heard.add(f"Basic {base64.b64encode(b'a:b').decode()}")
    assert "YTpi" in secrets_of({}, parrot)
