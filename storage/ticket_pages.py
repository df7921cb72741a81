"""Help desks' pages, written into the tables of tickets, tags and ratings: whose each is, and what it changed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage import ticket_days
from storage.base import adding, planned_for_each, replacing
from storage.pulled import UNSOLVED, Gone, PulledRating, PulledTicket, known_by
from storage.sources import EVERYTHING_ELSE, Source, SourceAgent, SourceTeam
from storage.tickets import Rating, Ticket, TicketTag

ASKED_AT_ONCE = 500
"""Ids in one IN (…)."""
WRITTEN = tuple(column.name for column in Ticket.__table__.columns if column.name != "id")


class Kept:
    """What became of a page."""

    def __init__(self) -> None:
        self.new = 0
        self.changed = 0
        self.as_before = 0
        """Told again without news, or older than what is stored."""
        self.repeated = 0
        """Told more than once in the page."""
        self.newly_tagged: list[tuple[int, str]] = []
        """(ticket's id, tag) of each tag that stands on a ticket now and didn't before."""


async def keep(
    session: AsyncSession,
    source: Source,
    tickets: Sequence[PulledTicket],
    ratings: Sequence[PulledRating] = (),
    deleted: Sequence[str] = (),
) -> Kept:
    """Writes a page into the tables, by (source, external id): set-based, and the same page again changes nothing. A
    ticket that is told with an older `updated_at` than the stored one's leaves that as it is. Days whose counts may
    have changed are marked, for `storage.recounting.recount`."""
    kept = Kept()
    belonging = await _belonging(session, source)
    latest = _latest(tickets)
    kept.repeated = len(tickets) - len(latest)
    stored = await _stored(session, source.id, [*latest, *deleted])
    fresh = [_row(source, ticket, belonging) for ticket in latest.values()]
    changed, marked = [], set()
    for row in fresh:
        before = stored.get(row["external_id"])
        if before is not None and row["sla_breached"] is None:
            # some desks tell a breach once, as an event, and the ticket's later states say nothing of it
            row["sla_breached"] = before["sla_breached"]
        if before is None:
            kept.new += 1
        elif row["updated_at"] < before["updated_at"] or all(before[name] == row[name] for name in WRITTEN):
            kept.as_before += 1
            continue
        else:
            kept.changed += 1
        changed.append(row)
        marked |= _moments(before) | _moments(row)
    for external_id in deleted:
        before = stored.get(external_id)
        if before is not None and before["gone"] is None and external_id not in latest:
            kept.changed += 1
            changed.append({name: before[name] for name in WRITTEN} | {"gone": Gone.DELETED, "in_backlog": False})
            marked |= _moments(before)
    if changed:
        await session.execute(replacing(session, Ticket, once=("source_id", "external_id")), changed)
    answered = {rating.external_id: rating for rating in ratings if rating.value is not None}
    named = [rating.ticket_external_id for rating in answered.values() if rating.ticket_external_id is not None]
    found = await _found(session, source.id, {*named, *(row["external_id"] for row in changed)})
    if changed:
        await _tag(session, changed, stored, found, kept)
    if answered:
        marked |= await _keep_ratings(session, source, answered, found, belonging)
    await ticket_days.mark(session, marked)
    return kept


class _Belonging:
    """Whose a ticket is: team by group, colleague by agent."""

    def __init__(self, teams: Mapping[str, int], people: Mapping[str, int], emails: Mapping[str, int]) -> None:
        self._teams = {group.casefold(): team_id for group, team_id in teams.items()}
        self._people = people
        self._emails = emails

    def team(self, group: str | None) -> int | None:
        everything_else = self._teams.get(EVERYTHING_ELSE)
        return self._teams.get(group.casefold(), everything_else) if group else everything_else

    def person(self, external_id: str | None, email: str | None) -> int | None:
        if external_id is not None and external_id in self._people:
            return self._people[external_id]
        return self._emails.get(email.casefold()) if email else None


async def _belonging(session: AsyncSession, source: Source) -> _Belonging:
    links = await session.execute(
        select(SourceTeam.group_name, SourceTeam.team_id).where(SourceTeam.source_id == source.id)
    )
    query = select(SourceAgent.external_id, SourceAgent.email, SourceAgent.person_id)
    matched = (
        await session.execute(query.where(SourceAgent.source_id == source.id, SourceAgent.person_id.is_not(None)))
    ).all()
    return _Belonging(
        dict(links.all()),
        {external_id: person_id for external_id, _, person_id in matched if person_id is not None},
        {email.casefold(): person_id for _, email, person_id in matched if email and person_id is not None},
    )


def _latest(tickets: Iterable[PulledTicket]) -> dict[str, PulledTicket]:
    """By external id, the last word of each; a page may tell a ticket twice."""
    latest: dict[str, PulledTicket] = {}
    for ticket in tickets:
        known = latest.get(ticket.external_id)
        if known is None or known.updated_at <= ticket.updated_at:
            latest[ticket.external_id] = ticket
    return latest


async def _stored(session: AsyncSession, source_id: int, external_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    table = Ticket.__table__
    for start in range(0, len(external_ids), ASKED_AT_ONCE):
        some = external_ids[start : start + ASKED_AT_ONCE]
        query = select(table).where(table.c.source_id == source_id, table.c.external_id.in_(some))
        async with planned_for_each(session):
            found |= {row["external_id"]: dict(row) for row in (await session.execute(query)).mappings()}
    return found


def _cut(value: str | None, length: int) -> str | None:
    """What fits the column, without what PostgreSQL's text can't hold; nothing but spaces is None."""
    if not value:
        return None
    return (value.replace("\0", "") if "\0" in value else value).strip()[:length] or None


@lru_cache(maxsize=1024)
def _tags(told: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, in their order: few lists are many tickets'."""
    return tuple(sorted({tag for one in told if (tag := _cut(one, 100)) is not None}))


def _row(source: Source, ticket: PulledTicket, belonging: _Belonging) -> dict[str, Any]:
    assignee = known_by(ticket)
    return {
        "workspace_id": source.workspace_id,
        "source_id": source.id,
        "external_id": ticket.external_id,
        "team_id": belonging.team(ticket.group),
        "group_name": _cut(ticket.group, 120),
        "subject": _cut(ticket.subject, 500),
        "url": _cut(ticket.url, 500),
        "customer_key": _cut(ticket.customer_key, 200),
        "customer_name": _cut(ticket.customer_name, 200),
        "customer_tier": _cut(ticket.customer_tier, 80),
        "customer_is_vip": ticket.customer_is_vip,
        "assignee_external_id": _cut(assignee, 120),
        "assignee_id": belonging.person(assignee, ticket.assignee_email),
        "status": ticket.status,
        "status_raw": _cut(ticket.status_raw, 80),
        "in_backlog": ticket.status in UNSOLVED and ticket.gone is None,
        "priority": ticket.priority,
        "priority_raw": _cut(ticket.priority_raw, 80),
        "channel": _cut(ticket.channel, 40),
        "tags": list(_tags(tuple(ticket.tags))),
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "first_agent_reply_at": ticket.first_agent_reply_at,
        "solved_at": ticket.solved_at,
        "reopened": ticket.reopened,
        "replies": ticket.replies,
        "sla_due_at": ticket.sla_due_at,
        "sla_breached": ticket.sla_breached,
        "gone": ticket.gone,
        "merged_into": _cut(ticket.merged_into, 120),
    }


def _moments(row: Mapping[str, Any] | None) -> set[tuple[int, datetime]]:
    """(team, instant) of everything about a ticket that a day's counts hold."""
    if row is None or row["team_id"] is None:
        return set()
    moments = (row["created_at"], row["solved_at"], row.get("first_agent_reply_at"))
    return {(row["team_id"], at) for at in moments if at is not None}


class _Found(NamedTuple):
    """A stored ticket, and whose it is."""

    id: int
    team_id: int | None
    assignee_id: int | None


async def _found(session: AsyncSession, source_id: int, external_ids: Collection[str]) -> dict[str, _Found]:
    """By external id; what isn't there is left out."""
    found: dict[str, _Found] = {}
    wanted = sorted(external_ids)
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        query = select(Ticket.external_id, Ticket.id, Ticket.team_id, Ticket.assignee_id)
        query = query.where(Ticket.source_id == source_id)
        some = query.where(Ticket.external_id.in_(wanted[start : start + ASKED_AT_ONCE]))
        async with planned_for_each(session):
            rows = (await session.execute(some)).all()
        found |= {external_id: _Found(id_, team_id, assignee_id) for external_id, id_, team_id, assignee_id in rows}
    return found


async def _tag(
    session: AsyncSession,
    changed: Sequence[dict[str, Any]],
    stored: Mapping[str, Mapping[str, Any]],
    found: Mapping[str, _Found],
    kept: Kept,
) -> None:
    """The tags of what was written, as rows."""
    known = [row["id"] for row in (stored.get(one["external_id"]) for one in changed) if row is not None]
    for start in range(0, len(known), ASKED_AT_ONCE):
        some = known[start : start + ASKED_AT_ONCE]
        await session.execute(delete(TicketTag).where(TicketTag.ticket_id.in_(some)))
    tagged = []
    for row in changed:
        before = stored.get(row["external_id"])
        had = before["tags"] if before is not None else ()
        ticket_id = found[row["external_id"]].id
        for tag in row["tags"] if row["gone"] is None else ():
            tagged.append(
                {"ticket_id": ticket_id, "tag": tag, "team_id": row["team_id"], "created_at": row["created_at"]}
            )
            if tag not in had:
                kept.newly_tagged.append((ticket_id, tag))
    if tagged:
        await session.execute(adding(session, TicketTag, once=("ticket_id", "tag")), tagged)


async def _keep_ratings(
    session: AsyncSession,
    source: Source,
    answered: Mapping[str, PulledRating],
    found: Mapping[str, _Found],
    belonging: _Belonging,
) -> set[tuple[int, datetime]]:
    rows: list[dict[str, Any]] = []
    for rating in answered.values():
        ticket = found.get(rating.ticket_external_id or "")
        rows.append(
            {
                "workspace_id": source.workspace_id,
                "source_id": source.id,
                "external_id": rating.external_id,
                "ticket_id": ticket.id if ticket else None,
                "ticket_external_id": rating.ticket_external_id,
                "team_id": ticket.team_id if ticket else belonging.team(rating.group),
                "assignee_id": ticket.assignee_id if ticket else None,
                "kind": rating.kind,
                "value": rating.value,
                "raw": _cut(rating.raw, 80),
                "at": rating.at,
            }
        )
    before = await session.execute(
        select(Rating.team_id, Rating.at).where(Rating.source_id == source.id, Rating.external_id.in_(list(answered)))
    )
    marked = {(team_id, at) for team_id, at in before if team_id is not None}
    await session.execute(replacing(session, Rating, once=("source_id", "external_id")), rows)
    return marked | {(row["team_id"], row["at"]) for row in rows if row["team_id"] is not None}


async def regroup(session: AsyncSession, source: Source, *, after_id: int, most: int) -> int | None:
    """Gives up to `most` stored tickets of the source beyond `after_id`, with their tags and ratings, to the team and
    the colleague whose they are by the links and matches as they stand now. Returns the last id it saw; None: that was
    all."""
    belonging = await _belonging(session, source)
    query = select(
        Ticket.id,
        Ticket.team_id,
        Ticket.group_name,
        Ticket.assignee_external_id,
        Ticket.assignee_id,
        Ticket.created_at,
        Ticket.solved_at,
        Ticket.first_agent_reply_at,
    )
    query = query.where(Ticket.source_id == source.id, Ticket.id > after_id).order_by(Ticket.id).limit(most)
    rows = (await session.execute(query)).mappings().all()
    moved: dict[tuple[int | None, int | None], list[int]] = {}
    marked = set()
    for row in rows:
        assignee = row["assignee_external_id"]
        whose = (belonging.team(row["group_name"]), belonging.person(assignee, assignee))
        if whose != (row["team_id"], row["assignee_id"]):
            moved.setdefault(whose, []).append(row["id"])
            if whose[0] != row["team_id"]:
                marked |= _moments(dict(row)) | _moments({**row, "team_id": whose[0]})
    for (team_id, person_id), ids in moved.items():
        for start in range(0, len(ids), ASKED_AT_ONCE):
            some = ids[start : start + ASKED_AT_ONCE]
            whose_now = {"team_id": team_id, "assignee_id": person_id}
            rated = select(Rating.team_id, Rating.at).where(Rating.ticket_id.in_(some))
            for old_team, at in await session.execute(rated):
                marked |= {(team, at) for team in {old_team, team_id} if team is not None}
            await session.execute(update(Ticket).where(Ticket.id.in_(some)).values(**whose_now))
            await session.execute(update(Rating).where(Rating.ticket_id.in_(some)).values(**whose_now))
            await session.execute(update(TicketTag).where(TicketTag.ticket_id.in_(some)).values(team_id=team_id))
    await ticket_days.mark(session, marked)
    return rows[-1]["id"] if len(rows) == most else None
