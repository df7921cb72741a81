"""An attacker who sends broken payloads, as who may send them and as who may not, and what must not come of any:

- a bug (an error in the log that no sentence answers), or an answer that Slack couldn't use;
- anything sent, shown to, or written for somebody by whoever has no right to it;
- a change of what belongs to the team next door, or a word of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.response import BoltResponse
from structlog.testing import capture_logs

from bot.hearing import hear
from simulator.block_kit import check_view
from simulator.elements import check_option
from simulator.errors import SlackError
from simulator.payloads import Payload
from simulator.problems import Problems
from tests.hostile.breaking import Breaks
from tests.hostile.forging import ADMIN, COLLEAGUE, ELSEWHERE, FOREIGN_ID, OUTSIDERS, ROLES, Forger
from tests.hostile.neighbours import Ledger, Rows, touched
from tests.hostile.rights import MEMBERS, NOBODY_ELSE, RIGHTS, TEAM
from tests.office import Office

BUGS = frozenset({"listener failed", "bolt failed", "answering failed", "what follows failed", "forgotten"})
UNUSABLE = frozenset(
    {
        *("invalid_blocks", "invalid_blocks_format", "invalid_arguments", "invalid_view", "msg_blocks_too_long"),
        *("msg_too_long", "no_text", "invalid_metadata_format", "unknown_method", "missing_argument"),
    }
)
"""What Slack says to calls that nobody should have made."""
FORGED_PLACE = "views.open with a trigger from a modal: push or update instead"
"""Where a payload hides that it comes from a modal, a private answer can't know it."""
ANYBODY_MAY_ADD = frozenset({"escalations"})
"""What somebody may add to a team that they aren't in."""
QUIET_REASONS = frozenset({"dm", "thread"})
"""Why somebody may be notified by what somebody else typed; a mention, say, is none."""
RIGHTFUL = "rightful"
"""Whoever the payload was made for."""
CANARY = "Canary next door"
"""Stands in everything that the team next door keeps to itself."""


@dataclass(frozen=True)
class Attack:
    """A payload, by whom it is sent, how it is broken, and whether it is sent twice."""

    door: str
    payload: Payload
    role: str
    breaks: Breaks
    again: bool = False

    def __str__(self) -> str:
        return f"{self.door} sent by {self.role}{' twice' if self.again else ''}, with {self.breaks}"


def roles_for(door: str, *, elsewhere: bool) -> tuple[str, ...]:
    """Who tries: whoever it is made for most of all, and those who have no right to it; `elsewhere`, where what is next
    door is another workspace's, also this one's admin."""
    strangers = tuple(OUTSIDERS)
    right = RIGHTS.get(door)
    if door.startswith("event "):
        return (RIGHTFUL,)
    if right is None:
        return (RIGHTFUL,) * 4 + strangers
    if right != MEMBERS and right != TEAM and right != NOBODY_ELSE:
        strangers += (COLLEAGUE,)
    if ELSEWHERE not in right:
        strangers += (ELSEWHERE,)
    if elsewhere and ADMIN in right:
        strangers += (ADMIN, ADMIN)
    return (RIGHTFUL,) * len(strangers) + strangers


class Attacker:
    """Sends attacks one after the other, and keeps what came of them that shouldn't have."""

    def __init__(self, office: Office, forger: Forger, ledger: Ledger) -> None:
        self.failures: dict[str, str] = {}
        """What came of it → the first attack that it came of."""
        self.sent = 0
        self._office = office
        self._forger = forger
        self._ledger = ledger
        self.next_door: Mapping[str, set[tuple[Any, ...]]] = {}
        """What belongs to the team Platform and its people: primary keys by table."""
        self._of_care: Mapping[str, set[tuple[Any, ...]]] = {}
        self._heard = self._told = 0
        self._quiet_until_now()

    async def learns_whose_is_what(self) -> None:
        people = {name: self._office.sim.workspace.person(name).id for name in ("Tomas", "Dana", "Aoife", "Ben")}
        ids = dict(await self._ledger.people())
        teams = self._office.teams
        self.next_door = await self._ledger.belonging(
            {"teams": [teams["Platform"].id], "people": [ids[people["Tomas"]], ids[people["Dana"]]]}
        )
        self._of_care = await self._ledger.belonging(
            {"teams": [teams["Care"].id], "people": [ids[people["Aoife"]], ids[people["Ben"]]]}
        )

    async def sends(self, attack: Attack) -> None:
        self.sent += 1
        body, role = self._made(attack)
        before = await self._ledger.taken()
        response, logged, words = await self._dispatches(body)
        after = await self._ledger.taken()
        self._finds(attack, self._bugs(body, response, logged))
        self._finds(attack, self._wrongs(attack, role, body, before, after, words))
        if attack.again and role == RIGHTFUL:
            await self._dispatches(body)
            if changed := touched(after, await self._ledger.taken()):
                self._finds(attack, [f"the second time it changed {', '.join(changed)}"])

    async def rests(self) -> None:
        """What was wanted is sent: none of it is anything that Slack refuses, or for somebody outside."""
        with capture_logs() as logs:
            await self._office.settles()
        for line in logs:
            if line["log_level"] == "error":
                self.failures.setdefault(f"while it was sent: {_told(line)}", "")
        refused = {f"{call.method} was refused: {call.outcome}" for call in self._calls() if call.outcome in UNUSABLE}
        for what in refused | {f"{who} was notified ({why})" for who, why in self._wrongly_notified()}:
            self.failures.setdefault(f"while it was sent: {what}", "")
        surprises = self._office.sim.surprises
        self.failures |= {f"while it was sent: {one}": "" for one in surprises if one != FORGED_PLACE}
        surprises.clear()
        self._quiet_until_now()

    def _made(self, attack: Attack) -> tuple[dict[str, Any], str]:
        """The payload, and whose rights count: nobody's in particular if its sender or its door was broken."""
        workspace = self._office.sim.workspace
        sender = attack.payload.get("user", {}).get("id") or attack.payload.get("user_id")
        if attack.role != RIGHTFUL:
            name = {**ROLES, **OUTSIDERS}[attack.role]
            sender = workspace.person(name).id if name else FOREIGN_ID
        whole = attack.payload if "event" in attack.payload else self._forger.sent_by(attack.payload, str(sender))
        body = attack.breaks.of(whole)
        same = all(
            body.get(key) == whole.get(key) for key in ("user", "user_id", "team_id", "type", "command", "event")
        )
        same = same and _door(body) == _door(whole)
        return body, attack.role if same else "whoever"

    async def _dispatches(self, body: dict[str, Any]) -> tuple[BoltResponse | None, list[Any], str]:
        """What Bolt answers, what is logged, and what Slack is told meanwhile."""
        told = len(self._office.sim.calls)
        response = None
        with capture_logs() as logged:
            try:
                response = await hear(self._office.bot.bolt, body=body, mode="socket_mode")
            except Exception as error:  # what reaches nobody is what is looked for
                logged.append({"event": "forgotten", "log_level": "error", "error": repr(error)[:200]})
            await self._office.bot.listening.drain(at_most_s=10)
        return response, list(logged), str([call.args for call in self._office.sim.calls[told:]])

    def _bugs(self, body: dict[str, Any], response: BoltResponse | None, logged: list[Any]) -> list[str]:
        found = [_told(line) for line in logged if line["log_level"] == "error" and line["event"] in BUGS]
        found += [_told(line) for line in logged if line["event"] == "slack refused" and line["error"] in UNUSABLE]
        if response is not None and (problem := unusable(body, response)):
            found.append(f"answered with what Slack can't use: {problem}")
        return found

    def _wrongs(
        self, attack: Attack, role: str, body: dict[str, Any], before: Rows, after: Rows, words: str
    ) -> list[str]:
        found = [f"notified {who} ({why})" for who, why in self._wrongly_notified()]
        heard = {one.user_id for one in self._office.sim.workspace.notified[self._heard :]}
        self._heard = len(self._office.sim.workspace.notified)
        if "event" in body:
            return found
        changed: list[str] = []
        if role == ELSEWHERE:
            changed = touched(before, after, among=self._of_care)
        elif role in OUTSIDERS or role == COLLEAGUE:
            changed = touched(before, after)
        elif role in {RIGHTFUL, ADMIN}:
            changed = touched(before, after, among=self.next_door)
        if role in {RIGHTFUL, ADMIN}:
            platform = self._office.teams["Platform"].id
            changed += sorted(set(self._ledger.came(before, after, platform)) - ANYBODY_MAY_ADD)
        if changed:
            found.append(f"changed {', '.join(changed)}")
        if role not in {RIGHTFUL, ADMIN, "whoever"} and len(heard) > 1:
            found.append(f"reached {len(heard)} people")
        if CANARY in words and role != ELSEWHERE and role != "whoever":
            found.append("was shown what is next door")
        return found

    def _wrongly_notified(self) -> set[tuple[str, str]]:
        workspace = self._office.sim.workspace
        outside = {workspace.person(name).id for name in OUTSIDERS.values() if name}
        new = workspace.notified[self._heard :]
        return {(one.user_id, one.why) for one in new if one.user_id in outside or one.why not in QUIET_REASONS}

    def _finds(self, attack: Attack, found: list[str]) -> None:
        for what in found:
            self.failures.setdefault(f"{attack.door}: {what}", str(attack))

    def _calls(self) -> list[Any]:
        return self._office.sim.calls[self._told :]

    def _quiet_until_now(self) -> None:
        self._heard = len(self._office.sim.workspace.notified)
        self._told = len(self._office.sim.calls)


def unusable(body: dict[str, Any], response: BoltResponse) -> str | None:
    """What Slack couldn't do with an answer; None: it is fine."""
    if response.status not in {200, 400, 404}:
        return f"status {response.status}"
    if not response.body:
        return None
    try:
        said = json.loads(response.body)
    except ValueError:
        return "no JSON"
    match body.get("type"):
        case "view_submission":
            return _unusable_for_a_form(said)
        case "block_suggestion":
            problems = Problems()
            groups = said.get("option_groups") or [said]
            options = [one for group in groups for one in group["options"]]
            for at, option in enumerate(options):
                check_option(option, f"/options/{at}", problems)
            return "; ".join(problems.lines) or ("too many options" if len(options) > 100 else None)
        case _:
            return f"{sorted(said)}, which nobody reads" if "command" not in body else None


def _unusable_for_a_form(said: dict[str, Any]) -> str | None:
    match said.get("response_action"):
        case "clear":
            return None
        case "errors":
            errors = said.get("errors")
            fine = isinstance(errors, dict) and errors and all(isinstance(one, str) and one for one in errors.values())
            return None if fine else f"errors {errors!r:.80}"
        case "update" | "push":
            try:
                check_view(said.get("view"), surface="modal")
            except SlackError as refused:
                return str(refused)
            return None
        case unknown:
            return f"response_action {unknown!r}"


def _door(body: dict[str, Any]) -> Any:
    try:
        match body["type"]:
            case "block_actions":
                return body["actions"][0]["action_id"]
            case "view_submission":
                return body["view"]["callback_id"]
            case _:
                return body["callback_id"]
    except (KeyError, IndexError, TypeError):
        return None


def _told(line: Mapping[str, Any]) -> str:
    """Without what differs each time."""
    place = (line.get("where") or [""])[-1]
    return " ".join(str(part) for part in (line["event"], line.get("error", ""), place) if part)
