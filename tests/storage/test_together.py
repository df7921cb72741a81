"""Who comes while others are asked waits, and is asked with everybody else who came meanwhile."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from storage import together
from storage.store import DatabaseAwayError, DatabaseBusyError, Store
from storage.together import Together, look_together


class Desk:
    """Answers with what it is asked; keeps who was asked together, and waits where it is told to."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.wrong: list[Exception] = []
        self.begins = asyncio.Event()
        self.goes_on = asyncio.Event()
        self.goes_on.set()

    async def answer(self, asked: Sequence[str]) -> list[str | Exception]:
        self.asked.append(list(asked))
        self.begins.set()
        await self.goes_on.wait()
        if self.wrong:
            raise self.wrong.pop(0)
        if "bug" in asked:
            raise ValueError("bug")
        return [LookupError(one) if one == "refused" else f"{one}!" for one in asked]


async def ask_all(ask: Together[str, str], *several: str) -> list[str | BaseException]:
    return await asyncio.gather(*map(ask, several), return_exceptions=True)


async def test_those_who_come_at_once_are_asked_together_and_told_apart() -> None:
    desk = Desk()
    ask = Together(desk.answer, at_most=3)
    told = await ask_all(ask, "a", "b", "refused", "c")
    assert desk.asked == [["a", "b", "refused"], ["c"]]
    assert told[:2] == ["a!", "b!"]
    assert isinstance(told[2], LookupError)
    assert told[3] == "c!"


async def test_who_comes_while_others_are_asked_is_not_told_what_they_hear() -> None:
    desk = Desk()
    desk.goes_on.clear()
    ask = Together(desk.answer, at_most=3)
    first = asyncio.create_task(ask("a"))
    await desk.begins.wait()
    others = asyncio.create_task(ask_all(ask, "b", "c"))
    await asyncio.sleep(0)
    desk.goes_on.set()
    assert (await first, await others) == ("a!", ["b!", "c!"])
    assert desk.asked == [["a"], ["b", "c"]]


async def test_what_breaks_one_does_not_cost_the_others_theirs() -> None:
    desk = Desk()
    told = await ask_all(Together(desk.answer, at_most=3), "a", "bug", "c")
    assert desk.asked == [["a", "bug", "c"], ["a"], ["bug"], ["c"]]
    assert (told[0], told[2]) == ("a!", "c!")
    assert isinstance(told[1], ValueError)


async def test_while_the_database_is_busy_they_wait_in_their_order() -> None:
    desk = Desk()
    desk.wrong = [DatabaseBusyError("busy")] * 3
    told = await ask_all(Together(desk.answer, at_most=2), "a", "b", "c")
    assert told == ["a!", "b!", "c!"]
    assert desk.asked == [["a", "b"]] * 4 + [["c"]]


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "PATIENCE_S", 0)
    desk = Desk()
    desk.wrong = [DatabaseBusyError("busy")]
    told = await ask_all(Together(desk.answer, at_most=2), "a")
    assert isinstance(told[0], DatabaseBusyError)


async def test_an_absent_database_is_told_at_once() -> None:
    desk = Desk()
    desk.wrong = [DatabaseAwayError("away")]
    told = await ask_all(Together(desk.answer, at_most=2), "a", "b")
    assert desk.asked == [["a", "b"]]
    assert all(isinstance(one, DatabaseAwayError) for one in told)


async def test_who_has_gone_meanwhile_is_nobody_s_trouble() -> None:
    desk = Desk()
    desk.goes_on.clear()
    ask = Together(desk.answer, at_most=3)
    gone, stays = asyncio.create_task(ask("a")), asyncio.create_task(ask("b"))
    await desk.begins.wait()
    gone.cancel()
    await asyncio.sleep(0)
    desk.goes_on.set()
    assert await stays == "b!"
    assert await ask("c") == "c!"


async def test_who_looks_for_the_same_at_once_shares_a_look(store: Store) -> None:
    looks: list[tuple[AsyncSession, list[str]]] = []

    async def names(session: AsyncSession, asked: Sequence[str]) -> list[str | Exception]:
        looks.append((session, list(asked)))
        return [LookupError(one) if one == "refused" else f"{one}!" for one in asked]

    async def ages(session: AsyncSession, asked: Sequence[str]) -> list[str | Exception]:
        looks.append((session, list(asked)))
        return [f"{one}?" for one in asked]

    asked = [look_together(store, names, "a"), look_together(store, ages, "b"), look_together(store, names, "refused")]
    told = await asyncio.gather(*asked, return_exceptions=True)
    assert told[:2] == ["a!", "b?"]
    assert isinstance(told[2], LookupError)
    assert await look_together(store, names, "c") == "c!"
    assert [asked for _, asked in looks] == [["a", "refused"], ["b"], ["c"]]
    assert len({id(session) for session, _ in looks}) == 3
