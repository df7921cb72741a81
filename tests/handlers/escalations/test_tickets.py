"""The help desk's ticket beside an escalation: told on the form, its conversation shown privately, a note left on it
once, and the tag that offers one."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.helpdesks import DeskAwayError
from storage import sources
from storage.pulled import Context, Page, Said
from storage.sources import EVERYTHING_ELSE
from tests.bot.helpdesks.scripted import ScriptedDesk
from tests.office import Office
from tests.storage.test_tickets import ticket

MakeOffice = Callable[..., Awaitable[Office]]
FACTS = {"subject": "Export <stops>", "customer_name": "Acme & Co", "customer_is_vip": True}


@pytest.fixture
def desk() -> ScriptedDesk:
    return ScriptedDesk(Page(tickets=[ticket(48213, **FACTS), ticket(48215)], cursor="a", more=False))


@pytest.fixture
async def office(make_office: MakeOffice, desk: ScriptedDesk) -> Office:
    """The scripted desk feeds Care, and leaves notes."""
    office = await make_office()
    office.desks = {desk.kind: desk}
    await office.opens()
    async with office.bot.store.write() as session:
        workspace_id, care = office.sim.workspace.team_id, office.teams["Care"]
        source = await sources.connect(
            session,
            workspace_id=workspace_id,
            kind=desk.kind,
            name=desk.name,
            since=office.now - timedelta(weeks=8),
            by_id=None,
            now=office.now,
        )
        await sources.link(session, source.id, care.id, [EVERYTHING_ELSE], writes_notes=True)
    await office.restarts()
    await office.settles()
    return office


async def raises(office: Office, number: str = "48213") -> None:
    await office.ben.types(f"/escalate {number}", channel="#care")
    form = await office.ben.modal(titled="Raise an escalation")
    await office.settles()
    form = await office.ben.modal(titled="Raise an escalation")
    form.fill("How bad is it?", "S2").fill("What is happening?", "It stops").fill("What do you need?", "decision")
    await form.submit()
    await office.settles()


async def test_the_form_tells_of_the_ticket_and_the_card_of_its_customer(office: Office, desk: ScriptedDesk) -> None:
    await office.ben.types("/escalate #48213", channel="#care")
    await office.settles()
    form = await office.ben.modal(titled="Raise an escalation")
    assert "Export <stops> · Acme & Co (VIP) · open since 1 Jun" in form.text
    form.fill("What is happening?", "It stops")
    await office.ben.clicks(form, "More fields")
    await office.settles()
    assert (form.value("Customer"), form.value("What is happening?")) == ("Acme & Co", "It stops")
    await form.close()
    await raises(office)
    card = await office.ben.finds("#care-escalations", "E-1")
    assert "Acme & Co" in card.text
    assert "VIP" in card.text
    desk.known["7"] = ticket(7, subject="Only the desk knows it")
    await office.ben.types("/escalate 7", channel="#care")
    await office.settles()
    assert "Only the desk knows it" in (await office.ben.modal(titled="Raise an escalation")).text
    assert office.sim.surprises == []


async def test_the_conversation_is_shown_to_whoever_asks_and_nowhere_else(office: Office, desk: ScriptedDesk) -> None:
    await raises(office)
    turns = [Said(at=office.now, by="Zoë <z>", text="<!channel> it stops", from_agent=False)]
    desk.contexts["48213"] = Context(conversation=turns, facts=[("Organisation", "Acme & Co")])
    card = await office.cara.finds("#care-escalations", "E-1")
    await office.cara.clicks(card, "Customer conversation")
    await office.settles()
    shown = await office.cara.modal(titled="E-1")
    assert "<!channel> it stops" in shown.text
    assert "Only you see this" in shown.text
    assert all("it stops" not in one.text or "It stops" in one.text for one in office.cara.sees("#care-escalations"))
    desk.refusal = DeskAwayError("It answers 503.")
    await office.ramon.clicks(card, "More…")
    await office.ramon.clicks(await office.ramon.modal(titled="E-1"), "Customer conversation")
    await office.settles()
    assert "It answers 503." in (await office.ramon.modal(titled="E-1")).text


async def test_notes_are_switched_off_and_on_after_connecting_by_managers(office: Office, desk: ScriptedDesk) -> None:
    await office.aoife.types("/backstop team connect Care", channel="#general")
    window = await office.aoife.modal(titled="Help desk")
    assert "leave an internal note" in window.text
    await office.aoife.clicks(window, "Leave no notes")
    await office.settles()
    assert "leave no note" in (await office.aoife.modal(titled="Help desk")).text
    await raises(office)
    await office.ramon.clicks(await office.ramon.finds("#care-escalations", "E-1"), "Claim")
    await office.settles()
    assert desk.notes == []
    await office.aoife.clicks(await office.aoife.modal(titled="Help desk"), "Leave internal notes")
    await office.settles()
    await raises(office, "48214")
    assert "Customer conversation" not in (await office.ramon.finds("#care-escalations", "E-2")).buttons()
    await raises(office, "48215")
    await office.ramon.clicks(await office.ramon.finds("#care-escalations", "E-3"), "Claim")
    await office.settles()
    assert [text.partition(" ")[0] for _, text in desk.notes] == ["E-3"]


async def test_claim_and_resolve_leave_one_note_each_also_when_the_answer_is_lost(
    office: Office, desk: ScriptedDesk
) -> None:
    await raises(office)
    desk.note_failure = DeskAwayError("The line dropped.")
    card = await office.ramon.finds("#care-escalations", "E-1")
    await office.ramon.clicks(card, "Claim")
    await office.settles()
    await office.passes(minutes=3)
    [(number, text)] = desk.notes
    assert number == "48213"
    assert text.startswith("E-1 was claimed by Ramon")
    assert "https://" in text
    assert office.sim.surprises == []


async def test_a_tagged_ticket_is_offered_once_and_raises_nothing_by_itself(office: Office, desk: ScriptedDesk) -> None:
    tagged = ticket(48213, tags=["escalate"], updated_at=office.now, **FACTS)
    desk.script = [Page(tickets=[tagged], cursor="b", more=False), Page(tickets=[tagged], cursor="c", more=False)]
    await office.passes(minutes=11)
    on_duty = [name for name in ("Ramon", "Ben", "Mei", "Cara") if _offers(office, name)]
    assert len(on_duty) == 1
    person = office.sim.acts_as(on_duty[0])
    [offer] = _offers(office, on_duty[0])
    assert "Raise an escalation…" in offer.buttons()
    await person.clicks(offer, "Raise an escalation…")
    form = await person.modal(titled="Raise an escalation")
    assert form.value("Ticket") == "48213"
    await form.close()
    await raises(office)
    assert "Raised as" in _offers(office, on_duty[0])[0].text


def _offers(office: Office, name: str) -> list:  # type: ignore[type-arg]  # what is shown there
    return [shown for shown in office.sim.acts_as(name).sees("@bot") if "was tagged" in shown.text]
