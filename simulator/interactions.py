"""Commands, shortcuts, clicks and forms on their way to the app, by ids; what the app answers takes effect here."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from simulator.addressing import with_ids_for_names
from simulator.choosing import hindrances, settled
from simulator.conversations import Channel, Message
from simulator.desk import Desk
from simulator.elements import check_option
from simulator.errors import Impossible, NotAcknowledged, SlackError
from simulator.event_feed import ACK_WITHIN_S, AppLink
from simulator.http_mode import HttpMode
from simulator.interactivity import ResponseUrl, ResponseUrls, Triggers
from simulator.manifest import Command
from simulator.payloads import Kind, Payload, Payloads
from simulator.people import Member
from simulator.problems import Problems
from simulator.responding import respond
from simulator.screens import OpenView, Typed
from simulator.typed_state import Element, elements_in, initial_state, state_key

_ANSWERED_BY_AN_ACK_ALONE = frozenset({"block_actions", "shortcut", "message_action", "view_closed"})
_KEPT = 1000


class Interactions:
    def __init__(self, desk: Desk, payloads: Payloads, triggers: Triggers, response_urls: ResponseUrls) -> None:
        self._desk = desk
        self._workspace = desk.workspace
        self._payloads = payloads
        self._triggers = triggers
        self._response_urls = response_urls
        self._message_states: dict[tuple[str, str, str], Typed] = {}
        self.link: AppLink | None = None
        self.ack_within = ACK_WITHIN_S
        """Real seconds that the app has to acknowledge."""
        self.sent: deque[tuple[Kind, Payload]] = deque(maxlen=_KEPT)
        """The last payloads, newest at the end: material for `redeliver`."""

    async def redeliver(self, kind: Kind, payload: Payload) -> Payload:
        """Sends the same payload once more, as after a double click or a reconnect; its answer changes nothing here.

        Raises NotAcknowledged.
        """
        if self.link is None:
            raise NotAcknowledged("the simulator is not started")
        return await self.link.deliver(kind, payload, within=self.ack_within)

    async def command(self, member: Member, channel: Channel, command: Command, text: str) -> None:
        """Raises NotAcknowledged. What the acknowledgement carries is said as Slack says it: privately by default."""
        url_key = self._response_urls.issue(member.id, channel.id)
        answer = await self._send(
            "slash_commands",
            self._payloads.command(
                member,
                channel,
                command.name,
                with_ids_for_names(self._workspace, text, labelled=True) if command.should_escape else text,
                trigger_id=self._triggers.issue(member.id),
                response_url=self._url(url_key),
            ),
        )
        if answer:
            target = ResponseUrl(member.id, channel.id, self._workspace.now())
            try:
                respond(self._desk, target, answer)
            except SlackError as refused:
                self._desk.surprise(f"{command.name} was acknowledged with {answer!r}: {refused}")
                raise NotAcknowledged(str(refused)) from None

    async def shortcut(self, member: Member, callback_id: str) -> None:
        trigger_id = self._triggers.issue(member.id)
        await self._send("interactive", self._payloads.shortcut(member, callback_id, trigger_id=trigger_id))

    async def message_shortcut(self, member: Member, callback_id: str, channel: Channel, message: Message) -> None:
        key = self._response_urls.issue(member.id, channel.id)
        payload = self._payloads.message_action(
            member,
            callback_id,
            channel,
            message,
            trigger_id=self._triggers.issue(member.id),
            response_url=self._url(key),
        )
        await self._send("interactive", payload)

    async def press_in_message(
        self,
        member: Member,
        channel: Channel,
        message: Message,
        block_id: str,
        action_id: str,
        chosen: Mapping[str, Any] | None,
    ) -> None:
        """`message` as that person sees it, which may be older than the truth. Raises Impossible, NotAcknowledged."""
        block, element = _find(message.get("blocks") or [], block_id, action_id)
        place = (member.id, channel.id, message["ts"])
        state = initial_state(message["blocks"], kept=self._message_states.get(place))
        action = self._action(block, element, chosen, state)
        if state:
            self._message_states[place] = state
        if block["type"] == "input" and not block.get("dispatch_action"):
            return
        key = self._response_urls.issue(
            member.id,
            channel.id,
            message_ts=message["ts"],
            is_ephemeral=bool(message.get("is_ephemeral")),
        )
        payload = self._payloads.message_click(
            member,
            channel,
            message,
            action,
            state,
            trigger_id=self._triggers.issue(member.id),
            response_url=self._url(key),
        )
        await self._send("interactive", payload)

    async def press_in_view(
        self, member: Member, shown: OpenView, block_id: str, action_id: str, chosen: Mapping[str, Any] | None
    ) -> None:
        block, element = _find(shown.view["blocks"], block_id, action_id)
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise Impossible(f"{block['label']['text']!r} sends nothing by itself (no dispatch_action)")
        action = self._action(block, element, chosen, shown.typed)
        self._workspace.screen_changed(member.id, "home" if shown.view["type"] == "home" else "modals")
        trigger_id = self._triggers.issue(member.id, shown.id if shown.view["type"] == "modal" else None)
        await self._send("interactive", self._payloads.view_click(member, shown, action, trigger_id=trigger_id))

    def choose(self, shown: OpenView, block_id: str, action_id: str, chosen: Mapping[str, Any]) -> None:
        _, element = _find(shown.view["blocks"], block_id, action_id)
        shown.typed[block_id][action_id] = settled(self._workspace, element, chosen)
        self._workspace.screen_changed(shown.user_id, "home" if shown.view["type"] == "home" else "modals")

    async def submit(self, member: Member, shown: OpenView) -> None:
        """Raises FormErrors, Impossible (what the client refuses to submit), NotAcknowledged."""
        if not shown.view.get("submit"):
            raise Impossible(f"the modal {shown.view['title']['text']!r} has no submit button")
        if wrong := hindrances(shown):
            raise Impossible("; ".join(wrong.values()))
        payload = self._payloads.submission(
            member,
            shown,
            trigger_id=self._triggers.issue(member.id, shown.id),
            response_urls=self._response_urls_of(shown),
        )
        answer = await self._send("interactive", payload)
        self._desk.stacks.answer_submission(shown, answer)

    async def dismiss(self, member: Member, shown: OpenView) -> None:
        closed = self._desk.stacks.close(shown)
        for view in closed:
            if view.view["notify_on_close"]:
                payload = self._payloads.closing(member, view, is_cleared=bool(shown.view["clear_on_close"]))
                await self._send("interactive", payload)

    async def suggest(
        self, member: Member, blocks: list[dict[str, Any]], block_id: str, action_id: str, typed: str, **where: Any
    ) -> list[dict[str, Any]]:
        """What an external select offers for `typed`: options or option groups. Raises Impossible, NotAcknowledged."""
        _, element = _find(blocks, block_id, action_id)
        if not element["type"].endswith("external_select"):
            raise Impossible(f"a {element['type']} asks nobody for options")
        if len(typed) < element.get("min_query_length", 3):
            raise Impossible(f"the menu asks from {element.get('min_query_length', 3)} characters on")
        if isinstance(self.link, HttpMode) and not self._desk.manifest.options_url:
            self._desk.surprise("an external select, but the manifest has no message_menu_options_url for HTTP mode")
            raise NotAcknowledged("nobody to ask for options")
        payload = self._payloads.suggestion(member, block_id, action_id, typed, **where)
        answer = await self._send("interactive", payload)
        groups = answer.get("option_groups")
        options = [option for group in groups for option in group["options"]] if groups else answer.get("options")
        problems = Problems()
        if not isinstance(options, list) or len(options) > 100:
            problems.add("/options", "must be an array of at most 100")
        for index, option in enumerate(options or ()):
            check_option(option, f"/options/{index}", problems)
        if problems.lines:
            self._desk.surprise(f"options for {action_id} refused: {problems.lines}")
            raise NotAcknowledged("; ".join(problems.lines))
        return groups or options or []

    async def _send(self, kind: Kind, payload: Payload) -> Payload:
        if self.link is None:
            raise NotAcknowledged("the simulator is not started")
        if kind == "interactive" and not self._desk.manifest.interactivity:
            self._desk.surprise("the manifest does not enable interactivity")
            raise NotAcknowledged("the app has no interactivity")
        self.sent.append((kind, payload))
        answer = await self.link.deliver(kind, payload, within=self.ack_within)
        if answer and payload.get("type") in _ANSWERED_BY_AN_ACK_ALONE:
            self._desk.surprise(f"{payload['type']} was acknowledged with what nobody reads: {sorted(answer)}")
        return answer

    def _url(self, key: str) -> str:
        return f"{self._desk.base_url()}/respond/{key}"

    def _action(
        self, block: Mapping[str, Any], element: Element, chosen: Mapping[str, Any] | None, state: Typed
    ) -> dict[str, Any]:
        """One entry of `actions`; also puts the choice into `state`."""
        action = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._workspace.next_ts(),
        }
        match element["type"]:
            case "button":
                return action | {key: element[key] for key in ("text", "value", "style", "url") if key in element}
            case "overflow":
                option = (chosen or {}).get("selected_option")
                if option not in element["options"]:
                    raise Impossible(f"{option!r} is not in the overflow menu")
                return action | {"selected_option": option}
        value = settled(self._workspace, element, chosen or {})
        state[block["block_id"]][element["action_id"]] = value
        key = state_key(element["type"]) or ""
        initial = {name: element[name] for name in element if name.startswith("initial_") or name == "placeholder"}
        return action | initial | {key: value[key]}

    def _response_urls_of(self, shown: OpenView) -> list[dict[str, str]]:
        urls = []
        for block, element in elements_in(shown.view["blocks"]):
            if not element.get("response_url_enabled"):
                continue
            key = state_key(element["type"]) or ""
            channel_id = shown.typed[block["block_id"]][element["action_id"]].get(key)
            if channel_id in self._workspace.channels:
                url = self._url(self._response_urls.issue(shown.user_id, channel_id))
                ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
                urls.append(ids | {"channel_id": channel_id, "response_url": url})
        return urls


def _find(blocks: list[dict[str, Any]], block_id: str, action_id: str) -> tuple[dict[str, Any], Element]:
    for block, element in elements_in(blocks):
        if block["block_id"] == block_id and element["action_id"] == action_id:
            return block, element
    raise Impossible(f"nothing there with block_id {block_id!r} and action_id {action_id!r}")
