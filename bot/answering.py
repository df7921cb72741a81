"""How a private answer reaches whoever caused an event: each kind of payload has its own way back."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.spelling import Spelling
from handlers.blocks import Block, notice

TITLE = "Backstop"


class Answer:
    """Implements handlers.house.Reply for one payload. A command, or a click on a message, has a response_url; a form
    or a Home click has only its trigger, and gets a small window; a submission that isn't answered yet, its own. A menu
    that asks for its choices has room for no sentence: it gets none of either."""

    def __init__(
        self, body: dict[str, Any], *, ack: AsyncAck, client: AsyncWebClient, spelling: Spelling | None = None
    ) -> None:
        self._body = body
        self._spelling = spelling or Spelling((), "")
        self._acknowledgement = ack
        self._ack = self._spelling.ack(ack)
        self._client = self._spelling.client(client)
        self.view = body.get("view") or {}

    async def __call__(self, text: str, *, blocks: list[Block] | None = None, replace: bool = False) -> None:
        if self._body.get("response_url"):
            await self._acknowledge()
            webhook = AsyncWebhookClient(
                self._body["response_url"], session=self._client.session, retry_handlers=[], timeout=10
            )
            spelled = self._spelling.payload({"text": text, "blocks": blocks})
            await webhook.send(**spelled, response_type="ephemeral", replace_original=replace)
        elif self._body.get("type") == "view_submission" and not self.acknowledged:
            await self._ack(response_action="update", view=_window(text, blocks))
        elif self._body.get("trigger_id"):
            await self._acknowledge()
            show = self._client.views_push if self.view.get("type") == "modal" else self._client.views_open
            await show(trigger_id=self._body["trigger_id"], view=_window(text, blocks))
        elif self._body.get("type") == "block_suggestion" and not self.acknowledged:
            await self._ack(options=[])
        elif _speaks_to_the_bot(event := self._body.get("event") or {}):
            await self._client.chat_postMessage(channel=event["user"], text=text, blocks=blocks)

    async def refuse_form(self, errors: dict[str, str]) -> None:
        """Keeps the form open, each sentence at its field; at the first, if the form doesn't show that field; over the
        form, if it has none."""
        shown = [block["block_id"] for block in self.view.get("blocks", ()) if block["type"] == "input"]
        if not shown:
            await self._ack(response_action="push", view=_window(" ".join(errors.values()), None))
            return
        at_fields: dict[str, str] = {}
        for field, sentence in errors.items():
            place = field if field in shown else shown[0]
            at_fields[place] = f"{at_fields[place]} {sentence}" if place in at_fields else sentence
        await self._ack(response_action="errors", errors=at_fields)

    async def keep_form(self, sentence: str) -> None:
        """Keeps the form open with everything typed in it; the sentence stands at its first field."""
        await self.refuse_form({"": sentence})

    @property
    def acknowledged(self) -> bool:
        return self._acknowledgement.response is not None

    async def _acknowledge(self) -> None:
        if not self.acknowledged:
            await self._ack()


def _window(text: str, blocks: list[Block] | None) -> Block:
    window = notice(TITLE, text)
    return window | {"blocks": blocks} if blocks else window


def _speaks_to_the_bot(event: dict[str, Any]) -> bool:
    """Any other event only tells of something: whoever caused it (joined a channel, say) asked nothing."""
    asked = event.get("type") == "app_mention" or (event.get("type") == "message" and event.get("channel_type") == "im")
    return asked and isinstance(event.get("user"), str)
