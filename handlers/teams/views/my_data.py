"""What is kept about the reader, in words; the file with all of it; what erasing does."""

from collections.abc import Mapping, Sequence

from handlers.attention import hours_of
from handlers.blocks import (
    Block,
    actions,
    bold,
    button,
    confirmation,
    context,
    header,
    mention,
    said,
    section,
    when,
)
from handlers.teams.rules.places import country_label
from handlers.weekdays import hours_in_words
from storage.people import DataAccess, Person
from storage.personal import Holding, OnErase
from storage.teams import Team

EXPORT = "teams.export_my_data"
ERASE = "teams.erase_my_data"
HELP = "`/backstop my-data` shows what is kept about you, sends it to you as a file, and erases what is yours alone."
FILE_NAME = "my-data.json"
FILE_TITLE = "What Backstop keeps about you"
EXPORTED = "I sent you a file with everything that is kept about you, in our direct messages."
NOT_SENT = "Slack didn’t take the file ({}). Nothing was changed; please try again, or tell an admin."
ERASED = (
    "Erased: your own hours, absences, Do Not Disturb, e-mail address, drafts, and my list of messages to you. What "
    "Slack tells me anew comes back with it. What you did in your team’s work stays its record; copies that stand in "
    "Slack stay there."
)
YOURS_ALONE = (
    "This deletes your own hours and absences, drafts, and my list of messages to you. Your work on escalations stays "
    "your team’s record. It can’t be undone."
)
MOST_ACCESSES = 5


def my_data(
    person: Person,
    team: Team | None,
    held: Sequence[tuple[Holding, int]],
    accesses: Sequence[DataAccess],
    readers: Mapping[int, Person],
) -> list[Block]:
    hours = hours_of(person, team)
    country = f", holidays of {country_label(hours.country)}" if hours.country else ""
    profile = [
        f"{bold(person.name, 80)}{f', {said(person.email, 200)}' if person.email else ''}",
        f"Hours: {hours_in_words(hours.days, hours.start, hours.end)}, {hours.zone}{country}",
    ]
    if person.away_from is not None:
        profile.append(
            f"Away from {when(person.away_from)}{f' until {when(person.away_until)}' if person.away_until else ''}"
        )
    blocks = [header("What is kept about you"), section("\n".join(profile))]
    lines = [f"• {holding.title}: {number}" for holding, number in held]
    kept = [holding for holding, _ in held if holding.on_erase == OnErase.KEEP]
    blocks.append(section("\n".join(lines) or "Nothing else."))
    if accesses:
        blocks.append(section("\n".join(["*Read or exported*", *(_access(one, readers) for one in accesses)])))
    if kept:
        blocks.append(
            context("Your work on escalations and duty is your team’s record, and stays when you erase your data.")
        )
    sure = confirmation("Erase your data?", YOURS_ALONE, yes="Erase")
    blocks.append(actions(button("Send me all of it", EXPORT), button("Erase…", ERASE, style="danger", confirm=sure)))
    return blocks


def _access(access: DataAccess, readers: Mapping[int, Person]) -> str:
    by = readers.get(access.by_id or 0)
    who = "You" if by is not None and by.id == access.person_id else mention(by.slack_id) if by else "Somebody"
    return f"• {when(access.at)}: {who}, {said(access.what, 200)}"
