"""What /backstop upcoming tells of escalations: each coming step, before it happens, to those whom it concerns."""

from tests.office import Office


async def raises(office: Office, *, restricted: bool = False) -> None:
    await office.ben.types("/escalate Exports show the contacts of another account", channel="#care")
    if restricted:
        await office.ben.clicks(await office.ben.modal(), "More fields")
        await office.settles()
    form = await office.ben.modal()
    form.fill("severity", "S2").fill("need", "technical_help")
    if restricted:
        form.fill("restricted", ["restricted"]).fill("viewers", ["Cara"])
    await form.submit()
    await office.settles()


async def test_a_manager_reads_the_coming_steps_of_an_escalation_and_who_owes_them(office: Office) -> None:
    await raises(office)
    await office.aoife.types("/backstop upcoming", channel="#care")
    told = (await office.aoife.privately("Coming up")).text
    assert "A reminder before a deadline" in told
    assert "A deadline passes: the next tier is told" in told
    assert "E-1" in told


async def test_steps_that_fell_away_are_not_told_of(office: Office) -> None:
    await raises(office)
    await office.ramon.clicks(await office.ramon.finds("#care-escalations", "E-1"), "Claim")
    await office.settles()
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "Acknowledge" not in (await office.aoife.privately("Coming up")).text


async def test_a_restricted_escalation_is_not_told_of_to_a_manager_who_is_not_named(office: Office) -> None:
    await raises(office, restricted=True)
    await office.aoife.types("/backstop upcoming", channel="#care")
    assert "E-1" not in (await office.aoife.privately("Coming up")).text


async def test_an_admin_reads_titles_only(office: Office) -> None:
    await raises(office)
    await office.omar.types("/backstop upcoming", channel="#general")
    told = (await office.omar.privately("Coming up")).text
    assert "A reminder before a deadline" in told
    assert "E-1" not in told
