"""People at their screens: menus, dates, threads, fields of every kind, and what they can't do."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from simulator.acting import Home, Impossible, Shown
from simulator.changes import NeverHappened
from simulator.server import Simulator
from tests.simulator.tiny_app import TinyApp, form, option, plain


def question(block_id: str, element: dict[str, Any]) -> dict[str, Any]:
    named = {"action_id": "a"} | element
    return {"type": "input", "block_id": block_id, "label": plain(block_id.title()), "optional": True, "element": named}


EVERY_FIELD = [
    question("several", {"type": "multi_static_select", "options": [option("a1"), option("b2"), option("c3")]}),
    question("boxes", {"type": "checkboxes", "options": [option("a1"), option("b2")]}),
    question("radio", {"type": "radio_buttons", "options": [option("a1"), option("b2")]}),
    question("who", {"type": "users_select"}),
    question("team", {"type": "multi_users_select"}),
    question("where", {"type": "channels_select"}),
    question("anywhere", {"type": "conversations_select"}),
    question("day", {"type": "datepicker", "initial_date": "2026-06-01"}),
    question("hour", {"type": "timepicker"}),
    question("moment", {"type": "datetimepicker"}),
    question("amount", {"type": "number_input", "is_decimal_allowed": False}),
    question("mail", {"type": "email_text_input"}),
    question("page", {"type": "url_text_input"}),
    question("prose", {"type": "rich_text_input"}),
]

CARD: list[dict[str, Any]] = [
    {
        "type": "section",
        "block_id": "top",
        "text": {"type": "mrkdwn", "text": "Menu"},
        "accessory": {"type": "overflow", "action_id": "claim", "options": [option("Hold"), option("Resume")]},
    },
    {
        "type": "actions",
        "block_id": "bottom",
        "elements": [
            {
                "type": "static_select",
                "action_id": "severity",
                "placeholder": plain("Severity"),
                "options": [option("S1"), option("S2")],
            },
            {"type": "datepicker", "action_id": "until", "placeholder": plain("Until")},
            {"type": "button", "action_id": "one", "value": "1", "text": plain("Open")},
            {"type": "button", "action_id": "two", "value": "2", "text": plain("Open")},
        ],
    },
]


@pytest.fixture
async def card(simulator: Simulator, app: TinyApp) -> Shown:
    for action_id in ("severity", "until", "one", "two"):

        @app.bolt.action(action_id)
        async def note(ack: Any, body: Any) -> None:
            await ack()
            app.note("click", body)

    care = simulator.workspace.channel("care").id
    await app.client.chat_postMessage(channel=care, text="menu", blocks=CARD)
    return await simulator.acts_as("Ben").finds("#care", "Menu")


async def test_every_kind_of_field_is_filled_in_a_persons_words(simulator: Simulator, app: TinyApp) -> None:
    ben, workspace = simulator.acts_as("Ben"), simulator.workspace
    cara, care, leads = workspace.person("Cara").id, workspace.channel("care").id, workspace.channel("leads").id
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    await app.client.views_update(view_id=modal.shown.id, view=form(blocks=EVERY_FIELD))
    assert modal.value("Day") == "2026-06-01"
    moment = datetime(2026, 6, 5, 9, 45, tzinfo=UTC)
    modal.fill("Several", ["a1", "c3"]).fill("Boxes", "b2").fill("Radio", "a1").fill("Who", "Cara")
    modal.fill("Team", ["Ben", "@Cara"]).fill("Where", "#care").fill("Anywhere", "#leads").fill("Day", "2026-06-05")
    modal.fill("Hour", "10:45").fill("Moment", moment).fill("Amount", 3).fill("Mail", "ben@example.com")
    modal.fill("Page", "https://example.com").fill("Prose", "in *words*")
    await modal.submit()
    values = (await app.received("submission"))["view"]["state"]["values"]
    held = {block_id: {k: v for k, v in entry["a"].items() if k != "type"} for block_id, entry in values.items()}
    assert [chosen["value"] for chosen in held["several"]["selected_options"]] == ["a1", "c3"]
    assert [chosen["value"] for chosen in held["boxes"]["selected_options"]] == ["b2"]
    assert held["radio"]["selected_option"]["value"] == "a1"
    assert held["who"] == {"selected_user": cara}
    assert held["team"] == {"selected_users": [ben.id, cara]}
    assert held["where"] == {"selected_channel": care}
    assert held["anywhere"] == {"selected_conversation": leads}
    assert held["day"] == {"selected_date": "2026-06-05"}
    assert held["hour"] == {"selected_time": "10:45"}
    assert held["moment"] == {"selected_date_time": int(moment.timestamp())}
    assert held["amount"] == {"value": "3"}
    assert held["mail"] == {"value": "ben@example.com"}
    assert held["page"] == {"value": "https://example.com"}
    assert held["prose"]["rich_text_value"]["type"] == "rich_text"
    assert simulator.surprises == []


async def test_what_no_field_offers_cannot_be_filled_in(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    await ben.types("/form", channel="#care")
    modal = await ben.modal()
    await app.client.views_update(view_id=modal.shown.id, view=form(blocks=EVERY_FIELD))
    for field, value in (
        ("Radio", "c3"),
        ("Who", "Nobody"),
        ("Who", "Dan"),
        ("Where", "#leads"),
        ("Day", "tomorrow"),
        ("Hour", "25:00"),
        ("Nowhere", "x"),
    ):
        with pytest.raises(Impossible):
            modal.fill(field, value)
    assert modal.options("Radio") == ["a1", "b2"]
    modal.fill("Day", None)
    assert modal.value("Day") is None
    await modal.close()
    with pytest.raises(Impossible, match="not on the screen"):
        modal.fill("Amount", 1)


async def test_menus_are_chosen_from_by_label(simulator: Simulator, app: TinyApp, card: Shown) -> None:
    ben = simulator.acts_as("Ben")
    assert card.buttons() == ["Hold", "Resume", "Severity", "Until", "Open", "Open"]
    await ben.clicks(card, "Severity", option="S2")
    first = await app.received("click")
    assert first["actions"][0]["selected_option"]["value"] == "S2"
    await ben.clicks(card, "Until", option="2026-06-09")
    second = await app.received("click")
    assert second["actions"][0]["selected_date"] == "2026-06-09"
    assert second["state"]["values"]["bottom"]["severity"]["selected_option"]["value"] == "S2"
    for what, chosen in (("Resume", None), ("claim", "Resume")):
        await ben.clicks(card, what, option=chosen)
        claim = await app.received("claim")
        assert claim["actions"][0]["selected_option"]["value"] == "Re"
        await app.client.chat_update(channel=card.channel, ts=card.ts, text="menu", blocks=CARD)


async def test_an_external_menu_in_a_message_asks_the_app(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    menu = {"type": "external_select", "action_id": "zones", "placeholder": plain("Zone"), "min_query_length": 1}

    @app.bolt.action("zones")
    async def chosen(ack: Any, body: Any) -> None:
        await ack()
        app.note("zone", body)

    care = simulator.workspace.channel("care").id
    blocks = [{"type": "actions", "block_id": "z", "elements": [menu]}]
    await app.client.chat_postMessage(channel=care, text="zone?", blocks=blocks)
    shown = await ben.finds("#care", "Zone")
    await ben.clicks(shown, "Zone", option="Europe/Berlin")
    assert (await app.received("zone"))["actions"][0]["selected_option"]["value"] == "Europe/Berlin"
    with pytest.raises(Impossible, match="not offered"):
        await ben.clicks(shown, "Zone", option="Mars")


async def test_buttons_alike_are_told_apart_and_missing_ones_named(
    simulator: Simulator, app: TinyApp, card: Shown
) -> None:
    ben = simulator.acts_as("Ben")
    with pytest.raises(Impossible, match="2 times"):
        await ben.clicks(card, "Open")
    await ben.clicks(card, "two=2")
    assert (await app.received("click"))["actions"][0]["action_id"] == "two"
    with pytest.raises(Impossible, match="Hold"):
        await ben.clicks(card, "Resolve")
    with pytest.raises(Impossible, match="needs an option"):
        await ben.clicks(card, "Severity")
    with pytest.raises(Impossible, match="not offered"):
        await ben.clicks(card, "Severity", option="S9")
    with pytest.raises(Impossible, match="not visible"):
        await simulator.acts_as("Gus").clicks(card, "Resume")


async def test_a_thread_is_read_apart_from_its_channel(simulator: Simulator, app: TinyApp) -> None:
    ben, cara = simulator.acts_as("Ben"), simulator.acts_as("Cara")
    asked = await ben.types("who knows @Cara?", channel="#care")
    assert asked is not None
    assert asked.text == "who knows @Cara?"
    await cara.types("I do", channel="#care", thread=asked.ts)
    assert [shown.text for shown in ben.sees("#care")] == ["who knows @Cara?"]
    assert [shown.text for shown in ben.sees("#care", thread=asked.ts)] == ["who knows @Cara?", "I do"]
    assert (await ben.finds("#care", "I do", thread=asked.ts)).thread_ts == asked.ts
    with pytest.raises(NeverHappened, match="never saw 'I do'"):
        await ben.finds("#care", "I do", within=0.01)


async def test_a_private_answer_to_a_click_in_a_thread_stands_in_the_channel(
    simulator: Simulator, app: TinyApp
) -> None:
    ben = simulator.acts_as("Ben")
    asked = await ben.types("help", channel="#care")
    assert asked is not None
    reply = await ben.types("more", channel="#care", thread=asked.ts)
    assert reply is not None
    await ben.message_shortcut("quote", reply)
    answer = await ben.privately("quoted more")
    assert answer.thread_ts is None
    assert answer.ts in [shown.ts for shown in ben.sees("#care")]
    assert answer.ts not in [shown.ts for shown in ben.sees("#care", thread=asked.ts)]


async def test_a_message_is_found_when_it_comes_and_when_it_changes(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    workspace = simulator.workspace
    care = workspace.channel("care")

    async def later() -> None:
        message = workspace.post(care, workspace.bot, "first")
        workspace.edit(care, message["ts"], {"text": "second"}, by=workspace.bot)

    found, _ = await asyncio.gather(ben.finds("#care", "second"), later())
    assert found.edited


async def test_own_words_are_edited_and_deleted_and_admins_delete_any(simulator: Simulator, app: TinyApp) -> None:
    ben, cara, aoife = (simulator.acts_as(name) for name in ("Ben", "Cara", "Aoife"))
    mine = await ben.types("helo", channel="#care")
    assert mine is not None
    await ben.edits(mine, "hello")
    assert ben.sees("#care")[0].text == "hello"
    with pytest.raises(Impossible):
        await cara.edits(mine, "ha")
    with pytest.raises(Impossible):
        await cara.deletes(mine)
    await aoife.deletes(mine)
    assert ben.sees("#care") == []


async def test_joining_opens_a_public_channel_to_words(simulator: Simulator, app: TinyApp) -> None:
    aoife = simulator.acts_as("Aoife")
    with pytest.raises(Impossible, match="joins before"):
        await aoife.types("hello", channel="#random")
    aoife.joins("#random")
    await aoife.types("hello", channel="#random")
    aoife.leaves("#random")
    with pytest.raises(Impossible):
        await aoife.types("bye", channel="#random")
    simulator.workspace.archive("care")
    with pytest.raises(Impossible, match="archived"):
        await aoife.types("hello", channel="#care")


async def test_home_is_clicked_without_a_message(simulator: Simulator, app: TinyApp) -> None:
    ben = simulator.acts_as("Ben")
    seen: list[dict[str, Any]] = []

    @app.bolt.action("peek")
    async def peek(ack: Any, body: Any) -> None:
        await ack()
        seen.append(body)

    button = {"type": "button", "action_id": "peek", "text": plain("Peek")}
    home = {"type": "home", "blocks": [{"type": "actions", "block_id": "b", "elements": [button]}]}
    published = await app.client.views_publish(user_id=ben.id, view=home)
    await ben.clicks(Home(ben, simulator.workspace.homes[ben.id]), "Peek")
    assert seen[0]["container"] == {"type": "view", "view_id": published["view"]["id"]}
    assert "response_url" not in seen[0]
    assert "message" not in seen[0]
