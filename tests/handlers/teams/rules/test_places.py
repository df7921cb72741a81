"""Zones and countries by what somebody types."""

from datetime import UTC, datetime

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
