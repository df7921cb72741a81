"""What a round may tell: nothing below five answers, also for who knows their own; what is told is right."""

from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as some

from handlers.checkins.rules import results, watching
from handlers.checkins.rules.results import LEAST_ANSWERS, Published, Warned, by_week, change, mean, published, warned
from handlers.checkins.rules.watching import Watched, noticed
from storage.checkin_answers import STEPS, Tally
from storage.checkins import Round, Visibility

TUESDAY = date(2026, 6, 2)
STEP = some.integers(1, STEPS)
ANSWERS = [(load, feeling) for load in (None, *range(1, STEPS + 1)) for feeling in (None, *range(1, STEPS + 1))]


def a_round(load: list[int] | None, *, weeks_ago: int = 0) -> Round:
    return Round(day=TUESDAY - timedelta(weeks=weeks_ago), load=load)


@given(
    others=some.lists(some.sampled_from(ANSWERS), max_size=9),
    readers=some.lists(some.sampled_from(ANSWERS), max_size=3),
)
def test_nothing_is_published_that_leaves_fewer_than_five_when_a_reader_takes_their_own_answer_off(
    others: list[tuple[int | None, int | None]], readers: list[tuple[int | None, int | None]]
) -> None:
    def counts(which: int) -> list[int]:
        return [sum(one[which] == step for one in [*others, *readers]) for step in range(1, STEPS + 1)]

    loads = sum(one[0] is not None for one in others)
    feelings = sum(one[1] is not None for one in others)
    tally = Tally(len(others) + len(readers), counts(0), counts(1), len(others), loads, feelings)
    shown = published(tally, Visibility.PRIVATE)
    assert (shown.load is not None) == (loads >= LEAST_ANSWERS)
    assert (shown.feeling is not None) == (feelings >= LEAST_ANSWERS)
    assert shown.blockers == (len(others) >= LEAST_ANSWERS)


def test_a_named_round_shows_everything() -> None:
    load, feeling = [0, 0, 0, 0, 1], [0, 1, 0, 0, 0]
    assert published(Tally(1, load, feeling, 1, 1, 1), Visibility.NAMED) == Published(load, feeling, blockers=True)


@given(answers=some.lists(STEP, min_size=1, max_size=60))
def test_the_mean_is_that_of_the_answers(answers: list[int]) -> None:
    counts = [answers.count(step) for step in range(1, STEPS + 1)]
    average = mean(counts)
    assert average is not None
    assert abs(average - sum(answers) / len(answers)) < 1e-9
    assert mean([0] * STEPS) is None


def test_a_change_is_against_the_answers_of_four_weeks_and_needs_two_check_ins() -> None:
    light, heavy = [0, 5, 0, 0, 0], [0, 0, 0, 5, 0]
    earlier = [a_round(heavy, weeks_ago=5), a_round(light, weeks_ago=3), a_round(None, weeks_ago=2)]
    assert change(heavy, earlier, TUESDAY) is None
    compared = change(heavy, [*earlier, a_round([0, 0, 0, 10, 0], weeks_ago=1)], TUESDAY)
    assert compared is not None
    assert compared.rounds == 2
    assert round(compared.usual, 2) == 3.33
    assert round(compared.by, 2) == 0.67


def test_a_difference_too_small_to_speak_of_is_none() -> None:
    same = change([0, 0, 100, 2, 0], [a_round([0, 0, 5, 0, 0], weeks_ago=1)] * 2, TUESDAY)
    assert same is not None
    assert same.by == 0


def test_a_team_is_warned_by_three_heavy_means_running_or_by_many_at_too_much() -> None:
    heavy, right = a_round([0, 0, 0, 5, 0]), a_round([0, 0, 5, 0, 0])
    assert warned([heavy, heavy, heavy]) == Warned(running=True, people=0)
    assert warned([heavy, right, heavy, heavy]) is None
    assert warned([heavy, a_round(None), heavy]) is None
    assert warned([a_round([0, 4, 0, 0, 3])]) == Warned(running=False, people=3)
    assert warned([a_round([0, 5, 0, 0, 3])]) is None
    assert warned([a_round([0, 0, 3, 0, 2])]) is None
    assert warned([a_round([0, 0, 0, 0, 4])]) is None
    assert warned([]) is None


def test_weeks_add_up_and_what_was_hidden_stays_out_of_the_sums() -> None:
    rounds = [a_round([1, 0, 4, 0, 0], weeks_ago=1), a_round(None, weeks_ago=1), a_round([0, 0, 0, 0, 5])]
    weeks = by_week(rounds, weeks=3, today=TUESDAY)
    assert [week.load for week in weeks] == [[0] * 5, [1, 0, 4, 0, 0], [0, 0, 0, 0, 5]]
    assert [(week.rounds, week.hidden) for week in weeks] == [(0, 0), (1, 1), (1, 0)]
    assert weeks[-1].begins == date(2026, 6, 1)


def test_somebody_hears_of_three_heavy_days_of_four() -> None:
    assert noticed([4, 4, 5]) is None
    assert noticed([4, 2, 5, 4]) == Watched.HEAVY
    assert noticed([4, 4, 4, 3, 3]) is None


def test_somebody_hears_of_what_is_well_above_their_own_usual() -> None:
    assert noticed([1, 1, 2, 1, 3, 3, 1]) == Watched.ABOVE
    assert noticed([3, 3, 3, 3, 4, 4, 3]) is None
    assert noticed([1, 1, 1, 3, 3]) is None
    assert noticed([1, 1, 2, 2, 3, 3, 1]) == Watched.ABOVE, "one and a half above is enough"
    assert noticed([1, 1, 1, 3, 3, 1, 1, 1, 1]) is None, "that was before the last three"


@given(loads=some.lists(STEP, max_size=30))
def test_who_says_right_or_less_every_time_is_never_called_heavy(loads: list[int]) -> None:
    assert noticed([min(load, 3) for load in loads]) != Watched.HEAVY


def test_nobody_hears_it_twice_within_two_weeks() -> None:
    assert watching.may_tell(None, TUESDAY)
    assert not watching.may_tell(TUESDAY - timedelta(days=13), TUESDAY)
    assert watching.may_tell(TUESDAY - timedelta(days=14), TUESDAY)


def test_a_queue_is_as_usual_beside_the_teams_and_beside_nothing_if_nobody_measures() -> None:
    team = {1: 4, 2: 6, 3: 9}
    assert watching.is_usual_queue(2, team, owned=1)
    assert not watching.is_usual_queue(3, team, owned=0)
    assert not watching.is_usual_queue(1, team, owned=2)
    assert watching.is_usual_queue(1, {}, owned=1)
    assert not watching.is_usual_queue(1, {}, owned=2)
    assert results.heavy([9, 9, 9, 2, 1]) == 3


@example(load=[0, 1, 4, 0, 0])
@example(load=[0, 1, 4, 1, 0])
@given(load=some.none() | some.lists(some.integers(0, 4), min_size=STEPS, max_size=STEPS))
def test_what_a_team_reads_of_a_round_leaves_five_others_to_each_of_those_who_answered(load: list[int] | None) -> None:
    shown = results.told_to_the_team(a_round(load))
    assert shown == (load if load and sum(load) - 1 >= LEAST_ANSWERS else None)


def test_a_change_needs_answers_now_and_before() -> None:
    nobody, somebody = [0] * STEPS, [0, 0, 5, 0, 0]
    assert change(nobody, [a_round(somebody, weeks_ago=1)] * 2, TUESDAY) is None
    assert change(somebody, [a_round(nobody, weeks_ago=1)] * 2, TUESDAY) is None


def test_what_is_compared_lies_in_the_four_weeks_before() -> None:
    light, heavy = [0, 5, 0, 0, 0], [0, 0, 0, 5, 0]
    oldest = a_round(heavy, weeks_ago=4)
    compared = change(light, [oldest, a_round(heavy, weeks_ago=1)], TUESDAY)
    assert compared == results.Change(4.0, 2, -2.0)
    for outside in (Round(day=oldest.day - timedelta(days=1), load=heavy), a_round(heavy)):
        assert change(light, [outside, a_round(heavy, weeks_ago=1)], TUESDAY) is None


def test_a_twentieth_of_a_step_is_worth_a_word() -> None:
    usual = [a_round([0, 0, 20, 0, 0], weeks_ago=1)] * 2
    for counts, by in (([0, 0, 15, 1, 0], 1 / 16), ([0, 0, 20, 1, 0], 0.0), ([0, 1, 15, 0, 0], -1 / 16)):
        told = change(counts, usual, TUESDAY)
        assert told is not None
        assert abs(told.by - by) < 1e-9


def test_five_answers_of_which_two_in_five_at_too_much_make_a_warning() -> None:
    assert warned([a_round([0, 0, 0, 2, 3])]) == Warned(running=False, people=3)
    assert warned([a_round([0, 0, 6, 0, 4])]) == Warned(running=False, people=4), "two in five, exactly"
    assert warned([a_round([0, 0, 0, 1, 3])]) is None
    assert warned([a_round([0, 0, 5, 0, 3])]) is None
    heavy, light = a_round([0, 0, 0, 5, 0]), a_round([0, 0, 1, 4, 0])
    assert warned([heavy, heavy, a_round([0, 0, 0, 2, 3])]) == Warned(running=True, people=3)
    for broken in ([heavy, light, heavy], [light, heavy, heavy], [a_round([0, 0, 0, 4, 0]), heavy, heavy]):
        assert warned(broken) is None
