"""A restricted escalation doesn't exist for those who aren't named on it: on no surface, admin or not."""

from typing import Any

import pytest
from sqlalchemy import select

from simulator.acting import Actor, FormErrors
from storage.escalations import Escalation
from tests.handlers.escalations.stories import CARDS, begin, card, chooses, press, raised, screens, submit
from tests.office import Office

SECRET = "The chief executive’s account was taken over"


async def raised_secretly(office: Office, who: Actor, named: list[str], words: str = SECRET) -> None:
    await raised(office, who, words, severity="S2", more={"restricted": ["restricted"], "viewers": named})


async def presses_forged(office: Office, who: Actor, action_id: str, value: str) -> str:
    """Somebody sends a click that no screen of theirs offers; what they are privately told."""
    said = await office.mei.types("hello", channel="#care")
    assert said is not None
    payload: dict[str, Any] = {
        "type": "block_actions",
        "team": {"id": office.sim.workspace.team_id, "domain": "care"},
        "user": {"id": who.id, "name": who.name, "team_id": office.sim.workspace.team_id},
        "container": {"type": "message", "message_ts": said.ts, "channel_id": said.channel, "is_ephemeral": False},
        "channel": {"id": said.channel, "name": "care"},
        "trigger_id": "1.forged",
        "actions": [{"type": "button", "block_id": "b", "action_id": action_id, "value": value}],
    }
    key = office.sim.interactions._response_urls.issue(who.id, said.channel)
    payload["response_url"] = office.sim.interactions._url(key)
    await office.sim.interactions.redeliver("interactive", payload)
    await office.settles()
    return screens(who, "#care")


async def test_there_is_no_card_in_the_channel_and_one_for_each_who_is_named(office: Office) -> None:
    await raised_secretly(office, office.mei, ["Aoife", "Lee"])
    assert "E-1" not in screens(office.ramon, CARDS)
    for actor in (office.mei, office.aoife, office.lee):
        assert SECRET in screens(actor, "@bot")
    for actor in (office.ramon, office.omar, office.jonas, office.ben):
        assert "E-1" not in screens(actor, "@bot")


@pytest.mark.parametrize("name", ["ramon", "omar", "jonas", "dana"])
async def test_nobody_else_finds_it_anywhere(office: Office, name: str) -> None:
    await raised_secretly(office, office.mei, ["Aoife"])
    who: Actor = getattr(office, name)
    for words in (
        "E-1",
        "why E-1",
        "list",
        "list open taken",
        "list resolved",
        "mine",
        "overdue",
        "stats",
        "follow-ups",
    ):
        await who.types(f"/escalate {words}", channel="#general")
    await office.settles()
    seen = screens(who, "#general")
    assert SECRET not in seen
    assert "I don’t know an escalation E-1" in seen
    assert "E-1" not in (await who.opens_home()).text
    form = await begin(office, who, SECRET, channel="#general")
    if "Which team?" in form.fields:
        await who.clicks(form, "Which team?", option="Care")
        await office.settles()
        form = await who.modal()
    await submit(office, form, severity="S2", need="decision")
    assert not office.sim.workspace.modals.get(who.id), "it was offered as the same problem"


@pytest.mark.parametrize(
    "action", ["claim", "update", "return", "resolve", "open", "more", "history", "why", "restrict"]
)
async def test_a_forged_button_is_answered_as_if_there_were_nothing(office: Office, action: str) -> None:
    await raised_secretly(office, office.mei, ["Aoife"])
    async with office.bot.store.read() as session:
        hidden = (await session.execute(select(Escalation.id))).scalar_one()
    about_it = await presses_forged(office, office.omar, f"escalations.{action}", str(hidden))
    about_nothing = await presses_forged(office, office.ramon, f"escalations.{action}", str(hidden + 100))
    told = about_it.splitlines()[-1]
    assert told == about_nothing.splitlines()[-1]
    assert "E-1" not in about_it


async def test_restricting_takes_the_card_out_of_the_channel_and_lifting_brings_it_back(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    await chooses(office, office.mei, "Restrict…", restricted=["restricted"], viewers=["Aoife"])
    assert SECRET not in screens(office.ramon, CARDS)
    assert "E-1 is restricted" in screens(office.ramon, CARDS)
    assert SECRET not in screens(office.ramon, "@bot"), "the page that was sent before still tells it"
    assert SECRET in screens(office.aoife, "@bot")
    await press(office, office.mei, "More…", SECRET, channel="@bot")
    window = await office.mei.modal()
    await office.mei.clicks(window, "Restrict…")
    await office.settles()
    await submit(office, await office.mei.modal(), restricted=[])
    assert SECRET in (await card(office, office.ramon)).text


async def test_a_manager_who_restricts_one_is_named_on_it_unless_they_take_themselves_out(office: Office) -> None:
    await raised(office, office.mei, SECRET)
    await press(office, office.aoife, "More…", SECRET)
    await office.aoife.clicks(await office.aoife.modal(), "Restrict…")
    await office.settles()
    form = await office.aoife.modal()
    assert "Mei, who raised it, and its owner see it in any case" in form.text
    shown = office.sim.workspace.modals[office.aoife.id][-1].view
    assert f"'initial_users': ['{office.aoife.id}']" in str(shown)
    await submit(office, form, restricted=["restricted"], viewers=["Aoife", "Lee"])
    assert "E-1 is restricted" in screens(office.ramon, CARDS)
    assert SECRET in screens(office.aoife, "@bot")


async def test_whoever_is_named_works_on_it_from_their_message(office: Office) -> None:
    await raised_secretly(office, office.mei, ["Lee"])
    await press(office, office.lee, "Claim", channel="@bot")
    assert "In progress" in (await card(office, office.mei, channel="@bot")).text


@pytest.mark.parametrize(
    ("named", "sentence"),
    [([], "Name at least one person"), (["Mei"], "Name at least one"), (["Gwen"], "Gwen can’t be named")],
)
async def test_nobody_or_a_guest_is_refused_at_the_field(office: Office, named: list[str], sentence: str) -> None:
    form = await begin(office, office.mei, SECRET)
    await office.mei.clicks(form, "More fields")
    await office.settles()
    form = await office.mei.modal()
    form.fill("severity", "S2").fill("need", "decision").fill("restricted", ["restricted"]).fill("viewers", named)
    with pytest.raises(FormErrors) as refused:
        await form.submit()
    assert sentence in refused.value.errors["viewers"]
    assert form.value("what") == SECRET


async def test_a_restricted_one_is_not_counted_for_a_customer_in_public(office: Office) -> None:
    fields = {"customer": "Acme", "restricted": ["restricted"], "viewers": ["Aoife"]}
    await raised(office, office.mei, SECRET, more=fields)
    await raised(office, office.mei, "Export is empty", more={"customer": "Acme"})
    assert "in 90 days" not in (await card(office, office.ramon, "E-2")).text
