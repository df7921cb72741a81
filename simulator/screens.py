"""What a person has open besides messages: one stack of modals, one Home."""

import copy
import secrets
from dataclasses import dataclass, field
from typing import Any

View = dict[str, Any]
Typed = dict[str, dict[str, dict[str, Any]]]
"""`state.values`: block id → action id → {"type": …, "value" | "selected_option" | …}."""

STACK_LIMIT = 3


@dataclass
class OpenView:
    """A modal or a Home on somebody's screen.

    `view` is Slack's view JSON without `state`; `typed` is its `state.values`; `errors` are the sentences shown at
    fields (block id → sentence) after `response_action: errors`; `suggested` is what external selects, by block id and
    action id, last offered.
    """

    user_id: str
    view: View
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    suggested: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.view["id"])

    def as_slack(self) -> View:
        """The view object that payloads and `views.*` answers carry."""
        return self.view | {"state": {"values": copy.deepcopy(self.typed)}}


def new_hash(at: float) -> str:
    return f"{int(at)}.{secrets.token_hex(4)}"
