"""A visitor who presses whatever can be pressed and fills in every form: so everything that is registered is met with
values that the bot itself gave out."""

import contextlib
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from simulator.acting import Actor, FormErrors, Impossible
from simulator.elements import options_of
from simulator.screens import OpenView
from simulator.typed_state import elements_in, state_key
from tests.office import Office

TYPED = ("Refunds above the limit", "5", "E-1", "15 min", "https://wiki.example/x")
"""What may be meant by a field of text; the next is tried where one isn't taken."""
LAST = ("cancel", "end_", "stop", "erase", "leave", "close", "done", "decline", "drop", "confirm", "resolve", "claim")
"""What ends something is pressed last."""
PRESSES = 1
"""How often each thing is pressed."""
REOPENED = 6
"""How often a window is opened again for what is still to be pressed in it."""
SUBMISSIONS = 2
"""The second time, what may be left empty is filled in too."""
FORMS_TRIED = 4
DEEPEST = 4
MANAGERS_WORDS = (
    "/backstop team",
    "/escalate Login loops",
    "/training new Refunds",
    "/training session Refunds",
    "/training required",
    "/training onboarding",
    "/poll",
    "/goal",
    "/queue",
    "/backstop duty",
    "/availability away",
    "/availability hours",
    "/escalate policy",
    "/escalate E-1",
)
WHAT_IS_LEFT = ("/training", "/poll list", "/goal list", "/backstop team", "/escalate list", "/escalate follow-ups")
AGENTS_WORDS = ("/checkin", "/training", "/availability", "/escalate mine")


async def tour(office: Office) -> None:
    """A manager and an agent type what is offered, and press and submit whatever comes of it; what ends things comes
    last."""
    known = office.sim.app_manifest.commands
    for ends, who, words in (
        (False, office.aoife, MANAGERS_WORDS),
        (False, office.ben, AGENTS_WORDS),
        (True, office.aoife, WHAT_IS_LEFT),
    ):
        visitor = Visitor(office, who, colleague="Ben", ends=ends)
        for command in words:
            if command.split()[0] in known:
                await visitor.types(command)
        await visitor.looks("#care", "#care-escalations", "@bot")


class Visitor:
    def __init__(self, office: Office, actor: Actor, *, colleague: str, ends: bool = False) -> None:
        self.office = office
        self.actor = actor
        self.colleague = colleague
        self.ends = ends
        """Whether it presses what ends something, too."""
        self.pressed: Counter[str] = Counter()
        self.submitted: Counter[str] = Counter()
        self._answered = set(office.sim.workspace.ephemerals.get(actor.id, {}))

    async def types(self, command: str, channel: str = "#care") -> None:
        """Types it, and looks at whatever comes of it."""
        await self.actor.types(command, channel=channel)
        await self.office.settles()
        await self.looks()

    async def looks(self, *channels: str) -> None:
        """At the windows that are open, at the new private answers, and at the messages of these channels."""
        await self._windows()
        for shown in self._new_answers():
            await self._message(shown)
        for channel in channels:
            for one in list(self.actor.sees(channel)):
                await self._message(one)

    async def opens_home(self) -> None:
        home = await self.actor.opens_home()
        await self._press_all(home.shown.view["blocks"], home)

    def _new_answers(self) -> list[Any]:
        workspace = self.office.sim.workspace
        new = [ts for ts in workspace.ephemerals.get(self.actor.id, {}) if ts not in self._answered]
        self._answered |= set(new)
        found = [one for channel in self.actor.channels() for one in self.actor.sees(channel.id)]
        return [one for one in found if one.is_ephemeral and one.ts in new]

    async def _message(self, shown: Any) -> None:
        await self._press_all(shown.blocks, shown)

    async def _press_all(self, blocks: Sequence[Any], where: Any, deep: int = 0) -> bool:
        """Presses each thing that is new; False if something couldn't be reached any more (a window was closed)."""
        reached = True
        for block, element in list(elements_in(blocks)):
            for _ in range(REOPENED):
                if block["type"] == "input" or not self._wants(element):
                    break
                try:
                    await self._press(where, block, element)
                except Impossible:
                    reached = False
                    break
                await self.office.bot.listening.drain(at_most_s=10)
                if await self._windows(deep + 1):
                    self.pressed[element["action_id"]] += 1
            for answer in self._new_answers():
                if deep < DEEPEST:
                    await self._press_all(answer.blocks, answer, deep + 1)
        return reached

    def _wants(self, element: Any) -> bool:
        action_id = element["action_id"]
        if not self.ends and any(word in action_id for word in LAST):
            return False
        return self.pressed[action_id] < PRESSES

    async def _press(self, where: Any, block: Any, element: Any) -> None:
        chosen = None if element["type"] == "button" else self._chosen(element, 0)
        at = block["block_id"], element["action_id"]
        if hasattr(where, "ts"):
            await self.actor.press_in_message(where.channel, where.ts, *at, chosen)
        else:
            await self.actor.press_in_view(where.shown.id, *at, chosen)

    async def _windows(self, deep: int = 0) -> bool:
        """Presses what the top window offers, submits it if it can be, closes it; False if one closed too early."""
        reached = True
        seen: set[tuple[str, str]] = set()
        while stack := self.office.sim.workspace.modals.get(self.actor.id):
            top = stack[-1]
            name = (top.id, str(top.view["callback_id"]))
            if name in seen or deep > DEEPEST:
                with contextlib.suppress(Impossible):
                    await self.actor.dismiss(top.id)
                if stack and stack[-1] is top:
                    break
                continue
            seen.add(name)
            reached &= await self._press_all(top.view["blocks"], _Window(top), deep)
            stack = self.office.sim.workspace.modals.get(self.actor.id) or []
            if stack and stack[-1].id == top.id:
                await self._submit(stack[-1])
        return reached

    async def _submit(self, top: OpenView) -> None:
        callback = str(top.view["callback_id"])
        if not top.view.get("submit") or self.submitted[callback] >= SUBMISSIONS:
            return
        self.submitted[callback] += 1
        whole = self.submitted[callback] > 1
        wrong: dict[str, int] = {}
        for _ in range(FORMS_TRIED):
            for block, element in elements_in(top.view["blocks"]):
                if block["type"] == "input":
                    self._fill(top, block, element, wrong.get(block["block_id"], 0), whole=whole)
            try:
                await self.actor.submit(top.id)
            except FormErrors as refused:
                for field in refused.errors:
                    wrong[field] = wrong.get(field, 0) + 1
                continue
            except Impossible:
                pass
            break
        await self.office.settles()

    def _fill(self, top: OpenView, block: Any, element: Any, attempt: int, *, whole: bool) -> None:
        """`whole`: also what may be left empty."""
        key = state_key(element["type"]) or ""
        stands = top.typed[block["block_id"]][element["action_id"]].get(key)
        if (stands not in (None, "", []) or (block.get("optional") and not whole)) and not attempt:
            return
        with contextlib.suppress(Impossible, StopIteration, IndexError):
            self.actor.choose(top.id, block["block_id"], element["action_id"], self._chosen(element, attempt))

    def _chosen(self, element: Any, attempt: int) -> dict[str, Any]:
        """Something that the element takes; another one at each attempt."""
        kind, workspace = element["type"], self.office.sim.workspace
        key = state_key(kind) or "selected_option"
        days = timedelta(days=2 + 3 * attempt)
        match kind:
            case "static_select" | "radio_buttons" | "overflow":
                options = list(options_of(element)) if kind != "overflow" else element["options"]
                return {key: options[attempt % len(options)]}
            case "checkboxes" | "multi_static_select":
                return {key: list(options_of(element))[: attempt + 1]}
            case "users_select":
                return {key: workspace.person(self.colleague).id}
            case "multi_users_select":
                return {key: [workspace.person(self.colleague).id]}
            case "conversations_select" | "channels_select":
                return {key: workspace.channel("care").id}
            case "datepicker":
                return {key: (self.office.now + days).date().isoformat()}
            case "datetimepicker":
                return {key: int((self.office.now + days).timestamp())}
            case "timepicker":
                return {key: "10:00"}
            case _:
                return {key: TYPED[attempt % len(TYPED)]}


class _Window:
    def __init__(self, shown: OpenView) -> None:
        self.shown = shown
