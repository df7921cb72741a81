"""What happened to an escalation, as its card's thread tells it: one line of the history, one sentence."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.blocks import bold, said, when
from handlers.escalations.views import card
from handlers.escalations.views.words import CLOCK, OUTCOME
from storage.clocks import Kind
from storage.escalation_events import Event
from storage.escalations import Outcome
from storage.people import Person


@dataclass(frozen=True)
class Line:
    """A line of the history with the people whom it names."""

    event: Event
    people: Mapping[int, Person]

    @property
    def told(self) -> Mapping[str, Any]:
        return self.event.details

    @property
    def who(self) -> str:
        return self._name(self.event.actor_id)

    def name(self, detail: str) -> str:
        """Whom that detail names."""
        return self._name(self.told.get(detail))

    def _name(self, person_id: int | None) -> str:
        # by name alone: nobody is tagged to be nagged
        person = self.people.get(person_id) if person_id is not None else None
        return bold(person.name, 80) if person else "Backstop"


def note(event: Event, people: Mapping[int, Person]) -> str | None:
    """What a line of the history says in the thread; None: the card says it all."""
    tell = TOLD.get(event.kind)
    return tell(Line(event, people)) if tell else None


def late_label(details: Mapping[str, Any]) -> str:
    """How late Backstop itself was, where it was; on a line of its own."""
    minutes = details.get("late_min")
    if not minutes:
        return ""
    hours, rest = divmod(int(minutes), 60)
    shown = f"{hours} h {rest} min" if hours else f"{rest} min"
    return f"\n_Late {shown}: Backstop was down._"


def _updated(line: Line) -> str:
    promised = line.told.get("promise")
    more = ""
    if promised:
        more = f"\n_Next update promised for {_instant(promised)}._"
    elif line.told.get("told"):
        more = "\n_The customer was told._"
    return f":speech_balloon: *Update* from {line.who}\n{said(line.told['news'], 2400)}{more}"


def _held(line: Line) -> str:
    until = _instant(line.told["until"])
    return f":double_vertical_bar: {line.who} put it on hold until {until}: {said(line.told['reason'])}"


def _resumed(line: Line) -> str:
    if line.event.actor_id is not None:
        return f":arrow_forward: {line.who} resumed it."
    return f":arrow_forward: The hold is over: it goes on.{late_label(line.told)}"


def _severity(line: Line) -> str:
    reason = line.told.get("reason")
    why = f": {said(reason, 500)}" if reason else "."
    before, after = line.told["before"], line.told["after"]
    return f":left_right_arrow: {line.who} changed the severity from {before} to {after}{why}"


def _joined(line: Line) -> str:
    ticket = card.ticket_link(line.told["ticket"]) if line.told.get("ticket") else "another report"
    more = f": {said(line.told['note'], 800)}" if line.told.get("note") else "."
    return f":link: {line.who} joined {ticket}{more}"


def _breached(line: Line) -> str:
    return f":rotating_light: *{CLOCK[Kind(line.told['clock'])]} is overdue.*{late_label(line.told)}"


def _nobody_on_duty(line: Line) -> str:
    return f":warning: Nobody was on duty ({said(line.told['why'], 200)}), so the managers were told."


def _instant(written: str) -> str:
    return when(datetime.fromisoformat(written))


TOLD: Mapping[str, Callable[[Line], str | None]] = {
    "claimed": lambda line: f":raised_hand: {line.who} claimed it.",
    "reassigned": lambda line: f":arrow_right: {line.who} gave it to {line.name('to')}.",
    "accepted": lambda line: f":handshake: {line.name('to')} took it over from {line.name('before')}.",
    "declined": lambda line: f":no_entry_sign: {line.who} didn’t take it over; it stays with {line.name('before')}.",
    "left": lambda line: f":wave: {line.name('owner')}, who owns it, has left. Somebody has to take it over.",
    "updated": _updated,
    "returned": lambda line: f":leftwards_arrow_with_hook: {line.who} returned it: {said(line.told['reason'])}",
    "answered": lambda line: f":arrow_forward: {line.who} answered: {said(line.told['answer'])}",
    "held": _held,
    "resumed": _resumed,
    "severity": _severity,
    "resolved": lambda line: (
        f":white_check_mark: {line.who} resolved it: {OUTCOME[Outcome(line.told['outcome'])].lower()}."
    ),
    "confirmed": lambda line: f":ballot_box_with_check: {line.who} confirmed it." if line.event.actor_id else None,
    "reopened": lambda line: f":repeat: {line.who} reopened it: {said(line.told['reason'])}",
    "joined": _joined,
    "breached": _breached,
    "seen": lambda line: f":eyes: {line.who} is on it ({CLOCK[Kind(line.told['clock'])].lower()}).",
    "nobody_on_duty": _nobody_on_duty,
    "unrestricted": lambda line: f":unlock: {line.who} lifted the restriction.",
}
"""Kinds of lines that the thread tells; the others are the card's own business."""
