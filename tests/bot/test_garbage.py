import gc
from collections.abc import Iterator

import pytest

from bot import garbage


class ImportBrokeError(Exception):
    pass


@pytest.fixture(autouse=True)
def looked_for() -> Iterator[None]:
    assert gc.isenabled()
    yield
    gc.enable()


def test_garbage_is_looked_for_again_after_imports_even_one_that_breaks() -> None:
    with garbage.not_looked_for():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ImportBrokeError), garbage.not_looked_for():
        raise ImportBrokeError
    assert gc.isenabled()


def test_imports_within_imports_leave_the_end_to_the_outermost() -> None:
    with garbage.not_looked_for():
        with garbage.not_looked_for():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_does_not_look_at_all_is_left_so() -> None:
    gc.disable()
    with garbage.not_looked_for():
        pass
    assert not gc.isenabled()
