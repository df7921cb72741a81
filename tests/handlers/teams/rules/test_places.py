"""Zones and countries by what somebody types."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.local_time import parse_zone
from handlers.teams.rules.places import (
    MOST,
    countries_matching,
    country_label,
    zone_label,
    zones_matching,
)

SUMMER = datetime(2026, 6, 2, tzinfo=UTC)


def test_a_city_finds_its_zone() -> None:
    assert zones_matching("manila") == ["Asia/Manila"]
    assert "America/New_York" in zones_matching("New York")
    assert zones_matching("europe isle") == ["Europe/Isle_of_Man"]
    assert zones_matching("atlantis") == []


def test_labels_say_the_offset_that_holds_then() -> None:
    assert zone_label("Europe/Dublin", SUMMER) == "Europe/Dublin (UTC+1)"
    assert zone_label("Asia/Kathmandu", SUMMER) == "Asia/Kathmandu (UTC+5:45)"
    assert zone_label("America/St_Johns", SUMMER) == "America/St_Johns (UTC−2:30)"
    assert zone_label("UTC", SUMMER) == "UTC"


@given(st.text(max_size=30))
def test_whatever_is_typed_every_offer_is_a_zone_that_a_select_can_show(typed: str) -> None:
    found = zones_matching(typed)
    assert len(found) <= MOST
    for name in found[:3]:
        assert parse_zone(name).key == name
        assert len(zone_label(name, SUMMER)) <= 75


def test_a_country_is_found_by_any_word_of_its_name_or_its_code() -> None:
    assert countries_matching("ire") == ["IE"]
    assert "GB" in countries_matching("kingdom")
    assert countries_matching("ph")[0] == "PH"
    assert country_label("PH") == "Philippines (PH)"
    assert len(countries_matching("")) == MOST


def test_zones_whose_place_begins_with_the_words_come_first_and_old_names_after_common_ones() -> None:
    assert zones_matching("EAST")[:3] == ["Pacific/Easter", "Brazil/East", "Canada/Eastern"]
    assert zones_matching("est") == [
        "America/Creston",
        "Australia/West",
        "Europe/Bucharest",
        "Europe/Budapest",
        "Brazil/West",
    ]
    assert zones_matching(" utc ") == ["UTC", "Etc/UTC"]
    assert zones_matching("isle_of") == zones_matching("of isle") == ["Europe/Isle_of_Man"]


def test_every_zone_with_a_place_is_offered_before_anybody_types() -> None:
    assert zones_matching("")[:2] == ["Africa/Abidjan", "Africa/Accra"]
    assert len(zones_matching("")) == MOST
    assert zones_matching("est5edt") == [], "no place, but a rule"


@pytest.mark.parametrize(
    ("name", "summer", "winter"),
    [
        ("Europe/London", "+1", "+0"),
        ("America/New_York", "−4", "−5"),
        ("Australia/Lord_Howe", "+10:30", "+11"),
        ("Etc/UTC", "+0", "+0"),
    ],
)
def test_the_offset_is_that_of_the_season(name: str, summer: str, winter: str) -> None:
    assert zone_label(name, SUMMER) == f"{name} (UTC{summer})"
    assert zone_label(name, SUMMER.replace(month=12)) == f"{name} (UTC{winter})"


def test_the_offset_is_that_of_the_instant_wherever_it_is_told() -> None:
    last_night_of_summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert zone_label("Europe/Dublin", last_night_of_summer) == "Europe/Dublin (UTC+1)"
    told_in_manila = last_night_of_summer.astimezone(ZoneInfo("Asia/Manila"))
    assert zone_label("Europe/Dublin", told_in_manila) == "Europe/Dublin (UTC+1)"
    assert zone_label("Europe/Dublin", last_night_of_summer.replace(hour=2)) == "Europe/Dublin (UTC+0)"


def test_countries_stand_in_the_order_of_their_names() -> None:
    assert countries_matching("")[:3] == ["AF", "AX", "AL"]
    assert countries_matching(" United K ") == ["GB"]
    assert countries_matching("states") == ["US", "UM", "VI"]
    assert countries_matching("tates") == []
    assert countries_matching("US") == ["US"]
    assert country_label("US") == "United States (US)"
    assert country_label("XX") == "XX"


def test_a_zone_is_found_by_the_beginning_of_its_place_before_any_other() -> None:
    assert zones_matching("po")[0] == "Africa/Porto-Novo"
    assert zones_matching("ar")[0] == "America/Araguaina"
    assert zones_matching("new y")[0] == "America/New_York"
    assert zones_matching("la p")[:2] == ["America/La_Paz", "Africa/Kampala"]
    assert zones_matching("san_m")[0] == "Europe/San_Marino", "before the San Juan that is in America"


def test_an_hour_that_comes_twice_has_two_offsets() -> None:
    before, after = (datetime(2026, 11, 1, hour, 30, tzinfo=UTC) for hour in (5, 6))
    assert zone_label("America/New_York", before) == "America/New_York (UTC−4)"
    assert zone_label("America/New_York", after) == "America/New_York (UTC−5)"
