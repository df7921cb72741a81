"""A Request Tracker of our own: Debian's package on SQLite, on a port of this machine, gone after the tests."""

import asyncio
import base64
import os
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

SHARE = Path("/usr/share/request-tracker5")
SERVER = SHARE / "libexec" / "rt-server"
SETUP = Path("/usr/sbin/rt-setup-database-5")
ROOT_PASSWORD = "testing"
STARTS_WITHIN_S = 60.0

CONFIG = """
Set($rtname, 'test');
Set($Organization, 'test');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($WebBaseURL, 'http://127.0.0.1:{port}');
Set($WebPath, '');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, '{directory}/rt.sqlite3');
Set($BcryptCost, 4);
Set($Timezone, 'UTC');
Set($MailCommand, 'testfile');
Set($LogToSTDERR, 'error');
Set($LogToSyslog, undef);
Set($WebSessionClass, 'Apache::Session::File');
1;
"""
PEOPLE = """
use lib '{share}/lib';
use RT; RT->LoadConfig; RT->Init;
my $queue = RT::Queue->new(RT->SystemUser);
$queue->Create(Name => 'Support');
my %rights = (
  backstop => ['America/New_York', 1, qw(SeeQueue ShowTicket ShowTicketComments CommentOnTicket)],
  zoneless => ['', 1, qw(SeeQueue ShowTicket)],
  stranger => ['UTC', 1],
  ramon => ['Asia/Manila', 1, qw(SeeQueue ShowTicket ReplyToTicket OwnTicket ModifyTicket CommentOnTicket
                                 CreateTicket DeleteTicket)],
  carla => ['', 0, qw(ReplyToTicket)],
);
for my $name (sort keys %rights) {{
  my ($zone, $privileged, @rights) = @{{$rights{{$name}}}};
  my $user = RT::User->new(RT->SystemUser);
  $user->Create(Name => $name, EmailAddress => "$name\\@example.test", RealName => ucfirst $name, Timezone => $zone,
                Privileged => $privileged);
  $user->PrincipalObj->GrantRight(Right => $_, Object => $queue) for @rights;
  my $token = RT::AuthToken->new(RT->SystemUser);
  my ($id, $message, $secret) = $token->Create(Owner => $user->Id, Description => 'test');
  print "$name $secret\\n";
}}
"""


def is_installed() -> bool:
    return SERVER.exists() and SETUP.exists()


@dataclass
class RtItself:
    """`tokens` by the user's name."""

    base_url: str
    tokens: dict[str, str]
    _process: asyncio.subprocess.Process = field(repr=False)

    @classmethod
    async def start(cls, directory: Path) -> "RtItself":
        port = _free_port()
        config, password = directory / "config.pm", directory / "password"
        config.write_text(CONFIG.format(port=port, directory=directory))
        password.write_text(ROOT_PASSWORD)
        environment = {**os.environ, "RT_SITE_CONFIG": str(config), "RT_SITE_CONFIG_DIR": str(directory / "none")}
        setup = [SETUP, "--action", "init", "--skip-create", "--root-password-file", password, "--dba", ""]
        await _run([*setup, "--dba-password", ""], environment, directory)
        told = await _run(["perl", "-e", PEOPLE.format(share=SHARE)], environment, directory)
        tokens = dict(line.split() for line in told.splitlines())
        with (directory / "server.log").open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                SERVER,
                *("--server", "HTTP::Server::PSGI", "--host", "127.0.0.1", "--port", str(port)),
                env=environment,
                cwd=directory,
                stdout=log,
                stderr=log,
            )
        itself = cls(f"http://127.0.0.1:{port}", tokens, process)
        try:
            await asyncio.wait_for(_listens(port, process), STARTS_WITHIN_S)
        except BaseException:
            await itself.stop()
            raise
        return itself

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()

    async def does(self, who: str, method: str, path: str, body: Any = None) -> Any:
        """What a person does in RT, as a call to the same API."""
        login = base64.b64encode(f"root:{ROOT_PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {login}" if who == "root" else f"token {self.tokens[who]}"}
        async with (
            aiohttp.ClientSession() as http,
            http.request(method, f"{self.base_url}/REST/2.0{path}", json=body, headers=headers) as answer,
        ):
            told = await answer.json()
            assert answer.status < 300, (path, answer.status, told)
            return told

    async def found(self, who: str, query: str) -> int:
        """How many tickets a query finds."""
        async with aiohttp.ClientSession() as http:
            headers = {"Authorization": f"token {self.tokens[who]}"}
            url = f"{self.base_url}/REST/2.0/tickets"
            async with http.get(url, params={"query": query}, headers=headers) as answer:
                return int((await answer.json())["total"])


async def _run(command: list[Any], environment: dict[str, str], directory: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *map(str, command), env=environment, cwd=directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def _listens(port: int, process: asyncio.subprocess.Process) -> None:
    """It says nowhere when it is ready."""
    while True:
        assert process.returncode is None, "RT ended as it began: see its server.log"
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.05)
        else:
            writer.close()
            return


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
