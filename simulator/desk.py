"""What every Web API method works with: the workspace, the app's rights, triggers, views, response URLs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.arguments import Arguments
from simulator.conversations import Channel
from simulator.errors import SlackError
from simulator.faults import Faults
from simulator.manifest import AppManifest
from simulator.modal_stacks import ModalStacks
from simulator.socket_mode import SocketMode
from simulator.workspace import Workspace

Answer = dict[str, Any]

READ_SCOPES = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY_SCOPES = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


@dataclass(frozen=True)
class Desk:
    workspace: Workspace
    manifest: AppManifest
    stacks: ModalStacks
    sockets: SocketMode
    faults: Faults
    base_url: Callable[[], str]
    surprise: Callable[[str], None]

    def check_socket_mode(self) -> None:
        if not self.manifest.socket_mode:
            self.surprise("apps.connections.open, but the manifest does not enable Socket Mode")

    def need_scope(self, scope: str) -> None:
        if scope not in self.manifest.scopes:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(self.manifest.scopes)))

    def channel_for_bot(self, channel_id: str, scopes: Mapping[str, str]) -> Channel:
        """A conversation that the bot may know of. User ids are no conversation ids. Raises SlackError."""
        channel = self.workspace.channels.get(channel_id)
        if channel is None:
            raise SlackError("channel_not_found")
        if channel.is_private and self.workspace.bot.id not in channel.members:
            raise SlackError("channel_not_found")
        self.need_scope(scopes[channel.kind])
        return channel


@dataclass(frozen=True)
class Method:
    """`accepts` are the argument names that it reads; anything else given is a surprise."""

    run: Callable[[Desk, Arguments], Answer]
    accepts: frozenset[str]
    scopes: tuple[str, ...] = ()
    app_token: bool = False
    tokenless: bool = field(default=False)


def method(
    run: Callable[[Desk, Arguments], Answer], accepts: str = "", *scopes: str, app_token: bool = False
) -> Method:
    """`accepts`: names separated by spaces."""
    return Method(run, frozenset(accepts.split()), scopes, app_token)
