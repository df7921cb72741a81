"""`/backstop team`: the list, editing, members, leaving, over the wire."""

import pytest

from simulator.acting import FormErrors
from tests.office import Office


async def test_the_list_shows_ones_teams_and_offers_editing_to_managers_only(office: Office) -> None:
    await office.aoife.types("/backstop team", channel="#care")
    shown = await office.aoife.privately("Care")
    assert "Platform" not in shown.text
    assert {"Edit…", "Members", "Leave…", "New team…"} <= set(shown.buttons())
    await office.ben.types("/backstop team", channel="#care")
    assert "Edit…" not in (await office.ben.privately("Care")).buttons()


async def test_an_admin_sees_every_team(office: Office) -> None:
    await office.omar.types("/backstop team", channel="#general")
    shown = await office.omar.privately("Care")
    assert "Platform" in shown.text
    assert shown.buttons().count("Edit…") == 2


async def test_who_is_in_no_team_reads_what_to_do(first_day: Office) -> None:
    await first_day.ben.types("/backstop team", channel="#general")
    shown = await first_day.ben.privately("no team yet")
    assert "New team…" in shown.buttons()


async def test_a_manager_changes_the_team(office: Office) -> None:
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal(titled="Edit team")
    members = [member for member in form.value("Members") if member != office.yusuf.id]
    form.fill("Managers", ["Aoife", "Ben"]).fill("Members", [*members, "Dana"])
    await form.submit()
    assert "is saved" in (await office.aoife.modal()).text
    await office.settles()
    assert "Welcome to Backstop" not in " ".join(shown.text for shown in office.cara.sees("@bot"))
    await office.yusuf.types("/backstop team", channel="#general")
    assert "no team yet" in (await office.yusuf.privately()).text
    await office.ben.types("/backstop team", channel="#care")
    assert "Edit…" in (await office.ben.privately("Care")).buttons()
    await office.dana.types("/backstop team", channel="#platform")
    shown = (await office.dana.privately()).text
    assert "Care" in shown
    assert "Platform" in shown


async def test_who_lost_the_right_is_refused_at_the_click(office: Office) -> None:
    await office.aoife.types("/backstop team", channel="#care")
    shown = await office.aoife.privately("Care")
    await office.omar.types("/backstop team edit Care", channel="#general")
    form = await office.omar.modal(titled="Edit team")
    await form.fill("Managers", ["Ben"]).submit()
    await office.aoife.clicks(shown, "Edit…")
    assert "Only the team’s managers" in (await office.aoife.privately("Only")).text


async def test_who_may_not_change_a_team_reads_who_may(office: Office) -> None:
    await office.ben.types("/backstop team edit care", channel="#care")
    assert "Its managers: Aoife" in (await office.ben.privately()).text
    await office.ben.types("/backstop team edit", channel="#care")
    assert "You manage no team" in (await office.ben.privately("You manage")).text
    await office.ben.types("/backstop team edit Nobodies", channel="#care")
    assert "no team called “Nobodies”" in (await office.ben.privately("called")).text


async def test_changing_the_form_without_more_keeps_what_lies_behind_it(office: Office) -> None:
    await office.aoife.types("/backstop team edit", channel="#care")
    await (await office.aoife.modal(titled="Edit team")).submit()
    await office.aoife.types("/backstop team", channel="#care")
    shown = (await office.aoife.privately("Care")).text
    assert "#care-escalations" in shown
    assert "Mon–Fri 09:00–17:30, Europe/Dublin" in shown


async def test_an_admin_names_the_heads_of_a_department(office: Office) -> None:
    await office.omar.types("/backstop team edit Care", channel="#general")
    form = await office.omar.modal(titled="Edit team")
    await office.omar.clicks(form, "More…")
    await office.settles()
    form = await office.omar.modal(titled="Edit team")
    assert form.value("Heads of the department") == [office.jonas.id]
    await form.fill("Heads of the department", ["Jonas", "Dana"]).submit()
    await office.dana.types("/backstop team", channel="#platform")
    assert "Care" in (await office.dana.privately()).text


async def test_leaving_takes_one_out_of_the_team_and_its_rota(office: Office) -> None:
    await office.ben.types("/backstop team leave", channel="#care")
    await office.ben.clicks(await office.ben.privately("Care"), "Leave…")
    assert "You left Care" in (await office.ben.privately("You left")).text
    await office.aoife.types("/backstop duty", channel="#care")
    shown = (await office.aoife.privately("on duty")).text
    assert "Ben" not in shown
    assert "Ramon is on duty" in shown.replace("@", "")


async def test_the_last_manager_can_not_leave(office: Office) -> None:
    await office.aoife.types("/backstop team leave", channel="#care")
    await office.aoife.clicks(await office.aoife.privately("Care"), "Leave…")
    assert "last manager" in (await office.aoife.privately("last manager")).text


async def test_a_team_needs_a_manager(office: Office) -> None:
    await office.aoife.types("/backstop team edit", channel="#care")
    form = await office.aoife.modal(titled="Edit team")
    with pytest.raises(FormErrors):
        await form.fill("Managers", ["Gwen"]).submit()


async def test_a_slip_in_a_verb_asks(office: Office) -> None:
    await office.aoife.types("/backstop team creat", channel="#care")
    assert "Did you mean /backstop team create?" in (await office.aoife.privately()).text
    await office.aoife.types("/backstop team help", channel="#care")
    assert "team create" in (await office.aoife.privately("Teams")).text
