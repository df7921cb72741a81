"""The forms. First forms are short; the rest is behind *More*. A field's block id is its name in `forms`."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    checkboxes,
    clipped,
    context,
    modal,
    option,
    plain,
    radio,
    said,
    section,
    select,
    text_input,
    when,
)
from handlers.escalations.rules.policy import Terms
from handlers.escalations.views.words import (
    NEED,
    OUTCOME,
    ROOT_CAUSE,
    SEVERITY_SIGN,
    STATE,
    deadlines_line,
    severity_line,
    title,
)
from storage.escalations import Escalation, Severity
from storage.teams import Team

RAISE = "escalations.raise_form"
OFFER = "escalations.offer_form"
MORE_FIELDS = "escalations.more_fields"
TEAM = "escalations.team"
NEW = "new"

DEADLINES = "Severity sets the deadlines: {}"
QUOTES_PRIVATE = ":lock: You’re quoting from a private conversation. Everyone in {} will be able to read it."
ELSEWHERE = "Goes to *{}* in <#{}>"


def raise_form(
    *,
    metadata: Mapping[str, Any],
    team: Team,
    teams: Sequence[Team],
    terms: Mapping[Severity, Terms],
    typed: Mapping[str, Any] = {},  # never written to
    more: bool = False,
) -> Block:
    """The four fields (ticket, severity, what, need), and with `more` the rest. `typed` fills them in."""
    blocks: list[Block] = [_where(team, teams)]
    if metadata.get("quote_private"):
        blocks.append(context(QUOTES_PRIVATE.format(f"<#{team.escalation_channel}>")))
    if quote := metadata.get("quote"):
        blocks.append(section("\n".join(f">{line}" for line in said(quote, 600).splitlines())))
    blocks += [
        asked(
            "ticket",
            "Ticket",
            text_input(placeholder="Number or link", initial=typed.get("ticket"), most=500),
            optional=True,
        ),
        asked(
            "severity",
            "How bad is it?",
            radio("choice", [_severity(one, own) for one, own in terms.items()], initial=typed.get("severity")),
        ),
        asked(
            "what",
            "What is happening?",
            text_input(
                multiline=True,
                placeholder="What the customer sees, since when, what they need to do",
                initial=typed.get("what"),
            ),
        ),
        asked(
            "need",
            "What do you need?",
            select("choice", [option(label, need.value) for need, label in NEED.items()], placeholder="Choose"),
        ),
    ]
    blocks += _more_fields(typed, terms) if more else [actions(button("More fields", MORE_FIELDS), block_id="more")]
    return modal(RAISE, "Raise an escalation", blocks, submit="Raise", metadata=_packed(metadata, more=more))


def _where(team: Team, teams: Sequence[Team]) -> Block:
    """Which team it goes to; a choice where there is one."""
    text = ELSEWHERE.format(said(team.name, 80), team.escalation_channel)
    if len(teams) < 2:
        return section(text, block_id="team")
    choices = [option(one.name, str(one.id)) for one in teams[:100]]
    return section(text, accessory=select(TEAM, choices, placeholder="Team", initial=str(team.id)), block_id="team")


def _severity(severity: Severity, terms: Terms) -> Block:
    return option(f"{SEVERITY_SIGN[severity]} {severity_line(severity)}", severity.value, deadlines_line(terms))


def _more_fields(typed: Mapping[str, Any], terms: Mapping[Severity, Terms]) -> list[Block]:
    promised = "; ".join(f"{one.value} {_every(own)}" for one, own in terms.items() if own.update_min)
    return [
        asked("customer", "Customer", text_input(initial=typed.get("customer"), most=200), optional=True),
        asked("vip", "Tier", checkboxes("choice", [option("VIP customer", "vip")]), optional=True),
        asked(
            "began", "Since when?", text_input(placeholder="Today 08:40, since the update…", most=200), optional=True
        ),
        asked("tried", "What has been tried?", text_input(multiline=True, most=2000), optional=True),
        asked("impact", "How does it affect them?", text_input(multiline=True, most=2000), optional=True),
        asked(
            "promise",
            "When was the customer promised news?",
            {"type": "datetimepicker", "action_id": "at"},
            optional=True,
            hint=f"Left empty: {promised}.",
        ),
        asked(
            "restricted",
            "Who may see it?",
            checkboxes("choice", [option("Only the people named below", "restricted")]),
            optional=True,
            hint="They, you and its owner. It gets no card in the channel; each of them has it as a direct message.",
        ),
        asked(
            "viewers",
            "Named people",
            {"type": "multi_users_select", "action_id": "people", "placeholder": plain("Choose people")},
            optional=True,
        ),
    ]


def _every(terms: Terms) -> str:
    return deadlines_line(terms).rpartition(", update ")[2]


def offer_form(metadata: Mapping[str, Any], similar: Sequence[Escalation]) -> Block:
    """The same problem, perhaps: join one of these, or it's new."""
    choices = [option("It’s new: raise it", NEW)]
    choices += [
        option(f"Join {one.label} · {title(one, 55)}", str(one.id), f"{STATE[one.state]}, {one.severity}")
        for one in similar[:5]
    ]
    lines = [
        f"{SEVERITY_SIGN[one.severity]} *{one.label}* {said(title(one))}\n"
        f"{STATE[one.state]}, raised {when(one.raised_at)}"
        for one in similar[:5]
    ]
    return modal(
        OFFER,
        "The same problem?",
        [
            section("This looks like something that is known already."),
            *[section(line) for line in lines],
            asked("choice", "What is yours?", radio("choice", choices)),
        ],
        submit="Continue",
        close="Back",
        metadata=_packed(metadata),
    )


def update_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.update_form",
        "Update",
        escalation,
        metadata,
        [
            asked("news", "What is new?", text_input(multiline=True, focus=True)),
            asked(
                "told",
                "The customer",
                checkboxes("choice", [option("has been told just now", "told")]),
                optional=True,
            ),
            asked(
                "promise",
                "Next update promised for",
                {"type": "datetimepicker", "action_id": "at"},
                optional=True,
                hint="Left empty, and told: the next update is due as the severity says.",
            ),
        ],
        submit="Post",
    )


def return_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.return_form",
        "Return",
        escalation,
        metadata,
        [
            asked(
                "reason",
                "What do you need to know?",
                text_input(multiline=True, focus=True, placeholder="One question that the reporter can answer"),
                hint="The resolve clock pauses. The reporter has one working day; then their manager hears of it.",
            )
        ],
        submit="Return",
    )


def answer_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    question = section(f"*Asked:* {said(escalation.returned_reason or '', 1500)}")
    return _form(
        "escalations.answer_form",
        "Answer",
        escalation,
        metadata,
        [question, asked("answer", "Your answer", text_input(multiline=True, focus=True))],
        submit="Answer",
    )


def hold_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.hold_form",
        "Put on hold",
        escalation,
        metadata,
        [
            asked("reason", "What are you waiting for?", text_input(multiline=True, focus=True, most=1000)),
            asked(
                "until",
                "Until",
                {"type": "datetimepicker", "action_id": "at"},
                hint="It resumes by itself then. The resolve clock pauses; a promise to the customer does not.",
            ),
        ],
        submit="Hold",
    )


def reassign_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    who = {"type": "users_select", "action_id": "person", "placeholder": plain("Choose a person")}
    return _form(
        "escalations.reassign_form",
        "Reassign",
        escalation,
        metadata,
        [asked("to", "New owner", who)],
        submit="Reassign",
    )


def severity_form(escalation: Escalation, metadata: Mapping[str, Any], terms: Mapping[Severity, Terms]) -> Block:
    choices = [_severity(one, own) for one, own in terms.items()]
    return _form(
        "escalations.severity_form",
        "Change severity",
        escalation,
        metadata,
        [
            asked("severity", "Severity", radio("choice", choices, initial=escalation.severity.value)),
            asked(
                "reason",
                "Why?",
                text_input(focus=True, most=500),
                hint="Running clocks count again from the raising, under the new severity.",
            ),
        ],
        submit="Change",
    )


def join_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.join_form",
        "Join a ticket",
        escalation,
        metadata,
        [
            asked("ticket", "Ticket", text_input(placeholder="Number or link", focus=True, most=500)),
            asked("customer", "Customer", text_input(most=200), optional=True),
            asked("note", "What is different there?", text_input(multiline=True, most=1000), optional=True),
        ],
        submit="Join",
    )


def reopen_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.reopen_form",
        "Reopen",
        escalation,
        metadata,
        [
            asked(
                "reason",
                "What is still wrong?",
                text_input(multiline=True, focus=True, most=1500),
                hint="Its last owner is asked to acknowledge it; the resolve clock goes on with what was left.",
            )
        ],
        submit="Reopen",
    )


def restrict_form(escalation: Escalation, metadata: Mapping[str, Any], named: Sequence[str]) -> Block:
    who: Block = {"type": "multi_users_select", "action_id": "people", "placeholder": plain("Choose people")}
    if named:
        who["initial_users"] = list(named)
    initial = ["restricted"] if escalation.restricted else []
    return _form(
        "escalations.restrict_form",
        "Restrict",
        escalation,
        metadata,
        [
            asked(
                "restricted",
                "Who may see it?",
                checkboxes("choice", [option("Only the people named below", "restricted")], initial=initial),
                optional=True,
                hint="The card leaves the channel. What was already written in its thread stays in Slack.",
            ),
            asked("viewers", "Named people", who, optional=True),
        ],
        submit="Save",
    )


def resolve_form(
    escalation: Escalation,
    metadata: Mapping[str, Any],
    *,
    more: bool = False,
    owner: str | None = None,
    tomorrow: date | None = None,
) -> Block:
    """Outcome, root cause, what was done, was the customer told; with `more`: prevent a repeat."""
    told = [option("Yes, they know", "yes"), option("Not yet (makes a follow-up)", "no")]
    blocks = [
        asked("outcome", "Outcome", select("choice", _options(OUTCOME), placeholder="Choose")),
        asked("root_cause", "Root cause", select("choice", _options(ROOT_CAUSE), placeholder="Choose")),
        asked(
            "done",
            "What was done?",
            text_input(multiline=True, placeholder="So that the next person with this problem finds the way"),
        ),
        asked("told", "Was the customer told?", radio("choice", told)),
    ]
    if more:
        blocks += _prevention(owner, tomorrow)
        blocks.append(
            asked(
                "duplicate_of",
                "Duplicate of",
                text_input(placeholder="E-31", most=20),
                optional=True,
                hint="When the outcome is Duplicate.",
            )
        )
    else:
        blocks.append(actions(button("Prevent a repeat", "escalations.more_resolution"), block_id="more"))
    return _form("escalations.resolve_form", "Resolve", escalation, metadata, blocks, submit="Resolve", more=more)


def _prevention(owner: str | None, due: date | None) -> list[Block]:
    who: Block = {"type": "users_select", "action_id": "person", "placeholder": plain("Choose a person")}
    if owner:
        who["initial_user"] = owner
    on: Block = {"type": "datepicker", "action_id": "on"}
    if due:
        on["initial_date"] = due.isoformat()
    return [
        asked("prevent", "What keeps it from happening again?", text_input(multiline=True, most=1000), optional=True),
        asked("prevent_owner", "Who does it?", who, optional=True),
        asked("prevent_due", "By when?", on, optional=True),
    ]


def close_follow_up_form(what: str, metadata: Mapping[str, Any]) -> Block:
    note = text_input(multiline=True, focus=True, placeholder="What came of it?", most=1000)
    return modal(
        "escalations.close_follow_up_form",
        "Close a follow-up",
        [section(said(what, 1000)), asked("note", "Note", note)],
        submit="Close it",
        metadata=_packed(metadata),
    )


def _form(
    callback_id: str,
    name: str,
    escalation: Escalation,
    metadata: Mapping[str, Any],
    blocks: Sequence[Block],
    *,
    submit: str,
    more: bool = False,
) -> Block:
    heading = context(f"{SEVERITY_SIGN[escalation.severity]} *{escalation.label}* · {said(title(escalation))}")
    packed = _packed({"id": escalation.id, **metadata}, more=more)
    return modal(
        callback_id, clipped(f"{name} {escalation.label}", 24), [heading, *blocks], submit=submit, metadata=packed
    )


def _options(labels: Mapping[Any, str]) -> list[Block]:
    return [option(label, kind.value) for kind, label in labels.items()]


def _packed(metadata: Mapping[str, Any], *, more: bool = False) -> str:
    return json.dumps(dict(metadata) | ({"more": True} if more else {}), separators=(",", ":"))
