"""What people typed about digests and figures → typed values; what doesn't fit is said at its field."""

from datetime import time

from pydantic import Field, field_validator

from handlers.forms import GREATEST_ID, Form
from handlers.queue.rules.rights import PersonalMetrics

CHANNEL, MANAGERS, WEEKLY = "channel", "managers", "weekly"
A_COUNT = "Write how many customers are active, as a whole number such as 1200; or leave it empty."


class DigestForm(Form):
    """When and where a team's digest comes; nothing ticked: it is off."""

    at: time
    where: tuple[str, ...] = ()
    channel: str | None = Field(default=None, max_length=32)


class FiguresForm(Form):
    """Who sees figures about one person; where product people read; how many customers are active."""

    personal: PersonalMetrics
    product: str | None = Field(default=None, max_length=32)
    customers: int | None = None

    @field_validator("customers", mode="before")
    @classmethod
    def _is_a_count(cls, typed: object) -> int | None:
        written = str(typed or "").replace(",", "").replace(" ", "").replace("\u00a0", "").replace(".", "")
        if not written:
            return None
        if not written.isascii() or not written.isdecimal() or not 0 < int(written[:12]) <= GREATEST_ID:
            raise ValueError(A_COUNT)
        return int(written)


class TellForm(Form):
    """Where the product people are told."""

    channel: str = Field(min_length=1, max_length=32)
