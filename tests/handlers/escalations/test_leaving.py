"""An owner whose account was closed: the case stays, and who leads the team hears at once that nobody works on it."""

from tests.handlers.escalations.stories import card, chooses, letters, opens, press, raised, thread
from tests.office import Office, owner_of

GONE = "has left. Somebody has to take it over"


async def test_managers_hear_of_each_open_case_of_an_owner_who_left_once(office: Office) -> None:
    for words in ("Login loops after the update", "Refund paid twice to the same card"):
        await raised(office, office.mei, words)
        await press(office, office.cara, "Claim", words)
    office.sim.workspace.deactivate("Cara")
    await office.settles()
    first, second = letters(office.aoife, GONE)
    assert ("E-1" in first, "E-2" in second) == (True, True)
    assert any(GONE in line for line in await thread(office))
    assert "Cara" in (await card(office, office.mei)).text

    office.sim.workspace.deactivate("Cara")
    await office.settles()
    assert len(letters(office.aoife, GONE)) == 2

    await chooses(office, office.aoife, "Reassign…", "E-1", to="Petra")
    assert await owner_of(office, 1) == "Petra"
    office.sim.workspace.deactivate("Petra")
    await office.settles()
    assert len(letters(office.aoife, GONE)) == 3
    await office.aoife.clicks(await opens(office, office.aoife), "History")
    await office.settles()
    assert (await office.aoife.modal()).text.count("its owner left") == 2


async def test_of_a_restricted_case_only_those_named_hear_it(office: Office) -> None:
    await raised(office, office.mei, "A complaint", more={"restricted": ["restricted"], "viewers": ["Cara", "Ben"]})
    await office.cara.clicks(await office.cara.finds("@bot", "E-1"), "Claim")
    await office.settles()
    office.sim.workspace.deactivate("Cara")
    await office.settles()
    assert (len(letters(office.ben, GONE)), letters(office.aoife, GONE)) == (1, [])


async def test_the_night_finds_an_owner_whose_leaving_nobody_told(office: Office) -> None:
    await raised(office, office.mei, severity="S4")
    await press(office, office.cara, "Claim")
    office.sim.events.link = None  # Slack's events are lost on their way
    office.sim.workspace.deactivate("Cara")
    await office.settles()
    assert letters(office.aoife, GONE) == []
    await office.passes(days=1)
    assert len(letters(office.aoife, GONE)) == 1
