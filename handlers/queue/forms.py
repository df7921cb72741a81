"""What people typed about digests and figures → typed values; what doesn't fit is said at its field."""

from datetime import time

from pydantic import Field

from handlers.forms import Form

CHANNEL, MANAGERS, WEEKLY = "channel", "managers", "weekly"
WHERE = (CHANNEL, MANAGERS, WEEKLY)


class DigestForm(Form):
    """When and where a team's digest comes; nothing ticked: it is off."""

    at: time
    where: tuple[str, ...] = ()
    channel: str | None = Field(default=None, max_length=32)
