"""Rows → tickets and ratings; a row that can't be one is rejected with its reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.helpdesks.csv_files import values
from bot.helpdesks.csv_files.tables import Table
from bot.helpdesks.csv_files.values import Order, UnreadableValueError
from storage.pulled import UNSOLVED, Gone, PulledRating, PulledTicket, RatingKind, Status

DATES = ("created", "updated", "first_reply", "solved", "sla_due", "rated_at")
LOOKED_AT = 5000
"""Rows that are looked at to tell 03/04 from 04/03."""


@dataclass(frozen=True)
class Reading:
    """How a file's rows are read."""

    columns: Mapping[str, int]
    """What a column tells (columns.FIELDS) → its place."""
    zone: ZoneInfo
    """Of times that don't say theirs."""
    order: Order
    order_is_open: bool
    """There are dates like 03/04, and none that shows which is which."""
    now: datetime
    statuses: Mapping[str, Status] = field(default_factory=dict)
    """Words of the file's own, as `values.folded` writes them."""

    def read(self, cells: Sequence[str]) -> tuple[PulledTicket, list[PulledRating]]:
        """Raises UnreadableValueError: the reason why the row is rejected."""
        if len(cells) < 1 + max(self.columns[name] for name in ("id", "status", "created")):
            raise UnreadableValueError("the row ends before its columns do")
        external_id = (values.word(self._cell(cells, "id")) or "").lstrip("#")
        if not external_id:
            raise UnreadableValueError("it has no ticket number")
        if len(external_id) > 120:
            raise UnreadableValueError("its ticket number is longer than 120 characters")
        ticket = self._ticket(external_id, cells)
        return ticket, self._ratings(ticket, cells)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        place = self.columns.get(name)
        return cells[place] if place is not None and place < len(cells) else ""

    def _instant(self, cells: Sequence[str], name: str) -> datetime | None:
        at = values.instant(self._cell(cells, name), self.zone, self.order)
        if at is not None and at > self.now and name != "sla_due":
            raise UnreadableValueError(f"{name}: it lies in the future")
        return at

    def _ticket(self, external_id: str, cells: Sequence[str]) -> PulledTicket:
        created = self._instant(cells, "created")
        if created is None:
            raise UnreadableValueError("it has no creation time")
        solved = self._since(cells, "solved", "solved_minutes", created)
        first_reply = self._since(cells, "first_reply", "first_reply_minutes", created)
        status, gone = self._status(cells)
        updated = self._instant(cells, "updated") or max(at for at in (created, solved, first_reply) if at is not None)
        priority = values.word(self._cell(cells, "priority"))
        customer, requester = (values.word(self._cell(cells, name)) for name in ("customer", "requester"))
        assignee = values.word(self._cell(cells, "assignee"))
        return PulledTicket(
            external_id=external_id,
            created_at=created,
            updated_at=max(updated, created),
            status=status,
            status_raw=values.word(self._cell(cells, "status")),
            subject=values.word(self._cell(cells, "subject")),
            group=values.word(self._cell(cells, "group")),
            url=_link(values.word(self._cell(cells, "url"))),
            customer_key=(customer or requester or "").casefold() or None,
            customer_name=customer or requester,
            customer_tier=values.word(self._cell(cells, "tier")),
            customer_is_vip=values.yes_or_no(self._cell(cells, "vip")),
            assignee_email=assignee if assignee and "@" in assignee else None,
            assignee_name=assignee,
            priority=values.priority(priority) if priority else None,
            priority_raw=priority,
            channel=values.word(self._cell(cells, "channel")),
            tags=values.tags(self._cell(cells, "tags")),
            first_agent_reply_at=first_reply,
            solved_at=None if status in UNSOLVED else solved,
            reopened=values.whole(self._cell(cells, "reopened")),
            replies=values.whole(self._cell(cells, "replies")),
            sla_due_at=self._instant(cells, "sla_due"),
            gone=gone,
        )

    def _since(self, cells: Sequence[str], at: str, after: str, created: datetime) -> datetime | None:
        """An instant that the file gives as such, or as minutes since the creation."""
        given = self._instant(cells, at)
        if given is None:
            span = values.minutes(self._cell(cells, after))
            given = created + span if span is not None else None
        if given is not None and given < created:
            raise UnreadableValueError(f"{at}: it lies before the ticket’s creation")
        return given

    def _status(self, cells: Sequence[str]) -> tuple[Status, Gone | None]:
        written = values.word(self._cell(cells, "status"))
        if written is None:
            raise UnreadableValueError("it has no status")
        plain = values.folded(written)
        if plain in self.statuses:
            return self.statuses[plain], None
        if plain in values.GONE:
            return Status.CLOSED, Gone.DELETED
        if plain in values.STATUSES:
            return values.STATUSES[plain], None
        raise UnreadableValueError(f"the status “{written[:40]}” is not known: say --status '{written[:40]}=open'")

    def _ratings(self, ticket: PulledTicket, cells: Sequence[str]) -> list[PulledRating]:
        at = self._instant(cells, "rated_at") or ticket.solved_at or ticket.updated_at
        answers = (
            (RatingKind.CSAT, values.satisfaction(self._cell(cells, "csat")), "csat"),
            (RatingKind.NPS, values.promoter_score(self._cell(cells, "nps")), "nps"),
        )
        return [
            PulledRating(
                external_id=f"{ticket.external_id}:{name}",
                ticket_external_id=ticket.external_id,
                kind=kind,
                value=value,
                raw=values.word(self._cell(cells, name)),
                at=at,
            )
            for kind, value, name in answers
            if value is not None
        ]


def reading_of(
    table: Table,
    columns: Mapping[str, str],
    *,
    zone: ZoneInfo,
    now: datetime,
    order: Order | None = None,
    statuses: Mapping[str, Status] | None = None,
) -> Reading:
    """How to read the table: `columns` from columns.mapping; the order of day and month is looked for in the file,
    unless it is said. Raises UnreadableFileError."""
    places = {name: table.header.index(column) for name, column in columns.items()}
    dates = _dates(table, [places[name] for name in DATES if name in places])
    found = order or values.order_of(dates)
    is_open = found is None and any(values.NUMBERS.fullmatch(written.strip()) for written in dates)
    return Reading(places, zone, found or Order.DAY_FIRST, is_open, now, statuses or {})


def _dates(table: Table, places: Sequence[int]) -> list[str]:
    dates = []
    for looked_at, (_line, cells) in enumerate(table.rows()):
        if looked_at >= LOOKED_AT:
            break
        dates += [cells[place] for place in places if place < len(cells)]
    return dates


def _link(written: str | None) -> str | None:
    """Only what a browser may safely open."""
    return written if written and written.startswith(("https://", "http://")) else None
