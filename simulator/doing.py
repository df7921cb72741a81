"""What a person does in the page: one JSON body for each verb, carried out by that person's `Actor`."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from simulator.acting import Actor
from simulator.changes import Change
from simulator.conversations import Channel
from simulator.errors import Impossible

if TYPE_CHECKING:
    from simulator.server import Simulator

BUILT_IN = (
    {"command": "/invite", "usage_hint": "@name", "description": "Adds somebody, or the app, to this channel"},
    {"command": "/archive", "usage_hint": "", "description": "Archives this channel"},
)
"""Commands that Slack has itself and a newcomer needs here, in the form of a manifest's entries."""

Values = dict[str, dict[str, dict[str, Any]]]
"""What stands in the browser's form, as `state.values`."""


class MovableClock(Protocol):
    """A clock that the page may move. `now` is aware UTC."""

    def now(self) -> datetime: ...

    def advance(self, by: timedelta) -> None:
        """Moves it forward."""


@runtime_checkable
class ClockWithOutages(MovableClock, Protocol):
    """One that can also let time go by while the bot is down."""

    def sleep(self, by: timedelta) -> None: ...


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    who: str = Field(alias="as")


class Say(Body):
    channel: str
    text: str
    thread: str | None = None


class Press(Body):
    """In a message (`channel`, `ts`) or in a view (`view`, with what stands in its form)."""

    channel: str | None = None
    ts: str | None = None
    view: str | None = None
    block: str
    action: str
    chosen: dict[str, Any] | None = None
    values: Values = {}


class Submit(Body):
    view: str
    values: Values


class Typed(Body):
    """What stands in a form that isn't sent yet."""

    view: str
    values: Values


class Dismiss(Body):
    view: str


class Suggest(Body):
    where: str
    block: str
    action: str
    typed: str


class Shortcut(Body):
    callback: str
    channel: str | None = None
    ts: str | None = None


class Join(Body):
    channel: str


class Unarchive(Body):
    channel: str


class MoveClock(Body):
    move: Literal["15m", "1h", "next-morning", "1h-down"]


VERBS: dict[str, type[Body]] = {
    "say": Say,
    "press": Press,
    "submit": Submit,
    "typed": Typed,
    "dismiss": Dismiss,
    "suggest": Suggest,
    "shortcut": Shortcut,
    "join": Join,
    "unarchive": Unarchive,
    "clock": MoveClock,
}


class Doing:
    def __init__(self, sim: "Simulator", clock: MovableClock | None) -> None:
        self._sim = sim
        self._clock = clock

    @property
    def clock_moves(self) -> list[str]:
        """What `MoveClock.move` may be here."""
        if self._clock is None:
            return []
        return ["15m", "1h", "next-morning", *(["1h-down"] if isinstance(self._clock, ClockWithOutages) else [])]

    async def do(self, body: Body, actor: Actor) -> dict[str, Any]:
        """What the page gets back beside `ok`. Raises Impossible, NotAcknowledged, FormErrors."""
        match body:
            case Say():
                await self._say(body, actor)
            case Press():
                await self._press(body, actor)
            case Submit():
                self._fill(actor, body.view, body.values)
                await actor.submit(body.view)
            case Typed():
                self._fill(actor, body.view, body.values)
            case Dismiss():
                await actor.dismiss(body.view)
            case Suggest():
                return {"options": await actor.suggest(body.where, body.block, body.action, body.typed)}
            case Shortcut():
                await self._shortcut(body, actor)
            case Join():
                self._join(body, actor)
            case Unarchive():
                self._unarchive(body, actor)
            case MoveClock():
                self._move_clock(body, actor)
        return {}

    async def _say(self, body: Say, actor: Actor) -> None:
        command, _, words = body.text.strip().partition(" ")
        if command in {entry["command"] for entry in BUILT_IN} and body.thread is None:
            self._run_built_in(command, words.strip(), body.channel, actor)
        else:
            await actor.types(body.text, channel=body.channel, thread=body.thread)

    def _run_built_in(self, command: str, words: str, channel_id: str, actor: Actor) -> None:
        workspace = self._sim.workspace
        channel = self._own_channel(channel_id, actor)
        if channel.is_im or channel.is_archived or actor.id not in channel.members:
            raise Impossible(f"{command} works in a channel that one is in and that isn't archived")
        if command == "/archive":
            workspace.archive(channel, by=actor.id)
            return
        try:
            invited = workspace.person(words)
        except KeyError:
            raise Impossible(f"nobody here is called “{words}”; type /invite @name") from None
        if invited.deleted:
            raise Impossible(f"{invited.name} is deactivated")
        workspace.join(channel, invited, inviter_id=actor.id)

    async def _press(self, body: Press, actor: Actor) -> None:
        if body.view is not None:
            self._fill(actor, body.view, body.values)
            await actor.press_in_view(body.view, body.block, body.action, body.chosen)
        elif body.channel and body.ts:
            await actor.press_in_message(body.channel, body.ts, body.block, body.action, body.chosen)
        else:
            raise Impossible("what was pressed is neither in a message nor in a view")

    async def _shortcut(self, body: Shortcut, actor: Actor) -> None:
        if body.channel and body.ts:
            await actor.shortcut_on(body.callback, body.channel, body.ts)
        else:
            await actor.shortcut(body.callback)

    def _join(self, body: Join, actor: Actor) -> None:
        self._sim.workspace.join(self._own_channel(body.channel, actor), actor.id)

    def _unarchive(self, body: Unarchive, actor: Actor) -> None:
        channel = self._own_channel(body.channel, actor)
        if actor.member.is_guest:
            raise Impossible("guests can't unarchive channels")
        self._sim.workspace.unarchive(channel, by=actor.id)

    def _own_channel(self, channel_id: str, actor: Actor) -> Channel:
        workspace = self._sim.workspace
        if channel_id not in workspace.channels or not workspace.can_see(actor.id, channel_id):
            raise Impossible("that channel isn't there")
        return workspace.channels[channel_id]

    def _move_clock(self, body: MoveClock, actor: Actor) -> None:
        if self._clock is None or body.move not in self.clock_moves:
            raise Impossible("the clock of this workspace can't be moved so")
        now = self._clock.now()
        match body.move:
            case "15m":
                to = now + timedelta(minutes=15)
            case "1h" | "1h-down":
                to = now + timedelta(hours=1)
            case "next-morning":
                there = now.astimezone(ZoneInfo(self._sim.workspace.person(actor.id).tz))
                to = (there + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
        # Subtracting instants: in one zone, Python would subtract wall clocks across a change of summer time.
        by = timedelta(seconds=to.timestamp() - now.timestamp())
        if body.move == "1h-down" and isinstance(self._clock, ClockWithOutages):
            self._clock.sleep(by)
        else:
            self._clock.advance(by)
        self._sim.workspace.announce(Change("clock"))

    def _fill(self, actor: Actor, view_id: str, values: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
        """Puts what stands in the browser's form into the view, leaving out fields that an update took away."""
        shown = self._sim.workspace.open_view(view_id)
        if shown is None or shown.user_id != actor.id:
            raise Impossible("this form was closed")
        for block in shown.view["blocks"]:
            if block["type"] != "input":
                continue
            element = block["element"]
            state = values.get(block["block_id"], {}).get(element["action_id"])
            if state is None or state.get("type") != element["type"]:
                continue
            if state != shown.typed.get(block["block_id"], {}).get(element["action_id"]):
                chosen = {key: value for key, value in state.items() if key != "type"}
                actor.choose(view_id, block["block_id"], element["action_id"], chosen)
