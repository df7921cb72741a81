"""What help desks call when something changed: believed only when it is signed, and then only a reason to look."""

from collections.abc import Mapping

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.helpdesks import Desk, Push
from handlers.desks.steps import want_pull
from storage import sources
from storage.store import DatabaseAwayError, Store


class Pushed:
    """POST /push/zendesk and the like. What the request says is never taken over: the desk is asked itself."""

    def __init__(self, *, store: Store, desks: Mapping[str, Desk], clock: Clock, public_url: str | None) -> None:
        """`public_url`: how the outside reaches this server, for signatures that cover the address."""
        self._store = store
        self._desks = desks
        self._clock = clock
        self._public_url = public_url

    async def hear(self, request: web.Request) -> web.Response:
        """202 for what the desk signed; 401 for everything else, whether such a desk is there or not."""
        kind, now = request.match_info["kind"], self._clock.now()
        push = Push(
            method=request.method,
            url=f"{self._public_url}{request.raw_path}" if self._public_url else str(request.url),
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        desk = self._desks.get(kind)
        if desk is None or not desk.is_genuine(push, now=now):
            return web.Response(status=401, text="not signed by a help desk that is connected here")

        async def want(session: AsyncSession) -> None:
            for source in await sources.of_kind(session, kind):
                await want_pull(session, source, now=now)

        try:
            await self._store.transact(want)
        except DatabaseAwayError:
            return web.Response(status=503, text="try again later")
        return web.Response(status=202, text="thank you")
