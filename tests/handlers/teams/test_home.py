"""Home, as far as teams fill it: what waits for an admin, oneself, who is on duty."""

from tests.office import Office


async def test_a_manager_sees_duty_and_presence_and_changes_the_rota_from_there(office: Office) -> None:
    home = await office.aoife.opens_home()
    assert "You and your teams" in home.text
    assert "On duty: @Ramon until" in home.text
    assert "12 people on now, 0 away" in home.text
    await office.aoife.clicks(home, "Rota…")
    assert (await office.aoife.modal(titled="Rota")).title == "Rota"


async def test_away_and_back_from_home(office: Office) -> None:
    home = await office.ben.opens_home()
    assert "Settings…" not in home.buttons()
    await office.ben.clicks(home, "I’m away…")
    form = await office.ben.modal(titled="I’m away")
    await form.fill("Until", None).submit()
    await office.settles()
    assert "Away until you are back" in home.text
    await (await office.ben.modal()).close()
    await office.ben.clicks(home, "I’m back")
    assert "Welcome back" in (await office.ben.modal()).text


async def test_whoever_is_in_no_team_is_told_what_to_do_next(office: Office) -> None:
    home = await office.omar.opens_home()
    assert "You are in no team yet" in home.text
    await office.omar.clicks(home, "New team…")
    assert (await office.omar.modal()).title == "New team"
    assert "New team…" not in (await office.ben.opens_home()).buttons()


async def test_ones_data_opens_from_home(office: Office) -> None:
    await office.ben.clicks(await office.ben.opens_home(), "My data")
    shown = await office.ben.modal()
    assert "What is kept about you" in shown.text
    await office.ben.clicks(shown, "Erase…")
    await office.settles()
    assert "Erased" in (await office.ben.modal()).text


async def test_a_request_waits_on_an_admins_home_until_it_is_decided(first_day: Office) -> None:
    await first_day.aoife.types("/backstop team create", channel="#care")
    await (await first_day.aoife.modal()).submit()
    home = await first_day.omar.opens_home()
    assert "Aoife asks for a team: care" in home.text
    await first_day.omar.clicks(home, "Approve")
    await first_day.settles()
    assert "asks for a team" not in home.text
    assert "asks for a team" not in (await first_day.jonas.opens_home()).text
