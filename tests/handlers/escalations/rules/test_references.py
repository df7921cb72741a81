"""How tickets, escalations and words are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.escalations.rules.references import EscalationNumber, Problem, Ticket, customer_key, read, ticket_key


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


@given(st.text())
def test_any_text_has_a_key_that_fits_its_column(written: str) -> None:
    assert len(ticket_key(written)) <= 200
    assert len(customer_key(written)) <= 200
    assert customer_key(f"  {written} ") == customer_key(written)


@given(st.text())
def test_any_text_means_something(typed: str) -> None:
    assert isinstance(read(typed), (EscalationNumber, Ticket, Problem))
