"""The forms of the moves, each short. A field's block id is its name in `forms`."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
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
)
from handlers.escalations.rules.policy import Terms
from handlers.escalations.views.words import (
    OUTCOME,
    ROOT_CAUSE,
    SEVERITY_SIGN,
    deadlines_line,
    severity_line,
    title,
)
from storage.escalations import Escalation, Severity


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
                moment("at"),
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
                moment("at"),
                hint="It resumes by itself then. The resolve clock pauses; a promise to the customer does not.",
            ),
        ],
        submit="Hold",
    )


def reassign_form(escalation: Escalation, metadata: Mapping[str, Any]) -> Block:
    return _form(
        "escalations.reassign_form",
        "Reassign",
        escalation,
        metadata,
        [asked("to", "New owner", person_field(), hint="They are told, and it counts as acknowledged.")],
        submit="Reassign",
    )


def severity_form(escalation: Escalation, metadata: Mapping[str, Any], terms: Mapping[Severity, Terms]) -> Block:
    choices = [severity_option(one, own) for one, own in terms.items()]
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


def restrict_form(escalation: Escalation, metadata: Mapping[str, Any], named: Sequence[str], *, reporter: str) -> Block:
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
            asked(
                "viewers",
                "Named people",
                people_field(named),
                optional=True,
                hint=f"{reporter[:80]}, who raised it, and its owner see it in any case. Nobody else does.",
            ),
        ],
        submit="Save",
    )


def resolve_form(
    escalation: Escalation,
    metadata: Mapping[str, Any],
    *,
    typed: Mapping[str, Any] = {},  # never written to
    more: bool = False,
    owner: str | None = None,
    tomorrow: date | None = None,
) -> Block:
    """Outcome, root cause, what was done, was the customer told; with `more`: prevent a repeat."""
    told = [option("Yes, they know", "yes"), option("Not yet (makes a follow-up)", "no")]
    outcomes, causes, cause = _options(OUTCOME), _options(ROOT_CAUSE), typed.get("root_cause")
    blocks = [
        asked("outcome", "Outcome", select("choice", outcomes, placeholder="Choose", initial=typed.get("outcome"))),
        asked("root_cause", "Root cause", select("choice", causes, placeholder="Choose", initial=cause)),
        asked(
            "done",
            "What was done?",
            text_input(
                multiline=True,
                placeholder="So that the next person with this problem finds the way",
                initial=typed.get("done"),
            ),
        ),
        asked("told", "Was the customer told?", radio("choice", told, initial=typed.get("told"))),
    ]
    if more:
        blocks += _prevention(typed, owner, tomorrow)
    else:
        label = "Prevent a repeat, or name the duplicate"
        blocks.append(actions(button(label, "escalations.more_resolution"), block_id="more"))
    return _form("escalations.resolve_form", "Resolve", escalation, metadata, blocks, submit="Resolve", more=more)


def _prevention(typed: Mapping[str, Any], owner: str | None, due: date | None) -> list[Block]:
    on: Block = {"type": "datepicker", "action_id": "on"}
    if due:
        on["initial_date"] = due.isoformat()
    what = text_input(multiline=True, initial=typed.get("prevent"), most=1000)
    return [
        asked("prevent", "What keeps it from happening again?", what, optional=True),
        asked("prevent_owner", "Who does it?", person_field(owner), optional=True),
        asked("prevent_due", "By when?", on, optional=True),
        asked(
            "duplicate_of",
            "Duplicate of",
            text_input(placeholder="E-31", initial=typed.get("duplicate_of"), most=20),
            optional=True,
            hint="When the outcome is Duplicate.",
        ),
    ]


def close_follow_up_form(what: str, metadata: Mapping[str, Any]) -> Block:
    note = text_input(multiline=True, focus=True, placeholder="What came of it?", most=1000)
    return modal(
        "escalations.close_follow_up_form",
        "Close a follow-up",
        [section(said(what, 1000)), asked("note", "Note", note)],
        submit="Close it",
        metadata=packed(metadata),
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
    memory = packed({"id": escalation.id, **metadata}, more=more)
    titled = clipped(f"{name} {escalation.label}", 24)
    return modal(callback_id, titled, [heading, *blocks], submit=submit, metadata=memory)


def _options(labels: Mapping[Any, str]) -> list[Block]:
    return [option(label, kind.value) for kind, label in labels.items()]


def packed(metadata: Mapping[str, Any], *, more: bool = False) -> str:
    """As private_metadata, which holds 3,000 characters: letters are kept as they are, not as six-character escapes."""
    written = dict(metadata) | ({"more": True} if more else {})
    return json.dumps(written, separators=(",", ":"), ensure_ascii=False)


def severity_option(severity: Severity, terms: Terms) -> Block:
    """A severity with its meaning and its deadlines."""
    return option(f"{SEVERITY_SIGN[severity]} {severity_line(severity)}", severity.value, deadlines_line(terms))


def moment(action_id: str, initial: datetime | None = None) -> Block:
    """A date and time to choose, in the reader's zone."""
    made: Block = {"type": "datetimepicker", "action_id": action_id}
    return made | ({"initial_date_time": int(initial.timestamp())} if initial else {})


def people_field(initial: Sequence[str] = ()) -> Block:
    made: Block = {"type": "multi_users_select", "action_id": "people", "placeholder": plain("Choose people")}
    return made | ({"initial_users": list(initial)} if initial else {})


def person_field(initial: str | None = None) -> Block:
    made: Block = {"type": "users_select", "action_id": "person", "placeholder": plain("Choose a person")}
    return made | ({"initial_user": initial} if initial else {})
