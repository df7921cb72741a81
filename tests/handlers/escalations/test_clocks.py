"""Clocks over the wire: who is told before a deadline, at it and after it, and what makes the pages stop.

It is Tuesday, 10:00 in Dublin and 17:00 in Manila. Ramon (Manila) is on duty, Aoife manages, Jonas is the head.
"""

from datetime import timedelta

import pytest

from storage.clocks import ClockState, Kind
from tests.handlers.escalations.stories import chooses, fills, letters, press, raised, resolves, thread
from tests.office import Office, escalation

WARNED = "Nobody has claimed this yet"
UNCLAIMED = "Nobody claimed this in time"


async def test_who_owes_it_is_told_once_when_three_quarters_of_the_time_have_passed(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=11)
    assert letters(office.ramon, WARNED) == []
    await office.passes(minutes=1)
    assert len(letters(office.ramon, WARNED)) == 1
    card = await office.mei.finds("#care-escalations", "E-1")
    assert "due soon" in card.text
    await office.passes(minutes=2)
    assert len(letters(office.ramon, WARNED)) == 1
    for other in (office.aoife, office.jonas, office.ben, office.mei):
        assert letters(other, WARNED) == []


async def test_a_breach_turns_the_card_is_said_once_and_goes_up_tier_by_tier(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=16)
    card = await office.mei.finds("#care-escalations", "E-1")
    assert "overdue since" in card.text
    assert len(letters(office.aoife, UNCLAIMED)) == 1
    assert letters(office.jonas, UNCLAIMED) == []
    await office.passes(minutes=15)
    assert len(letters(office.jonas, UNCLAIMED)) == 1
    assert len([line for line in await thread(office) if "Acknowledge is overdue" in line]) == 1


async def test_a_breach_is_paged_nine_times_at_most_at_the_policys_pace(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=15 * 9 - 1)
    assert len(letters(office.ramon, UNCLAIMED)) == 8
    await office.passes(hours=1)
    pages = letters(office.ramon, UNCLAIMED)
    assert len(pages) == 9
    assert "last page" in pages[-1]


@pytest.mark.parametrize(
    ("claimed", "stands"), [(False, "nobody has taken it"), (True, "nobody has said that they are on it")]
)
async def test_what_was_paged_nine_times_stands_on_top_of_the_digest(
    office: Office, claimed: bool, stands: str
) -> None:
    await raised(office, office.ben, "Refund is stuck", severity="S3")
    await raised(office, office.mei, severity="S1")
    if claimed:
        await press(office, office.ramon, "Claim", "E-2")
    await office.passes(hours=4 if claimed else 0, minutes=15 * 9 + 1)
    await office.aoife.types("/backstop preview digest", channel="#care")
    shown = (await office.aoife.privately("Preview")).text
    assert f"paged nine times, and {stands}" in shown
    assert shown.index("E-2") < shown.index("E-1")


@pytest.mark.parametrize("how", ["on it", "claims", "resolves"])
async def test_pages_stop_when_somebody_cares(office: Office, how: str) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=16)
    page = await office.aoife.finds("@bot", UNCLAIMED)
    assert "I’m on it" in page.buttons()
    if how == "on it":
        await office.aoife.clicks(page, "I’m on it")
    elif how == "claims":
        await press(office, office.ben, "Claim")
    else:
        await resolves(office, office.ben)
    await office.settles()
    told = [len(letters(one, UNCLAIMED)) for one in (office.ramon, office.aoife, office.jonas)]
    await office.passes(minutes=40)
    assert [len(letters(one, UNCLAIMED)) for one in (office.ramon, office.aoife, office.jonas)] == told
    if how == "on it":
        assert any("Aoife is on it" in line for line in await thread(office))
        page = await office.ramon.finds("@bot", UNCLAIMED)
        assert "I’m on it" not in page.buttons()
        await office.ramon.clicks(page, "Claim")


async def test_a_page_that_somebody_answered_already_says_who(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await office.passes(minutes=16)
    old = await office.ramon.finds("@bot", UNCLAIMED)
    await office.aoife.clicks(await office.aoife.finds("@bot", UNCLAIMED), "I’m on it")
    await office.settles()
    await office.ramon.clicks(old, "I’m on it", stale=True)
    assert "Aoife is on it" in (await office.ramon.privately()).text


async def test_nothing_is_due_on_a_case_that_was_resolved(office: Office) -> None:
    await raised(office, office.mei, severity="S1")
    await press(office, office.ramon, "Claim")
    await resolves(office, office.ramon)
    them = (office.ramon, office.mei, office.aoife)
    before = [len(one.sees("@bot")) for one in them]
    lines = await thread(office)
    await office.passes(hours=30)
    beside_digests = [[shown for shown in one.sees("@bot") if "Care: today" not in shown.text] for one in them]
    assert [len(shown) for shown in beside_digests] == before
    assert await thread(office) == lines


async def test_the_owner_hears_of_the_resolve_deadline_then_the_managers_too(office: Office) -> None:
    await raised(office, office.ben, severity="S2")
    await press(office, office.cara, "Claim")
    await office.passes(hours=4)
    await fills(office, office.cara, "Update…", news="Still looking", told=["told"])
    await office.passes(hours=2)  # 16:00: six of eight hours
    assert len(letters(office.cara, "running out")) == 1
    assert letters(office.aoife, "running out") == []
    await office.passes(hours=24)
    assert (await escalation(office, 1)).clock(Kind.RESOLVE).state == ClockState.BREACHED  # type: ignore[union-attr]
    assert letters(office.aoife, "wasn’t resolved in time")


async def test_the_customers_update_is_the_reporters_to_give(office: Office) -> None:
    await raised(office, office.ben, severity="S1")
    await press(office, office.cara, "Claim")
    await office.passes(minutes=46)
    assert len(letters(office.ben, "next update is due soon")) == 1
    assert letters(office.cara, "next update") == []
    await office.ben.clicks(await office.ben.finds("@bot", "next update is due soon"), "Update…")
    form = await office.ben.modal()
    form.fill("news", "Told them that we look").fill("promise", office.now + timedelta(hours=2))
    await form.submit()
    await office.settles()
    await office.passes(minutes=30)
    assert letters(office.ben, "update is overdue") == []


async def test_an_owner_who_was_asked_to_take_over_owes_the_customers_update(office: Office) -> None:
    await raised(office, office.ben, severity="S1", need="take_over")
    await press(office, office.cara, "Claim")
    await office.passes(minutes=46)
    assert letters(office.ben, "next update is due soon") == []
    assert len(letters(office.cara, "next update is due soon")) == 1


async def test_a_return_that_nobody_answers_reaches_the_reporters_managers(office: Office) -> None:
    await raised(office, office.ben, severity="S2")
    await fills(office, office.cara, "Return…", reason="Which version is it?")
    assert letters(office.ben, "Which version is it?")
    await office.passes(hours=23, minutes=25)  # seven and a half hours of Ben's today, the last half tomorrow at nine
    assert letters(office.aoife, "hasn’t answered") == []
    await office.passes(minutes=10)
    assert len(letters(office.aoife, "hasn’t answered")) == 1


async def test_an_answer_to_what_nobody_owns_calls_who_is_on_duty(office: Office) -> None:
    await raised(office, office.ben, severity="S1")
    await fills(office, office.cara, "Return…", reason="Which version is it?")
    await office.passes(minutes=30)
    assert letters(office.ramon, UNCLAIMED) == []
    await fills(office, office.ben, "Answer…", answer="4.2")
    assert len(letters(office.ramon, "claim it again")) == 1
    assert (await escalation(office, 1)).clock(Kind.ACKNOWLEDGE).deadline == office.now + timedelta(minutes=15)  # type: ignore[union-attr]


async def test_a_hold_ends_by_itself_on_its_date(office: Office) -> None:
    await raised(office, office.ben, severity="S2")
    await press(office, office.cara, "Claim")
    before = (await escalation(office, 1)).clock(Kind.RESOLVE)
    await chooses(office, office.cara, "Put on hold…", reason="The vendor looks", until=office.now + timedelta(hours=2))
    await office.passes(hours=2, minutes=1)
    after = (await escalation(office, 1)).clock(Kind.RESOLVE)
    assert before is not None
    assert after is not None
    assert after.state == ClockState.RUNNING
    assert after.paused_s == pytest.approx(2 * 3600, abs=30)
    assert any("hold is over" in line for line in await thread(office))
    assert letters(office.cara, "hold is over")


async def test_a_resolution_confirms_itself_after_two_days(office: Office) -> None:
    await raised(office, office.ben, severity="S2")
    await resolves(office, office.cara)
    await office.passes(hours=47)
    assert (await escalation(office, 1)).confirmed_at is None
    await office.passes(hours=2)
    assert (await escalation(office, 1)).confirmed_at is not None
    assert not [line for line in await thread(office) if "confirmed" in line]
