"""Many who want the same of the database at once share one look or one transaction."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from storage.store import DatabaseAwayError, DatabaseBusyError, Store

PATIENCE_S = 60.0
"""How long somebody waits for their turn while the database is busy."""
LOOK_AT_ONCE = 200
"""For so many one look finds what they ask for."""
Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Together(Generic[Asked, Told]):
    """While one is asked, those who come wait, and are asked together then, in their order, at most so many at once.
    Nobody is told what was found before they came.

    `ask` answers each in its place, with what it is told or the error that it is to raise. If it raises, each is asked
    alone: what breaks one must not cost the others theirs. All but one thing that it may raise are about the database:
    an absent one is told to everybody at once, of a busy one (see DatabaseBusyError) nobody hears for PATIENCE_S.
    """

    def __init__(
        self, ask: Callable[[Sequence[Asked]], Awaitable[Sequence[Told | Exception]]], *, at_most: int
    ) -> None:
        self._ask = ask
        self._at_most = at_most
        self._waiting: list[_Place[Asked, Told]] = []
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, one: Asked) -> Told:
        """Raises what `ask` gives or raises."""
        place = _Place[Asked, Told](one)
        self._waiting.append(place)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_everybody(), name="ask together")
        return await place.told

    async def _ask_everybody(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[: self._at_most], self._waiting[self._at_most :]
            await self._ask_some(some)

    async def _ask_some(self, some: Sequence["_Place[Asked, Told]"]) -> None:
        try:
            answers = await self._ask([place.asked for place in some])
        except DatabaseBusyError as busy:
            for place in some:
                if place.has_waited_long():
                    place.tell(busy)
            await asyncio.sleep(0)  # where being busy is told at once, the others get their turn
            self._waiting[:0] = [place for place in some if not place.told.done()]
        except DatabaseAwayError as away:
            for place in some:
                place.tell(away)
        except Exception as error:  # whoever it is about hears of it, and nobody else
            if len(some) == 1:
                some[0].tell(error)
                return
            for place in some:
                await self._ask_some([place])
        else:
            for place, answer in zip(some, answers, strict=True):
                place.tell(answer)


class _Place(Generic[Asked, Told]):
    """Somebody's place in the queue."""

    def __init__(self, asked: Asked) -> None:
        loop = asyncio.get_running_loop()
        self.asked = asked
        self.told: asyncio.Future[Told] = loop.create_future()
        self._until = loop.time() + PATIENCE_S

    def has_waited_long(self) -> bool:
        return self.told.get_loop().time() >= self._until

    def tell(self, answer: Told | Exception) -> None:
        if self.told.done():  # who asked has gone
            return
        if isinstance(answer, Exception):
            self.told.set_exception(answer)
        else:
            self.told.set_result(answer)


async def look_together(
    store: Store, look: Callable[[AsyncSession, Sequence[Asked]], Awaitable[Sequence[Told | Exception]]], one: Asked
) -> Told:
    """What `look` finds for one. Those who ask it at once share a look at the database (see Together)."""
    shared: dict[object, Together[Asked, Told]] = store.shared_looks
    if look not in shared:

        async def look_for_all(several: Sequence[Asked]) -> Sequence[Told | Exception]:
            async with store.read() as session:
                return await look(session, several)

        shared[look] = Together(look_for_all, at_most=LOOK_AT_ONCE)
    return await shared[look](one)
