"""What the app is sent, field by field as Slack sends it."""

import secrets
from collections.abc import Mapping
from typing import Any, Literal

from simulator.conversations import Channel, Message
from simulator.people import Member
from simulator.screens import OpenView, Typed
from simulator.workspace import Event, Workspace

Kind = Literal["slash_commands", "interactive", "events_api"]
Payload = dict[str, Any]

VERIFICATION_TOKEN = "simulated-verification-token"  # noqa: S105 - nobody checks it any more, Slack still sends it


class Payloads:
    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def command(
        self, member: Member, channel: Channel, command: str, text: str, *, trigger_id: str, response_url: str
    ) -> Payload:
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": self._workspace.team_id,
            "team_domain": self._workspace.team_domain,
            "channel_id": channel.id,
            "channel_name": self.channel_name(channel),
            "user_id": member.id,
            "user_name": member.name,
            "command": command,
            "text": text,
            "api_app_id": self._workspace.app_id,
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": trigger_id,
        }

    def shortcut(self, member: Member, callback_id: str, *, trigger_id: str) -> Payload:
        return self._interaction("shortcut", member) | {
            "action_ts": self._workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
        }

    def message_action(
        self,
        member: Member,
        callback_id: str,
        channel: Channel,
        message: Message,
        *,
        trigger_id: str,
        response_url: str,
    ) -> Payload:
        return self._interaction("message_action", member) | {
            "action_ts": self._workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": trigger_id,
            "response_url": response_url,
            "channel": {"id": channel.id, "name": self.channel_name(channel)},
            "message_ts": message["ts"],
            "message": without_metadata(message),
        }

    def message_click(
        self,
        member: Member,
        channel: Channel,
        message: Message,
        action: Mapping[str, Any],
        state: Typed,
        *,
        trigger_id: str,
        response_url: str,
    ) -> Payload:
        """`block_actions` from a message; an ephemeral one isn't repeated in the payload."""
        is_ephemeral = bool(message.get("is_ephemeral"))
        container = {
            "type": "message",
            "message_ts": message["ts"],
            "channel_id": channel.id,
            "is_ephemeral": is_ephemeral,
        }
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        payload = self._interaction("block_actions", member) | {
            "container": container,
            "trigger_id": trigger_id,
            "channel": {"id": channel.id, "name": self.channel_name(channel)},
            "state": {"values": state},
            "response_url": response_url,
            "actions": [dict(action)],
        }
        if not is_ephemeral:
            payload["message"] = message
        return payload

    def view_click(self, member: Member, shown: OpenView, action: Mapping[str, Any], *, trigger_id: str) -> Payload:
        return self._interaction("block_actions", member) | {
            "container": {"type": "view", "view_id": shown.id},
            "trigger_id": trigger_id,
            "view": shown.as_slack(),
            "actions": [dict(action)],
        }

    def submission(
        self, member: Member, shown: OpenView, *, trigger_id: str, response_urls: list[dict[str, str]]
    ) -> Payload:
        return self._interaction("view_submission", member) | {
            "trigger_id": trigger_id,
            "view": shown.as_slack(),
            "response_urls": response_urls,
        }

    def closing(self, member: Member, shown: OpenView, *, is_cleared: bool) -> Payload:
        return self._interaction("view_closed", member) | {"view": shown.as_slack(), "is_cleared": is_cleared}

    def suggestion(self, member: Member, block_id: str, action_id: str, typed: str, **where: Any) -> Payload:
        return self._interaction("block_suggestion", member) | {
            "block_id": block_id,
            "action_id": action_id,
            "value": typed,
            **where,
        }

    def event(self, event: Event) -> Payload:
        workspace = self._workspace
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": workspace.team_id,
            "context_team_id": workspace.team_id,
            "context_enterprise_id": None,
            "api_app_id": workspace.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(workspace.now().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.bot.id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }

    def channel_name(self, channel: Channel) -> str:
        if channel.is_im:
            return "directmessage"
        return "privategroup" if channel.is_private else channel.name

    def _interaction(self, kind: str, member: Member) -> Payload:
        user = {"id": member.id, "username": member.name, "name": member.name, "team_id": member.team_id}
        return {
            "type": kind,
            "token": VERIFICATION_TOKEN,
            "api_app_id": self._workspace.app_id,
            "team": {"id": self._workspace.team_id, "domain": self._workspace.team_domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "user": user,
        }


def without_metadata(message: Message) -> Message:
    return {key: value for key, value in message.items() if key != "metadata"} if "metadata" in message else message
