"""What goes wrong, as Slack says it and as a person meets it."""

from collections.abc import Mapping
from typing import Any


class SlackError(Exception):
    """An answer `{"ok": false, "error": code, ...}` of the Web API."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code if not more else f"{code} {more}")
        self.code = code
        self.more = more

    def as_answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.more}


class Impossible(Exception):  # noqa: N818 - reads as what it says: Impossible("there is no channel #x")
    """A person at a screen could not do this: the reason says what isn't there."""


class NotAcknowledged(Exception):  # noqa: N818 - likewise
    """The app did not answer within 3 s, or answered with something that Slack shows as a failure."""


class FormErrors(Exception):  # noqa: N818 - these are the errors, plural, at the fields of one form
    """The app kept the form open; `errors` maps block ids to the sentences at their fields."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in errors.items()))
        self.errors = dict(errors)
