"""How tickets, escalations and words are written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.escalations.rules.references import (
    EscalationNumber,
    Problem,
    Ticket,
    customer_key,
    duplicate_number,
    escalation_number,
    read,
    ticket_and_rest,
    ticket_key,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("E-42", EscalationNumber(42)),
        ("e42", EscalationNumber(42)),
        (" E-42 ", EscalationNumber(42)),
        ("48213", Ticket("48213")),
        ("#48213", Ticket("48213")),
        ("<https://desk.example/t/48213|48213>", Ticket("https://desk.example/t/48213")),
        ("https://desk.example/t/48213", Ticket("https://desk.example/t/48213")),
        ("E-42 is broken", Problem("E-42 is broken")),
        ("Login loops", Problem("Login loops")),
        ("", Problem("")),
    ],
)
def test_what_is_typed_after_the_command_is_understood(typed: str, meant: object) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize("written", ["", "42", "E-", "E-1234567890", "E-42 is broken", "PE-42", "E--42"])
def test_what_isnt_an_escalations_number_is_said_to_be_none(written: str) -> None:
    assert escalation_number(" e-042 ") == EscalationNumber(42)
    with pytest.raises(ValueError, match="^" + re.escape(written) + "$"):
        escalation_number(written)


@pytest.mark.parametrize("written", ["E-31", "e31", "31", " #31 "])
def test_where_only_an_escalation_can_be_meant_its_bare_number_is_enough(written: str) -> None:
    assert duplicate_number(written) == 31


@pytest.mark.parametrize("written", ["", "#", "banana", "E-31 and E-32"])
def test_what_isnt_a_number_is_no_duplicate(written: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(written) + "$"):
        duplicate_number(written)


@pytest.mark.parametrize(
    ("typed", "ticket", "rest"),
    [
        ("4711 customer is furious", "4711", "customer is furious"),
        ("  #4711   customer is furious ", "4711", "customer is furious"),
        ("<https://desk.example/t/4711|4711> it is back", "https://desk.example/t/4711", "it is back"),
        ("4711", "4711", ""),
        ("customer 4711 is furious", None, "customer 4711 is furious"),
        (" E-42 is back ", None, "E-42 is back"),
        ("", None, ""),
    ],
)
def test_words_may_begin_with_their_ticket(typed: str, ticket: str | None, rest: str) -> None:
    assert ticket_and_rest(typed) == (ticket, rest)


@pytest.mark.parametrize(
    ("typed", "ticket", "rest"),
    [
        ("#4711 customer is furious", "4711", "customer is furious"),
        ("https://desk.example/t/4711 it is back", "https://desk.example/t/4711", "it is back"),
        ("5000 customers can’t pay", None, "5000 customers can’t pay"),
        ("4711", None, "4711"),
    ],
)
def test_only_what_is_written_as_a_ticket_is_one_where_a_count_may_begin(
    typed: str, ticket: str | None, rest: str
) -> None:
    assert ticket_and_rest(typed, marked=True) == (ticket, rest)


@pytest.mark.parametrize(
    "written",
    [
        "48213",
        "#48213",
        "048213",
        "https://desk.example/agent/tickets/48213",
        "https://desk.example/tickets/48213/?page=77#99",
        "<https://desk.example/tickets/48213|Ticket 48213>",
    ],
)
def test_a_ticket_has_one_key_however_it_is_written(written: str) -> None:
    assert ticket_key(written) == "48213"


def test_another_ticket_has_another_key() -> None:
    assert len({ticket_key(one) for one in ("48213", "48214", "https://desk.example/t/48215", "Ask Ben")}) == 4


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("0", "0"),
        ("#000", "0"),
        ("https://desk.example/t/00", "0"),
        ("https://desk.example/t/0048213-b", "48213"),  # the last number of the last part
        ("https://desk.example/2026/t/48213/", "48213"),
        ("https://Desk.example/T/7", "https://desk.example/t/7"),  # one digit is no ticket's number
        ("https://desk.example/t/Login?id=48213", "https://desk.example/t/login"),
        ("https://desk.example/t/48213#99", "48213"),
        ("https://desk.example/48213/notes", "https://desk.example/48213/notes"),
        ("https://desk.example/t/BOX", "https://desk.example/t/box"),
        ("  Ask   BEN ", "ask ben"),
        ("1234567890123", "1234567890123"),
    ],
)
def test_what_has_no_number_is_known_by_its_words(written: str, key: str) -> None:
    assert ticket_key(written) == key


def test_long_ones_are_cut_to_their_column() -> None:
    address = "https://desk.example/" + "x" * 300
    assert ticket_key(address) == address[:200]
    assert ticket_key("y" * 300) == customer_key("Y" * 300) == "y" * 200
    assert customer_key("  Straße   & Söhne ") == "strasse & söhne"


@given(st.text())
def test_any_text_has_a_key_that_fits_its_column(written: str) -> None:
    assert len(ticket_key(written)) <= 200
    assert len(customer_key(written)) <= 200
    assert customer_key(f"  {written} ") == customer_key(written)


@given(st.text())
def test_any_text_means_something(typed: str) -> None:
    assert isinstance(read(typed), (EscalationNumber, Ticket, Problem))
