"""`/availability`: who is on, away, back, hours; over the wire. It is Tuesday 10:00 in Dublin, 17:00 in Manila."""

import pytest

from simulator.acting import FormErrors
from tests.office import Office


async def test_it_shows_who_is_on_and_who_is_away(office: Office) -> None:
    await office.cara.types("/availability away until tomorrow 14:00", channel="#care")
    assert "You are away until" in (await office.cara.privately()).text
    await office.passes(hours=1)
    await office.aoife.types("/availability", channel="#care")
    shown = (await office.aoife.privately("On now")).text.replace("@", "")
    on_now = next(line for line in shown.splitlines() if "On now" in line)
    away = next(line for line in shown.splitlines() if "Away" in line)
    off = next(line for line in shown.splitlines() if "Outside" in line)
    assert "Ben" in on_now
    assert "Cara" not in on_now
    assert "Cara until" in away
    assert "Mei" in off


async def test_away_without_an_end_lasts_until_back(office: Office) -> None:
    await office.ben.types("/availability away", channel="#care")
    assert "until you type /availability back" in (await office.ben.privately()).text
    await office.ben.types("/availability back", channel="#care")
    assert "Welcome back" in (await office.ben.privately("Welcome back")).text
    await office.ben.types("/availability back", channel="#care")
    assert "weren’t away" in (await office.ben.privately("weren’t")).text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("away until 9:00", "has passed"),
        ("away until 05/06", "Day first or month first?"),
        ("away until next friday", "Next"),
        ("away until doomsday", "Write a time such as"),
    ],
)
async def test_a_time_that_is_past_or_could_mean_two_gets_a_sentence(office: Office, words: str, sentence: str) -> None:
    await office.ben.types(f"/availability {words}", channel="#care")
    assert sentence in (await office.ben.privately()).text
    await office.ben.types("/availability", channel="#care")
    assert "You are available" in (await office.ben.privately("You are")).text


async def test_a_slip_asks_and_does_nothing(office: Office) -> None:
    await office.ben.types("/availability awy until friday", channel="#care")
    assert "Did you mean /availability away until friday?" in (await office.ben.privately()).text
    await office.ben.types("/availability nonsense", channel="#care")
    assert "I don’t know that" in (await office.ben.privately("I don’t know")).text


async def test_buttons_say_away_and_back(office: Office) -> None:
    await office.ben.types("/availability", channel="#care")
    await office.ben.clicks(await office.ben.privately("You are available"), "I’m away…")
    form = await office.ben.modal(titled="I’m away")
    with pytest.raises(FormErrors) as refused:
        await form.fill("Until", office.now.replace(hour=1)).submit()
    assert "passed" in refused.value.errors["Until"]
    await form.fill("Until", office.now.replace(hour=22)).submit()
    assert "away until" in (await office.ben.modal()).text
    await office.ben.types("/availability", channel="#care")
    await office.ben.clicks(await office.ben.privately("You are away"), "I’m back")
    assert "Welcome back" in (await office.ben.privately("Welcome back")).text


async def test_who_comes_back_on_duty_reads_so(office: Office) -> None:
    await office.ramon.types("/availability away", channel="#care")
    await office.ramon.types("/availability back", channel="#care")
    assert "You are on duty for Care" in (await office.ramon.privately("Welcome back")).text


async def test_own_hours_differ_from_the_teams_only_where_changed(office: Office) -> None:
    await office.ben.types("/availability hours", channel="#care")
    form = await office.ben.modal(titled="My hours")
    assert form.value("Start") == "09:00"
    assert form.value("Working days") == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    await form.fill("Working days", ["Monday", "Tuesday"]).fill("Start", "12:00").submit()
    assert "Mon, Tue 12:00–17:30" in (await office.ben.modal()).text
    await office.ben.types("/backstop my-data", channel="#care")
    assert "Mon, Tue 12:00–17:30" in (await office.ben.privately("Hours")).text
    await office.cara.types("/availability", channel="#care")
    shown = (await office.cara.privately("On now")).text
    assert "Ben" in next(line for line in shown.splitlines() if "Outside" in line)


async def test_hours_that_equal_the_teams_follow_the_team(office: Office) -> None:
    await office.ben.types("/availability hours", channel="#care")
    await (await office.ben.modal(titled="My hours")).submit()
    assert "also when its hours change" in (await office.ben.modal()).text


async def test_no_days_at_all_are_refused_at_the_field(office: Office) -> None:
    await office.ben.types("/availability hours", channel="#care")
    form = await office.ben.modal(titled="My hours")
    with pytest.raises(FormErrors) as refused:
        await form.fill("End", "09:00").submit()
    assert "the same" in refused.value.errors["End"]


async def test_who_is_in_no_team_has_hours_too(office: Office) -> None:
    await office.omar.types("/availability", channel="#general")
    shown = await office.omar.privately("You are available")
    assert "in no team" in shown.text
    await office.omar.clicks(shown, "My hours…")
    await (await office.omar.modal(titled="My hours")).submit()
    assert "you work Mon–Fri 09:00–17:30" in (await office.omar.modal()).text


async def test_who_is_away_is_not_welcomed_until_back(first_day: Office) -> None:
    await first_day.ben.types("/availability away until tomorrow 12:00", channel="#care")
    await first_day.omar.types("/backstop team create", channel="#general")
    form = await first_day.omar.modal()
    await form.fill("Channel", "care").fill("Members", ["Ben", "Cara"]).submit()
    await first_day.passes(hours=23)
    assert first_day.ben.sees("@bot") == []
    assert len(first_day.cara.sees("@bot")) == 1
    await first_day.passes(hours=4)
    assert len(first_day.ben.sees("@bot")) == 1


async def test_what_came_up_while_somebody_was_away_without_an_end_waits_for_their_return(office: Office) -> None:
    await office.ben.types("/availability away", channel="#care")
    await office.aoife.types("/training required", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Require"), "Require a training…")
    await (await office.aoife.modal()).fill("title", "Handling personal data").submit()
    await office.settles()
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "away until they are back" in (await office.aoife.privately("Coming up")).text
    await office.passes(hours=26)
    assert "Handling personal data" not in "".join(shown.text for shown in office.ben.sees("@bot"))
    await office.ben.types("/availability back", channel="#care")
    await office.settles()
    assert "Handling personal data" in (await office.ben.finds("@bot", "Handling personal data")).text


async def test_who_is_back_before_they_said_hears_what_waited_at_once(office: Office) -> None:
    await office.ben.types("/availability away until friday", channel="#care")
    await office.aoife.types("/training required", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Require"), "Require a training…")
    await (await office.aoife.modal()).fill("title", "Handling personal data").submit()
    await office.passes(hours=2)
    await office.ben.types("/availability back", channel="#care")
    await office.settles()
    assert "Handling personal data" in (await office.ben.finds("@bot", "Handling personal data")).text
