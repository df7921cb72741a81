"""The form that raises an escalation: four fields, the rest behind *More fields*; and the offer of the same problem."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from handlers.blocks import (
    Block,
    actions,
    asked,
    button,
    checkboxes,
    context,
    modal,
    option,
    quoted,
    radio,
    said,
    section,
    select,
    text_input,
    when,
)
from handlers.escalations.rules.policy import Terms
from handlers.escalations.views.forms import moment, packed, people_field, severity_option
from handlers.escalations.views.words import NEED, SEVERITY_SIGN, STATE, short, title
from storage.escalations import Escalation, Severity
from storage.teams import Team

RAISE = "escalations.raise_form"
OFFER = "escalations.offer_form"
MORE_FIELDS = "escalations.more_fields"
TEAM = "escalations.team"
NEW = "new"

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
QUOTES_PRIVATE = ":lock: You’re quoting from a private conversation. Everyone in {} will be able to read it."
ELSEWHERE = "Goes to *{}* in <#{}>"
CHOOSE_TEAM = "You’re in none of these teams: choose the one that can help."
CUT = ":scissors: Only the first 3,000 characters fit in here. The rest stands in a private message behind this form."
WHO_MAY_SEE = "They, you and whoever owns it. No card in the channel: each of them has it as a direct message."


def mentioned_in(written: str) -> list[str]:
    """Slack ids of the people whom a message mentions."""
    return _MENTION.findall(written)


def raise_form(
    *,
    metadata: Mapping[str, Any],
    team: Team | None,
    teams: Sequence[Team],
    terms: Mapping[Severity, Terms],
    typed: Mapping[str, Any] = {},  # never written to
    more: bool = False,
    must_choose: bool = False,
    cut: bool = False,
) -> Block:
    """The four fields (ticket, severity, what, need), and with `more` the rest. `typed` fills them in.

    `team` None: whoever raises it is in no team and hasn't chosen one yet; `must_choose` asks for it. `cut`: the text
    was longer than the field.
    """
    blocks: list[Block] = [_team_asked(team, teams) if must_choose else _where(team or teams[0], teams)]
    if metadata.get("quote_private"):
        everyone = f"<#{team.escalation_channel}>" if team else "the team’s channel"
        blocks.append(context(QUOTES_PRIVATE.format(everyone)))
    if quote := metadata.get("quote"):
        blocks.append(section(quoted(quote, 600)))
    if about := metadata.get("about"):
        blocks.append(context(f":ticket: {said(about, 400)}"))
    if cut:
        blocks.append(context(CUT))
    blocks += _four_fields(typed, terms)
    blocks += _more_fields(typed, terms) if more else [actions(button("More fields", MORE_FIELDS), block_id="more")]
    return modal(RAISE, "Raise an escalation", blocks, submit="Raise", metadata=packed(metadata, more=more))


def _four_fields(typed: Mapping[str, Any], terms: Mapping[Severity, Terms]) -> list[Block]:
    needs = [option(label, need.value) for need, label in NEED.items()]
    severities = [severity_option(one, own) for one, own in terms.items()]
    return [
        asked(
            "ticket",
            "Ticket",
            text_input(placeholder="Number or link", initial=typed.get("ticket"), most=500),
            optional=True,
        ),
        asked("severity", "How bad is it?", radio("choice", severities, initial=typed.get("severity"))),
        asked(
            "what",
            "What is happening?",
            text_input(
                multiline=True,
                placeholder="What the customer sees, since when, what they need",
                initial=typed.get("what"),
            ),
        ),
        asked("need", "What do you need?", select("choice", needs, placeholder="Choose", initial=typed.get("need"))),
    ]


def _where(team: Team, teams: Sequence[Team]) -> Block:
    """Which team it goes to; a choice where there is one."""
    text = ELSEWHERE.format(said(team.name, 80), team.escalation_channel)
    if len(teams) < 2:
        return section(text, block_id="where")
    chosen = select(TEAM, _teams(teams), placeholder="Team", initial=str(team.id))
    return section(text, accessory=chosen, block_id="where")


def _team_asked(team: Team | None, teams: Sequence[Team]) -> Block:
    """Somebody in no team says who should help; the form then shows that team's deadlines."""
    chosen = select(TEAM, _teams(teams), placeholder="Choose a team", initial=str(team.id) if team else None)
    return asked("team", "Which team?", chosen, hint=CHOOSE_TEAM, dispatch=True)


def _teams(teams: Sequence[Team]) -> list[Block]:
    return [option(one.name, str(one.id)) for one in teams[:100]]


def _more_fields(typed: Mapping[str, Any], terms: Mapping[Severity, Terms]) -> list[Block]:
    promised = ", ".join(
        f"{one.value} {short(own.update_min, every_minute=own.always)}" for one, own in terms.items() if own.update_min
    )
    restrict = [option("Only the people named below", "restricted")]
    return [
        asked("customer", "Customer", text_input(initial=typed.get("customer"), most=200), optional=True),
        asked(
            "vip",
            "Tier",
            checkboxes("choice", [option("VIP customer", "vip")], initial=typed.get("vip") or ()),
            optional=True,
        ),
        asked(
            "began",
            "Since when?",
            text_input(placeholder="Today 08:40, since the update…", initial=typed.get("began"), most=200),
            optional=True,
        ),
        asked(
            "tried",
            "What has been tried?",
            text_input(multiline=True, initial=typed.get("tried"), most=2000),
            optional=True,
        ),
        asked(
            "impact",
            "How does it affect them?",
            text_input(multiline=True, initial=typed.get("impact"), most=2000),
            optional=True,
        ),
        asked(
            "promise",
            "When was the customer promised news?",
            moment("at", typed.get("promise")),
            optional=True,
            hint=f"Left empty, after: {promised}." if promised else None,
        ),
        asked(
            "restricted",
            "Who may see it?",
            checkboxes("choice", restrict, initial=typed.get("restricted") or ()),
            optional=True,
            hint=WHO_MAY_SEE,
        ),
        asked("viewers", "Named people", people_field(typed.get("viewers") or ()), optional=True),
    ]


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
        metadata=packed(metadata),
    )
