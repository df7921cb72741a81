"""A team's policy: what each severity promises, and the form that changes one."""

from collections.abc import Mapping
from typing import Any

from handlers.blocks import Block, asked, button, checkboxes, context, modal, option, radio, said, section, text_input
from handlers.escalations.rules.policy import MEANINGS, Terms
from handlers.escalations.views.forms import packed
from handlers.escalations.views.words import SEVERITY_SIGN, deadlines_line, short
from storage.escalations import Severity
from storage.teams import Team

CHANGE = "escalations.change_policy"
FORM = "escalations.policy_form"
TITLE = "*What {} promises*\nd is a working day, h and min are working time, unless it says day and night."
NOT_USED = "not used"
REPEATS = "an unanswered breach pages again every {}"
NO_REPEAT = "nobody is paged for a breach; the digest shows it"
ONLY_WITH_NIGHTS = "day and night only once the duty rota covers nights (`/backstop team edit`)"
ONLY_MANAGERS = "Its managers change this: {}."
NOBODY = "nobody manages it yet"
RUNNING_KEEP = "For what is raised from now on. Escalations that are open keep the deadlines they were raised with."
SAVED = ":white_check_mark: *{} of {}*\n{}\n\n" + RUNNING_KEEP


def shown(
    team: Team, terms: Mapping[Severity, Terms], effective: Mapping[Severity, Terms], *, may_change: bool, managers: str
) -> list[Block]:
    """The policy as the managers wrote it (`terms`), and how it counts now (`effective`)."""
    blocks = [section(TITLE.format(said(team.name, 80)))]
    for severity in Severity:
        text = f"{SEVERITY_SIGN[severity]} *{severity.value}* {MEANINGS[severity]}\n"
        text += described(terms.get(severity), effective.get(severity))
        change = button("Change…", CHANGE, f"{team.id}:{severity.value}", says=f"Change {severity.value}")
        blocks.append(section(text, accessory=change if may_change else None))
    blocks.append(context(RUNNING_KEEP if may_change else ONLY_MANAGERS.format(said(managers, 300) or NOBODY)))
    return blocks


def described(own: Terms | None, effective: Terms | None) -> str:
    """A severity's terms in words; None: the team doesn't use it."""
    if own is None or effective is None:
        return NOT_USED
    lines = [deadlines_line(effective)]
    if own.always and not effective.always:
        lines.append(ONLY_WITH_NIGHTS)
    repeat = own.repeat_min
    lines.append(REPEATS.format(short(repeat, every_minute=effective.always)) if repeat else NO_REPEAT)
    return "\n".join(lines)


def form(team: Team, severity: Severity, own: Terms | None, proposed: Terms, metadata: Mapping[str, Any]) -> Block:
    """One severity. `proposed` fills the fields while the team doesn't use it."""
    terms = own or proposed

    def written(minutes: int | None) -> str:
        return short(minutes, every_minute=terms.always) if minutes else ""

    counts = [
        option("Working time", "working", "The team’s hours, its holidays left out"),
        option("Every minute, day and night", "always", "Counts so only where the duty rota covers nights"),
    ]
    heading = f"{SEVERITY_SIGN[severity]} *{severity.value}* {MEANINGS[severity]}\n{RUNNING_KEEP}"
    return modal(
        FORM,
        f"{severity.value}: the deadlines",
        [
            section(heading),
            asked(
                "used",
                "In use",
                checkboxes(
                    "choice",
                    [option(f"{team.name[:40]} uses {severity.value}", "used")],
                    initial=["used"] if own else [],
                ),
                optional=True,
            ),
            asked(
                "acknowledge",
                "Claimed within",
                text_input(placeholder="15 min", initial=written(terms.acknowledge_min), most=40),
            ),
            asked(
                "resolve", "Resolved within", text_input(placeholder="4 h", initial=written(terms.resolve_min), most=40)
            ),
            asked(
                "update",
                "News to the customer every",
                text_input(placeholder="1 h", initial=written(terms.update_min), most=40),
                optional=True,
                hint="Left empty: no news is promised.",
            ),
            asked("counts", "What counts?", radio("choice", counts, initial="always" if terms.always else "working")),
            asked(
                "repeat",
                "An unanswered breach pages again every",
                text_input(placeholder="30 min", initial=written(terms.repeat_min), most=40),
                optional=True,
                hint="Left empty: nobody is paged, the digest shows it.",
            ),
        ],
        submit="Save",
        metadata=packed(metadata),
    )
