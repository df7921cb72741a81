"""Statements that one engine has compiled, the next ones of its process don't compile again: as in a bot that is at
work, where a statement is compiled once in months. (It takes a third of most tests.)"""

from typing import Any

import pytest
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from storage import store as stores

STATEMENTS = 5_000
"""More than there are in the whole code."""
_first: dict[str, AsyncEngine] = {}


def share(patch: pytest.MonkeyPatch) -> None:
    """From here on, among the engines that stores open."""
    patch.setattr(stores, "create_async_engine", _create)


def forget() -> None:
    """For who changes what is mapped: engines that are made from here on compile anew."""
    _first.clear()


def _create(url: URL, **settings: Any) -> AsyncEngine:
    engine = create_async_engine(url, query_cache_size=STATEMENTS, **settings)
    shares = _first.get(engine.dialect.driver)
    if shares is None or shares.dialect.server_version_info is None:  # it never came to a connection
        _first[engine.dialect.driver] = engine
    else:  # a compiled statement is found by its dialect, too
        alike = shares.sync_engine
        engine.sync_engine.dialect, engine.sync_engine._compiled_cache = alike.dialect, alike._compiled_cache
    return engine
