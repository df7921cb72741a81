"""`backstop run` as a process of its own: it starts, says why it doesn't, and stops when it is told to."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.manifest import read_manifest
from simulator.company import found_company
from simulator.server import Simulator
from tests.databases import postgres, sqlite_in

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 10


def real_time() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def slack() -> AsyncIterator[Simulator]:
    """On real time, as the process is."""
    simulator = Simulator(found_company(real_time), now=real_time, manifest=read_manifest())
    await simulator.start()
    yield simulator
    await simulator.stop()


class Running:
    """A `backstop` process; `lines` are what it logged."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []

    async def logs(self, event: str) -> dict[str, Any]:
        """The first line that says so. Fails when it ends without one."""
        assert self._process.stderr is not None
        async with asyncio.timeout(STARTS_WITHIN_S):
            async for line in self._process.stderr:
                self.lines.append(json.loads(line))
                if self.lines[-1]["event"] == event:
                    return self.lines[-1]
        raise AssertionError(f"it ended without {event!r}: {self.lines}")

    async def stops(self, told: signal.Signals) -> tuple[int, str]:
        """(exit code, what else it said) after the signal; fails when it takes too long."""
        self._process.send_signal(told)
        async with asyncio.timeout(STOPS_WITHIN_S):
            _, said = await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode, said.decode()


@pytest.fixture
async def start(slack: Simulator, tmp_path: Path) -> AsyncIterator[Any]:
    """Starts `backstop words`, or what is given to a shell, against the simulator, with other settings where given."""
    started: list[asyncio.subprocess.Process] = []

    async def start(*words: str, in_shell: str | None = None, **settings: str) -> asyncio.subprocess.Process:
        given = {
            "PATH": os.environ["PATH"],
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.api_url,
            "BACKSTOP_DATABASE_URL": sqlite_in(tmp_path),
            "BACKSTOP_LOG_JSON": "true",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
        }
        command = ("sh", "-c", in_shell) if in_shell is not None else (sys.executable, "-m", "bot", *words)
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=tmp_path,
            env=given | settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def refused(process: asyncio.subprocess.Process) -> str:
    """What a process said that ended with code 1 by itself: sentences, and no traceback."""
    async with asyncio.timeout(STARTS_WITHIN_S):
        _, said = await process.communicate()
    assert process.returncode == 1, said.decode()
    assert b"Traceback" not in said
    return said.decode()


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_it_makes_its_database_connects_and_leaves_when_told(
    told: signal.Signals, start: Any, slack: Simulator, tmp_path: Path
) -> None:
    running = Running(await start("run"))
    await running.logs("running")
    await slack.sockets.connected()
    assert (tmp_path / "backstop.sqlite3").exists()
    code, said = await running.stops(told)
    assert code == 0, said
    assert "Traceback" not in said
    assert json.loads(said.splitlines()[-1])["event"] == "stopped"


@pytest.fixture
def hooks(tmp_path: Path) -> dict[str, str]:
    """The commands of .slack/hooks.json, for a project in `tmp_path` that has this environment."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    hooks: dict[str, str] = json.loads((ROOT / ".slack" / "hooks.json").read_text(encoding="utf-8"))["hooks"]
    return hooks


async def test_slack_run_reads_the_manifest(hooks: dict[str, str], start: Any) -> None:
    """The Slack CLI hands a hook to the shell, its flags behind it, and reads on from the first brace."""
    asked = await start(in_shell=hooks["get-manifest"] + ' --source="/a project/of \\"mine\\""')
    said, complained = await asked.communicate()
    assert asked.returncode == 0, complained.decode()
    assert json.loads(said) == read_manifest()


async def test_slack_run_starts_it_with_its_own_tokens_and_interrupts_it(
    hooks: dict[str, str], start: Any, slack: Simulator
) -> None:
    """Its app of development is another one than the one whose tokens stand in .env, which the CLI passes on too."""
    tokens = {"SLACK_CLI_XAPP": slack.app_token, "SLACK_CLI_XOXB": slack.bot_token}
    standing = {"SLACK_APP_TOKEN": "xapp-of-production", "SLACK_BOT_TOKEN": "xoxb-of-production"}
    running = Running(await start(in_shell=hooks["start"], **tokens, **standing))
    await running.logs("running")
    await slack.sockets.connected()
    code, said = await running.stops(signal.SIGINT)
    assert code == 0, said
    assert json.loads(said.splitlines()[-1])["event"] == "stopped"


async def test_its_log_holds_no_token(start: Any, slack: Simulator) -> None:
    running = Running(await start("run", BACKSTOP_LOG_LEVEL="DEBUG"))
    await running.logs("running")
    _, said = await running.stops(signal.SIGTERM)
    everything = json.dumps(running.lines) + said
    assert slack.bot_token not in everything
    assert slack.app_token not in everything
    assert "ticket=" not in everything, "a socket's address lets in whoever knows it"


async def test_it_says_in_lines_that_its_socket_was_away_and_is_back(start: Any, slack: Simulator) -> None:
    running = Running(await start("run"))
    await running.logs("running")
    await slack.sockets.connected()
    slack.sockets.refuses = True
    await slack.sockets.drop()
    await slack.sockets.refused(1, within=STARTS_WITHIN_S)
    slack.sockets.refuses = False
    await slack.sockets.connected(within=STARTS_WITHIN_S)
    code, said = await running.stops(signal.SIGTERM)
    assert code == 0, said
    lines = [json.loads(line) for line in said.splitlines()]
    told = [line["event"] for line in lines if line["level"] in {"warning", "error"}]
    assert any("doesn't open" in line for line in told)
    assert len(told) <= 6, told  # each try is a line or two, ten seconds apart
    assert "Traceback" not in said
    assert "ticket=" not in said


async def test_it_leaves_when_told_while_slack_is_slow_to_answer(start: Any, slack: Simulator) -> None:
    slack.faults.delay("auth.test", 60)
    running = Running(await start("run"))
    await running.logs("database migrated")
    code, said = await running.stops(signal.SIGTERM)
    assert code == 0, said


async def test_it_leaves_in_time_while_a_listener_waits_for_slack(start: Any, slack: Simulator) -> None:
    running = Running(await start("run"))
    await running.logs("running")
    slack.faults.delay("views.open", 60)
    await slack.acts_as("Aoife").types("/backstop team create", channel="#care")
    code, said = await running.stops(signal.SIGTERM)
    assert code == 0, said
    assert "Traceback" not in said


async def test_a_wrong_bot_token_is_one_sentence(start: Any) -> None:
    said = await refused(await start("run", SLACK_BOT_TOKEN="xoxb-nobody"))
    assert "Slack doesn’t know SLACK_BOT_TOKEN: copy it anew from" in said.splitlines()[-1]


async def test_a_wrong_app_token_is_one_sentence(start: Any) -> None:
    said = await refused(await start("run", SLACK_APP_TOKEN="xapp-nobody"))
    assert "Slack doesn’t know SLACK_APP_TOKEN" in said.splitlines()[-1]


async def test_slack_away_is_one_sentence(start: Any) -> None:
    said = await refused(await start("run", SLACK_API_URL="http://127.0.0.1:1/api/"))
    assert "Slack can’t be reached at http://127.0.0.1:1/api/" in said.splitlines()[-1]


async def test_a_port_that_is_taken_is_one_sentence(start: Any, slack: Simulator) -> None:
    taken = slack.base_url.rpartition(":")[2]
    said = await refused(await start("run", BACKSTOP_PORT=taken))
    assert "BACKSTOP_PORT can’t be served" in said.splitlines()[-1]


async def test_a_database_away_is_one_sentence(start: Any) -> None:
    said = await refused(await start("run", BACKSTOP_DATABASE_URL="postgresql://postgres@127.0.0.1:1/none"))
    assert said.startswith("BACKSTOP_DATABASE_URL: the database can't be used")


@pytest.fixture
def empty_postgres() -> Iterator[str]:
    with postgres() as url:
        yield url


@pytest.mark.postgres
async def test_on_postgresql_somebody_decides_when_to_migrate(start: Any, empty_postgres: str) -> None:
    said = await refused(await start("run", BACKSTOP_DATABASE_URL=empty_postgres))
    assert said.startswith("The database lacks 0001 ")
    assert said.endswith("run `backstop migrate` first.\n")
    migrated = await start("migrate", BACKSTOP_DATABASE_URL=empty_postgres)
    assert await migrated.wait() == 0
    running = Running(await start("run", BACKSTOP_DATABASE_URL=empty_postgres))
    await running.logs("running")
    assert (await running.stops(signal.SIGTERM))[0] == 0


async def findings(process: asyncio.subprocess.Process) -> tuple[int, str]:
    """(exit code, the table on one line per row) of `backstop doctor`."""
    async with asyncio.timeout(STARTS_WITHIN_S):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def test_doctor_finds_nothing_wrong_where_nothing_is(start: Any) -> None:
    assert await (await start("migrate")).wait() == 0
    code, said = await findings(await start("doctor"))
    assert code == 0, said
    assert "wrong" not in said
    assert "nothing is stuck" in said


async def test_doctor_names_each_thing_that_is_wrong(start: Any, slack: Simulator) -> None:
    code, said = await findings(await start("doctor", SLACK_APP_TOKEN="xapp-nobody"))
    assert code == 1
    assert "lacks 0001" in said
    assert "backstop migrate" in said
    assert "Slack says invalid_auth" in said
