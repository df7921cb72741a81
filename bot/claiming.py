"""Which of the due messages go out now: gates (Slack's pace), and for direct messages the reader's attention."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.attention import Later, Never, Now, decide
from handlers.local_time import local_date, parse_zone
from storage import outbox, people, teams
from storage.messages import Attention, Message, MessageState
from storage.outbox import CHANNEL_PACE, Claim
from storage.people import Person
from storage.teams import Team

MERGED_AT_MOST = 8


async def claim_due(session: AsyncSession, *, now: datetime, most: int, daily_dm_limit: int) -> list[Claim]:
    """Claims at most `most` messages; what may not go yet is given its next instant, what never may is cancelled."""
    await outbox.expire(session, now=now)
    found = await outbox.candidates(session, now=now, most=most * 4)
    if not found:
        return []
    doors = {_door(message) for message, _ in found}
    open_doors = await outbox.open_gates(session, doors, now=now)
    readers = await _Readers.load(session, [message for message, _ in found], daily_dm_limit)
    taken: list[Claim] = []
    used: set[str] = set()
    for message, parent in found:
        door = _door(message)
        if message.state != MessageState.READY or door in used or door not in open_doors or len(taken) == most:
            continue
        if not await readers.admit(session, message, now=now):
            continue
        companions = [other for other, _ in found if readers.goes_with(message, other)][: MERGED_AT_MOST - 1]
        if message.slack_ts is not None:
            companions = await outbox.merged_into(session, message)
        thread_ts = parent.slack_ts if parent is not None else None
        taken.append(outbox.take(message, now=now, thread_ts=thread_ts, merged=companions))
        used.add(door)
        await outbox.close_gate(session, door, until=now + CHANNEL_PACE)
    return taken


def _door(message: Message) -> str:
    """What is paced: posts by their channel, updates by the message they change."""
    if message.slack_ts is not None:
        return f"{message.slack_channel}:{message.slack_ts}"
    return message.destination


class _Readers:
    """The people whom the candidates are for, with today's budgets."""

    def __init__(self, known: dict[int, tuple[Person, Team | None]], limit: int) -> None:
        self._known = known
        self._limit = limit

    @classmethod
    async def load(cls, session: AsyncSession, found: list[Message], limit: int) -> "_Readers":
        persons = await people.by_ids(session, (message.person_id for message in found))
        known = {person.id: (person, await teams.primary_team(session, person)) for person in persons.values()}
        return cls(known, limit)

    async def admit(self, session: AsyncSession, message: Message, *, now: datetime) -> bool:
        """True if the message may go now; else its row has been given its next instant, or cancelled."""
        if message.person_id is None or message.slack_ts is not None:
            return True
        person, team = self._known[message.person_id]
        today = local_date(now, parse_zone(person.zone))
        sent = await people.direct_messages_on(session, person.id, today)
        match decide(message.attention, person, team, sent_today=sent, limit=self._limit, now=now):
            case Now(counts_on=None):
                return True
            case Now(counts_on=date() as day):
                await people.count_direct_message(session, person.id, day)
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
