"""Looking: the list, one case, the figures, the receipt, the history, the file. What one may not see doesn't exist."""

import csv
import io
from datetime import UTC, datetime

import pytest

from handlers.escalations.listeners.asking import as_csv
from simulator.acting import Actor
from storage.escalations import Escalation, Severity, State
from tests.handlers.escalations.stories import fills, opens, press, raised, resolves
from tests.office import Office

PROBLEMS = (
    "Login loops after yesterday’s update",
    "Invoices show the wrong currency",
    "Parcel labels print blank",
    "Voucher codes rejected at checkout",
    "Subscription renewals charged twice",
    "Search returns nothing for umlauts",
    "Passwords reset by themselves",
    "Exports stop after a thousand rows",
    "Webhooks arrive out of order",
    "Avatars vanish on phones",
)


async def ask(office: Office, who: Actor, words: str) -> str:
    await who.types(f"/escalate {words}".strip(), channel="#care")
    await office.settles()
    return (await who.privately()).text


async def test_a_list_is_paged_newest_first(office: Office) -> None:
    for problem in PROBLEMS:
        await raised(office, office.ben, problem)
    await office.aoife.types("/escalate list", channel="#care")
    page = await office.aoife.privately("Open escalations")
    assert [label for label in (f"E-{number}" for number in range(1, 11)) if f"{label} " in page.text] == [
        f"E-{number}" for number in range(3, 11)
    ]
    assert page.text.index("E-10") < page.text.index("E-3")
    await office.aoife.clicks(page, "Older")
    older = await office.aoife.privately("E-2")
    assert "E-1 " in older.text
    assert "E-3" not in older.text
    assert "Older" not in older.buttons()


async def test_a_list_is_filtered_by_what_and_by_words(office: Office) -> None:
    for problem in PROBLEMS[:3]:
        await raised(office, office.ben, problem, severity="S1")
    await press(office, office.cara, "Claim", "E-2")
    await resolves(office, office.ramon, "E-3")
    await office.passes(minutes=20)
    assert "E-3" not in await ask(office, office.aoife, "list open")
    assert "E-3" in await ask(office, office.aoife, "list resolved")
    overdue = await ask(office, office.aoife, "list overdue")
    assert "E-1" in overdue
    assert "E-2" not in overdue
    mine = await ask(office, office.cara, "list mine")
    assert "E-2" in mine
    assert "E-1" not in mine
    found = await ask(office, office.aoife, "list open CURRENCY wrong")
    assert "E-2" in found
    assert "E-1" not in found
    assert "None of them has these words" in await ask(office, office.aoife, "list open zebra")
    assert "None of them has these words" in await ask(office, office.aoife, "list open '\" OR *")


async def test_another_teams_member_sees_nothing_of_ours(office: Office) -> None:
    await raised(office, office.ben)
    await office.dana.types("/escalate list", channel="#platform")
    assert "No open escalations" in (await office.dana.privately()).text


async def test_a_restricted_one_is_as_if_it_had_never_been(office: Office) -> None:
    await raised(
        office, office.ben, "Salary slips are public", more={"restricted": ["restricted"], "viewers": ["Petra"]}
    )
    for stranger in (office.cara, office.aoife, office.jonas, office.mei):
        never = (await ask(office, stranger, "E-99")).replace("E-99", "E-1")
        assert await ask(office, stranger, "E-1") == never
        assert await ask(office, stranger, "why E-1") == never
        assert "E-1" not in await ask(office, stranger, "list")
        assert "None of them" in await ask(office, stranger, "list open salary")
    assert "Salary slips" in await ask(office, office.petra, "E-1")
    assert "Salary slips" in await ask(office, office.ben, "E-1")
    assert "E-1" in await ask(office, office.petra, "list")


async def test_why_shows_the_six_minutes_that_the_reporter_took(office: Office) -> None:
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    await office.passes(minutes=5)
    await fills(office, office.aoife, "Return…", reason="Which version is it?")
    await office.passes(minutes=6)
    await fills(office, office.ben, "Answer…", answer="4.2")
    await office.passes(minutes=9)
    why = await ask(office, office.aoife, "why E-1")
    assert "6 min paused so far" in why
    assert "Resolve   S2: 1 working day, of the team’s working time" in why
    assert "Cara claimed it: met" in why
    assert "Aoife returned it: paused" in why
    assert "didn’t count" in why or "outside hours" in why


async def test_why_says_nothing_of_a_pause_that_was_over_within_a_minute(office: Office) -> None:
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    await fills(office, office.aoife, "Return…", reason="Which version is it?")
    await office.passes(seconds=20)
    await fills(office, office.ben, "Answer…", answer="4.2")
    why = await ask(office, office.aoife, "why E-1")
    assert "Ben answered: due" in why
    assert "paused so far" not in why


async def test_the_history_tells_everything_in_order(office: Office) -> None:
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    await fills(office, office.cara, "Update…", news="Looking at the logs")
    await resolves(office, office.cara)
    window = await opens(office, office.aoife)
    await office.aoife.clicks(window, "History")
    await office.settles()
    text = (await office.aoife.modal()).text
    told = [
        text.index(line) for line in ("Ben raised it", "Cara claimed it", "Looking at the logs", "Cara resolved it")
    ]
    assert told == sorted(told)


async def test_the_figures_say_what_is_too_few_and_then_the_median(office: Office) -> None:
    assert "Nothing to measure" in await ask(office, office.aoife, "stats")
    for number, problem in enumerate(PROBLEMS[:3]):
        await raised(office, office.ben, problem)
        await office.passes(minutes=10 * (number + 1))
        await press(office, office.cara, "Claim", f"E-{number + 1}")
        if number == 1:
            assert "too few (2 of 3)" in await ask(office, office.aoife, "stats week")
    await resolves(office, office.cara, "E-1", root_cause="knowledge_gap")
    text = await ask(office, office.aoife, "stats month")
    assert "to acknowledge median 20 min, p90 30 min (n=3)" in text
    assert "to resolve too few (1 of 3)" in text
    assert "100 % met (n=1)" in text
    assert "knowledge gap 1" in text
    assert "Time held, day and night, by: team" in text


async def test_the_file_of_a_period_holds_that_period_and_goes_to_who_asked(office: Office) -> None:
    await raised(office, office.ben, "=HYPERLINK(1) is what the customer wrote")
    await office.aoife.types("/escalate stats", channel="#care")
    await office.settles()
    await office.aoife.clicks(await office.aoife.privately("Escalations, June 2026"), "CSV")
    await office.settles()
    assert "asked for: 1 escalation." in (await office.aoife.finds("@bot", "what you asked for")).text
    await office.ben.types("/backstop my-data", channel="#care")
    assert "exported a list of escalations that names you" in (await office.ben.privately("exported")).text


def test_a_formula_after_a_separator_is_defused_too() -> None:
    one = Escalation(
        number=1, severity=Severity.S2, state=State.WAITING, what="Loops;=HYPERLINK(0)", reporter_id=1, clocks=[]
    )
    one.raised_at = datetime(2026, 6, 2, 9, tzinfo=UTC)
    [_, row] = csv.reader(io.StringIO(as_csv([one], {})), delimiter=";")
    assert not any(cell.startswith("=") for cell in row)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_take_for_a_formula_is_defused(start: str) -> None:
    at = datetime(2026, 6, 2, 9, tzinfo=UTC)
    one = Escalation(
        number=1,
        severity=Severity.S2,
        state=State.WAITING,
        what='Quotes " and, commas\nand lines',
        ticket=f"{start}HYPERLINK(0)",
        reporter_id=1,
        raised_at=at,
        clocks=[],
    )
    [_, row] = csv.reader(io.StringIO(as_csv([one], {})))
    assert row[4].startswith("'")
    assert row[3] == 'Quotes " and, commas and lines'
    assert row[8] == "2026-06-02T09:00:00+00:00"
