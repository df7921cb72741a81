"""A process that is frozen in the middle of a statement, as its PostgreSQL sees it: it asked for the statement to be
prepared and doesn't go on, without having left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.engine import make_url

PREPARES = b"P"
"""How a message that PostgreSQL shall prepare a statement begins (its frontend protocol: Parse)."""


@dataclass
class Line:
    """What leads to the database at `url`. Once `falls_silent_next` is set, the next statement gets no further than
    being prepared."""

    url: str = ""
    falls_silent_next: bool = False
    silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, asks: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        address = make_url(self.url)
        assert address.host is not None
        told, server = await asyncio.open_connection(address.host, address.port or 5432)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._asked(asks, server))
                both.create_task(_answered(told, answers))
        finally:
            server.close()
            answers.close()

    async def _asked(self, asks: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        while said := await asks.read(65536):
            server.write(said)
            if self.falls_silent_next and said.startswith(PREPARES):
                self.silent.set()
                await asyncio.Event().wait()
        server.close()


async def _answered(told: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
    while said := await told.read(65536):
        answers.write(said)
    answers.close()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[str, Line]]:
    """The URL by which the database is reached over the line, and the line."""
    line, carrying = Line(url), set[asyncio.Task[None]]()

    def connected(asks: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        carrying.add(asyncio.create_task(line.carry(asks, answers)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False), line
    finally:
        server.close()
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
