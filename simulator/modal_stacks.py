"""The life of modals and Homes: open, push, update, publish, and what a submission's answer does to the stack."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from simulator.block_kit import Surface, check_view
from simulator.errors import FormErrors, NotAcknowledged, SlackError
from simulator.interactivity import Triggers
from simulator.screens import STACK_LIMIT, OpenView, View, new_hash
from simulator.typed_state import initial_state, with_ids
from simulator.workspace import Workspace


class ModalStacks:
    def __init__(
        self, workspace: Workspace, triggers: Triggers, surprise: Callable[[str], None], *, home_tab: bool
    ) -> None:
        self._workspace = workspace
        self._triggers = triggers
        self._surprise = surprise
        self._home_tab = home_tab

    def open(self, trigger_id: str, view: Any) -> OpenView:
        """A new stack for the person who caused the trigger; one that was open is replaced."""
        check_view(view, surface="modal")
        self._check_external_id(view)
        trigger = self._triggers.spend(trigger_id)
        if trigger.view_id is not None:  # Slack accepts it, and its clients then show it by chance only
            self._surprise("views.open with a trigger from a modal: push or update instead")
        shown = self._shown(trigger.user_id, view, "modal")
        self._workspace.modals[trigger.user_id] = [shown]
        self._workspace.screen_changed(trigger.user_id, "modals")
        return shown

    def push(self, trigger_id: str, view: Any) -> OpenView:
        check_view(view, surface="modal")
        self._check_external_id(view)
        trigger = self._triggers.spend(trigger_id)
        if trigger.view_id is None:
            raise SlackError("invalid_trigger_id")
        stack = self._workspace.modal_stack(trigger.user_id)
        if not any(shown.id == trigger.view_id for shown in stack):
            raise SlackError("not_found")
        return self._put_on(stack, trigger.user_id, view)

    def update(self, view: Any, *, view_id: str | None, external_id: str | None, expected_hash: str | None) -> OpenView:
        """Replaces a view where it stands; what was typed under the same block and action ids stays."""
        shown = self._find(view_id, external_id)
        surface: Surface = "home" if shown is not None and shown.view["type"] == "home" else "modal"
        check_view(view, surface=surface)
        if shown is None:
            raise SlackError("not_found")
        if expected_hash is not None and expected_hash != shown.view["hash"]:
            raise SlackError("hash_conflict")
        self._check_external_id(view, except_for=shown)
        self._replace(shown, view, surface)
        return shown

    def publish(self, user_id: str, view: Any, *, expected_hash: str | None) -> OpenView:
        check_view(view, surface="home")
        if not self._home_tab:
            raise SlackError("not_enabled")
        member = self._workspace.people.get(user_id)
        if member is None or member.is_bot:
            raise SlackError("invalid_arguments", response_metadata={"messages": ["invalid `user_id`"]})
        shown = self._workspace.homes.get(user_id)
        if shown is None:
            if expected_hash is not None:
                raise SlackError("hash_conflict")
            shown = self._shown(user_id, view, "home")
            self._workspace.homes[user_id] = shown
        elif expected_hash is not None and expected_hash != shown.view["hash"]:
            raise SlackError("hash_conflict")
        else:
            self._replace(shown, view, "home")
        self._workspace.screen_changed(user_id, "home")
        return shown

    def answer_submission(self, shown: OpenView, answer: Mapping[str, Any]) -> None:
        """Does what a submission was acknowledged with: `response_action` none, errors, clear, update or push.

        Raises FormErrors for errors; NotAcknowledged (and notes a surprise) for an answer that Slack couldn't use.
        """
        shown.errors = {}
        try:
            self._obey(shown, answer)
        except SlackError as refused:
            action = answer.get("response_action")
            self._surprise(f"view_submission of {shown.view['callback_id']!r} answered with {action!r}: {refused}")
            raise NotAcknowledged(f"We had some trouble connecting: {refused}") from None
        self._workspace.screen_changed(shown.user_id, "modals")
        if shown.errors:
            raise FormErrors(shown.errors)

    def close(self, shown: OpenView) -> list[OpenView]:
        """Takes a modal (with `clear_on_close` the whole stack) away; what was closed, top first."""
        stack = self._workspace.modal_stack(shown.user_id)
        if shown.view["clear_on_close"]:
            closed = stack[::-1]
            stack.clear()
        else:
            closed = [shown]
            stack.remove(shown)
        self._workspace.screen_changed(shown.user_id, "modals")
        return closed

    def _obey(self, shown: OpenView, answer: Mapping[str, Any]) -> None:
        stack = self._workspace.modal_stack(shown.user_id)
        match answer.get("response_action"):
            case None:
                if answer:
                    raise SlackError("invalid_arguments", keys=sorted(answer))
                if shown in stack:
                    stack.remove(shown)
            case "clear":
                stack.clear()
            case "errors":
                self._show_errors(shown, answer)
            case "update":
                check_view(answer.get("view"), surface="modal")
                self._check_external_id(answer["view"], except_for=shown)
                self._replace(shown, answer["view"], "modal")
            case "push":
                check_view(answer.get("view"), surface="modal")
                self._check_external_id(answer["view"])
                self._put_on(stack, shown.user_id, answer["view"])
            case unknown:
                raise SlackError("invalid_arguments", response_action=unknown)

    def _find(self, view_id: str | None, external_id: str | None) -> OpenView | None:
        if view_id:
            return self._workspace.open_view(view_id)
        if external_id:
            return next((shown for shown in self._all() if shown.view["external_id"] == external_id), None)
        raise SlackError(
            "invalid_arguments",
            response_metadata={"messages": ["[ERROR] missing required field: view_id or external_id"]},
        )

    def _all(self) -> list[OpenView]:
        modals = [shown for stack in self._workspace.modals.values() for shown in stack]
        return [*modals, *self._workspace.homes.values()]

    def _check_external_id(self, view: Mapping[str, Any], *, except_for: OpenView | None = None) -> None:
        external_id = view.get("external_id")
        if external_id and any(
            shown.view["external_id"] == external_id for shown in self._all() if shown is not except_for
        ):
            raise SlackError("duplicate_external_id")

    def _put_on(self, stack: list[OpenView], user_id: str, view: Mapping[str, Any]) -> OpenView:
        if len(stack) >= STACK_LIMIT:
            raise SlackError("push_limit_reached")
        shown = self._shown(user_id, view, "modal")
        if stack:
            shown.view |= {"previous_view_id": stack[-1].id, "root_view_id": stack[0].id}
        stack.append(shown)
        self._workspace.screen_changed(user_id, "modals")
        return shown

    def _shown(self, user_id: str, view: Mapping[str, Any], surface: Surface) -> OpenView:
        view_id = f"V{secrets.token_hex(5).upper()}"
        complete = self._completed(view, surface) | {
            "id": view_id,
            "root_view_id": view_id,
            "previous_view_id": None,
        }
        return OpenView(user_id=user_id, view=complete, typed=initial_state(complete["blocks"]))

    def _replace(self, shown: OpenView, view: Mapping[str, Any], surface: Surface) -> None:
        kept = {key: shown.view[key] for key in ("id", "root_view_id", "previous_view_id")}
        shown.view = self._completed(view, surface) | kept
        shown.typed = initial_state(shown.view["blocks"], kept=shown.typed)
        shown.errors = {}
        self._workspace.screen_changed(shown.user_id, "home" if surface == "home" else "modals")

    def _completed(self, view: Mapping[str, Any], surface: Surface) -> View:
        return {
            "team_id": self._workspace.team_id,
            "app_id": self._workspace.app_id,
            "app_installed_team_id": self._workspace.team_id,
            "bot_id": self._workspace.bot_id,
            "type": surface,
            "title": view.get("title"),
            "submit": view.get("submit"),
            "close": view.get("close"),
            "blocks": with_ids(view["blocks"]),
            "private_metadata": view.get("private_metadata") or "",
            "callback_id": view.get("callback_id") or "",
            "external_id": view.get("external_id") or "",
            "clear_on_close": bool(view.get("clear_on_close", False)),
            "notify_on_close": bool(view.get("notify_on_close", False)),
            "hash": new_hash(self._workspace.now().timestamp()),
        }

    def _show_errors(self, shown: OpenView, answer: Mapping[str, Any]) -> None:
        errors = answer.get("errors")
        inputs = {block["block_id"] for block in shown.view["blocks"] if block["type"] == "input"}
        if not isinstance(errors, Mapping) or not errors:
            raise SlackError("invalid_arguments", errors=errors)
        for block_id, sentence in errors.items():
            if block_id not in inputs:
                raise SlackError("invalid_arguments", no_input_block=block_id)
            if not isinstance(sentence, str) or not sentence:
                raise SlackError("invalid_arguments", empty_error_at=block_id)
        shown.errors = dict(errors)
