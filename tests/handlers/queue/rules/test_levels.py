"""What a spike is measured against, number by number."""

from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from handlers.queue.rules import spikes
from handlers.queue.rules.spikes import FLOOR, Found, Kind, Known, Past, Spike, look, tail, weekday_factors
from storage.queue_figures import TagCount
from storage.ticket_days import ALL

MONDAY = date(2026, 6, 1)
FORTNIGHT = [MONDAY - timedelta(days=back) for back in range(1, 15)]
EIGHT_WEEKS = [MONDAY - timedelta(days=back) for back in range(1, 57)]


def flat(days: list[date], counts: Mapping[str, float]) -> list[Past]:
    return [Past(day, counts) for day in days]


def busy_mondays(tag: float = 1.0) -> list[Past]:
    return [Past(day, {ALL: 20.0 if day.weekday() == 0 else 10.0, "login": tag}) for day in FORTNIGHT]


def counts(everything: int = 0, **tags: tuple[int, int]) -> list[TagCount]:
    return [TagCount(ALL, everything, everything), *(TagCount(tag, *both) for tag, both in tags.items())]


def test_a_weekday_is_compared_with_the_mean_day_as_if_one_more_had_been_a_mean_one() -> None:
    # 160 tickets in 14 days; two Mondays with 20, and one that is taken to have had the mean
    assert weekday_factors(busy_mondays()) == pytest.approx([1.5] + [11 / 12] * 6)
    assert weekday_factors([]) == [1.0] * 7
    assert weekday_factors(flat(FORTNIGHT, {"login": 3.0})) == [1.0] * 7, "nothing came at all"
    mondays = [Past(MONDAY - timedelta(weeks=back), {ALL: 8.0}) for back in range(1, 5)]
    assert weekday_factors(mondays) == [1.0] * 7


def test_the_level_of_a_tag_follows_the_weekday() -> None:
    history = busy_mondays()
    monday, tuesday = Known(MONDAY, history), Known(MONDAY + timedelta(days=1), history)
    assert monday.totals == {ALL: 160.0, "login": 14.0}
    assert (monday.mean("login"), tuesday.mean("login")) == pytest.approx((1.5, 11 / 12))
    assert monday.mean(ALL) == pytest.approx(160 / 14 * 1.5)
    assert monday.mean("never") == 0.0
    assert Known(MONDAY, []).mean(ALL) == 0.0


def test_what_never_came_has_no_total() -> None:
    assert Known(MONDAY, flat(FORTNIGHT, {ALL: 2.0, "login": 0.0})).totals == {ALL: 28.0}


def test_how_uneven_a_tag_is_comes_from_its_own_days() -> None:
    # 0 and 4 in turn: the mean is 2, its variance 4, so 4 = 2 + ½ × 2²; and the level rests on 14 days
    uneven = [Past(day, {ALL: 10.0, "login": 4.0 * (n % 2)}) for n, day in enumerate(FORTNIGHT)]
    assert Known(MONDAY, uneven).dispersion("login") == pytest.approx(0.5 + 1.5 / 14)


def test_nothing_is_steadier_than_the_floor() -> None:
    steady = flat(FORTNIGHT, {ALL: 10.0, "login": 2.0})
    assert Known(MONDAY, steady).dispersion("login") == pytest.approx(FLOOR + (1 + FLOOR) / 14)
    assert Known(MONDAY, steady).dispersion("never") == FLOOR
    assert Known(MONDAY, []).dispersion(ALL) == FLOOR


def test_how_uneven_a_tag_is_is_judged_beside_its_weekday() -> None:
    # three times as many on Mondays, like the whole queue: that is steady
    history = [Past(day, {ALL: 30.0 if day.weekday() == 0 else 10.0}) for day in EIGHT_WEEKS]
    assert Known(MONDAY, history).dispersion(ALL) < FLOOR + (1 + FLOOR) / 56 + 0.01


@pytest.mark.parametrize(
    ("count", "mean", "dispersion", "chance"),
    [
        (0, 2.0, 0.5, 1.0),
        (-1, 2.0, 0.5, 1.0),
        (1, 0.0, 0.5, 0.0),
        (0, 0.0, 0.5, 1.0),
        (3, 2.0, 0.5, 0.3125),  # size 2, probability ½: P(X = 2) = 3/16
        (4, 2.0, 0.5, 0.1875),
        (1, 3.0, 1.0, 0.75),  # size 1 is geometric: ¾, ¾², …
        (2, 3.0, 1.0, 0.5625),
        (3, 3.0, 1.0, 0.421875),
    ],
)
def test_the_tail_is_known(count: int, mean: float, dispersion: float, chance: float) -> None:
    assert tail(count, mean, dispersion) == pytest.approx(chance)


STEADY = flat(EIGHT_WEEKS, {ALL: 40.0, "login": 2.0, "billing": 10.0})


@pytest.mark.parametrize(
    ("tickets", "customers", "stands_out"),
    [(20, 20, True), (20, 3, True), (20, 2, False), (5, 5, False), (4, 4, False)],
)
def test_what_stands_out_has_enough_tickets_of_enough_customers(tickets: int, customers: int, stands_out: bool) -> None:
    found = look(MONDAY, counts(40, login=(tickets, customers)), STEADY, days_known=56)
    spike = Spike(Kind.UNUSUAL, "login", tickets, customers, 2.0)
    assert found == Found((spike,) if stands_out else ())


def test_five_of_a_rare_tag_are_enough_and_less_than_twice_the_usual_is_not() -> None:
    rare = flat(EIGHT_WEEKS, {ALL: 40.0, "login": 0.05, "billing": 400.0})
    assert [one.tag for one in look(MONDAY, counts(40, login=(5, 3)), rare, days_known=56).spikes] == ["login"]
    assert not look(MONDAY, counts(40, login=(4, 4)), rare, days_known=56).spikes
    assert not look(MONDAY, counts(40, billing=(799, 700)), rare, days_known=56).spikes


def test_a_new_tag_has_no_usual() -> None:
    found = look(MONDAY, counts(40, outage=(5, 4)), STEADY, days_known=28)
    assert found == Found((Spike(Kind.NEW, "outage", 5, 4, 0.0),))
    for few in ((4, 4), (5, 3)):
        assert look(MONDAY, counts(40, outage=few), STEADY, days_known=28) == Found(())


THREE = flat(EIGHT_WEEKS, {ALL: 30.0, "a": 10.0, "b": 10.0, "c": 10.0})


def test_everything_rises_when_three_in_five_of_three_tags_do() -> None:
    two_of_three = counts(90, a=(40, 40), b=(40, 40), c=(10, 10))
    tags = [one.tag for one in look(MONDAY, two_of_three, THREE, days_known=56).spikes]
    assert tags == [ALL], "what the whole queue has explains what each tag has"
    one_of_three = counts(90, a=(70, 70), b=(13, 13), c=(7, 7))
    assert [one.tag for one in look(MONDAY, one_of_three, THREE, days_known=56).spikes] == ["a"]


def test_a_tag_that_rises_beyond_everything_is_named_too() -> None:
    much = counts(100, a=(400, 400), b=(30, 30), c=(30, 30))
    assert [one.tag for one in look(MONDAY, much, THREE, days_known=56).spikes] == [ALL, "a"]


def test_two_tags_are_too_few_for_everything_and_a_rare_one_is_not_judged() -> None:
    two = flat(EIGHT_WEEKS, {ALL: 20.5, "a": 10.0, "b": 10.0, "rare": 0.5})
    risen = counts(90, a=(45, 45), b=(45, 45))
    assert [one.tag for one in look(MONDAY, risen, two, days_known=56).spikes] == ["a", "b"]
    frequent = flat(EIGHT_WEEKS, {ALL: 21.0, "a": 10.0, "b": 10.0, "rare": 1.0})
    assert [one.tag for one in look(MONDAY, risen, frequent, days_known=56).spikes] == [ALL]


def test_a_third_more_is_rising_and_less_is_not() -> None:
    thirteen = counts(300, a=(13, 13), b=(13, 13), c=(14, 14))  # 1.3 times the usual is not above it
    assert not look(MONDAY, thirteen, THREE, days_known=56).spikes
    fourteen = counts(300, a=(14, 14), b=(14, 14))
    assert [one.tag for one in look(MONDAY, fourteen, THREE, days_known=56).spikes] == [ALL]


def test_a_queue_below_its_usual_lifts_nothing() -> None:
    risen = counts(3, a=(40, 40), b=(40, 40), c=(10, 10))
    assert [one.tag for one in look(MONDAY, risen, THREE, days_known=56).spikes] == ["a", "b"]


def test_four_weeks_are_history_enough() -> None:
    assert look(MONDAY, counts(), [], days_known=27) == Found((), too_little_history=True)
    assert look(MONDAY, counts(), [], days_known=28) == Found(())


def test_more_tags_share_the_same_false_alarms() -> None:
    def found(tags: int, tickets: int) -> bool:
        history = flat(EIGHT_WEEKS, {ALL: 100.0, **{f"tag{n}": 4.0 for n in range(tags)}})
        return bool(look(MONDAY, counts(100, tag0=(tickets, tickets)), history, days_known=56).spikes)

    least = [next(n for n in range(5, 60) if found(tags, n)) for tags in (1, 2, 50)]
    assert least == sorted(set(least)), "the more tags, the more it takes"
    assert spikes.DAILY_FALSE_ALARMS == 0.003
