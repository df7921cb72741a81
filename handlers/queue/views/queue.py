"""The answers of `/queue`."""

from collections.abc import Sequence
from datetime import date, datetime

from handlers.blocks import Block, bar, button, context, said, section, when
from handlers.queue.rules.digesting import MOST_NEEDS
from handlers.queue.rules.figures import Share, Spread
from handlers.queue.rules.freshness import Freshness
from handlers.queue.rules.look import Look
from handlers.queue.rules.spikes import LEAST_DAYS
from handlers.queue.rules.usual import Usual
from handlers.queue.views import report, spikes, words
from storage.people import Person
from storage.queue_figures import Standing
from storage.spikes import SpikeDay
from storage.teams import Team
from storage.tickets import Ticket

LOOK = "queue.look"
HELP = (
    "*The queue*\n"
    "`/queue` how it stands now, for you alone · `/queue Team` another of your teams · `/queue tag:login` what came "
    "with a tag · `/queue @person` figures about one person (the team sets who may see them; usually only they).\n"
    "The daily digest says the same to the team: `/backstop preview digest`."
)
NO_TEAM = "You are in no team, so there is no queue of yours. `/backstop team` shows the teams."
NO_SUCH_TEAM = "You have no team called “{}”. `/queue` shows your own; `/queue tag:{}` looks for a tag."
NOT_CONNECTED = (
    ":electric_plug: *{}* has no help desk connected. `/backstop team connect` connects one; an operator can also "
    "import a CSV file (`backstop import tickets.csv`)."
)
AS_OF = "Data as of {} · since {}"
TOO_LITTLE_HISTORY = "Too little history to say what is unusual: {} of {} days."
CALM = "Nothing stands out."
ABOUT_SELF = "Only you see this."
ABOUT_OTHER = "You may see this as a manager of {}. {} sees in `/backstop my-data` that you looked."
WHICH_TAG = "Which tag? Write it behind: `/queue tag:login`."
NO_TAG = "No ticket of the last 14 days has the tag {}. Frequent ones: {}."
NO_TAGS = "none yet"
TREND_DAYS = 14


def now(look: Look, *, days_known: int) -> list[Block]:
    """How the queue stands, privately."""
    title = f"*{said(look.team.name, 80)}: the queue*"
    if not look.freshness.is_connected:
        return [section(f"{title}\n{NOT_CONNECTED.format(said(look.team.name, 80))}")]
    if look.freshness.as_of is None:
        return [section("\n".join([title, *words.freshness(look.freshness)]))]
    blocks = [section(title), *report.now(look), *report.happened(look)]
    notes = [AS_OF.format(when(look.freshness.as_of, "{time}"), when(look.since))]
    if days_known < LEAST_DAYS:
        notes.append(TOO_LITTLE_HISTORY.format(days_known, LEAST_DAYS))
    elif not look.spikes:
        notes.append(CALM)
    needs = [section(f"• {need.text}", accessory=need.button) for need in report.needs(look)[:MOST_NEEDS]]
    return [*blocks, *needs, context(" · ".join(notes))]


def tag(
    team: Team,
    name: str,
    days: Sequence[tuple[date, int]],
    today: int,
    usual: Usual,
    spike: SpikeDay | None,
    tickets: Sequence[Ticket],
    at: datetime,
    *,
    escalate: str,
) -> list[Block]:
    """What came with one tag: its days as bars, today beside the usual, its latest tickets."""
    most = max([count for _, count in days] + [today, 1])
    lines = [f"{day:%a} {day.day:>2} {bar(count / most)} {count}" for day, count in days]
    lines.append(f"today  {bar(today / most)} {today}")
    expected = (
        "no usual yet" if usual.mean is None else f"usually {usual.mean:.0f} by now on {words.weekday(at.date())}"
    )
    text = f"*{words.tag_name(name)} in {said(team.name, 80)}*\n{today} today so far, {expected}"
    blocks = [section(text), section("```" + "\n".join(lines) + "```")]
    if spike is not None:
        blocks.append(section(report.spike_line(spike)))
    return [*blocks, *spikes.ticket_list("The latest", tickets, at, more=False, escalate=escalate)]


def person(
    subject: Person,
    reader: Person,
    teams: Sequence[Team],
    standing: Standing,
    solved: int,
    first_response: Spread,
    resolution: Spread,
    csat: Share,
    at: datetime,
) -> list[Block]:
    """Figures about one person, for who may see them."""
    names = " and ".join(said(team.name, 60) for team in teams[:3])
    oldest = f", oldest {words.age(standing.oldest_at, at)}" if standing.oldest_at else ""
    lines = [
        f"*{said(subject.name, 80)}, the last 7 days*",
        f"{standing.open:,} open{oldest} · {solved:,} solved",
        f"First response (calendar) {words.spread(first_response)}",
        f"Full resolution (calendar) {words.spread(resolution)}",
        f"CSAT {words.share(csat, what='ratings')}",
    ]
    is_self = subject.id == reader.id
    note = ABOUT_SELF if is_self else ABOUT_OTHER.format(names, said(subject.name, 80))
    return [section("\n".join(lines)), context(note)]


def on_home(team: Team, fresh: Freshness, standing: Standing | None, at: datetime) -> Block:
    """One team's queue in a line, for whoever leads it."""
    name = f"*{said(team.name, 80)}: the queue*"
    line = report.standing(standing, at) if standing else "\n".join(words.freshness(fresh))
    return section(f"{name}\n{line}", accessory=button("Look…", LOOK, team.id, says=f"The queue of {team.name}"[:75]))


def no_such_tag(name: str, frequent: Sequence[str]) -> str:
    return NO_TAG.format(words.tag_name(name), ", ".join(words.tag_name(one) for one in frequent[:8]) or NO_TAGS)
