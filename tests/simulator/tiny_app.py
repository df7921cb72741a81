"""A Bolt app small enough to be read at once, that uses every way in and out."""

import asyncio
from typing import Any

import aiohttp
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from simulator.server import Simulator


def form(**more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "Tell us"},
        "submit": {"type": "plain_text", "text": "Send"},
        "notify_on_close": True,
        "blocks": [
            {
                "type": "input",
                "block_id": "what",
                "label": {"type": "plain_text", "text": "What is happening"},
                "element": {"type": "plain_text_input", "action_id": "text", "max_length": 40},
            },
            {
                "type": "input",
                "block_id": "severity",
                "label": {"type": "plain_text", "text": "Severity"},
                "optional": True,
                "element": {
                    "type": "static_select",
                    "action_id": "choice",
                    "options": [option("S1: now"), option("S2: today")],
                },
            },
            {
                "type": "input",
                "block_id": "zone",
                "label": {"type": "plain_text", "text": "Zone"},
                "optional": True,
                "element": {"type": "external_select", "action_id": "zones", "min_query_length": 1},
            },
            {
                "type": "actions",
                "block_id": "extra",
                "elements": [{"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}}],
            },
        ],
        **more,
    }


def option(label: str) -> dict[str, Any]:
    return {"text": {"type": "plain_text", "text": label}, "value": label[:2]}


def card(text: str, *labels: str) -> list[dict[str, Any]]:
    buttons = [
        {
            "type": "button",
            "action_id": label.lower(),
            "value": "7",
            "text": {"type": "plain_text", "text": label},
        }
        for label in labels
    ]
    return [
        {"type": "section", "block_id": "body", "text": {"type": "mrkdwn", "text": text}},
        *([{"type": "actions", "block_id": "buttons", "elements": buttons}] if buttons else []),
    ]


class TinyApp:
    """`answer` is what view submissions are acknowledged with; `seen` holds the payloads that came, by kind."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.answer: dict[str, Any] = {}
        self.seen: list[tuple[str, Any]] = []
        self.arrived = asyncio.Event()
        self.session: aiohttp.ClientSession | None = None
        self.client = AsyncWebClient(token=simulator.bot_token, base_url=simulator.api_url, retry_handlers=[])
        self.bolt = AsyncApp(client=self.client, signing_secret=simulator.signing_secret)
        self._listen_to_commands()
        self._listen_to_forms()
        self._listen_to_messages()

    async def connect(self) -> None:
        self.session = self.client.session = aiohttp.ClientSession()
        self.handler = AsyncSocketModeHandler(self.bolt, self.simulator.app_token, ping_interval=0.5)
        await self.handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt leaves it untyped
        await self.simulator.sockets.connected()

    async def disconnect(self) -> None:
        await self.handler.close_async()  # type: ignore[no-untyped-call]  # likewise
        if self.session is not None:
            await self.session.close()

    async def received(self, kind: str, within: float = 3.0) -> Any:
        """The newest payload of that kind, once one came."""
        async with asyncio.timeout(within):
            while True:
                for seen, body in reversed(self.seen):
                    if seen == kind:
                        return body
                self.arrived.clear()
                await self.arrived.wait()

    def note(self, kind: str, body: dict[str, Any]) -> None:
        self.seen.append((kind, body))
        self.arrived.set()

    def _listen_to_commands(self) -> None:
        bolt = self.bolt

        @bolt.command("/form")
        async def open_form(ack: Any, body: Any, client: AsyncWebClient) -> None:
            await ack()
            self.note("command", body)
            await client.views_open(trigger_id=body["trigger_id"], view=form())

        @bolt.command("/raw")
        async def repeat(ack: Any, body: Any, respond: Any) -> None:
            self.note("command", body)
            if body["text"] == "at once":
                await ack(text="heard", response_type="in_channel")
            else:
                await ack()
                await respond(text=f"you said {body['text']}")

        @bolt.command("/slow")
        async def sleep_over(body: Any) -> None:
            self.note("command", body)

        @bolt.shortcut("tell")
        async def tell(ack: Any, body: Any, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=form(title=plain("From anywhere")))

        @bolt.shortcut("quote")
        async def quote(ack: Any, body: Any, respond: Any) -> None:
            await ack()
            self.note("quote", body)
            await respond(text=f"quoted {body['message']['text']}")

    def _listen_to_forms(self) -> None:
        bolt = self.bolt

        @bolt.view("form")
        async def submitted(ack: Any, body: Any, view: Any) -> None:
            self.note("submission", body)
            await ack(**self.answer)

        @bolt.view_closed("form")
        async def closed(ack: Any, body: Any) -> None:
            await ack()
            self.note("closed", body)

        @bolt.options("zones")
        async def zones(ack: Any, payload: Any) -> None:
            names = [name for name in ("Europe/Dublin", "Europe/Berlin") if payload["value"].lower() in name.lower()]
            await ack(options=[{"text": plain(name), "value": name} for name in names])

        @bolt.action("more")
        async def more(ack: Any, body: Any, client: AsyncWebClient) -> None:
            await ack()
            self.note("more", body)
            view = form(title=plain("Tell us more"))
            await client.views_update(view_id=body["view"]["id"], hash=body["view"]["hash"], view=view)

    def _listen_to_messages(self) -> None:
        bolt = self.bolt

        @bolt.action("claim")
        async def claim(ack: Any, body: Any, client: AsyncWebClient, respond: Any) -> None:
            await ack()
            self.note("claim", body)
            if body["container"]["is_ephemeral"]:
                await respond(text="done", replace_original=True)
                return
            text = f"Claimed by <@{body['user']['id']}>"
            await client.chat_update(
                channel=body["channel"]["id"], ts=body["message"]["ts"], text=text, blocks=card(text, "Resolve")
            )

        @bolt.event("app_home_opened")
        async def home(event: Any, client: AsyncWebClient) -> None:
            await client.views_publish(
                user_id=event["user"], view={"type": "home", "blocks": card("*Good morning*", "Claim")}
            )

        @bolt.event("message")
        async def heard(event: Any) -> None:
            self.note("message", event)

        @bolt.event("channel_archive")
        async def archived(event: Any) -> None:
            self.note("archive", event)

        @bolt.event("user_change")
        async def changed(event: Any) -> None:
            self.note("user_change", event)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}
