"""What Zendesk's rows mean."""

from datetime import datetime, timedelta
from typing import Any

from bot.helpdesks.reading import (
    Row,
    count,
    instant,
    needed_instant,
    needed_words,
    number,
    part,
    parts,
    says_vip,
    several,
    words,
)
from storage.pulled import UNSOLVED, Gone, Priority, PulledAgent, PulledRating, PulledTicket, RatingKind, Status

CLOSED_BY_MERGE = "closed_by_merge"
"""The tag that Zendesk gives a ticket whose conversation went into another's."""
A_TICKET = frozenset({"ticket", "zen:ticket"})
"""How a survey names what it is about; both are seen."""
SATISFACTION = {"good": 1.0, "bad": 0.0, "neutral": 0.5}


class Beside:
    """What an answer brings beside its tickets: whom and what they name by id."""

    def __init__(self, answer: Any, date: datetime | None) -> None:
        self._users = {words(user.get("id")): user for user in parts(answer, "users")}
        self._groups = {words(group.get("id")): words(group.get("name")) for group in parts(answer, "groups")}
        self._organisations = {words(one.get("id")): one for one in parts(answer, "organizations")}
        self._metrics = {words(one.get("ticket_id")): one for one in parts(answer, "metric_sets")}
        self._date = date

    def ticket(self, row: Row, *, breached: bool) -> PulledTicket:
        id_ = needed_words(row, "id")
        created_at = needed_instant(row, "created_at")
        raw = needed_words(row, "status")
        is_deleted = raw == "deleted"
        status = Status.CLOSED if is_deleted else Status(raw) if raw in set(Status) else Status.OPEN
        tags = several(row.get("tags"))
        gone = Gone.DELETED if is_deleted else Gone.MERGED if CLOSED_BY_MERGE in tags else None
        requester = self._users.get(words(row.get("requester_id")), {})
        organisation = self._organisations.get(words(row.get("organization_id")), {})
        assignee = self._users.get(words(row.get("assignee_id")), {})
        metrics = part(row, "metric_set") or self._metrics.get(id_, {})
        due_at, is_breached = self._sla(row)
        organisation_id, email = words(row.get("organization_id")), words(requester.get("email"))
        requester_id = words(row.get("requester_id"))
        return PulledTicket(
            external_id=id_,
            created_at=created_at,
            updated_at=needed_instant(row, "updated_at"),
            status=status,
            status_raw=raw,
            subject=words(row.get("subject")),
            group=self._groups.get(words(row.get("group_id"))),
            customer_key=(
                f"org:{organisation_id}"
                if organisation_id is not None
                else email.casefold()
                if email is not None
                else f"user:{requester_id}"
                if requester_id is not None
                else None
            ),
            customer_name=words(organisation.get("name")) or words(requester.get("name")),
            customer_tier=words(part(organisation, "organization_fields").get("tier")),
            customer_is_vip=(
                says_vip([*tags, *several(requester.get("tags")), *several(organisation.get("tags"))])
                if requester or organisation
                else None
            ),
            assignee_external_id=words(row.get("assignee_id")),
            assignee_email=words(assignee.get("email")),
            assignee_name=words(assignee.get("name")),
            priority=_priority(words(row.get("priority"))),
            priority_raw=words(row.get("priority")),
            channel=words(part(row, "via").get("channel")),
            tags=tags,
            first_agent_reply_at=_first_reply(created_at, metrics),
            solved_at=instant(metrics.get("solved_at")) if status not in UNSOLVED else None,
            reopened=count(metrics.get("reopens")),
            replies=count(metrics.get("replies")),
            sla_due_at=due_at,
            sla_breached=True if breached else is_breached,
            gone=gone,
        )

    def _sla(self, row: Row) -> tuple[datetime | None, bool | None]:
        """The next running target, and True once it is past. What was breached before, the events tell."""
        running = [metric for metric in parts(part(row, "slas"), "policy_metrics") if metric.get("stage") == "active"]
        due_at = min((at for metric in running if (at := instant(metric.get("breach_at")))), default=None)
        is_past = due_at is not None and self._date is not None and due_at < self._date
        return due_at, True if is_past else None


def agent_of(row: Row) -> PulledAgent:
    return PulledAgent(
        external_id=needed_words(row, "id"),
        name=words(row.get("name")) or needed_words(row, "id"),
        email=words(row.get("email")),
        active=row.get("active") is not False and row.get("suspended") is not True,
    )


def _priority(raw: str | None) -> Priority | None:
    return Priority(raw) if raw in set(Priority) else None


def _first_reply(created_at: datetime, metrics: Row) -> datetime | None:
    """Zendesk tells the time that it took, in calendar hours: the second where it knows it, else the minute."""
    took_s = number(part(metrics, "reply_time_in_seconds").get("calendar"))
    if took_s is None:
        minutes = number(part(metrics, "reply_time_in_minutes").get("calendar"))
        took_s = None if minutes is None else minutes * 60
    return None if took_s is None else created_at + timedelta(seconds=took_s)


def rating_of(row: Row) -> PulledRating:
    """Its score is good or bad, and nothing between."""
    score = needed_words(row, "score")
    return PulledRating(
        external_id=f"rating:{needed_words(row, 'id')}",
        ticket_external_id=words(row.get("ticket_id")),
        kind=RatingKind.CSAT,
        value=1.0 if score.startswith("good") else 0.0 if score.startswith("bad") else None,
        raw=score,
        at=instant(row.get("updated_at")) or needed_instant(row, "created_at"),
    )


def answer_of(row: Row) -> PulledRating | None:
    """None for a survey whose rating was skipped or is still open."""
    rated = [
        answer
        for answer in parts(row, "answers")
        if answer.get("type") == "rating_scale"
        and part(answer, "question").get("sub_type", "customer_satisfaction") == "customer_satisfaction"
    ]
    subjects = [words(one.get("id")) for one in parts(row, "subjects") if one.get("type") in A_TICKET]
    if not rated:
        return None
    rating = rated[0]
    return PulledRating(
        external_id=f"survey:{needed_words(row, 'id')}",
        ticket_external_id=subjects[0] if subjects else None,
        kind=RatingKind.CSAT,
        value=SATISFACTION.get(words(rating.get("rating_category")) or ""),
        raw=f"{words(rating.get('rating'))} ({words(rating.get('rating_category'))})",
        at=instant(rating.get("updated_at")) or needed_instant(rating, "created_at"),
    )
