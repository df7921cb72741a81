"""Escalations as digests and weekly reports tell of them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from handlers.blocks import Block, button, context, said, section
from handlers.escalations.rules.clocks import is_due_soon, is_paged
from handlers.escalations.rules.figures import Line
from handlers.escalations.views import answers, card
from handlers.escalations.views.words import ROOT_CAUSE, SEVERITY_SIGN, clock_line, title
from handlers.house import NeedsYou
from storage.clocks import Clock, ClockState
from storage.escalations import Escalation, RootCause, Severity, State
from storage.follow_ups import FollowUp
from storage.people import Person

CLOSE_FOLLOW_UP = "escalations.close_follow_up"
STANDS = "paged nine times, and nobody has taken it"
STANDS_CLAIMED = "paged nine times, and nobody has said that they are on it"
NOBODY_YET = "nobody has it yet"
QUIET_ONE = "for when there is time"
IN_PRIVATE = "They stand in <#{}>."
MOST_LISTED = 4
MOST_TITLE = 70


def needs(one: Escalation, now: datetime, *, most_pages: int) -> NeedsYou | None:
    """Why this one needs somebody today, or None."""
    late = [clock for clock in one.clocks if clock.state == ClockState.BREACHED and clock.met_at is None]
    shown = answers.most_urgent(one)
    line = clock_line(shown, now) if shown else None
    if any(is_paged(clock) and clock.pages >= most_pages for clock in late):
        stands = STANDS if one.owner_id is None else STANDS_CLAIMED
        return _need(one, f"{line or ''} · {stands}".removeprefix(" · "), 0)
    if any(is_paged(clock) for clock in late) or (late and one.state == State.WAITING):
        return _need(one, line or NOBODY_YET, 1)
    if any(is_due_soon(clock, now) for clock in one.clocks) and line:
        return _need(one, line, 3)
    if one.state == State.WAITING and one.severity == Severity.S4:
        return _need(one, f"{NOBODY_YET}, {QUIET_ONE}", 7)
    if one.state == State.WAITING:
        return _need(one, f"{NOBODY_YET}{f' · {line}' if line else ''}", 4)
    return None


def follow_up_needs(one: FollowUp, escalation: Escalation, today: date) -> NeedsYou | None:
    """A follow-up that is due today, or overdue."""
    if one.due_on > today:
        return None
    late = f"since {one.due_on:%a %-d %b} :warning:" if one.due_on < today else "today"
    text = f":dart: Follow-up of *{escalation.label}*, due {late}: {said(one.what, 150)}"
    close = button("Close…", CLOSE_FOLLOW_UP, one.id, says=f"Close the follow-up of {escalation.label}")
    return NeedsYou(text, close, 5 if one.due_on < today else 6)


def _need(one: Escalation, why: str, urgency: int) -> NeedsYou:
    text = f"{SEVERITY_SIGN[one.severity]} *{one.label}* {said(title(one, MOST_TITLE), 200)} · {why}"
    return NeedsYou(text, button("Open", card.OPEN, one.id, says=f"Open {one.label}"), urgency)


def standing(
    cases: Sequence[Escalation],
    follow_ups: Sequence[tuple[FollowUp, Escalation]],
    *,
    flow: tuple[int, int],
    owners: Mapping[int, Person],
    now: datetime,
    more: bool,
    counts_only_because_of: str | None,
) -> list[Block]:
    """How they stand. `counts_only_because_of`: the private channel that holds them, where this is read elsewhere."""
    raised, resolved = flow
    if not cases and not raised and not resolved and not follow_ups:
        return []
    late = [one for one in cases if any(_is_late(clock) for clock in one.clocks)]
    waiting = sum(one.state == State.WAITING for one in cases)
    parts = [f"{len(cases)}{'+' if more else ''} open"]
    parts += [f"{len(late)} overdue"] if late else []
    parts += [f"{waiting} without an owner"] if waiting else []
    parts.append(f"since the last one {raised} raised, {resolved} resolved")
    parts += [f"{len(follow_ups)} follow-{'up' if len(follow_ups) == 1 else 'ups'} open"] if follow_ups else []
    blocks = [section(f"*Escalations*\n{' · '.join(parts)}")]
    if counts_only_because_of is not None:
        return [*blocks, context(IN_PRIVATE.format(counts_only_because_of))] if cases else blocks
    ordered = sorted(cases, key=lambda one: _deadline(one, now))
    lines = [_line(one, owners, now) for one in ordered[:MOST_LISTED]]
    return [*blocks, context("\n".join(lines))] if lines else blocks


def week(
    lines: Sequence[Line], causes: Sequence[tuple[RootCause, int]], repeats: int, before: int | None
) -> list[Block]:
    """The week's figures; `before`: how many were raised in the week before it."""
    total = lines[-1]
    if not total.raised and not before:
        return []
    change = "" if before is None else f" ({before} the week before)"
    text = f"*Escalations*\n{total.raised} raised{change} · {total.raised - total.open} of them resolved"
    for line in lines[:-1]:
        text += f"\n{answers.figure_line(line).partition(chr(10))[0]}"
    blocks = [section(text), context(answers.figure_line(total).partition("\n")[2])]
    if causes:
        shown = " · ".join(f"{ROOT_CAUSE[cause].partition(' (')[0].lower()} {count}" for cause, count in causes[:5])
        blocks.append(context(f"Root causes: {shown} · same customer again: {repeats}"))
    return blocks


def _line(one: Escalation, owners: Mapping[int, Person], now: datetime) -> str:
    owner = owners.get(one.owner_id or 0)
    urgent = answers.most_urgent(one)
    line = clock_line(urgent, now) if urgent else None
    who = said(owner.name, 40) if owner else NOBODY_YET
    parts = [f"{SEVERITY_SIGN[one.severity]} *{one.label}* {said(title(one, 50), 150)}", who, line]
    return " · ".join(part for part in parts if part)


def _deadline(one: Escalation, now: datetime) -> tuple[bool, datetime]:
    urgent = answers.most_urgent(one)
    return (urgent is None, urgent.deadline if urgent else now)


def _is_late(clock: Clock) -> bool:
    return clock.state == ClockState.BREACHED and clock.met_at is None
