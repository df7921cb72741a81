"""Which column of a file tells what: guessed from the names that help desks give their exports' columns."""

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.helpdesks.csv_files.values import folded

FIELDS: Mapping[str, Sequence[str]] = {
    # what it tells → names of columns, as `_plain` writes them; the earlier wins
    "id": ("ticket id", "ticket number", "ticket", "id", "number", "case number", "key", "ticketid", "nr", "ticket nr"),
    "subject": ("subject", "ticket name", "title", "summary", "betreff", "sujet", "asunto"),
    "status": ("status", "ticket status", "state", "zustand", "statut", "estado"),
    "created": (
        "created at",
        "created",
        "created time",
        "create date",
        "ticket created",
        "creation date",
        "created date",
        "date created",
        "opened",
        "opened at",
        "erstellt",
        "erstellt am",
        "date de creation",
        "fecha de creacion",
    ),
    "updated": (
        "updated at",
        "updated",
        "last update",
        "last updated",
        "last update time",
        "last modified date",
        "lastupdated",
        "ticket updated",
        "modified",
        "aktualisiert",
        "geandert",
        "geaendert am",
    ),
    "first_reply": (
        "first reply at",
        "first agent reply at",
        "first response at",
        "initial response time",
        "first agent reply date",
        "first response date",
        "first public reply",
        "erste antwort",
    ),
    "first_reply_minutes": (
        "first reply time in minutes",
        "first reply time minutes",
        "first response time minutes",
        "first reply minutes",
    ),
    "solved": (
        "solved at",
        "resolved at",
        "resolved time",
        "resolved",
        "close date",
        "closed at",
        "closed time",
        "solved",
        "solved date",
        "resolved date",
        "gelost am",
        "geloest am",
    ),
    "solved_minutes": (
        "full resolution time in minutes",
        "full resolution time minutes",
        "resolution minutes",
    ),
    "priority": ("priority", "ticket priority", "prioritat", "prioritaet", "priorite", "prioridad"),
    "group": ("group", "team", "queue", "pipeline", "assigned group", "group name", "gruppe", "department"),
    "assignee": ("assignee email", "agent email", "owner email", "assignee", "agent", "owner", "ticket owner"),
    "customer": ("organization", "organisation", "company", "company name", "account", "customer", "kunde", "client"),
    "requester": ("requester email", "contact email", "email", "requester", "customer email", "requestors", "contact"),
    "tier": ("tier", "plan", "customer tier", "segment"),
    "vip": ("vip", "is vip"),
    "channel": ("channel", "source", "via", "kanal", "origin"),
    "tags": ("tags", "labels", "tag", "schlagworte", "schlagworter", "etiquettes"),
    "reopened": ("reopens", "reopened", "reopen count", "reopened count"),
    "replies": ("agent replies", "replies", "agent interactions", "agent comments", "public replies"),
    "csat": ("satisfaction score", "satisfaction", "csat", "survey result", "rating", "satisfaction rating"),
    "nps": ("nps", "nps score"),
    "rated_at": ("rated at", "rating date", "survey date"),
    "sla_due": ("due at", "due by", "due by time", "sla due", "sla due at"),
    "url": ("url", "link", "ticket url"),
}
NEEDED = ("id", "status", "created")


class BadMappingError(Exception):
    """The columns can't be used so; the message says which, and what may be said."""


def guess(header: Sequence[str]) -> dict[str, str]:
    """What each column tells, by field; each column once, the fields that are needed first."""
    by_plain: dict[str, str] = {}
    for name in header:
        by_plain.setdefault(_plain(name), name)
    guessed: dict[str, str] = {}
    for field in (*NEEDED, *(field for field in FIELDS if field not in NEEDED)):
        for candidate in FIELDS[field]:
            if candidate in by_plain and by_plain[candidate] not in guessed.values():
                guessed[field] = by_plain[candidate]
                break
    return guessed


def mapping(header: Sequence[str], said: Iterable[str]) -> dict[str, str]:
    """The guess, with what somebody said of it ("created=Opened on"; "tags=" for none). Raises BadMappingError."""
    chosen = guess(header)
    by_plain = {_plain(name): name for name in header}
    for line in said:
        field, equals, column = (part.strip() for part in line.partition("="))
        if field not in FIELDS or not equals:
            raise BadMappingError(f"--map {line}: say FIELD=COLUMN, with one of {', '.join(FIELDS)}")
        if not column:
            chosen.pop(field, None)
        elif _plain(column) in by_plain:
            chosen[field] = by_plain[_plain(column)]
        else:
            raise BadMappingError(f"--map {line}: there is no column {column!r}; there are {', '.join(header)}")
    if missing := [field for field in NEEDED if field not in chosen]:
        raise BadMappingError(
            f"No column looks like {' or '.join(missing)}. Name it: --map {missing[0]}=COLUMN; "
            f"there are {', '.join(header)}"
        )
    return chosen


def _plain(name: str) -> str:
    """Signs as spaces, and without a unit at the end: "Created (UTC)" → "created"."""
    words = re.sub(r"[^a-z0-9]+", " ", folded(name)).split()
    while len(words) > 1 and words[-1] in {"utc", "gmt", "mins"}:
        words.pop()
    return " ".join(words)
