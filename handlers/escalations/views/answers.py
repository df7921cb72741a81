"""Private answers: the list, the figures, the clock receipt, the history, the help."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from handlers.blocks import Block, actions, button, context, header, in_sections, said, section, when
from handlers.escalations.rules.case import Case
from handlers.escalations.rules.figures import TOO_FEW, Line, Spread
from handlers.escalations.rules.policy import in_words
from handlers.escalations.rules.receipt import Line as ReceiptLine
from handlers.escalations.rules.receipt import Receipt
from handlers.escalations.views import card
from handlers.escalations.views.words import CLOCK, ROOT_CAUSE, SEVERITY_SIGN, STATE, clock_line, title
from storage.clocks import Clock, ClockState, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation, RootCause, State
from storage.follow_ups import FollowUp
from storage.people import Person

NEXT_PAGE = "escalations.next_page"
CSV = "escalations.csv"
PERIOD = "period"
"""What the CSV button carries for a period's figures, beside the names of the lists."""
PAGE = 8
A_MINUTE = timedelta(minutes=1)
"""A pause that was shorter is none worth telling."""
RECEIPT_LINES = 11
"""Of each clock, beside its first: with three clocks the message stays below what Slack takes."""
NOTHING = {
    "open": "No open escalations. Raise one with `/escalate`.",
    "mine": "You have raised and own no open escalation.",
    "overdue": "Nothing is overdue. :white_check_mark:",
    "resolved": "Nothing was resolved yet.",
}
WHY_WHICH = (
    "Of which one? `/escalate why E-42` shows every start, pause and deadline of E-42. "
    "To raise something that is called “why”, type it into the form that `/escalate` opens."
)
HANDOVER_TO_WHOM = (
    "To whom? `/escalate handover @person` offers them all that you own; each is theirs once they take it. "
    "To raise something that is called “handover”, type it into the form that `/escalate` opens."
)
OWN_TIME = "Durations above are in each clock’s own time (working time, or every minute for always-counting severities)"
NO_MATCH = "None of them has these words. Try fewer, or another list: open, mine, overdue, resolved."
TITLES = {"open": "Open escalations", "mine": "Your escalations", "overdue": "Overdue", "resolved": "Resolved"}
HELP = """\
*Raise*   `/escalate` opens the form; `/escalate 48213` or a link starts with that ticket; other words start the text.
*Look*   `/escalate E-42` · `/escalate list [open|mine|overdue|resolved] [words]` · `/escalate follow-ups`
*Understand*   `/escalate why E-42` shows every start, pause and deadline · `/escalate stats [week|month|quarter|year]`
*Deadlines*   `/escalate policy` shows what each severity promises; managers change it there
*Hand over*   `/escalate handover @person` offers all that you own; each is taken by a tap
*From a message*   ⋮ › *Escalate this message*; in a card’s thread ⋮ › *This escalation*"""


def help_text(prefix: str) -> str:
    return HELP.replace("/escalate", f"/{prefix}escalate")


def listed(
    which: str,
    words: str,
    found: Sequence[Escalation],
    owners: Mapping[int, Person],
    now: datetime,
    *,
    older: int | None,
) -> list[Block]:
    """A page of escalations, newest first, each with its button. `older`: the next page lies below that number."""
    name = f"*{TITLES[which]}*" + (f" with “{said(words, 60)}”" if words else "")
    if not found:
        return [section(f"{name}\n{NO_MATCH if words else NOTHING[which]}")]
    blocks = [section(name)]
    blocks += [row(one, owners, now) for one in found]
    more = [button("Older", NEXT_PAGE, f"{which}:{older}:{words[:100]}")] if older else []
    return [*blocks, actions(*more, button("CSV", CSV, f"{which}:{words[:100]}", says="Download as a CSV file"))]


def row(one: Escalation, owners: Mapping[int, Person], now: datetime) -> Block:
    """One escalation in a list, with its button."""
    owner = owners.get(one.owner_id or 0)
    who = said(owner.name, 60) if owner else "nobody yet"
    sign = ":white_check_mark:" if one.state == State.RESOLVED else SEVERITY_SIGN[one.severity]
    urgent = most_urgent(one)
    line = clock_line(urgent, now) if urgent else None
    detail = " · ".join(part for part in (STATE[one.state], who, line) if part)
    return section(
        f"{sign} *{one.label}* {said(title(one, 80))}\n{detail}",
        accessory=button("Open", card.OPEN, one.id, says=f"Open {one.label}"),
    )


def most_urgent(one: Escalation) -> Clock | None:
    live = [
        clock for clock in one.clocks if clock.state in {ClockState.RUNNING, ClockState.BREACHED} and not clock.met_at
    ]
    shown = [clock for clock in live if clock.kind in {Kind.ACKNOWLEDGE, Kind.RESOLVE, Kind.PROMISE}]
    return min(shown, key=lambda clock: clock.deadline, default=None) if one.state != State.RESOLVED else None


def in_full(blocks: Sequence[Block], link: str | None) -> list[Block]:
    """One escalation, privately: its card, and the way to where it stands."""
    where = [context(f"<{link}|Go to its card in the channel>")] if link else []
    return [*blocks, *where]


def figures(
    lines: Sequence[Line],
    causes: Sequence[tuple[RootCause, int]],
    repeats: int,
    roles: Mapping[str, timedelta],
    name: str,
    *,
    period: str,
) -> list[Block]:
    """The statistics of a period, by severity and together. `name`: the period as the reader calls it."""
    total = lines[-1]
    if not total.raised:
        return [section(f"*Escalations, {name}*\nNone was raised. Nothing to measure.")]
    blocks = [header(f"Escalations, {name}"), *[section(figure_line(line)) for line in lines]]
    if causes:
        shown = ", ".join(f"{ROOT_CAUSE[cause].partition(' (')[0].lower()} {count}" for cause, count in causes)
        blocks.append(section(f"*Root causes* {shown}"))
    notes_ = [OWN_TIME, f"Repeats (same customer within 90 days): {repeats}"]
    if roles:
        notes_.append(
            "Time held, day and night, by: " + ", ".join(f"{role} {duration(held)}" for role, held in roles.items())
        )
    return [*blocks, context("   ·   ".join(notes_)), actions(button("CSV", CSV, f"{PERIOD}:{period}"))]


def figure_line(line: Line) -> str:
    """One severity's figures (or all together) on two lines."""
    name = f"{SEVERITY_SIGN[line.severity]} *{line.severity}*" if line.severity else "*All*"
    met = "not measured" if line.met_share is None else f"{100 * line.met_share:.0f} % met (n={line.met + line.missed})"
    left = ""
    if line.severity is None and line.met_share is not None:
        budget = line.misses_left
        misses = "1 miss" if budget == 1 else f"{budget} misses"
        left = f", {misses} left in the budget" if budget >= 0 else f", {-budget} over the budget of misses"
    return (
        f"{name}   raised {line.raised}, open {line.open}\n"
        f"to acknowledge {_spread(line.acknowledge)}   ·   to resolve {_spread(line.resolve)}   ·   {met}{left}"
    )


def _spread(one: Spread) -> str:
    if one.median is None or one.p90 is None:
        return f"too few ({one.n} of {TOO_FEW})" if one.n else "not measured"
    return f"median {duration(one.median)}, p90 {duration(one.p90)} (n={one.n})"


def duration(length: timedelta) -> str:
    """A length of time, as short as it can be read: 12 min, 3 h 20 min, 2 d 4 h."""
    minutes = round(length.total_seconds() / 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    shown = [f"{count} {unit}" for count, unit in parts if count]
    return " ".join(shown[:2]) or "0 min"


def why(case: Case, receipts: Sequence[Receipt], people: Mapping[int, Person]) -> list[Block]:
    """The clock receipt."""
    escalation = case.escalation
    blocks = [section(f"*Why these deadlines: {escalation.label}* {said(title(escalation))}")]
    for receipt in receipts:
        allowed = in_words(round(receipt.allowed.total_seconds() / 60)) if receipt.allowed else "as promised"
        counted = "every minute counts" if receipt.always else "of the team’s working time"
        lines = [f"*{CLOCK[receipt.kind]}*   {escalation.severity}: {allowed}, {counted}"]
        first, *later = [_receipt_line(line, people) for line in receipt.lines]
        lines.append(first)
        if left_out := len(later[:-RECEIPT_LINES]):
            lines.append(f"    _{left_out} {'line' if left_out == 1 else 'lines'} left out; *History* has them all_")
        lines += later[-RECEIPT_LINES:]
        for gap in receipt.gaps:
            lines.append(f"    _didn’t count: {when(gap.start)} – {when(gap.end)} ({said(gap.reason, 100)})_")
        if receipt.further_gaps:
            lines.append(f"    _and {receipt.further_gaps} more until the deadline_")
        blocks += in_sections(lines)
    return blocks


def _receipt_line(line: ReceiptLine, people: Mapping[int, Person]) -> str:
    who = people.get(line.event.actor_id or 0)
    did = DID[line.event.kind].format(said(who.name, 60) if who else "Backstop")
    at = when(line.at, "{date_short_pretty} {time}")
    due = when(line.deadline, "{date_short_pretty} {time}")
    match line.state:
        case ClockState.RUNNING:
            paused = f", {duration(line.paused)} paused so far" if line.paused >= A_MINUTE else ""
            return f"• {at} {did}: due {due}{paused}"
        case ClockState.PAUSED:
            return f"• {at} {did}: paused"
        case ClockState.MET:
            return f"• {at} {did}: met (due {due})"
        case ClockState.BREACHED:
            return f"• {at} {did}: overdue since {due}"
        case ClockState.CANCELLED:
            return f"• {at} {did}: cancelled"


DID = {
    "raised": "{} raised it",
    "claimed": "{} claimed it",
    "reassigned": "{} reassigned it",
    "accepted": "{} took it over",
    "declined": "{} didn’t take it over",
    "updated": "{} posted an update",
    "returned": "{} returned it",
    "answered": "{} answered",
    "held": "{} put it on hold",
    "resumed": "{} resumed it",
    "severity": "{} changed the severity",
    "resolved": "{} resolved it",
    "confirmed": "{} confirmed it",
    "reopened": "{} reopened it",
    "joined": "{} joined a ticket",
    "breached": "the deadline passed",
    "restricted": "{} restricted it",
    "unrestricted": "{} lifted the restriction",
    "seen": "{} is on it",
    "nobody_on_duty": "nobody was on duty",
    "left": "its owner left",
}
"""What each line of a history says; {} is who did it."""


def history(case: Case, events: Sequence[Event], people: Mapping[int, Person]) -> list[Block]:
    """Everything that happened, oldest first; the last 40 lines."""
    escalation = case.escalation
    lines = []
    for event in events[-40:]:
        who = people.get(event.actor_id or 0)
        did = DID[event.kind].format(said(who.name, 60) if who else "Backstop")
        told = event.details.get("reason") or event.details.get("news") or event.details.get("answer") or ""
        lines.append(
            f"• {when(event.at, '{date_short_pretty} {time}')} {did}" + (f": {said(told, 160)}" if told else "")
        )
    blocks = [section(f"*History of {escalation.label}* {said(title(escalation))}")]
    return [*blocks, *(section("\n".join(lines[start : start + 8])) for start in range(0, len(lines), 8))]


def follow_ups(found: Sequence[tuple[FollowUp, Escalation, Person]], today: datetime) -> list[Block]:
    """Open follow-ups, the earliest due first."""
    if not found:
        return [section("*Follow-ups*\nNone is open. They are made when an escalation is resolved.")]
    blocks = [section("*Follow-ups*")]
    for one, escalation, owner in found[:20]:
        late = " :warning: overdue" if one.due_on < today.date() else ""
        text = f"*{escalation.label}* {said(one.what, 300)}\n{said(owner.name, 60)}, due {one.due_on:%a %-d %b}{late}"
        blocks.append(
            section(
                text, accessory=button("Close…", "escalations.close_follow_up", one.id, says=f"Close: {one.what[:50]}")
            )
        )
    return blocks
