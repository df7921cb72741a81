"""Cells as exports write them: dates in many hands, statuses, ratings; what can't be read says why."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.helpdesks.csv_files import values
from bot.helpdesks.csv_files.columns import BadMappingError, guess, mapping
from bot.helpdesks.csv_files.values import Order, UnreadableValueError
from storage.pulled import Priority

DUBLIN = ZoneInfo("Europe/Dublin")
NINE_THIRTY = datetime(2026, 6, 2, 8, 30, tzinfo=UTC)
"""09:30 in Dublin."""

ZENDESK = ("Id", "Subject", "Status", "Priority", "Created at", "Updated at", "Tags", "Satisfaction Score", "Group")
FRESHDESK = (
    "Ticket ID",
    "Subject",
    "Status",
    "Priority",
    "Source",
    "Agent",
    "Group",
    "Created time",
    "Due by Time",
    "Resolved time",
    "Closed time",
    "Last update time",
    "Initial response time",
    "Agent interactions",
    "Tags",
    "Survey result",
)


@pytest.mark.parametrize(
    "written",
    [
        "2026-06-02 09:30",
        "2026-06-02T09:30:00",
        "2026-06-02T08:30:00Z",
        "2026-06-02 08:30:00 UTC",
        "2026-06-02T10:30:00.123+02:00",
        "2026-06-02 11:00:00 +0230",
        "2026/06/02 9:30",
        "02/06/2026 09:30",
        "02.06.2026 09:30",
        "2.6.26, 09:30",
        "02-06-2026 09:30 AM",
        "2 Jun 2026 09:30",
        "Tue, 2 Jun 2026 08:30:00 +0000",
        "June 2, 2026 at 9:30 am",
        "Jun 02, 2026 09:30",
        "2. Juni 2026 09:30",
        "Tue Jun 02 09:30:00 2026",
        "1780389000",
        "1780389000000",
    ],
)
def test_one_instant_in_many_hands(written: str) -> None:
    at = values.instant(written, DUBLIN, Order.DAY_FIRST)
    assert at is not None
    assert at.replace(microsecond=0) == NINE_THIRTY


def test_month_first_where_the_file_says_so() -> None:
    assert values.instant("06/02/2026 9:30 AM", DUBLIN, Order.MONTH_FIRST) == NINE_THIRTY
    assert values.instant("02.06.2026 09:30", DUBLIN, Order.MONTH_FIRST) == NINE_THIRTY, "dots are never month first"
    assert values.order_of(["03/04/2026", "2026-01-01", "04/13/2026"]) is Order.MONTH_FIRST
    assert values.order_of(["03/04/2026", "13/04/2026"]) is Order.DAY_FIRST
    assert values.order_of(["03/04/2026", "", "soon"]) is None


@pytest.mark.parametrize("written", ["", " ", "-", "N/A", "Not set", "1970-01-01 00:00:00", "1970-01-01T00:00:00Z"])
def test_what_is_not_set_is_no_date(written: str) -> None:
    assert values.instant(written, DUBLIN, Order.DAY_FIRST) is None


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("yesterday", "no date that I can read"),
        ("2026-02-30", "no date of the calendar"),
        ("31/31/2026", "no date of the calendar"),
        ("2 Foo 2026", "no month"),
        ("0026-06-02", "outside"),
        ("2026-06-02 25:00", "no date of the calendar"),
        ("9999-12-31 23:59", "outside"),
        ("9999-12-31 23:59:59-05:00", "outside"),
        ("0001-01-01 00:00 +05:00", "outside"),
    ],
)
def test_what_is_no_date_says_why(written: str, why: str) -> None:
    with pytest.raises(UnreadableValueError, match=why):
        values.instant(written, DUBLIN, Order.DAY_FIRST)


@given(st.datetimes(min_value=datetime(1996, 1, 1), max_value=datetime(2090, 1, 1)))  # noqa: DTZ001  # made aware below
def test_what_we_write_we_read(moment: datetime) -> None:
    at = moment.replace(microsecond=0, tzinfo=UTC)
    for written in (at.isoformat(), f"{at:%Y-%m-%d %H:%M:%S} UTC", f"{at:%d/%m/%Y %H:%M:%S} +00:00", at.ctime() + ""):
        assert values.instant(written, ZoneInfo("UTC"), Order.DAY_FIRST) == at


MACHINES = (
    r"(19[6-9]|20[0-3]|000|999)\d-[01]\d-[0-3]\d[T _][0-2]\d:[0-5]\d:[0-6]\d"
    r"(Z| UTC|[+-][0-2]\d:?[0-5]\d|[.,]\d{1,6}|\+\d\d)?"
)


@given(st.from_regex(re.compile(MACHINES, re.ASCII), fullmatch=True))
def test_the_commonest_shape_is_read_at_once_and_means_what_any_other_does(written: str) -> None:
    def read(text: str) -> object:
        try:
            return values.instant(text, DUBLIN, Order.DAY_FIRST)
        except UnreadableValueError as unreadable:
            return str(unreadable)

    assert read(written) == read(f" {written}"), "with a space before it, it is read as any date is"


@given(st.text(max_size=40))
def test_any_text_is_a_value_or_a_reason(text: str) -> None:
    kinds = (
        (lambda written: values.instant(written, DUBLIN, Order.MONTH_FIRST), datetime),
        (values.whole, int),
        (values.minutes, timedelta),
        (values.yes_or_no, bool),
        (values.satisfaction, float),
        (values.promoter_score, float),
        (values.tags, tuple),
        (values.priority, Priority),
    )
    reasons: list[str] = []
    for read, kind in kinds:
        try:
            value = read(text)
        except UnreadableValueError as unreadable:
            reasons.append(str(unreadable))
        else:
            assert value is None or isinstance(value, kind)
            assert not isinstance(value, datetime) or value.tzinfo == UTC
    assert all(reasons)


def test_numbers_tags_and_ratings() -> None:
    assert (values.whole("3.0"), values.whole(""), values.minutes("12,5")) == (3, None, timedelta(minutes=12.5))
    assert values.tags("Login; refund ,VIP customer") == ("login", "refund", "vip customer")
    assert values.tags("login refund") == ("login", "refund")
    assert [values.satisfaction(word) for word in ("Good", "bad", "Offered", "5", "3/5", "1")] == [
        1,
        0,
        None,
        1,
        0.5,
        0,
    ]
    assert (values.promoter_score("10"), values.promoter_score("")) == (10, None)
    with pytest.raises(UnreadableValueError, match="0–10"):
        values.promoter_score("11")


def test_the_columns_of_real_exports_are_known() -> None:
    zendesk, freshdesk = guess(ZENDESK), guess(FRESHDESK)
    assert (zendesk["id"], zendesk["created"], zendesk["csat"]) == ("Id", "Created at", "Satisfaction Score")
    assert (freshdesk["id"], freshdesk["created"], freshdesk["updated"]) == (
        "Ticket ID",
        "Created time",
        "Last update time",
    )
    assert (freshdesk["solved"], freshdesk["first_reply"], freshdesk["channel"]) == (
        "Resolved time",
        "Initial response time",
        "Source",
    )


def test_a_wrong_guess_is_put_right_and_a_missing_column_asked_for() -> None:
    header = ("Ref", "State", "Opened on", "Words")
    with pytest.raises(BadMappingError, match="No column looks like id or created"):
        mapping(header, [])
    assert mapping(header, ["id=ref", "created=Opened on", "tags=WORDS"])["tags"] == "Words"
    assert "tags" not in mapping((*ZENDESK,), ["tags="])
    for wrong, says in (("colour=Ref", "one of id"), ("id=Nope", "there is no column"), ("id", "FIELD=COLUMN")):
        with pytest.raises(BadMappingError, match=says):
            mapping(header, [wrong])
