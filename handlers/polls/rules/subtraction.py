"""Whether results, added and subtracted, leave the answers of a few.

Each result is a sum over the people it was asked of. Whoever reads several can add and subtract them, each as often as
they like, and is left with the answers of those who don't cancel out. Taken is the worst: everybody answers each time,
and alike. People whom the same results count are one cell; they stay or go together. So what can be left are the
vectors that the results span over the cells, and it is enough to look at those of minimal support.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from fractions import Fraction

People = frozenset[int]
Vector = list[Fraction]

RESULTS_AT_MOST = 40
"""Different results that are looked at together."""
TRIED_AT_MOST = 2000
"""Ways of cancelling out that are tried. Beyond either the answer is yes: what can't be checked isn't shown."""


def leaves_a_few(results: Collection[People], is_enough: Callable[[People], bool]) -> bool:
    """Whether some sum of multiples of these results is over people who aren't enough. Who is enough stays so with
    more people beside them."""
    distinct = sorted({people for people in results if people}, key=sorted)
    if len(distinct) > RESULTS_AT_MOST:
        return True
    cells = _cells(distinct)
    few = {counted_by: people for counted_by, people in cells.items() if not is_enough(people)}
    without_many = _cancelling([counted_by for counted_by in cells if counted_by not in few], len(distinct))
    left = _reduced([[_times(how, counted_by) for counted_by in few] for how in without_many])
    people_of = list(few.values())
    for tried, places in enumerate(_least(left, 0), 1):
        if tried > TRIED_AT_MOST or not is_enough(frozenset[int]().union(*(people_of[place] for place in places))):
            return True
    return False


def _cells(results: Sequence[People]) -> dict[tuple[bool, ...], People]:
    """People by which of the results count them."""
    found: dict[tuple[bool, ...], set[int]] = defaultdict(set)
    for person in frozenset[int]().union(*results):
        found[tuple(person in people for people in results)].add(person)
    return {counted_by: frozenset(people) for counted_by, people in found.items()}


def _times(how: Vector, counted_by: Sequence[bool]) -> Fraction:
    """How often the people of a cell are counted, if each result is taken so many times."""
    return sum((times for times, counted in zip(how, counted_by, strict=True) if counted), Fraction(0))


def _cancelling(cells: Sequence[Sequence[bool]], results: int) -> list[Vector]:
    """A basis of the ways to take the results so that none of these cells is left (the null space)."""
    rows = {_first(row): row for row in _reduced([[Fraction(counted) for counted in cell] for cell in cells])}
    basis = []
    for free in (place for place in range(results) if place not in rows):
        vector = [Fraction(place == free) for place in range(results)]
        for pivot, row in rows.items():
            vector[pivot] = -row[free]
        basis.append(vector)
    return basis


def _reduced(vectors: Sequence[Vector]) -> list[Vector]:
    """The reduced row echelon form (Gauss and Jordan), without rows of zeros."""
    rows: list[Vector] = []
    for given in vectors:
        if len(rows) == len(given):
            break
        vector = given
        for row in rows:
            vector = _less(vector, row, _first(row))
        if any(vector):
            vector = [value / vector[_first(vector)] for value in vector]
            rows = [*(_less(row, vector, _first(vector)) for row in rows), vector]
    return rows


def _first(vector: Vector) -> int:
    return next(place for place, value in enumerate(vector) if value)


def _less(vector: Vector, row: Vector, place: int) -> Vector:
    """The vector less so much of the row that nothing is left at that place, where the row is 1."""
    if not (times := vector[place]):
        return vector
    return [value - times * other for value, other in zip(vector, row, strict=True)]


def _least(basis: Sequence[Vector], begin: int) -> Iterator[list[int]]:
    """Where the vectors of minimal support aren't zero. Each is the only one, but for its length, that is zero at some
    places; `begin`: at which place to go on choosing those."""
    if len(basis) == 1:
        yield [place for place, value in enumerate(basis[0]) if value]
        return
    for place in range(begin, len(basis[0]) if basis else 0):
        at = [vector for vector in basis if vector[place]]
        if at:
            one, *others = at
            rest = [vector for vector in basis if not vector[place]]
            scaled = [value / one[place] for value in one]
            yield from _least([*rest, *(_less(other, scaled, place) for other in others)], place + 1)
