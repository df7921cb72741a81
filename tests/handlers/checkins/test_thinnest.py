"""A team's first check-in, from the settings to the result."""

from tests.handlers.checkins.stories import at, enables, everybody_taps, prompts, taps
from tests.office import Office


async def test_a_team_is_asked_at_the_end_of_each_shift_and_its_manager_reads_the_sums(office: Office) -> None:
    await enables(office)
    await at(office, "14:29")
    assert prompts(office.ben) == []
    await at(office, "14:31")
    asked = prompts(office.ben)[0]
    assert "Private: stored for you, shown to nobody else" in asked.text
    await taps(office, office.ben, "heavy", "tiring")
    assert "✓ heavy" in prompts(office.ben)[0].buttons()
    assert "✓ tiring" in prompts(office.ben)[0].buttons()
    await everybody_taps(office, "right", "heavy", "too much", "right", people=("Cara", "Niamh", "Sean", "Petra"))
    await at(office, "17:31")
    assert "You said: heavy, work felt tiring." in office.ben.sees("@bot")[-1].text
    await at(office, "09:01")
    result = await office.aoife.finds("@bot", "Check-in of Care")
    assert "5 of" in result.text
    assert "heavy 2" in result.text
    assert "Ben" not in result.text
    assert [block["type"] for block in result.blocks].count("image") == 1
