"""The shape of what Slack sends, as far as listeners read it. What is of another shape didn't come from Slack, and
reaches no listener. What people typed or chose inside it is the forms' matter (handlers.forms).
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator


def _is_text(text: str) -> str:
    """No database keeps a zero character, nor half of a surrogate pair."""
    if "\0" in text or not text.isascii():
        text.encode()  # UnicodeEncodeError is a ValueError
        if "\0" in text:
            raise ValueError("a zero character")
    return text


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""Of a person, a channel, a workspace, a view."""
Text = Annotated[str, AfterValidator(_is_text)]
Name = Annotated[str, Field(max_length=255), AfterValidator(_is_text)]
Instant = Annotated[int, Field(ge=0, lt=2**33)]
"""Seconds since 1970."""


class Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True, defer_build=True)  # built when first used


class Sender(Shape):
    id: Id
    team_id: Id | None = None


class Channel(Shape):
    id: Id
    name: Name | None = None


class Option(Shape):
    value: str


class Action(Shape):
    action_id: Name
    value: str | None = None
    selected_option: Option | None = None


class Block(Shape):
    type: Name
    block_id: Name


class State(Shape):
    values: dict[str, dict[str, dict[str, Any]]] | None = None


class View(Shape):
    id: Id
    type: Name
    callback_id: Name = ""
    hash: Name = ""
    private_metadata: str = ""
    previous_view_id: Id | None = None
    root_view_id: Id | None = None
    blocks: list[Block]
    state: State | None = None


class Message(Shape):
    ts: Name
    thread_ts: Name | None = None
    text: str | None = None


class Container(Shape):
    type: Name
    channel_id: Id | None = None
    message_ts: Name | None = None
    thread_ts: Name | None = None


class Interaction(Shape):
    user: Sender
    response_url: str | None = None
    channel: Channel | None = None
    view: View | None = None


class Click(Interaction):
    trigger_id: str
    container: Container | None = None
    actions: Annotated[list[Action], Field(min_length=1)]

    @model_validator(mode="after")
    def is_somewhere(self) -> "Click":
        if self.view is None and self.container is not None and self.container.type == "view":
            raise ValueError("a click in a view that isn't there")
        return self


class Submission(Interaction):
    trigger_id: str = ""
    view: View


class Suggestion(Interaction):
    action_id: Name
    value: str = ""


class Shortcut(Interaction):
    callback_id: Name
    trigger_id: str


class MessageShortcut(Shortcut):
    channel: Channel
    message: Message


class Command(Shape):
    command: Name
    text: str = ""
    user_id: Id
    team_id: Id | None = None
    channel_id: Id | None = None
    channel_name: Name | None = None
    trigger_id: str = ""
    response_url: str | None = None


class Event(Shape):
    type: Name


class Said(Event):
    channel: Id
    user: Id | None = None
    text: Text | None = None
    ts: Name | None = None
    thread_ts: Name | None = None
    channel_type: Name | None = None
    subtype: Name | None = None


class OfPerson(Event):
    user: Id


class InChannel(Event):
    channel: Id


class OfPersonInChannel(OfPerson, InChannel):
    pass


class Renamed(Event):
    class NewName(Shape):
        id: Id
        name: Name

    channel: NewName


class Profile(Shape):
    display_name: Text | None = None
    real_name: Text | None = None
    email: Name | None = None


class Person(Sender):
    name: Text | None = None
    real_name: Text | None = None
    tz: Name | None = None
    profile: Profile | None = None


class OfAccount(Event):
    user: Person


class Resting(OfPerson):
    class DoNotDisturb(Shape):
        dnd_enabled: bool = False
        next_dnd_start_ts: Instant | None = None
        next_dnd_end_ts: Instant | None = None
        snooze_enabled: bool = False
        snooze_endtime: Instant | None = None

    dnd_status: DoNotDisturb


class EventCallback(Shape):
    team_id: Id | None = None
    event: Event


INTERACTIONS: Mapping[str, type[Shape]] = {
    "block_actions": Click,
    "view_submission": Submission,
    "block_suggestion": Suggestion,
    "shortcut": Shortcut,
    "message_action": MessageShortcut,
}
EVENTS: Mapping[str, type[Event]] = {
    "message": Said,
    "app_mention": Said,
    "app_home_opened": OfPerson,
    "member_joined_channel": OfPersonInChannel,
    "member_left_channel": OfPersonInChannel,
    "channel_rename": Renamed,
    "group_rename": Renamed,
    "channel_archive": InChannel,
    "group_archive": InChannel,
    "channel_unarchive": InChannel,
    "group_unarchive": InChannel,
    "team_join": OfAccount,
    "user_change": OfAccount,
    "dnd_updated_user": Resting,
}


def misshapen(body: Mapping[str, Any]) -> str | None:
    """Where a payload isn't as Slack sends it ("view.id"); None: it is."""
    try:
        if "event" in body:
            EventCallback.model_validate(body)
            EVENTS.get(body["event"]["type"], Event).model_validate(body["event"])
        elif "command" in body:
            Command.model_validate(body)
        else:
            kind = body.get("type")
            INTERACTIONS.get(kind if isinstance(kind, str) else "", Shape).model_validate(body)
    except ValidationError as error:
        return ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"]) or "the whole"
    return None
