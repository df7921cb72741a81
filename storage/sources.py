"""Sources of tickets: the help desks that are connected, whose tickets are which team's, and who their agents are."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, insertion
from storage.people import Person
from storage.pulled import PulledAgent
from storage.teams import Team

EVERYTHING_ELSE = ""
"""The group of a link that takes whatever no other link names."""


IMPORTED, FOLDER = "csv", "folder"
"""Kinds of sources that are files: imported by hand, or out of a watched folder."""
FILES = frozenset({IMPORTED, FOLDER})
"""They hold no conversations and take no notes."""
PROGRESS = "desks.progress"
"""The renderer of messages that show how far a source is: refreshed with every page."""
FAILING = "desks.failing"
"""The renderer of messages that say that a source fails, and later that it works again."""


class Source(Base):
    """A help desk, or CSV files, from which tickets come. Credentials are the environment's."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("workspace_id", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    """zendesk, freshdesk, hubspot, rt; or IMPORTED, FOLDER."""
    name: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[datetime]
    connected_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"), default=None)
    """None: an import from the command line."""

    since: Mapped[datetime]
    """Tickets that changed before this were never asked for."""
    cursor: Mapped[str | None] = mapped_column(Text, default=None)
    """Where the next pull goes on; committed together with the page that it follows."""
    filled_at: Mapped[datetime | None] = mapped_column(default=None)
    """When everything since `since` had been pulled for the first time; None: still filling."""
    pulled: Mapped[int] = mapped_column(default=0)
    """Tickets pulled while filling, for its progress."""
    expected: Mapped[int | None] = mapped_column(default=None)
    """About how many there are to pull, if the desk says so."""
    last_good_at: Mapped[datetime | None] = mapped_column(default=None)
    """When a pull last came to its end: what is stored is the desk's state at that instant."""
    failing_since: Mapped[datetime | None] = mapped_column(default=None)
    failures: Mapped[int] = mapped_column(default=0)
    """In a row."""
    last_error: Mapped[str | None] = mapped_column(Text, default=None)
    """A sentence for people."""
    generation: Mapped[int] = mapped_column(default=0)
    """Rises when the next pull is aimed anew: older timers do nothing."""

    @property
    def is_failing(self) -> bool:
        return self.failing_since is not None


class SourceTeam(Base):
    """Tickets of this group of the source are this team's; EVERYTHING_ELSE: all that no other link names."""

    __tablename__ = "source_teams"
    __table_args__ = (Index(None, "team_id"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    group_name: Mapped[str] = mapped_column(String(120), primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    writes_notes: Mapped[bool] = mapped_column(default=False)
    """Claiming and resolving an escalation leaves an internal note on its ticket."""


class SourceAgent(Base):
    """Somebody who answers customers in the help desk, and who they are in Slack."""

    __tablename__ = "source_agents"
    __table_args__ = (Index(None, "person_id"),)

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    external_id: Mapped[str] = mapped_column(String(120), primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(320))
    active: Mapped[bool] = mapped_column(default=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    by_hand: Mapped[bool] = mapped_column(default=False)
    """Somebody said who it is (or that it is nobody): the e-mail address no longer decides."""


async def by_id(session: AsyncSession, source_id: int) -> Source | None:
    return await session.get(Source, source_id)


async def locked(session: AsyncSession, source_id: int) -> Source | None:
    """The source, locked until the transaction ends."""
    return (await session.execute(select(Source).where(Source.id == source_id).with_for_update())).scalar_one_or_none()


async def named(session: AsyncSession, workspace_id: str, kind: str, name: str) -> Source | None:
    query = select(Source).where(Source.workspace_id == workspace_id, Source.kind == kind, Source.name == name)
    return (await session.execute(query)).scalar_one_or_none()


async def of_workspace(session: AsyncSession, workspace_id: str) -> Sequence[Source]:
    query = select(Source).where(Source.workspace_id == workspace_id).order_by(Source.id)
    return (await session.execute(query)).scalars().all()


async def of_kind(session: AsyncSession, kind: str) -> Sequence[Source]:
    """Those of this kind that feed a team."""
    query = select(Source).where(Source.kind == kind, Source.id.in_(select(SourceTeam.source_id)))
    return (await session.execute(query.order_by(Source.id))).scalars().all()


async def feeding(session: AsyncSession) -> Sequence[Source]:
    """Every source that feeds a team."""
    query = select(Source).where(Source.id.in_(select(SourceTeam.source_id)))
    return (await session.execute(query.order_by(Source.id))).scalars().all()


_OF_TEAMS = (
    select(SourceTeam.team_id, Source)
    .join(Source, Source.id == SourceTeam.source_id)
    .where(SourceTeam.team_id.in_(bindparam("team_ids", expanding=True)))
    .order_by(Source.id)
)


async def of_team(session: AsyncSession, team_id: int) -> Sequence[Source]:
    """The sources whose tickets (some of them) are this team's."""
    return (await of_teams(session, [team_id])).get(team_id, [])


async def of_teams(session: AsyncSession, team_ids: Sequence[int]) -> dict[int, list[Source]]:
    """The same of several teams; those without any are left out."""
    found: dict[int, list[Source]] = {}
    for team_id, source in await session.execute(_OF_TEAMS, {"team_ids": list(team_ids)}):
        of_team = found.setdefault(team_id, [])
        if source not in of_team:  # several of its groups may be the team's
            of_team.append(source)
    return found


async def links(session: AsyncSession, source_id: int) -> Sequence[SourceTeam]:
    query = select(SourceTeam).where(SourceTeam.source_id == source_id).order_by(SourceTeam.group_name)
    return (await session.execute(query)).scalars().all()


async def linked_teams(session: AsyncSession, source_id: int) -> Sequence[Team]:
    linked = select(SourceTeam.team_id).where(SourceTeam.source_id == source_id)
    return (await session.execute(select(Team).where(Team.id.in_(linked)).order_by(Team.name))).scalars().all()


async def connect(
    session: AsyncSession, *, workspace_id: str, kind: str, name: str, since: datetime, by_id: int | None, now: datetime
) -> Source:
    """The source of that kind and name, made if there is none, locked until the transaction ends."""
    statement = insertion(session, Source).values(
        workspace_id=workspace_id,
        kind=kind,
        name=name,
        since=since,
        connected_by_id=by_id,
        created_at=now,
        pulled=0,
        failures=0,
        generation=0,
    )
    await session.execute(statement.on_conflict_do_nothing(index_elements=["workspace_id", "kind", "name"]))
    query = select(Source).where(Source.workspace_id == workspace_id, Source.kind == kind, Source.name == name)
    return (await session.execute(query.with_for_update())).scalar_one()


async def link(
    session: AsyncSession, source_id: int, team_id: int, groups: Iterable[str], *, writes_notes: bool = False
) -> None:
    """These groups' tickets are this team's from now on, and no others (see `storage.ticket_pages.regroup` for those
    that are stored already)."""
    kept = list(dict.fromkeys(groups))
    old = delete(SourceTeam).where(SourceTeam.source_id == source_id, SourceTeam.team_id == team_id)
    await session.execute(old.where(SourceTeam.group_name.not_in(kept)))
    for group in kept:
        statement = insertion(session, SourceTeam).values(
            source_id=source_id, group_name=group, team_id=team_id, writes_notes=writes_notes
        )
        whose = {"team_id": team_id, "writes_notes": writes_notes}
        await session.execute(statement.on_conflict_do_update(index_elements=["source_id", "group_name"], set_=whose))


def fail(source: Source, sentence: str, *, now: datetime) -> None:
    """A pull came to nothing; the source shows since when, and why."""
    source.failing_since = source.failing_since or now
    source.failures += 1
    source.last_error = sentence[:500]


def recover(source: Source, *, as_of: datetime) -> None:
    """A pull came to its end: what is stored is the desk's state at `as_of`."""
    source.last_good_at = max(as_of, source.last_good_at or as_of)
    source.filled_at = source.filled_at or as_of
    source.failing_since, source.failures, source.last_error = None, 0, None


async def write_notes(session: AsyncSession, source_id: int, team_id: int, *, wanted: bool) -> None:
    """Whether this team's escalations leave internal notes in that source, from now on."""
    theirs = update(SourceTeam).where(SourceTeam.source_id == source_id, SourceTeam.team_id == team_id)
    await session.execute(theirs.values(writes_notes=wanted))


async def unlink(session: AsyncSession, source_id: int, team_id: int) -> None:
    """No group's tickets of this source are this team's any more."""
    await session.execute(delete(SourceTeam).where(SourceTeam.source_id == source_id, SourceTeam.team_id == team_id))


async def agents(session: AsyncSession, source_id: int) -> Sequence[SourceAgent]:
    query = select(SourceAgent).where(SourceAgent.source_id == source_id)
    return (await session.execute(query.order_by(SourceAgent.name, SourceAgent.external_id))).scalars().all()


async def keep_agents(session: AsyncSession, source: Source, told: Sequence[PulledAgent]) -> None:
    """Writes what the desk says of its agents, and matches by their e-mail address whom nobody matched by hand."""
    if told:
        statement = insertion(session, SourceAgent)
        statement = statement.on_conflict_do_update(
            index_elements=["source_id", "external_id"],
            set_={
                "name": statement.excluded.name,
                "email": func.coalesce(statement.excluded.email, SourceAgent.email),
                "active": statement.excluded.active,
            },
        )
        rows = {
            agent.external_id: {
                "source_id": source.id,
                "external_id": agent.external_id[:120],
                "name": agent.name[:255],
                "email": agent.email,
                "active": agent.active,
                "by_hand": False,
            }
            for agent in told
        }
        await session.execute(statement, list(rows.values()))
    await match_agents(session, source)


async def meet_agents(session: AsyncSession, source: Source, told: Sequence[PulledAgent]) -> None:
    """Like `keep_agents`, for those among them who aren't known yet."""
    query = select(SourceAgent.external_id).where(SourceAgent.source_id == source.id)
    known = set((await session.execute(query)).scalars())
    if new := [agent for agent in told if agent.external_id not in known]:
        await keep_agents(session, source, new)


async def match_agents(session: AsyncSession, source: Source) -> None:
    """Each agent's person is the one colleague with that e-mail address; capitals don't matter. Two with one address
    match nobody."""
    alike = (
        select(func.min(Person.id))
        .where(
            Person.workspace_id == source.workspace_id,
            func.lower(Person.email) == func.lower(SourceAgent.email),
            ~Person.deactivated,
            ~Person.is_bot,
        )
        .having(func.count() == 1)
        .scalar_subquery()
    )
    await session.execute(
        update(SourceAgent)
        .where(SourceAgent.source_id == source.id, ~SourceAgent.by_hand)
        .values(person_id=alike)
        .execution_options(synchronize_session=False)
    )
