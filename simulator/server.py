"""`Simulator`: the local workspace behind one loopback port."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from simulator.acting import Actor
from simulator.workspace import Workspace


class Simulator:
    bot_token = "xoxb-simulated-bot"
    app_token = "xapp-simulated-app"
    signing_secret = "simulated-signing-secret"

    def __init__(self, workspace: Workspace, *, now: Callable[[], datetime], manifest: Mapping[str, Any]) -> None:
        self.workspace = workspace
        self.now = now
        self.manifest = manifest
        self.surprises: list[str] = []
        self.web = web.Application()
        """Add routes (the page's) before `start`."""

    async def start(self, port: int = 0) -> None:
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    def acts_as(self, name_or_id: str) -> Actor:
        return Actor(self, self.workspace.person(name_or_id).id)
