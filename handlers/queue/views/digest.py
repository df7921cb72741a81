"""A digest as Slack shows it: what needs somebody first, each with its buttons; then the sections; a quiet day is one
line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from handlers.blocks import Block, actions, button, clipped, context, divider, header, said, section, when
from handlers.house import NeedsYou, Rendered, Report
from handlers.queue.views import words
from storage.digests import Digest, DigestTake
from storage.people import Person
from storage.teams import Team

TAKE = "queue.take"
SNOOZE = "queue.snooze"
CSV = "queue.weekly_csv"

MOST_BLOCKS = 34
MOST_CHARACTERS = 8_500
"""Of the 50 blocks and 13,000 characters that a message carries; the rest is for what stands around the sections."""

NEEDS_YOU = "*Needs you today*"
TOOK = ":raised_hand: {} took it, {}."
SNOOZED = ":alarm_clock: I’ll remind you {}."
REMINDER = ":alarm_clock: You asked me to remind you."
GONE = "That digest isn’t there any more. `/queue` shows how things are now."
NOT_YOURS = "Only {}’s members, managers and heads can take this."
TAKEN = "You took it. Everyone who has this digest sees that."
TAKEN_BEFORE = "Too late: {} took it, {}. Nothing was changed by your click."
ALL_CLEAR = ":white_check_mark: All clear; data as of {}."
NOTHING_WAITS = ":white_check_mark: Nothing needs you today."
NOT_CONNECTED = (
    ":electric_plug: No help desk is connected, so nothing is said about tickets. "
    "`/backstop team connect` connects one, `backstop import` reads a CSV file."
)
LEFT_OUT = "{} more didn’t fit: `/queue` shows how things are now."
FILES_SENT = "The queue of eight weeks, by day and by tag."
FILES_ARE_SENT = ":white_check_mark: I sent you two files, in our direct messages."
FILES_NOT_SENT = "Slack didn’t take the files ({}). Please try again, or tell an admin."
ONLY_LEADS_FILES = "The files of {} are for its managers and heads."
NO_FILES = "There is nothing to put into a file: no ticket was counted yet."
LATE = "late {}: Backstop was down"
PREVIEW = ":eyes: *Preview, sent to nobody.* It covers the time since the last one, up to now."


class Freshness(Protocol):
    """What a digest says of its data."""

    @property
    def is_connected(self) -> bool: ...
    @property
    def as_of(self) -> datetime | None: ...


def digest(
    digest: Digest,
    copy: Mapping[str, Any],
    *,
    team: Team,
    takes: Mapping[str, DigestTake],
    people: Mapping[int, Person],
    late: timedelta | None,
    which: str,
) -> Rendered:
    """One copy of a digest, with who took what since. `which`: the copy's name, which its buttons carry."""
    blocks = [header(title(team, weekly=digest.weekly)), context(_covers(digest, late))]
    lines: Sequence[Mapping[str, Any]] = copy["lines"]
    if lines:
        blocks.append(section(NEEDS_YOU))
    for number, line in enumerate(lines):
        blocks += _line(line, f"{digest.id}:{which}:{number}", takes.get(line["key"]), people)
    if lines and copy["blocks"]:
        blocks.append(divider())
    blocks += copy["blocks"]
    if digest.weekly:
        blocks.append(actions(button("Send me the CSV files", CSV, digest.id)))
    return Rendered(f"{title(team, weekly=digest.weekly)}. {copy['text']}", blocks)


def preview(copy: Mapping[str, Any], team: Team, *, weekly: bool) -> list[Block]:
    """What it would say, with nothing to press but what is already possible."""
    lines = [section(f"• {line['text']}", accessory=line["button"]) for line in copy["lines"]]
    needs = [section(NEEDS_YOU), *lines, divider()] if lines else []
    return [section(PREVIEW), header(title(team, weekly=weekly)), *needs, *copy["blocks"]]


def title(team: Team, *, weekly: bool) -> str:
    return clipped(f"{team.name}: {'the week' if weekly else 'today'}", 150)


def _covers(digest: Digest, late: timedelta | None) -> str:
    late_by = f" · :hourglass: {LATE.format(words.length(late))}" if late else ""
    return f"{when(digest.since)} to {when(digest.until)}{late_by}"


def _line(line: Mapping[str, Any], value: str, taken: DigestTake | None, people: Mapping[int, Person]) -> list[Block]:
    if taken is not None:
        return [section(f"• {line['text']}\n{took(taken, people)}", accessory=line["button"])]
    own = line["button"] | {"style": "primary"}
    return [
        section(f"• {line['text']}"),
        actions(own, button("I’ll take it", TAKE, value), button("Snooze for me", SNOOZE, value)),
    ]


def took(taken: DigestTake, people: Mapping[int, Person]) -> str:
    return TOOK.format(_name(taken, people), when(taken.at, "{time}"))


def taken_before(taken: DigestTake, people: Mapping[int, Person]) -> str:
    return TAKEN_BEFORE.format(_name(taken, people), when(taken.at))


def _name(taken: DigestTake, people: Mapping[int, Person]) -> str:
    person = people.get(taken.person_id)
    return said(person.name, 80) if person else "Somebody"


def reminder(line: Mapping[str, Any], value: str) -> Rendered:
    own = line["button"] | {"style": "primary"}
    blocks = [
        section(f"{REMINDER}\n• {line['text']}"),
        actions(own, button("I’ll take it", TAKE, value), button("Snooze for me", SNOOZE, value)),
    ]
    return Rendered("You asked me to remind you of something in the digest.", blocks)


def quiet(data: Freshness) -> list[Block]:
    """A quiet day in one line; “all clear” only where fresh data says so."""
    if data.as_of is not None:
        return [section(ALL_CLEAR.format(when(data.as_of, "{time}")))]
    return [section(NOTHING_WAITS), *closing(data, 0)]


def closing(data: Freshness, left_out: int) -> list[Block]:
    """What stands under the sections."""
    notes = [LEFT_OUT.format(left_out)] if left_out else []
    if not data.is_connected:
        notes.append(NOT_CONNECTED)
    return [context(*notes)] if notes else []


def summary(report: Report, needs: Sequence[NeedsYou], *, quiet: bool, as_of: datetime | None) -> str:
    """What a notification says."""
    if quiet:
        return "All clear." if as_of is not None else "Nothing needs you today."
    if not needs:
        return "Nothing needs you today." if not report.weekly else "How the week went."
    return f"{len(needs)} {'thing needs' if len(needs) == 1 else 'things need'} you today."


def as_many_as_fit(groups: Iterable[Sequence[Block]]) -> tuple[list[Block], int]:
    """The sections in their order, as far as one message carries them; how many it doesn't."""
    fitting: list[Block] = []
    left_out = 0
    for group in groups:
        longer = [*fitting, *group]
        if len(longer) > MOST_BLOCKS or len(json.dumps(longer, ensure_ascii=False)) > MOST_CHARACTERS:
            left_out += 1
        else:
            fitting = longer
    return fitting, left_out
