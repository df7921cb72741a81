"""`/backstop upcoming`: the next sends that concern the reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import Coming, Describer, Limits, Listener, Me, Reply
from handlers.local_time import local_date, parse_zone
from handlers.teams.views import upcoming as views
from storage import memberships, messages, people, schedule
from storage.messages import Message
from storage.people import Person
from storage.schedule import Schedule, Timer
from storage.store import Store

LOOKED_AT = 300
"""As many rows of each kind are asked about; ten of them are shown."""
SKIPS_FOR = timedelta(days=1)


def upcoming_of(describers: Mapping[str, Describer]) -> Listener:
    """The listener, with the house's table of who describes what."""

    async def upcoming(words: str, reply: Reply, store: Store, me: Me, settings: Limits, now: datetime) -> None:
        if words.strip().casefold() == "help":
            await reply(views.HELP)
            return
        async with store.read() as session:
            look = await _Look.begin(session, me, describers, settings.daily_dm_limit, now)
            entries = [*await look.messages(), *await look.timers(), *await look.schedules()]
            skipped = await look.skips()
        await reply("Coming up", blocks=views.upcoming(entries, skipped, is_admin=me.is_admin))

    return upcoming


@dataclass
class _Look:
    """One reader's look at what lies ahead: what they may know of it, and how much."""

    session: AsyncSession
    me: Me
    describers: Mapping[str, Describer]
    limit: int
    now: datetime
    manages: frozenset[int]

    @classmethod
    async def begin(
        cls, session: AsyncSession, me: Me, describers: Mapping[str, Describer], limit: int, now: datetime
    ) -> "_Look":
        mine = await memberships.teams_of(session, me.id)
        manages = frozenset([team.id for team in mine if await memberships.is_manager(session, me.id, team.id)])
        return cls(session, me, describers, limit, now, manages)

    async def messages(self) -> list[views.Entry]:
        workspace = self.me.person.workspace_id
        found = {row.id: row for row in await messages.coming(self.session, workspace, person_id=self.me.id, most=50)}
        if self.manages or self.me.is_admin:
            every = await messages.coming(self.session, workspace, most=LOOKED_AT)
            found |= {row.id: row for row in every}
        return await self._entries(list(found.values()))

    async def skips(self) -> list[views.Entry]:
        workspace, since = self.me.person.workspace_id, self.now - SKIPS_FOR
        rows = await messages.skipped_since(self.session, workspace, since, most=LOOKED_AT)
        readers = await people.by_ids(self.session, (row.person_id for row in rows))
        shown = []
        for row in rows:
            if (told := await self._told(row.renderer, row, row.person_id)) is not None:
                coming, titles_only = told
                reader = readers.get(row.person_id or 0)
                why = row.last_error or ""
                shown.append(views.Entry(row.due_at, coming, reader, None, titles_only, why, skipped=True))
        for occurrence, rule in await schedule.skipped_since(self.session, workspace, since, most=LOOKED_AT):
            if (told := await self._told(rule.kind, rule, None)) is not None:
                coming, titles_only = told
                why = occurrence.skipped or ""
                shown.append(views.Entry(occurrence.due_at, coming, None, None, titles_only, why, skipped=True))
        return shown

    async def timers(self) -> list[views.Entry]:
        rows = await schedule.coming_timers(self.session, self.me.person.workspace_id, most=LOOKED_AT)
        told = [(row, await self._told(row.step, row, None)) for row in rows]
        return [self._step(row, *one) for row, one in told if one]

    def _step(self, row: Timer, coming: Coming, titles_only: bool) -> views.Entry:
        at = max(row.due_at, self.now)
        return views.Entry(at, coming, coming.to, None, titles_only, coming.skipped, skipped=bool(coming.skipped))

    async def schedules(self) -> list[views.Entry]:
        rows = await schedule.coming_schedules(self.session, self.me.person.workspace_id, most=LOOKED_AT)
        told = [(row, await self._told(row.kind, row, None)) for row in rows]
        return [
            views.Entry(row.next_fire_at, one[0], titles_only=one[1])
            for row, one in told
            if one and row.next_fire_at is not None
        ]

    async def _entries(self, rows: Sequence[Message]) -> list[views.Entry]:
        readers = await people.by_ids(self.session, (row.person_id for row in rows))
        homes = await memberships.primary_teams(self.session, readers.values())
        entries = []
        for row in rows:
            if (told := await self._told(row.renderer, row, row.person_id)) is None:
                continue
            reader = readers.get(row.person_id or 0)
            entries.append(
                views.entry_of(
                    row,
                    told[0],
                    reader,
                    homes.get(reader.id) if reader else None,
                    sent_today=await self._sent_today(reader) if reader else 0,
                    limit=self.limit,
                    now=self.now,
                    titles_only=told[1],
                )
            )
        return entries

    async def _told(
        self, name: str, row: Message | Timer | Schedule, reader_id: int | None
    ) -> tuple[Coming, bool] | None:
        """What this reader may know of the row, and whether it is its title only; None: nothing."""
        describe = self.describers.get(name)
        coming = await describe(self.session, row, self.me) if describe else None
        if coming is None:
            return None
        if self.me.id in {reader_id, coming.to.id if coming.to else None} or (
            coming.team_id is not None and coming.team_id in self.manages
        ):
            return coming, False
        return (coming, True) if self.me.is_admin else None

    async def _sent_today(self, reader: Person) -> int:
        return await people.direct_messages_on(self.session, reader.id, local_date(self.now, parse_zone(reader.zone)))
