"""How people write tickets and escalations: E-42, 48213, #48213, a help desk's link."""

import re
from dataclasses import dataclass

ESCALATION = re.compile(r"[Ee]-?(\d{1,9})")
TICKET_NUMBER = re.compile(r"#?(\d{1,12})")
LINK = re.compile(r"<?(https?://[^\s<>|]+)(?:\|[^>]*)?>?")
NUMBER_IN_LINK = re.compile(r"(\d{2,12})(?=\D*$)")


@dataclass(frozen=True)
class EscalationNumber:
    number: int


@dataclass(frozen=True)
class Ticket:
    written: str


@dataclass(frozen=True)
class Problem:
    """Words that say what is happening."""

    text: str


def escalation_number(text: str) -> EscalationNumber:
    """E-42, e42. Raises ValueError for anything else."""
    if found := ESCALATION.fullmatch(text.strip()):
        return EscalationNumber(int(found[1]))
    raise ValueError(text)


def duplicate_number(text: str) -> int:
    """Where only an escalation can be meant: 42 and #42, too. Raises ValueError for anything else."""
    number = text.strip().removeprefix("#")
    return escalation_number(f"E{number}" if number.isdecimal() else text).number


def read(text: str) -> EscalationNumber | Ticket | Problem:
    """What `/escalate text` means: an escalation, a ticket by number or link, or words for the form."""
    text = text.strip()
    if ESCALATION.fullmatch(text):
        return escalation_number(text)
    if number := TICKET_NUMBER.fullmatch(text):
        return Ticket(number[1])
    if link := LINK.fullmatch(text):
        return Ticket(link[1])
    return Problem(text)


def ticket_and_rest(text: str, *, marked: bool = False) -> tuple[str | None, str]:
    """(the ticket that the words begin with, the words): "4711 customer is furious" names 4711 first. `marked`: only
    one that is written as a ticket (#4711, a link), since "5000 customers can't pay" begins with a count."""
    first, _, rest = text.strip().partition(" ")
    match read("" if marked and first.isdecimal() else first):
        case Ticket(written=written):
            return written, rest.strip()
        case _:
            return None, text.strip()


def ticket_key(written: str) -> str:
    """One key for a ticket, however it was written: its number where it has one (the last in a link)."""
    written = written.strip()
    if number := TICKET_NUMBER.fullmatch(written):
        return number[1].lstrip("0") or "0"
    if link := LINK.fullmatch(written):
        address = link[1].split("?")[0].split("#")[0].rstrip("/")
        if number := NUMBER_IN_LINK.search(address.rpartition("/")[2]):
            return number[1].lstrip("0") or "0"
        return address.lower()[:200]
    return " ".join(written.lower().split())[:200]


def customer_key(written: str) -> str:
    """One key for a customer, whatever the capitals and spaces."""
    return " ".join(written.casefold().split())[:200]
