"""Collecting Slack-shaped error lines while a tree of blocks is checked."""

from collections.abc import Collection, Mapping
from typing import Any

Node = Mapping[str, Any]


class Problems:
    """Collects Slack-shaped error lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.focused = 0

    def add(self, pointer: str, says: str) -> None:
        self.lines.append(f"[ERROR] {says} [json-pointer:{pointer}]")

    def only_fields(self, node: Any, pointer: str, allowed: Collection[str]) -> bool:
        """Whether it is an object at all; fields that aren't allowed are noted."""
        if not isinstance(node, Mapping):
            self.add(pointer, "must be an object")
            return False
        for key in node:
            if key not in allowed and key != "type":
                self.add(pointer, f"invalid additional property: {key}")
        return True

    def required(self, node: Node, pointer: str, *keys: str) -> bool:
        missing = [key for key in keys if node.get(key) is None]
        for key in missing:
            self.add(pointer, f"missing required field: {key}")
        return not missing

    def string(self, node: Node, key: str, pointer: str, longest: int, *, shortest: int = 1) -> None:
        value = node.get(key)
        if value is None:
            return
        if not isinstance(value, str):
            self.add(f"{pointer}/{key}", "must be a string")
        elif len(value) > longest:
            self.add(f"{pointer}/{key}", f"must be less than {longest + 1} characters")
        elif len(value) < shortest:
            self.add(f"{pointer}/{key}", f"must be more than {shortest - 1} characters")

    def boolean(self, node: Node, pointer: str, *keys: str) -> None:
        for key in keys:
            if not isinstance(node.get(key, False), bool):
                self.add(f"{pointer}/{key}", "must be a boolean")

    def whole_number(self, node: Node, key: str, pointer: str, lowest: int, highest: int) -> None:
        value = node.get(key)
        if value is None:
            return
        if not isinstance(value, int) or isinstance(value, bool):
            self.add(f"{pointer}/{key}", "must be an integer")
        elif not lowest <= value <= highest:
            self.add(f"{pointer}/{key}", f"must be between {lowest} and {highest}")

    def text(self, node: Node, key: str, pointer: str, longest: int, *, plain: bool = False) -> None:
        """A text object under `key`, if there is one."""
        if node.get(key) is not None:
            self.text_object(node[key], f"{pointer}/{key}", longest, plain=plain)

    def text_object(self, text: Any, pointer: str, longest: int, *, plain: bool = False) -> None:
        if not isinstance(text, Mapping):
            self.add(pointer, "must be an object")
            return
        kind = text.get("type")
        if kind not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
            self.add(f"{pointer}/type", f"must be {'plain_text' if plain else 'plain_text or mrkdwn'}")
            return
        self.only_fields(text, pointer, {"text", "emoji"} if kind == "plain_text" else {"text", "verbatim"})
        self.required(text, pointer, "text")
        self.string(text, "text", pointer, longest)
        self.boolean(text, pointer, "emoji", "verbatim")

    def list_of(self, node: Node, key: str, pointer: str, fewest: int, most: int) -> list[Any]:
        value = node.get(key)
        if not isinstance(value, (list, tuple)):
            self.add(f"{pointer}/{key}", "must be an array")
            return []
        if len(value) > most:
            self.add(f"{pointer}/{key}", f"no more than {most} items allowed")
        elif len(value) < fewest:
            self.add(f"{pointer}/{key}", f"no fewer than {fewest} items allowed")
        return list(value)
