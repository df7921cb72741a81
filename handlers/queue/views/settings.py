"""The form behind *Digest…* in `/backstop team`."""

from handlers.blocks import Block, asked, checkboxes, context, modal, option, plain, said, section
from handlers.forms import Memory
from handlers.queue.forms import CHANNEL, MANAGERS, WEEKLY
from storage.digests import DigestSettings
from storage.teams import Team

OPEN = "queue.digest_settings"
FORM = "queue.digest_form"
LABEL = "Digest…"
ABOUT = (
    "*The digest of {}* says on working days what needs somebody, how the queue and the escalations stand, and what "
    "changed since the last one. Nothing ticked: there is none."
)
WHEN_HINT = "In the team’s time zone, {}. A new time counts from its next coming."
CHANNEL_HINT = "Left empty: the team’s own channel. Everyone who is in it reads along."
SAVED = ":white_check_mark: The digest of *{}* comes {}."
SAVED_OFF = ":white_check_mark: *{}* has no digest any more."
WEEKLY_TOO = "; the weekly report on the week’s first working day"
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
