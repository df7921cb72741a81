"""Spikes over simulated years: hardly ever a false alarm, and what was planted is found."""

import random
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handlers.queue.rules.spikes import Found, Kind, Known, Past, look, tail, weekday_factors
from storage.queue_figures import TagCount
from storage.ticket_days import ALL

WEEKDAYS = (1.25, 1.1, 1.0, 0.95, 0.9, 0.35, 0.3)
BY_TIME_OF_DAY = {8: 0.12, 11: 0.35, 14: 0.58, 17: 0.8, 23: 1.0}
"""The share of a day's tickets that has come by then."""
TAGS = {"billing": 8.0, "login": 5.0, "shipping": 7.0, "refund": 4.0, "app-crash": 2.5, "export": 1.5, "how-to": 12.0}
RARE = {f"rare-{number}": 0.08 for number in range(25)}
FIRST = date(2025, 1, 6)


def draw(chance: random.Random, rate: float, shape: float) -> int:
    """A negative-binomial count: variance = rate + rate² ÷ shape."""
    mean = rate * chance.gammavariate(shape, 1 / shape)
    count, at = 0, chance.expovariate(1.0)
    while at < mean:
        count, at = count + 1, at + chance.expovariate(1.0)
    return count


class Year:
    """A team's year: per day and tag, how many came by each of the looked-at times of day."""

    def __init__(self, seed: int, days: int = 365, *, scale: float = 1.0, busy: float = 6.0, own: float = 8.0) -> None:
        chance = random.Random(seed)
        self.days: list[dict[int, dict[str, int]]] = []
        for day in range(days + 56):
            weekday = WEEKDAYS[(FIRST + timedelta(days=day)).weekday()]
            busyness = chance.gammavariate(busy, 1 / busy)
            came: dict[int, dict[str, int]] = {time: {} for time in BY_TIME_OF_DAY}
            for tag, rate in {**TAGS, **RARE}.items():
                count = draw(chance, rate * scale * weekday * busyness, own)
                moments = [chance.random() for _ in range(count)]
                for time, share in BY_TIME_OF_DAY.items():
                    came[time][tag] = sum(moment < share for moment in moments)
            for time in BY_TIME_OF_DAY:
                came[time][ALL] = sum(came[time].values())
            self.days.append(came)

    def looks(self, day: int) -> list[Found]:
        """Every look of that day."""
        return [self.look(day, time) for time in BY_TIME_OF_DAY]

    def look(self, day: int, time: int, planted: tuple[str, int, int] | None = None) -> Found:
        today = FIRST + timedelta(days=day)
        history = [
            Past(FIRST + timedelta(days=past), {tag: float(n) for tag, n in self.days[past][time].items()})
            for past in range(day - 56, day)
        ]
        counts = [TagCount(tag, n, n) for tag, n in self.days[day][time].items() if n or tag == ALL]
        if planted is not None:
            tag, tickets, customers = planted
            before = next((one.tickets for one in counts if one.tag == tag), 0)
            counts = [one for one in counts if one.tag != tag]
            counts.append(TagCount(tag, before + tickets, before + customers))
        return look(today, counts, history, days_known=day)


def test_false_alarms_come_on_at_most_two_percent_of_days() -> None:
    for seed, scale in ((1, 1.0), (2, 0.4), (3, 3.0)):
        year = Year(seed, scale=scale)
        alarmed = sum(any(found.spikes for found in year.looks(day)) for day in range(56, 421))
        assert alarmed / 365 <= 0.02, (seed, scale, alarmed)


def test_a_planted_spike_is_found_and_names_its_tag_alone() -> None:
    year = Year(4)
    for day in range(60, 420, 9):
        found = year.look(day, 11, planted=("refund", 25, 20))
        assert [one.tag for one in found.spikes if one.kind == Kind.UNUSUAL] == ["refund"], day


def test_a_tag_never_seen_is_new_with_five_tickets_of_four_customers_and_not_with_fewer() -> None:
    year = Year(5, days=40)
    assert [one.kind for one in year.look(70, 11, planted=("login-loop", 9, 8)).spikes] == [Kind.NEW]
    assert [one.kind for one in year.look(70, 11, planted=("login-loop", 5, 4)).spikes] == [Kind.NEW]
    assert not year.look(70, 11, planted=("login-loop", 4, 4)).spikes
    assert not year.look(70, 11, planted=("login-loop", 30, 3)).spikes


def test_when_everything_rises_the_whole_queue_is_named_and_no_single_tag() -> None:
    year = Year(6, days=40, busy=60, own=60)
    usual = year.days[70][17]
    counts = [TagCount(tag, 5 * n, 5 * n) for tag, n in usual.items() if n]
    history = [
        Past(FIRST + timedelta(days=past), {tag: float(n) for tag, n in year.days[past][17].items()})
        for past in range(14, 70)
    ]
    found = look(FIRST + timedelta(days=70), counts, history, days_known=70)
    assert ALL in [one.tag for one in found.spikes]
    assert not [one for one in found.spikes if one.tag in TAGS]


def test_four_weeks_of_history_are_needed_to_call_anything_unusual_or_new() -> None:
    counts = [TagCount(ALL, 50, 40), TagCount("login-loop", 50, 40)]
    assert look(FIRST, counts, [], days_known=27) == Found((), too_little_history=True)
    empty = [Past(FIRST - timedelta(days=past), {}) for past in range(1, 57)]
    assert [one.tag for one in look(FIRST, counts, empty, days_known=56).spikes] == ["login-loop"]


@given(st.integers(0, 60), st.floats(0.01, 50), st.floats(0.01, 2))
def test_the_tail_is_a_probability_that_falls_with_the_count(count: int, mean: float, dispersion: float) -> None:
    here, beyond = tail(count, mean, dispersion), tail(count + 1, mean, dispersion)
    assert 0 <= beyond <= here <= 1
    assert tail(0, mean, dispersion) == 1


def test_the_tail_is_the_negative_binomials() -> None:
    # size 2, probability ½: mean 2, variance 4 = 2 + ½ × 2²; P(X = 0) = ¼, P(X = 1) = ¼
    assert abs(tail(1, 2, 0.5) - 0.75) < 1e-12
    assert abs(tail(2, 2, 0.5) - 0.5) < 1e-12


def test_days_without_a_tag_make_it_as_uneven_as_days_with_many() -> None:
    # four, none, four, none: mean 2, variance 4 = 2 + ½ × 2², and the level is known from 56 days
    history = [Past(FIRST + timedelta(days=day), {ALL: 10.0, **({} if day % 2 else {"x": 4.0})}) for day in range(56)]
    known = Known(FIRST + timedelta(days=56), history)
    assert (round(known.mean("x"), 9), round(known.dispersion("x"), 9)) == (2, round(0.5 + 1.5 / 56, 9))


def test_three_tags_of_five_that_rise_are_the_whole_queue_and_two_are_not() -> None:
    tags = "abcde"
    history = [Past(FIRST + timedelta(days=day), {ALL: 50.0, **dict.fromkeys(tags, 10.0)}) for day in range(56)]
    for rising, named in ((3, [ALL]), (2, ["a", "b"])):
        counts = [TagCount(tag, 40 if place < rising else 10, 9) for place, tag in enumerate(tags)]
        whole = TagCount(ALL, sum(one.tickets for one in counts), 9)
        found = look(FIRST + timedelta(days=56), [whole, *counts], history, days_known=56)
        assert [one.tag for one in found.spikes] == named


def test_a_weekday_without_tickets_is_far_below_the_mean_day_of_a_small_queue_too() -> None:
    # 3½ on each of two Mondays, half a ticket a day: a Monday is (2 × 3½ + ½) ÷ (3 × ½), another day ½ ÷ (3 × ½)
    history = [Past(FIRST + timedelta(days=day), {} if day % 7 else {ALL: 3.5}) for day in range(14)]
    assert [round(factor, 9) for factor in weekday_factors(history)] == [5, *[round(1 / 3, 9)] * 6]
    assert weekday_factors([]) == [1] * 7
