"""Two months of a support team's tickets, as its help desk would export them: made from a seed, always the same.

Arrivals of an hour are negative binomial (Poisson with a gamma-distributed rate, which is how busy days come in
support) around a level that knows weekday and hour; replies and resolutions take lognormal times; some customers rate.
One problem is planted: `login-loop`, in the last hours.
"""

import csv
import math
import os
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

PER_DAY = 55.0
"""Tickets on an ordinary Wednesday."""
WEEKDAYS = (1.25, 1.1, 1.0, 0.95, 0.9, 0.35, 0.3)
HOURS = (2, 1, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 9, 10, 11, 10, 9, 7, 5, 4, 4, 3, 3, 2)
DISPERSION = 6.0
"""Shape of the gamma distribution: the smaller, the wilder the days."""
FIRST_REPLY_MIN, FIRST_REPLY_SPREAD = 48.0, 1.0
"""Median in minutes, and the standard deviation of its logarithm."""
RESOLUTION_H, RESOLUTION_SPREAD = 9.0, 1.2
STILL_WORKED_ON_AFTER = timedelta(days=21)
"""Nothing stays unsolved for longer than about this."""
TAGS = {
    "billing": 18,
    "login": 11,
    "shipping": 16,
    "refund": 9,
    "app-crash": 6,
    "export": 5,
    "feature": 7,
    "how-to": 28,
}
CHANNELS = {"email": 60, "web": 25, "chat": 15}
PRIORITIES = {"low": 15, "normal": 65, "high": 15, "urgent": 5}
GOOD_OF_100 = 92
RATED_OF_100 = 28
REOPENED_OF_100 = 6
UNASSIGNED_OF_100 = 12
COMPANIES = (
    "Acme", "Blue Fern", "Corvid Labs", "Dunmore Foods", "Eastgate", "Fjord & Co", "Greenlight", "Halcyon", "Inkwell",
    "Juniper Bikes", "Kestrel Air", "Lumen", "Marlow", "Northwind", "Oakridge", "Pinnacle", "Quill", "Riverstone",
    "Saltmarsh", "Tidewater", "Umber", "Vellum", "Westbrook", "Yarrow", "Zephyr",
)  # fmt: skip
FIRST_NAMES = ("anna", "ben", "carla", "david", "elif", "farid", "grace")
SUBJECTS = {
    "billing": "Charged twice this month",
    "login": "Can’t sign in",
    "shipping": "Where is my order?",
    "refund": "Refund hasn’t arrived",
    "app-crash": "The app closes by itself",
    "export": "Export stops half way",
    "feature": "Could it also do this?",
    "how-to": "How do I change our address?",
    "login-loop": "Signing in leads back to the sign-in page",
}
PLANTED = "login-loop"
PLANTED_TICKETS, PLANTED_CUSTOMERS = 9, 8
PLANTED_WITHIN = timedelta(hours=3)
FIRST_NUMBER = 44_000
HEADER = (
    "Ticket ID", "Created at", "Updated at", "Status", "Priority", "Subject", "Group", "Assignee email", "Organization",
    "Tier", "VIP", "Requester email", "Channel", "Tags", "First reply at", "Solved at", "Reopens", "Agent replies",
    "Satisfaction score", "Rated at", "SLA due at",
)  # fmt: skip


@dataclass(frozen=True)
class Made:
    """One ticket's whole life; instants UTC."""

    number: int
    created: datetime
    first_reply: datetime
    solved: datetime
    rated: datetime | None
    good: bool
    reopened: int
    replies: int
    priority: str
    channel: str
    tags: tuple[str, ...]
    customer: int
    assignee: str | None
    """E-mail address."""

    def changes(self) -> Iterator[datetime]:
        """Every instant at which the desk would show something else."""
        yield self.created
        yield self.first_reply
        yield self.solved
        if self.rated is not None:
            yield self.rated

    def row(self, at: datetime) -> list[str]:
        """The ticket as an export at this instant shows it."""
        updated = max(change for change in self.changes() if change <= at)
        replied, solved = self.first_reply <= at, self.solved <= at
        company = COMPANIES[self.customer % len(COMPANIES)]
        due = self.created + timedelta(hours={"urgent": 1, "high": 4}.get(self.priority, 8))
        rated = self.rated if self.rated is not None and self.rated <= at else None
        return [
            str(self.number),
            _written(self.created),
            _written(updated),
            "solved" if solved else "pending" if replied and self.replies > 2 else "open" if replied else "new",
            self.priority,
            SUBJECTS[self.tags[0]],
            "Care",
            self.assignee or "",
            company,
            "enterprise" if self.customer % 25 < 4 else "standard",
            "yes" if self.customer % 25 == 0 else "no",
            f"{FIRST_NAMES[self.customer % len(FIRST_NAMES)]}.{self.customer}@{company.split()[0].lower()}.example",
            self.channel,
            " ".join(self.tags),
            _written(self.first_reply) if replied else "",
            _written(self.solved) if solved else "",
            str(self.reopened if solved else 0),
            str(self.replies if solved else int(replied)),
            ("good" if self.good else "bad") if rated else "",
            _written(rated) if rated else "",
            "" if replied else _written(due),
        ]


def make(*, start: date, until: datetime, zone: ZoneInfo, agents: Sequence[str], seed: int = 7) -> list[Made]:
    """Every ticket created from the start of that local day to `until`, in order of creation."""
    chance = random.Random(seed)  # noqa: S311  # a made-up history, not a secret
    made: list[Made] = []
    day = start
    while (midnight := datetime.combine(day, time(), zone)) < until:
        busy = chance.gammavariate(DISPERSION, 1 / DISPERSION)
        for hour, weight in enumerate(HOURS):
            rate = PER_DAY * WEEKDAYS[day.weekday()] * busy * weight / sum(HOURS)
            for _ in range(_poisson(chance, rate)):
                created = (midnight + timedelta(hours=hour, seconds=chance.randrange(3600))).astimezone(UTC)
                if created < until:
                    made.append(_ticket(chance, created, agents))
        day += timedelta(days=1)
    return _numbered(made)


def plant(made: Sequence[Made], *, until: datetime, agents: Sequence[str], seed: int = 11) -> list[Made]:
    """The same with the planted problem in the last hours before `until`: 9 tickets of 8 customers, all of one tag that
    was never seen before."""
    chance = random.Random(seed)  # noqa: S311  # as above
    planted = []
    for number in range(PLANTED_TICKETS):
        created = until - PLANTED_WITHIN + timedelta(minutes=8 + 19 * number)
        base = _ticket(chance, created, agents)
        life = {"first_reply": created + timedelta(hours=3), "solved": created + timedelta(hours=26), "rated": None}
        who = {"tags": (PLANTED, "login"), "customer": 3 + number % PLANTED_CUSTOMERS, "assignee": None}
        planted.append(Made(**{**vars(base), **life, **who, "priority": "high"}))
    return _numbered([*made, *planted])


def write_export(made: Sequence[Made], path: Path, at: datetime, *, since: datetime | None = None) -> int:
    """Writes what the desk shows at `at` (of that, what changed after `since`), dated `at`; returns how many rows."""
    shown = [one for one in made if one.created <= at]
    if since is not None:
        shown = [one for one in shown if any(since < change <= at for change in one.changes())]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(one.row(at) for one in shown)
    os.utime(path, (at.timestamp(), at.timestamp()))
    return len(shown)


def _ticket(chance: random.Random, created: datetime, agents: Sequence[str]) -> Made:
    waits = timedelta(minutes=chance.lognormvariate(math.log(FIRST_REPLY_MIN), FIRST_REPLY_SPREAD))
    takes = timedelta(hours=chance.lognormvariate(math.log(RESOLUTION_H), RESOLUTION_SPREAD))
    first_reply = created + min(waits, timedelta(days=2))
    solved = first_reply + min(takes, STILL_WORKED_ON_AFTER)
    is_rated = chance.randrange(100) < RATED_OF_100
    replies = 1 + _poisson(chance, 1.1)
    return Made(
        number=0,
        created=created,
        first_reply=first_reply,
        solved=solved,
        rated=solved + timedelta(hours=chance.uniform(0.2, 20)) if is_rated else None,
        good=chance.randrange(100) < GOOD_OF_100,
        reopened=int(replies > 1 and chance.randrange(100) < REOPENED_OF_100),
        replies=replies,
        priority=_one_of(chance, PRIORITIES),
        channel=_one_of(chance, CHANNELS),
        tags=(_one_of(chance, TAGS),),
        customer=chance.randrange(400),
        assignee=None if chance.randrange(100) < UNASSIGNED_OF_100 else chance.choice(list(agents)),
    )


def _numbered(made: Sequence[Made]) -> list[Made]:
    by_creation = sorted(made, key=lambda one: one.created)
    return [Made(**{**vars(one), "number": FIRST_NUMBER + place}) for place, one in enumerate(by_creation)]


def _one_of(chance: random.Random, weights: dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _poisson(chance: random.Random, rate: float) -> int:
    """Knuth's method, for the small rates of an hour (The Art of Computer Programming 2, 3.4.1)."""
    limit, count, product = math.exp(-rate), 0, chance.random()
    while product > limit:
        count += 1
        product *= chance.random()
    return count


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
