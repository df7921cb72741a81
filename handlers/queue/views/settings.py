"""The forms behind *Digest…* and *Figures…* in `/backstop team`."""

from collections.abc import Sequence

from handlers.blocks import (
    Block,
    asked,
    checkboxes,
    context,
    modal,
    option,
    plain,
    radio,
    said,
    section,
    text_input,
    when,
)
from handlers.forms import Memory
from handlers.house import Rendered
from handlers.queue.forms import CHANNEL, MANAGERS, WEEKLY
from handlers.queue.rules.rights import PersonalMetrics
from storage.digests import DigestSettings
from storage.people import Person
from storage.personal_metrics import MetricsChange
from storage.teams import Team

OPEN = "queue.digest_settings"
FORM = "queue.digest_form"
LABEL = "Digest…"
FIGURES = "queue.figures_settings"
FIGURES_FORM = "queue.figures_form"
FIGURES_LABEL = "Figures…"
ABOUT = (
    "*The digest of {}* says on working days what needs somebody, how the queue and the escalations stand, and what "
    "changed since the last one. Nothing ticked: there is none."
)
WHEN_HINT = "In the team’s time zone, {}. A new time counts from its next coming."
CHANNEL_HINT = "Left empty: the team’s own channel. Everyone who is in it reads along."
SAVED = ":white_check_mark: The digest of *{}* comes {}."
SAVED_OFF = ":white_check_mark: *{}* has no digest any more."
WEEKLY_TOO = "; the weekly report on the week’s first working day"
WHO_SEES = "Who may see figures about one person?"
WHO_SEES_HINT = (
    "Only an admin widens this. Every member hears it first, and it holds a working day later. Each look of a manager "
    "is logged and shown to the person."
)
LEVELS = {
    PersonalMetrics.OFF: ("Nobody", "Not even each their own"),
    PersonalMetrics.SELF: ("Each their own", "With /queue me"),
    PersonalMetrics.MANAGERS: ("Their managers too", "With /queue @person; never in a channel"),
}
CUSTOMERS_HINT = "For the contact ratio: tickets ÷ active customers. Left empty: not measured."
PRODUCT_HINT = "Where *Tell product* posts. Left empty: it asks."
FIGURES_SAVED = ":white_check_mark: Saved for *{}*."
WIDENED = " Every member hears now who will see figures about them; it holds from {}."
NARROWED = " Who sees figures about one person is narrower from now on."
NEWS = (
    "From {} on, the managers of *{}* ({}) can see figures about your own tickets: how many are open, what you solved "
    "in a week, response and resolution times, customers’ ratings. Not in any channel. Each look is logged: "
    "`/backstop my-data` shows you who looked and when. {} set this."
)
NEWS_SELF = (
    "From {} on, you can see figures about your own tickets with `/queue me`, in *{}*. Nobody else can. {} set this."
)
ONLY_MANAGERS = "Only the managers of {} and admins set its digest: {}."


def form(team: Team, settings: DigestSettings, memory: Memory) -> Block:
    ticked = {CHANNEL: settings.in_channel, MANAGERS: settings.to_managers, WEEKLY: settings.weekly}
    places = [
        option("In the channel", CHANNEL, "Without figures about one person"),
        option("To each manager, in a direct message", MANAGERS),
        option("A weekly report, to managers and heads", WEEKLY),
    ]
    channel: Block = {
        "type": "conversations_select",
        "action_id": "chosen",
        "placeholder": plain("The team’s channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if settings.channel:
        channel["initial_conversation"] = settings.channel
    return modal(
        FORM,
        "Digest",
        [
            section(ABOUT.format(said(team.name, 80))),
            asked(
                "at",
                "At",
                {"type": "timepicker", "action_id": "chosen", "initial_time": f"{settings.at:%H:%M}"},
                hint=WHEN_HINT.format(team.zone),
            ),
            asked(
                "where",
                "Where",
                checkboxes("chosen", places, initial=[name for name, is_ticked in ticked.items() if is_ticked]),
                optional=True,
            ),
            asked("channel", "Channel", channel, hint=CHANNEL_HINT, optional=True),
            context("`/backstop preview digest` shows what it would say now, and sends nothing."),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def saved(team: Team, settings: DigestSettings) -> str:
    if not settings.is_on and not settings.weekly:
        return SAVED_OFF.format(said(team.name, 80))
    channel = f"<#{settings.channel or team.channel}>"
    places = [channel] if settings.in_channel else []
    places += ["its managers’ direct messages"] if settings.to_managers else []
    daily = f"at {settings.at:%H:%M} ({team.zone}) to {' and '.join(places)}" if places else "no more every day"
    return SAVED.format(said(team.name, 80), daily + (WEEKLY_TOO if settings.weekly else ""))


def figures_form(team: Team, settings: DigestSettings, memory: Memory) -> Block:
    levels = [option(label, level.value, description) for level, (label, description) in LEVELS.items()]
    channel: Block = {
        "type": "conversations_select",
        "action_id": "chosen",
        "placeholder": plain("Choose a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if settings.product_channel:
        channel["initial_conversation"] = settings.product_channel
    customers = str(settings.active_customers) if settings.active_customers else None
    return modal(
        FIGURES_FORM,
        "Figures",
        [
            section(f"*The figures of {said(team.name, 80)}*"),
            asked("personal", WHO_SEES, radio("chosen", levels, initial=team.personal_metrics), hint=WHO_SEES_HINT),
            asked("product", "Product people read in", channel, hint=PRODUCT_HINT, optional=True),
            asked(
                "customers",
                "Active customers",
                text_input(initial=customers, most=12),
                hint=CUSTOMERS_HINT,
                optional=True,
            ),
        ],
        submit="Save",
        metadata=memory.kept(),
    )


def figures_saved(team: Team, change: MetricsChange | None, *, narrowed: bool) -> str:
    text = FIGURES_SAVED.format(said(team.name, 80))
    if change is not None:
        return text + WIDENED.format(when(change.effective_at))
    return text + NARROWED if narrowed else text


def metrics_news(team: Team, change: MetricsChange, managers: Sequence[Person], by: Person | None) -> Rendered:
    """What each member reads before figures about them are seen by more people."""
    who = said(by.name, 80) if by else "An admin"
    start = when(change.effective_at)
    if change.level == PersonalMetrics.MANAGERS:
        named = ", ".join(said(manager.name, 60) for manager in managers[:6]) or "nobody yet"
        text = NEWS.format(start, said(team.name, 80), named, who)
    else:
        text = NEWS_SELF.format(start, said(team.name, 80), who)
    return Rendered("Who may see figures about you changes.", [section(text)])
