"""`/escalate handover @person`: offered all at once, taken one by one."""

import pytest

from tests.handlers.escalations.stories import chooses, letters, press, raised, resolves, thread
from tests.office import Office, owner_of

OFFER = "would like to hand this over to you"


@pytest.fixture
async def offered(office: Office) -> Office:
    """Cara owns E-1 and E-2, and offers both to Niamh."""
    await raised(office, office.ben, "Login loops after the update")
    await raised(office, office.ben, "Refund paid twice to the same card")
    for label in ("E-1", "E-2"):
        await press(office, office.cara, "Claim", label)
    await office.cara.types("/escalate handover @Niamh until Monday", channel="#care")
    await office.settles()
    assert "Offered 2 to Niamh: E-1, E-2" in (await office.cara.privately("Offered")).text
    return office


async def test_each_is_taken_by_its_own_tap(offered: Office) -> None:
    assert len(letters(offered.niamh, OFFER)) == 2
    assert await owner_of(offered, 1) == "Cara"
    await offered.niamh.clicks(await offered.niamh.finds("@bot", "E-1"), "Take it")
    await offered.settles()
    assert (await owner_of(offered, 1), await owner_of(offered, 2)) == ("Niamh", "Cara")
    assert any("Niamh took it over from Cara" in line for line in await thread(offered))
    assert letters(offered.cara, "took it over")


async def test_whoever_declines_leaves_it_and_the_giver_hears_it(offered: Office) -> None:
    await offered.niamh.clicks(await offered.niamh.finds("@bot", "E-2"), "Not me")
    await offered.settles()
    assert await owner_of(offered, 2) == "Cara"
    assert len(letters(offered.cara, "didn’t take it over")) == 1
    assert letters(offered.niamh, "You left it with them")


async def test_what_isnt_taken_in_thirty_working_minutes_reaches_the_managers(offered: Office) -> None:
    await offered.niamh.clicks(await offered.niamh.finds("@bot", "E-1"), "Take it")
    await offered.passes(minutes=29)
    assert letters(offered.aoife, "hasn’t taken over") == []
    await offered.passes(minutes=2)
    [told] = letters(offered.aoife, "hasn’t taken over")
    assert "E-2" in told
    assert "E-1" not in told


async def test_an_offer_that_the_case_has_overtaken_cant_be_taken(offered: Office) -> None:
    await chooses(offered, offered.aoife, "Reassign…", "E-1", to="Petra")
    await resolves(offered, offered.cara, "E-2")
    for label in ("E-1", "E-2"):
        shown = next(one for one in offered.niamh.sees("@bot") if OFFER in one.text and label in one.text)
        await offered.niamh.clicks(shown, "Take it")
        await offered.settles()
        assert f"{label} isn’t Cara’s to hand over any more" in (await offered.niamh.privately(label)).text
    assert (await owner_of(offered, 1), await owner_of(offered, 2)) == ("Petra", "Cara")


async def test_somebody_outside_the_team_is_offered_nothing(office: Office) -> None:
    await raised(office, office.ben)
    await press(office, office.cara, "Claim")
    await office.cara.types("/escalate handover @Dana", channel="#care")
    assert "isn’t in Care" in (await office.cara.privately("Dana")).text
    await office.settles()
    assert letters(office.dana, OFFER) == []


async def test_who_owns_nothing_has_nothing_to_hand_over(office: Office) -> None:
    await office.cara.types("/escalate handover @Niamh", channel="#care")
    assert "nothing to hand over" in (await office.cara.privately()).text
