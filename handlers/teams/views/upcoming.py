"""What is sent next, to whom, at whose time, and what is not sent and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from handlers.attention import Later, Never, Now, decide
from handlers.blocks import Block, context, divider, header, in_sections, mention, one_line, said, when
from handlers.house import Coming
from handlers.local_time import parse_zone
from handlers.teams.views.words import channel_link
from storage.messages import Attention, Message, MessageState
from storage.people import Person
from storage.teams import Team

NOTHING = "Nothing is planned for you or your teams. Escalations, reminders and digests show here as they come up."
HELP = "`/backstop upcoming` shows the next ten sends that concern you, at whose time, and each skip with its reason."
MOST = 10
MOST_SKIPS = 5
PARKED = "waits: {}"
FOR_ADMINS = "As an admin you read titles only, of teams that you don’t lead."


@dataclass(frozen=True)
class Entry:
    """One line of the answer."""

    at: datetime
    coming: Coming
    to: Person | None = None
    channel: str | None = None
    titles_only: bool = False
    note: str = ""
    """Why later than it was due, or why not at all."""
    skipped: bool = False


def entry_of(
    message: Message,
    coming: Coming,
    reader: Person | None,
    team: Team | None,
    *,
    sent_today: int,
    limit: int,
    now: datetime,
    titles_only: bool,
) -> Entry:
    """When this message really leaves: its reader's attention decides, as delivery will."""
    at, note, skipped = max(message.due_at, now), "", False
    if message.state == MessageState.PARKED:
        note = PARKED.format(message.last_error or "Slack refuses it")
    elif reader is not None:
        same_day = message.due_at <= now + timedelta(hours=12)
        match decide(message.attention, reader, team, sent_today=sent_today if same_day else 0, limit=limit, now=at):
            case Later(at=later):
                note = "three a day are enough" if sent_today >= limit and same_day else "in their working hours"
                if reader.is_away(at):
                    note = "away until then" if reader.away_until else "away until they are back"
                at = later
            case Never(why=why):
                note, skipped = why, True
            case Now():
                note = "a page: also outside hours" if message.attention == Attention.PAGE else ""
    channel = None if reader is not None else message.destination
    return Entry(at, coming, reader, channel, titles_only, note, skipped)


def upcoming(entries: Sequence[Entry], skipped: Sequence[Entry], *, is_admin: bool) -> list[Block]:
    """The answer to /backstop upcoming."""
    going = sorted((entry for entry in entries if not entry.skipped), key=lambda entry: entry.at)[:MOST]
    left_out = [*(entry for entry in entries if entry.skipped), *skipped][:MOST_SKIPS]
    blocks: list[Block] = [header("Coming up")]
    blocks += in_sections([_line(entry) for entry in going] or [NOTHING])
    if left_out:
        blocks += [divider(), *in_sections(["*Not sent*", *(_line(entry) for entry in left_out)])]
    if is_admin:
        blocks.append(context(FOR_ADMINS))
    return blocks


def _line(entry: Entry) -> str:
    if entry.to is not None:
        whom = f" → {mention(entry.to.slack_id)}{_their_time(entry.at, entry.to)}"
    else:
        whom = f" → {channel_link(entry.channel)}" if entry.channel else ""
    detail = f" · {said(one_line(entry.coming.detail, 60))}" if entry.coming.detail and not entry.titles_only else ""
    moment = "✗" if entry.skipped else when(entry.at)
    note = f" ({said(one_line(entry.note, 50))})" if entry.note else ""
    return f"{moment} · {said(one_line(entry.coming.title, 60))}{detail}{whom}{note}"


def _their_time(at: datetime, reader: Person) -> str:
    zone: ZoneInfo = parse_zone(reader.zone)
    return f" ({at.astimezone(zone):%a %H:%M} their time)"
