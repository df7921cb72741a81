"""What HubSpot's rows mean. A ticket's status is a stage of a pipeline that the account made up itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.helpdesks.reading import Row, instant, needed_instant, needed_words, number, part, says_vip, words
from storage.pulled import UNSOLVED, Priority, PulledAgent, PulledRating, PulledTicket, RatingKind, Status

PROPERTIES = (
    "subject",
    "hs_pipeline",
    "hs_pipeline_stage",
    "hs_ticket_priority",
    "hs_ticket_category",
    "hubspot_owner_id",
    "source_type",
    "createdate",
    "hs_lastmodifieddate",
    "closed_date",
    "first_agent_reply_date",
    "hs_ticket_reopened_at",
    "hs_merged_object_ids",
    "hs_time_to_first_response_sla_at",
    "hs_time_to_first_response_sla_status",
    "hs_time_to_close_sla_at",
    "hs_time_to_close_sla_status",
)
RATING_PROPERTIES = (
    "hs_lastmodifieddate",
    "hs_submission_timestamp",
    "hs_survey_type",
    "hs_value",
    "hs_response_group",
    "hs_ticket_id",
)
PRIORITIES = {"LOW": Priority.LOW, "MEDIUM": Priority.NORMAL, "HIGH": Priority.HIGH, "URGENT": Priority.URGENT}
KINDS = {"CSAT": RatingKind.CSAT, "NPS": RatingKind.NPS, "CES": RatingKind.CES}


@dataclass(frozen=True, slots=True)
class Stage:
    label: str
    status: Status

    @classmethod
    def read(cls, row: Row) -> "Stage":
        """Whether it is closed HubSpot says; whose turn it is, only the stage's name (the default pipeline's: New,
        Waiting on contact, Waiting on us, Closed)."""
        label = words(row.get("label")) or needed_words(row, "id")
        if part(row, "metadata").get("ticketState") == "CLOSED" or part(row, "metadata").get("isClosed") == "true":
            return cls(label, Status.CLOSED)
        if re.search(r"waiting (on|for) (the )?(contact|customer|client|requester)|pending", label, re.IGNORECASE):
            return cls(label, Status.PENDING)
        if re.search(r"\bhold\b|third party|vendor", label, re.IGNORECASE):
            return cls(label, Status.HOLD)
        return cls(label, Status.NEW if label.casefold() == "new" else Status.OPEN)


@dataclass(frozen=True, slots=True)
class Account:
    portal: str
    ui: str
    pipelines: Mapping[str, str]
    stages: Mapping[str, Stage]
    agents: Mapping[str, PulledAgent]
    can_read_agents: bool
    late: frozenset[str]
    """Values of the SLA statuses that mean it was, or is, too late."""

    def url_of(self, external_id: str) -> str:
        return f"https://{self.ui}/contacts/{self.portal}/record/0-5/{external_id}"

    def ticket(self, row: Row, company: Row | None, contact: Row | None) -> PulledTicket:
        told = part(row, "properties")
        id_ = needed_words(row, "id")
        stage = self.stages.get(words(told.get("hs_pipeline_stage")) or "")
        closed_at = instant(told.get("closed_date"))
        status = stage.status if stage is not None else Status.CLOSED if closed_at else Status.OPEN
        pipeline = words(told.get("hs_pipeline"))
        owner_id = words(told.get("hubspot_owner_id"))
        agent = self.agents.get(owner_id or "")
        firm, person = part(company, "properties"), part(contact, "properties")
        email = words(person.get("email"))
        name = " ".join(one for key in ("firstname", "lastname") if (one := words(person.get(key))) is not None)
        tier = words(firm.get("hs_customer_tier"))
        tags = [tag for one in (words(told.get("hs_ticket_category")) or "").split(";") if (tag := one.strip().lower())]
        priority = words(told.get("hs_ticket_priority"))
        replied_at = instant(told.get("first_agent_reply_date"))
        reply_due_at = instant(told.get("hs_time_to_first_response_sla_at"))
        close_due_at = instant(told.get("hs_time_to_close_sla_at"))
        return PulledTicket(
            external_id=id_,
            created_at=instant(told.get("createdate")) or needed_instant(row, "createdAt"),
            updated_at=instant(told.get("hs_lastmodifieddate")) or needed_instant(row, "updatedAt"),
            status=status,
            status_raw=stage.label if stage is not None else words(told.get("hs_pipeline_stage")),
            subject=words(told.get("subject")),
            group=self.pipelines.get(pipeline or "", pipeline),
            url=self.url_of(id_),
            customer_key=(
                f"company:{needed_words(company, 'id')}"
                if company is not None
                else email.casefold()
                if email is not None
                else f"contact:{needed_words(contact, 'id')}"
                if contact is not None
                else None
            ),
            customer_name=words(firm.get("name")) or name or email,
            customer_tier=tier,
            customer_is_vip=says_vip([*tags, *([tier] if tier else [])]) if tags or tier else None,
            assignee_external_id=owner_id,
            assignee_email=agent.email if agent is not None else None,
            assignee_name=agent.name if agent is not None else None,
            priority=PRIORITIES.get(priority) if priority is not None else None,
            priority_raw=priority,
            channel=(words(told.get("source_type")) or "").lower() or None,
            tags=tags,
            first_agent_reply_at=replied_at,
            solved_at=closed_at if status not in UNSOLVED else None,
            reopened=1 if instant(told.get("hs_ticket_reopened_at")) else None,
            sla_due_at=(close_due_at if replied_at else reply_due_at or close_due_at) if status in UNSOLVED else None,
            sla_breached=self._breached(told),
        )

    def _breached(self, told: Row) -> bool | None:
        marks = [
            mark
            for name in ("hs_time_to_first_response_sla_status", "hs_time_to_close_sla_status")
            if (mark := words(told.get(name))) is not None
        ]
        return any(mark in self.late for mark in marks) if marks and self.late else None


def rating_of(row: Row) -> PulledRating | None:
    """None for a survey of another kind (knowledge base, custom)."""
    told = part(row, "properties")
    kind = KINDS.get(words(told.get("hs_survey_type")) or "")
    value = number(told.get("hs_value"))
    if kind is None:
        return None
    if kind is RatingKind.CSAT and value is not None:
        # asked on a scale of five, where four and five are the satisfied ones
        value = 1.0 if value >= 4 else 0.5 if value == 3 else 0.0
    group = words(told.get("hs_response_group"))
    raw = words(told.get("hs_value"))
    return PulledRating(
        external_id=needed_words(row, "id"),
        ticket_external_id=words(told.get("hs_ticket_id")),
        kind=kind,
        value=value,
        raw=f"{raw} ({group})" if raw is not None and group is not None else raw,
        at=instant(told.get("hs_submission_timestamp")) or needed_instant(row, "createdAt"),
    )
