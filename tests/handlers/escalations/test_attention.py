"""At which hours a page may find somebody: an always-counting severity at any, every other in theirs.

It is Tuesday, 10:00 in Dublin and 17:00 in Manila, where Ramon, on duty, goes home at 17:30.
"""

from sqlalchemy import update

from storage.people import Person
from tests.handlers.escalations.stories import letters, press, raised
from tests.office import Office

UNCLAIMED = "Nobody claimed this in time"
RAISED = "needs technical help"
PROBLEMS = (
    "Login loops after yesterday’s update",
    "Invoices show the wrong currency",
    "Parcel labels print blank",
    "Voucher codes rejected at checkout",
    "Subscription renewals charged twice",
)


async def away(office: Office, name: str) -> None:
    async with office.bot.store.write() as session:
        await session.execute(update(Person).where(Person.name == name).values(away_from=office.now))


async def test_an_s1_is_paged_at_night_and_beyond_the_daily_limit(office: Office) -> None:
    await office.passes(hours=13)  # 23:00 in Dublin, 6:00 in Manila
    for problem in PROBLEMS:
        await raised(office, office.ben, problem, severity="S1")
    assert len(letters(office.ramon, RAISED)) == 5
    await office.passes(minutes=16)
    assert letters(office.aoife, UNCLAIMED)  # the manager, at a quarter past eleven


async def test_an_s1_passes_over_whoever_is_away(office: Office) -> None:
    await away(office, "Ramon")
    await away(office, "Aoife")
    await raised(office, office.mei, severity="S1")
    assert letters(office.ramon, RAISED) == []
    assert len(letters(office.ben, RAISED)) == 1  # the next in the rota
    await office.passes(minutes=16)
    assert letters(office.aoife, UNCLAIMED) == []
    assert len(letters(office.jonas, UNCLAIMED)) == 1


async def test_an_s2_lets_people_sleep_and_a_morning_begins_with_one_page(office: Office) -> None:
    await office.passes(minutes=45)  # 17:45 in Manila
    await raised(office, office.ben, severity="S2")
    await office.passes(hours=6)
    assert letters(office.ramon, "E-1") == []
    assert letters(office.aoife, UNCLAIMED)  # still at work at 11:45
    await office.passes(hours=10)  # 9:45 in Manila, 2:45 in Dublin
    told = letters(office.ramon, "E-1")
    assert len(told) == 1
    assert told[0].count(UNCLAIMED) == 1


async def test_a_warning_that_waited_for_the_morning_falls_when_the_case_was_claimed(office: Office) -> None:
    await office.passes(minutes=45)
    await raised(office, office.ben, severity="S2")
    await office.passes(minutes=50)
    await press(office, office.cara, "Claim")
    await office.passes(hours=18)
    assert letters(office.ramon, "E-1") == []


async def test_other_than_s1_keeps_the_daily_limit(office: Office) -> None:
    for problem in PROBLEMS:
        await raised(office, office.ben, problem, severity="S2")
    assert len(letters(office.ramon, RAISED)) == 3
    await office.passes(hours=17)  # ten in the morning in Manila: what waited comes merged, again three at most
    morning = [shown.text for shown in office.ramon.sees("@bot")[3:]]
    assert 1 <= len(morning) <= 3
    assert all(f"E-{number}" in "".join(morning) for number in range(1, 6))
