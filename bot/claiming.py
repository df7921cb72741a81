"""Which of the due messages go out now: gates and budgets (Slack's pace), and for direct messages the reader's
attention."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import Later, Never, Now, decide
from handlers.local_time import local_date, parse_zone
from storage import memberships, outbox, people
from storage.messages import Attention, Message, MessageState, Priority
from storage.outbox import Claim
from storage.pacing import CHANNEL_PACE, Pace, close_gates, door
from storage.people import Person
from storage.teams import Team

MERGED_AT_MOST = 8
PARENT_IS_GONE = "the message it answers was never posted"


@dataclass
class Claimed:
    claims: list[Claim] = field(default_factory=list)
    put_off: int = 0
    """Candidates that were given another instant, or cancelled: others may have waited behind them."""


async def claim_due(
    session: AsyncSession, *, now: datetime, most: int, daily_dm_limit: int, kept_for_urgent: int = 0
) -> Claimed:
    """Claims at most `most` messages, of which the last `kept_for_urgent` are for what is urgent alone; what may not go
    yet is given its next instant, what never may is cancelled."""
    for_all = max(0, most - kept_for_urgent)
    pace = await Pace.take(session, now=now)
    await outbox.disown_abandoned(session, now=now)
    await outbox.expire(session, now=now)
    found = await outbox.candidates(session, now=now, most=most * 4, within=pace.has_room(), urgent_only=not for_all)
    readers = await _Readers.load(session, [message for message, _ in found], daily_dm_limit)
    claimed = Claimed()
    used: set[str] = set()
    for message, parent in found:
        if len(claimed.claims) >= (most if message.priority == Priority.SLA else for_all):
            break
        if message.state != MessageState.READY or door(message) in used or not pace.admits(message):
            continue
        if parent is not None and parent.slack_ts is None:
            message.state, message.last_error = MessageState.CANCELLED, PARENT_IS_GONE
            claimed.put_off += 1
            continue
        if not await readers.admit(session, message, now=now):
            claimed.put_off += 1
            continue
        companions = [other for other, _ in found if readers.goes_with(message, other)]
        claim = await _take(session, message, parent, companions[: MERGED_AT_MOST - 1], now=now)
        if claim is None:
            continue
        claimed.claims.append(claim)
        pace.spend(message)
        used.add(door(message))
    await close_gates(session, used, until=now + CHANNEL_PACE)
    return claimed


async def _take(
    session: AsyncSession, message: Message, parent: Message | None, companions: list[Message], *, now: datetime
) -> Claim | None:
    if message.slack_ts is None:
        thread_ts = parent.slack_ts if parent is not None else None
        return outbox.take(message, now=now, thread_ts=thread_ts, merged=companions)
    # what several messages show together is changed as a whole
    shown = await outbox.shown_with(session, message)
    return None if shown is None else outbox.take(shown[0], now=now, thread_ts=None, merged=shown[1])


class _Readers:
    """The people whom the candidates are for, with today's budgets."""

    def __init__(self, known: dict[int, tuple[Person, Team | None]], limit: int) -> None:
        self._known = known
        self._limit = limit

    @classmethod
    async def load(cls, session: AsyncSession, found: list[Message], limit: int) -> "_Readers":
        unsent = (message.person_id for message in found if message.slack_ts is None)
        persons = await people.by_ids(session, unsent)
        primary = await memberships.primary_teams(session, persons.values())
        return cls({person.id: (person, primary[person.id]) for person in persons.values()}, limit)

    async def admit(self, session: AsyncSession, message: Message, *, now: datetime) -> bool:
        """True if the message may go now; else its row has been given its next instant, or cancelled."""
        if message.person_id is None or message.slack_ts is not None:
            return True
        person, team = self._known[message.person_id]
        sent = 0
        if message.attention == Attention.UNREQUESTED:
            today = local_date(now, parse_zone(person.zone))
            sent = await people.direct_messages_on(session, person.id, today)
            sent += await outbox.in_flight_to(session, person.id)
        match decide(message.attention, person, team, sent_today=sent, limit=self._limit, now=now):
            case Now():
                return True
            case Later(at=at):
                message.due_at = max(at, now + timedelta(seconds=1))
            case Never(why=why):
                message.state = MessageState.CANCELLED
                message.last_error = why
        return False

    def goes_with(self, head: Message, other: Message) -> bool:
        """Unrequested DMs that are due together come as one."""
        return (
            other is not head
            and head.attention == other.attention == Attention.UNREQUESTED
            and head.person_id == other.person_id
            and head.slack_ts is None
            and other.slack_ts is None
            and other.state == MessageState.READY
        )


async def count_attention(session: AsyncSession, claim: Claim, *, now: datetime) -> None:
    """Writes an unrequested DM that has just arrived into its reader's book."""
    head = claim.head
    if claim.is_update or head.attention != Attention.UNREQUESTED or head.person_id is None:
        return
    person = await session.get(Person, head.person_id)
    if person is not None:
        await people.count_direct_message(session, person.id, local_date(now, parse_zone(person.zone)))
