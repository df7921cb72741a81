"""Who is on duty, and whom the next tier has."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.teams.rules.duty import (
    AWAY,
    LEFT,
    NO_MANAGERS,
    NOBODY_FREE,
    UNDISTURBED,
    Source,
    Turn,
    coming_turns,
    in_turn,
    next_handover,
    on_duty,
    own_turn,
    tier,
    whose_turns,
)
from handlers.teams.rules.roles import may_give_away
from tests.handlers.teams.people import TUESDAY, facts, person, team

RAMON, BEN, MEI = person("Ramon", 1), person("Ben", 2), person("Mei", 3)
AOIFE, JONAS = person("Aoife", 4), person("Jonas", 5)
ROTA = (RAMON, BEN, MEI)
NEXT_MONDAY = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_first_of_the_rota_is_on_duty_until_the_hand_over_and_then_the_next() -> None:
    care = facts(team(), rota=ROTA, managers=(AOIFE,))
    duty = on_duty(care, TUESDAY)
    assert (duty.people, duty.source, duty.until) == ((RAMON,), Source.ROTA, NEXT_MONDAY)
    assert on_duty(care, NEXT_MONDAY - timedelta(microseconds=1)).people == (RAMON,)
    assert on_duty(care, NEXT_MONDAY).people == (BEN,)
    assert on_duty(care, NEXT_MONDAY + timedelta(weeks=2)).people == (RAMON,)


def test_a_daily_rota_moves_every_day_also_over_a_clock_change() -> None:
    since = datetime(2026, 10, 23, 12, 0, tzinfo=UTC)
    care = facts(team(handover_weekday=None, handover_at=time(9), rota_since=since), rota=ROTA)
    monday_after_the_change = datetime(2026, 10, 26, 9, 0, tzinfo=UTC)
    assert on_duty(care, monday_after_the_change - timedelta(seconds=1)).people == (MEI,)
    assert on_duty(care, monday_after_the_change).people == (RAMON,)


def test_an_override_comes_before_the_turn_and_of_two_the_later_one() -> None:
    stands_in = ((BEN, TUESDAY - HOUR, TUESDAY + HOUR), (MEI, TUESDAY, TUESDAY + 2 * HOUR))
    care = facts(team(), rota=ROTA, overrides=stands_in)
    duty = on_duty(care, TUESDAY)
    assert (duty.people, duty.source, duty.until) == ((MEI,), Source.OVERRIDE, TUESDAY + 2 * HOUR)
    assert on_duty(care, TUESDAY + 2 * HOUR).people == (RAMON,)


def test_a_turn_ends_where_an_override_begins() -> None:
    care = facts(team(), rota=ROTA, overrides=((BEN, TUESDAY + HOUR, TUESDAY + 2 * HOUR),))
    assert on_duty(care, TUESDAY).until == TUESDAY + HOUR


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({"away_from": TUESDAY}, AWAY),
        ({"away_from": TUESDAY - HOUR, "away_until": TUESDAY + HOUR}, AWAY),
        ({"dnd_from": TUESDAY - HOUR, "dnd_until": TUESDAY + HOUR}, UNDISTURBED),
        ({"deactivated": True}, LEFT),
        ({"is_guest": True}, LEFT),
    ],
)
def test_who_can_not_be_paged_is_passed_over_for_the_next_in_the_rota(state: dict[str, object], why: str) -> None:
    gone = person("Ramon", 1, **state)
    duty = on_duty(facts(team(), rota=(gone, BEN, MEI), managers=(AOIFE,)), TUESDAY)
    assert duty.people == (BEN,)
    assert duty.skipped == ((gone, why),)


@pytest.mark.parametrize(
    ("state", "until"),
    [
        ({"away_from": TUESDAY - HOUR, "away_until": TUESDAY + HOUR}, TUESDAY + HOUR),
        ({"dnd_from": TUESDAY - HOUR, "dnd_until": TUESDAY + HOUR}, TUESDAY + HOUR),
        ({"away_from": TUESDAY}, NEXT_MONDAY),
        ({"away_from": TUESDAY, "away_until": NEXT_MONDAY + HOUR}, NEXT_MONDAY),
        ({"deactivated": True}, NEXT_MONDAY),
    ],
)
def test_who_takes_the_turn_of_somebody_passed_over_has_it_until_they_are_back(
    state: dict[str, object], until: datetime
) -> None:
    duty = on_duty(facts(team(), rota=(person("Ramon", 1, **state), BEN)), TUESDAY)
    assert (duty.people, duty.until) == ((BEN,), until)


def test_who_stands_in_and_is_away_is_passed_over_for_the_rota() -> None:
    away = person("Mei", 3, away_from=TUESDAY)
    duty = on_duty(facts(team(), rota=(RAMON, BEN), overrides=((away, TUESDAY, TUESDAY + HOUR),)), TUESDAY)
    assert (duty.people, duty.skipped) == ((RAMON,), ((away, AWAY),))


def test_without_a_rota_all_managers_who_are_there_are_on_duty() -> None:
    away = person("Jonas", 5, away_from=TUESDAY)
    duty = on_duty(facts(team(), managers=(AOIFE, away, BEN)), TUESDAY)
    assert (duty.people, duty.source, duty.until) == ((AOIFE, BEN), Source.MANAGERS, None)


def test_when_the_whole_rota_is_away_the_managers_are_on_duty() -> None:
    away = person("Ramon", 1, away_from=TUESDAY)
    assert on_duty(facts(team(), rota=(away,), managers=(AOIFE,)), TUESDAY).people == (AOIFE,)


def test_nobody_at_all_is_said_with_its_reason() -> None:
    away = person("Aoife", 4, away_from=TUESDAY)
    assert on_duty(facts(team()), TUESDAY).why == NO_MANAGERS
    duty = on_duty(facts(team(), managers=(away,)), TUESDAY)
    assert (duty.people, duty.why, duty.skipped) == ((), NOBODY_FREE, ((away, AWAY),))


def test_tiers_rise_from_duty_to_managers_to_heads_and_an_empty_one_falls_through() -> None:
    care = facts(team(), rota=ROTA, managers=(AOIFE,), heads=(JONAS,))
    assert [tier(care, level, TUESDAY) for level in (0, 1, 2, 3)] == [(RAMON,), (AOIFE,), (JONAS,), (JONAS,)]
    away = person("Aoife", 4, away_from=TUESDAY)
    assert tier(facts(team(), rota=ROTA, managers=(away,), heads=(JONAS,)), 1, TUESDAY) == (JONAS,)
    assert tier(facts(team(), rota=ROTA, managers=(AOIFE,)), 2, TUESDAY) == (AOIFE,)
    assert tier(facts(team(), rota=ROTA), 1, TUESDAY) == (RAMON,)
    assert tier(facts(team()), 0, TUESDAY) == ()


@given(days=st.integers(0, 800), size=st.integers(1, 6), daily=st.booleans(), hour=st.integers(0, 23))
def test_coming_turns_are_those_that_come(days: int, size: int, daily: bool, hour: int) -> None:
    people = tuple(person(f"P{number}", number) for number in range(1, size + 1))
    care = facts(team(handover_weekday=None if daily else 2, handover_at=time(hour, 30)), rota=people)
    now = TUESDAY + timedelta(days=days)
    for turn in coming_turns(care, now, 3):
        assert in_turn(care, turn.start)[0] == turn.person
        assert in_turn(care, turn.end - timedelta(seconds=1))[0] == turn.person
        assert turn.start < turn.end


def test_ones_own_turn_is_the_present_or_the_next() -> None:
    care = facts(team(), rota=ROTA)
    now_on, later = own_turn(care, RAMON, TUESDAY), own_turn(care, BEN, TUESDAY)
    assert now_on is not None
    assert (now_on.start, now_on.end) == (TUESDAY, NEXT_MONDAY)
    assert later is not None
    assert (later.start, later.end) == (NEXT_MONDAY, NEXT_MONDAY + timedelta(weeks=1))
    assert own_turn(care, AOIFE, TUESDAY) is None


def test_turns_can_be_given_away_by_those_whose_they_are_and_by_managers() -> None:
    care = facts(team(), rota=ROTA, agents=ROTA, managers=(AOIFE,))
    assert whose_turns(care, TUESDAY, NEXT_MONDAY + HOUR) == [RAMON, BEN]
    assert may_give_away(care, RAMON, TUESDAY, NEXT_MONDAY, is_admin=False)
    assert not may_give_away(care, RAMON, TUESDAY, NEXT_MONDAY + HOUR, is_admin=False)
    assert not may_give_away(care, BEN, TUESDAY, NEXT_MONDAY, is_admin=False)
    assert may_give_away(care, AOIFE, TUESDAY, NEXT_MONDAY + HOUR, is_admin=False)
    assert not may_give_away(facts(team()), BEN, TUESDAY, NEXT_MONDAY, is_admin=False)


def test_where_nobody_said_when_turns_are_handed_over_at_the_start_of_the_week() -> None:
    care = facts(team(handover_at=None, handover_weekday=None, start=time(10)), rota=ROTA)
    monday_at_ten = datetime(2026, 6, 8, 9, 0, tzinfo=UTC)
    assert next_handover(care.team, TUESDAY) == monday_at_ten
    assert on_duty(care, monday_at_ten).people == (BEN,)


def test_before_the_rota_began_it_is_the_firsts_turn() -> None:
    care = facts(team(rota_since=NEXT_MONDAY), rota=ROTA)
    assert in_turn(care, TUESDAY) == ROTA
    assert in_turn(care, NEXT_MONDAY) == ROTA
    assert in_turn(facts(team(rota_since=None), rota=ROTA), TUESDAY + timedelta(weeks=5)) == ROTA
    assert in_turn(facts(team()), TUESDAY) == ()


def test_every_turn_that_a_stretch_touches_is_somebodys() -> None:
    care = facts(team(), rota=ROTA)
    second = timedelta(seconds=1)
    assert whose_turns(care, TUESDAY, TUESDAY) == []
    assert whose_turns(care, NEXT_MONDAY - second, NEXT_MONDAY) == [RAMON]
    assert whose_turns(care, NEXT_MONDAY - second, NEXT_MONDAY + timedelta(weeks=3)) == [RAMON, BEN, MEI, RAMON]
    assert whose_turns(facts(team()), TUESDAY, NEXT_MONDAY) == []


def test_turns_to_come_are_as_many_as_asked_for_in_order_without_a_gap() -> None:
    care = facts(team(), rota=ROTA)
    week = timedelta(weeks=1)
    assert coming_turns(care, TUESDAY, 4) == [
        Turn(one, NEXT_MONDAY + n * week, NEXT_MONDAY + (n + 1) * week) for n, one in enumerate((BEN, MEI, RAMON, BEN))
    ]
    assert coming_turns(care, TUESDAY, 0) == []
    assert coming_turns(facts(team()), TUESDAY, 3) == []
    alone = facts(team(), rota=(RAMON,))
    assert own_turn(alone, RAMON, TUESDAY) == Turn(RAMON, TUESDAY, NEXT_MONDAY)
    last = own_turn(care, MEI, TUESDAY)
    assert last is not None
    assert last.start == NEXT_MONDAY + week


def test_an_override_that_has_begun_or_comes_after_the_hand_over_does_not_shorten_a_turn() -> None:
    away = person("Mei", 3, away_from=TUESDAY - HOUR)
    begun = facts(team(), rota=(RAMON, BEN), overrides=((away, TUESDAY, TUESDAY + HOUR),))
    assert on_duty(begun, TUESDAY).until == NEXT_MONDAY
    for since in (NEXT_MONDAY, NEXT_MONDAY + HOUR):
        care = facts(team(), rota=ROTA, overrides=((BEN, since, since + HOUR),))
        assert on_duty(care, TUESDAY).until == NEXT_MONDAY


def test_an_override_holds_from_its_beginning_until_before_its_end() -> None:
    care = facts(team(), rota=ROTA, overrides=((BEN, TUESDAY, TUESDAY + HOUR),))
    on = [on_duty(care, at).people for at in (TUESDAY, TUESDAY + HOUR - timedelta(seconds=1), TUESDAY + HOUR)]
    assert on == [(BEN,), (BEN,), (RAMON,)]


def test_who_was_passed_over_is_named_once_and_nobody_behind_the_one_who_is_free() -> None:
    gone, also = person("Ramon", 1, away_from=TUESDAY), person("Mei", 3, deactivated=True)
    care = facts(team(), rota=(gone, BEN, also), overrides=((gone, TUESDAY, TUESDAY + HOUR),))
    assert on_duty(care, TUESDAY).skipped == ((gone, AWAY),)
    nobody = facts(team(), rota=(gone, also), managers=(also, AOIFE))
    duty = on_duty(nobody, TUESDAY)
    assert (duty.people, duty.source) == ((AOIFE,), Source.MANAGERS)
    assert duty.skipped == ((gone, AWAY), (also, LEFT))


def test_a_level_beyond_the_tiers_is_the_last_and_one_below_them_the_first() -> None:
    care = facts(team(), rota=ROTA, managers=(AOIFE,), heads=(JONAS,))
    assert tier(care, -1, TUESDAY) == (RAMON,)
    assert tier(care, 9, TUESDAY) == (JONAS,)
    without_managers = facts(team(), rota=ROTA)
    assert tier(without_managers, 9, TUESDAY) == (RAMON,)
    only_managers = facts(team(), managers=(AOIFE,))
    assert tier(only_managers, 9, TUESDAY) == (AOIFE,)


def test_no_tier_has_somebody_who_is_away() -> None:
    away = person("Jonas", 5, away_from=TUESDAY)
    care = facts(team(), rota=ROTA, managers=(AOIFE,), heads=(away,))
    assert tier(care, 2, TUESDAY) == (AOIFE,)
    assert tier(care, 2, TUESDAY - HOUR) == (away,)


def test_the_override_that_was_set_last_counts_whoever_it_is() -> None:
    stands_in = ((MEI, TUESDAY, TUESDAY + HOUR), (RAMON, TUESDAY, TUESDAY + HOUR))
    assert on_duty(facts(team(), rota=(BEN,), overrides=stands_in), TUESDAY).people == (RAMON,)


def test_nobody_is_a_source_too() -> None:
    assert on_duty(facts(team()), TUESDAY).source == Source.NOBODY
