"""How often Python looks for garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

GARBAGE = (10_000, 20, 20)
"""How much comes about between two looks (gc.set_threshold). One event makes thousands of objects, nearly all of which
go by themselves: at Python's 700 the looks took a tenth of the time in which fifty people raise."""


def looked_for_seldom() -> None:
    """From here on. What stands by now stays, as it does after a start: no look goes through all of it again."""
    gc.freeze()
    gc.set_threshold(*GARBAGE)


@contextmanager
def not_looked_for() -> Iterator[None]:
    """While modules are imported: what they make stays, and looking through all of it again and again took a quarter of
    the start. Afterwards it is looked for as before."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
