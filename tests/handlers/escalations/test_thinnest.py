from tests.office import Office


async def test_an_escalation_is_raised_claimed_and_resolved(office: Office) -> None:
    await office.mei.types("/escalate Login loops after the update", channel="#care")
    modal = await office.mei.modal()
    modal.fill("severity", "S1").fill("need", "technical_help")
    await modal.submit()
    await office.settles()
    card = await office.ramon.finds("#care-escalations", "E-1")
    page = await office.ramon.finds("@bot", "E-1")
    assert "Claim" in page.buttons()
    await office.ramon.clicks(card, "Claim")
    await office.settles()
    card = await office.ramon.finds("#care-escalations", "Ramon")
    await office.ramon.clicks(card, "Resolve…")
    form = await office.ramon.modal()
    form.fill("outcome", "workaround").fill("root_cause", "product_defect").fill("done", "Cleared the cookies")
    form.fill("told", "yes")
    await form.submit()
    await office.settles()
    assert "Workaround" in (await office.mei.finds("#care-escalations", "E-1")).text
