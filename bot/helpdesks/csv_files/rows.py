"""Rows → tickets and ratings; a row that can't be one is rejected with its reason."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from bot.helpdesks.csv_files import values
from bot.helpdesks.csv_files.columns import NEEDED
from bot.helpdesks.csv_files.tables import Table
from bot.helpdesks.csv_files.values import Order, UnreadableValueError
from storage.pulled import UNSOLVED, Gone, PulledRating, PulledTicket, RatingKind, Status

DATES = ("created", "updated", "first_reply", "solved", "sla_due", "rated_at")
LOOKED_AT = 5000
"""Rows that are looked at to tell 03/04 from 04/03."""
REMEMBERED = 4096
"""Different writings of one column whose meaning is kept in mind."""
T = TypeVar("T")


class Cells(NamedTuple):
    """What a row says of each of columns.FIELDS; "" where the file has no such column, or the row ends before it."""

    id: str
    subject: str
    status: str
    created: str
    updated: str
    first_reply: str
    first_reply_minutes: str
    solved: str
    solved_minutes: str
    priority: str
    group: str
    assignee: str
    customer: str
    requester: str
    tier: str
    vip: str
    channel: str
    tags: str
    reopened: str
    replies: str
    csat: str
    nps: str
    rated_at: str
    sla_due: str
    url: str


class Reading:
    """How a file's rows are read. Most columns say the same few things over and over: what each of these means is
    worked out once a file."""

    def __init__(
        self,
        columns: Mapping[str, int],
        zone: ZoneInfo,
        order: Order,
        now: datetime,
        *,
        order_is_open: bool = False,
        statuses: Mapping[str, Status] | None = None,
    ) -> None:
        """`columns`: what a column tells (columns.FIELDS) → its place. `zone`: of times that don't say theirs.
        `order_is_open`: there are dates like 03/04, and none that shows which is which. `statuses`: words of the
        file's own, as `values.folded` writes them."""
        self.columns = columns
        self.order = order
        self.order_is_open = order_is_open
        self.now = now
        self._zone = zone
        self._needed = 1 + max(columns[name] for name in NEEDED)
        # a column that isn't there is the last cell of what is put behind every row
        self._pick = itemgetter(*(columns.get(name, -1) for name in Cells._fields))
        self._behind = [""] * (2 + max(columns.values()))
        self._statuses: dict[str, tuple[Status, Gone | None]] = {
            **{word: (status, None) for word, status in values.STATUSES.items()},
            **dict.fromkeys(values.GONE, (Status.CLOSED, Gone.DELETED)),
            **{word: (status, None) for word, status in (statuses or {}).items()},
        }
        self._word = remembered(values.word)
        self._status = remembered(self._status_of)
        self._priority = remembered(values.priority)
        self._tags = remembered(values.tags)
        self._whole = remembered(values.whole)
        self._yes_or_no = remembered(values.yes_or_no)
        self._satisfaction = remembered(values.satisfaction)

    def read(self, cells: list[str]) -> tuple[PulledTicket, list[PulledRating]]:
        """Raises UnreadableValueError: the reason why the row is rejected."""
        if len(cells) < self._needed:
            raise UnreadableValueError("the row ends before its columns do")
        row = Cells._make(self._pick(cells + self._behind))
        external_id = (values.word(row.id) or "").lstrip("#")
        if not external_id:
            raise UnreadableValueError("it has no ticket number")
        if len(external_id) > 120:
            raise UnreadableValueError("its ticket number is longer than 120 characters")
        ticket = self._ticket(external_id, row)
        # what is rated is nearly always nothing
        return ticket, self._ratings(ticket, row) if row.csat or row.nps or row.rated_at else []

    def _instant(self, written: str, name: str) -> datetime | None:
        at = values.instant(written, self._zone, self.order) if written else None
        if at is not None and at > self.now and name != "sla_due":
            raise UnreadableValueError(f"{name}: it lies in the future")
        return at

    def _ticket(self, external_id: str, row: Cells) -> PulledTicket:
        created = self._instant(row.created, "created")
        if created is None:
            raise UnreadableValueError("it has no creation time")
        solved = self._since("solved", row.solved, row.solved_minutes, created)
        first_reply = self._since("first_reply", row.first_reply, row.first_reply_minutes, created)
        status, gone = self._status(row.status)
        updated = self._instant(row.updated, "updated") or max(solved or created, first_reply or created)
        word = self._word
        priority, assignee = word(row.priority), word(row.assignee)
        customer, requester = word(row.customer), values.word(row.requester)
        return PulledTicket(
            external_id=external_id,
            created_at=created,
            updated_at=max(updated, created),
            status=status,
            status_raw=word(row.status),
            subject=values.word(row.subject),
            group=word(row.group),
            url=_link(values.word(row.url)),
            customer_key=(customer or requester or "").casefold() or None,
            customer_name=customer or requester,
            customer_tier=word(row.tier),
            customer_is_vip=self._yes_or_no(row.vip),
            assignee_email=assignee if assignee and "@" in assignee else None,
            assignee_name=assignee,
            priority=self._priority(priority) if priority else None,
            priority_raw=priority,
            channel=word(row.channel),
            tags=self._tags(row.tags),
            first_agent_reply_at=first_reply,
            solved_at=None if status in UNSOLVED else solved,
            reopened=self._whole(row.reopened),
            replies=self._whole(row.replies),
            sla_due_at=self._instant(row.sla_due, "sla_due"),
            gone=gone,
        )

    def _since(self, name: str, at: str, minutes: str, created: datetime) -> datetime | None:
        """An instant that the file gives as such, or as minutes since the creation."""
        given = self._instant(at, name)
        if given is None and minutes:
            span = values.minutes(minutes)
            given = created + span if span is not None else None
        if given is not None and given < created:
            raise UnreadableValueError(f"{name}: it lies before the ticket’s creation")
        return given

    def _status_of(self, written: str) -> tuple[Status, Gone | None]:
        given = values.word(written)
        if given is None:
            raise UnreadableValueError("it has no status")
        found = self._statuses.get(values.folded(given))
        if found is None:
            raise UnreadableValueError(f"the status “{given[:40]}” is not known: say --status '{given[:40]}=open'")
        return found

    def _ratings(self, ticket: PulledTicket, row: Cells) -> list[PulledRating]:
        at = self._instant(row.rated_at, "rated_at") or ticket.solved_at or ticket.updated_at
        answers = (
            (RatingKind.CSAT, self._satisfaction(row.csat), "csat", row.csat),
            (RatingKind.NPS, values.promoter_score(row.nps), "nps", row.nps),
        )
        return [
            PulledRating(
                external_id=f"{ticket.external_id}:{name}",
                ticket_external_id=ticket.external_id,
                kind=kind,
                value=value,
                raw=self._word(written),
                at=at,
            )
            for kind, value, name, written in answers
            if value is not None
        ]


def remembered(meaning: Callable[[str], T]) -> Callable[[str], T]:
    """The same, worked out once for each writing; nothing of it outlives the file's reading."""
    return lru_cache(REMEMBERED)(meaning)


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
    return Reading(
        places,
        zone,
        found or Order.DAY_FIRST,
        now,
        order_is_open=found is None and bool(dates),
        statuses=statuses,
    )


def _dates(table: Table, places: Sequence[int]) -> list[str]:
    """Those of the first rows that are written as three numbers, the year last."""
    looked_at = (cells for _line, cells in islice(table.rows(), LOOKED_AT))
    given = (cells[place].strip() for cells in looked_at for place in places if place < len(cells))
    return [written for written in given if values.NUMBERS.fullmatch(written)]


def _link(written: str | None) -> str | None:
    """Only what a browser may safely open."""
    return written if written and written.startswith(("https://", "http://")) else None
