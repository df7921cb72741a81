"""The queue in digests and in the answer of `/queue`."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.blocks import Block, button, context, said, section, when
from handlers.house import NeedsYou
from handlers.local_time import local_date, parse_zone
from handlers.queue.rules.figures import contact_ratio
from handlers.queue.rules.look import Look, Period
from handlers.queue.views import words
from storage.queue_figures import Standing
from storage.spikes import SpikeDay
from storage.ticket_days import ALL
from storage.tickets import Ticket

SHOW = "queue.show"
SHOW_SPIKE = "queue.show_spike"
BREACHED, AT_RISK, URGENT, OLDEST = "breached", "at_risk", "urgent", "oldest"
SUGGESTS_PRODUCT = "one tag alone: more likely the product than the staffing"
SUGGESTS_STAFFING = "most tags rise together: more likely staffing than one product problem"
HOLIDAY = ":palm_tree: With a public holiday in it: {}."
CONTACTS = "Contact ratio {:.1f} tickets per 100 active customers ({:,} ÷ {:,})"
MOST_SPIKES = 3
OLD_DAYS = 7


def needs(look: Look) -> list[NeedsYou]:
    """What of the queue needs somebody today."""
    standing, team = look.standing, look.team
    if standing is None:
        return []
    found = []
    if standing.breached:
        text = f":rotating_light: {words.counted(standing.breached, 'ticket is', 'tickets are')} past the SLA"
        found.append(NeedsYou(text, show(team.id, BREACHED, text), 1))
    if standing.urgent_unassigned:
        count = words.counted(standing.urgent_unassigned, "urgent ticket has", "urgent tickets have")
        text = f":exclamation: {count} no assignee"
        found.append(NeedsYou(text, show(team.id, URGENT, text), 2))
    if standing.at_risk:
        count = words.counted(standing.at_risk, "ticket’s SLA ends", "tickets’ SLAs end")
        text = f":hourglass_flowing_sand: {count} within 2 h"
        found.append(NeedsYou(text, show(team.id, AT_RISK, text), 3))
    today = local_date(look.until, parse_zone(team.zone))
    found += [
        NeedsYou(spike_line(spike), button("Show tickets", SHOW_SPIKE, spike.id), 3)
        for spike in look.spikes
        if spike.local_date == today and spike.told_at is None
    ][:2]
    if standing.oldest_at is not None and (look.until - standing.oldest_at).days >= OLD_DAYS:
        text = f":turtle: The oldest open ticket is {words.age(standing.oldest_at, look.until)} old"
        found.append(NeedsYou(text, show(team.id, OLDEST, text), 7))
    return found


def show(team_id: int, which: str, says: str) -> Block:
    return button("Show", SHOW, f"{team_id}:{which}", says=says.partition(": ")[2])


def now(look: Look) -> list[Block]:
    """How the queue stands, as one section; the sources that keep it from being told, else."""
    stale = words.freshness(look.freshness)
    if look.standing is None:
        return [section("*Queue*\n" + "\n".join(stale))] if stale else []
    as_of = f", data as of {when(look.freshness.as_of, '{time}')}" if look.freshness.as_of else ""
    return [section(f"*Queue now*{as_of}\n{standing(look.standing, look.until, _grown(look))}")]


def _grown(look: Look) -> str:
    """How the backlog compares with its last snapshot: yesterday's, unless Backstop was down when that day ended."""
    if look.before is None or look.standing is None:
        return ""
    yesterday = local_date(look.until, parse_zone(look.team.zone)) - timedelta(days=1)
    day = look.before.local_date
    then = "yesterday’s end" if day == yesterday else f"the end of {day:%A %-d %B}"
    grown = look.standing.open - look.before.open
    return f" ({grown:+d} since {then})" if grown else f" (as at {then})"


def standing(one: Standing, at: datetime, grown: str = "") -> str:
    parts = [f"*{one.open:,}* open{grown}", f"{one.unassigned:,} unassigned"]
    parts.append(f"{one.urgent:,} urgent" if one.tells_urgency else f"urgent {words.NOT_MEASURED}")
    if one.oldest_at is not None:
        parts.append(f"oldest {words.age(one.oldest_at, at)}")
    if one.tells_sla or one.breached:
        parts.append(f"SLA {one.breached:,} past, {one.at_risk:,} within 2 h")
    return " · ".join(parts)


def happened(look: Look, *, weekly: bool = False, customers: int | None = None) -> list[Block]:
    """What the stretch brought: in and out beside what the same stretch of the week usually brings, how fast, how
    good; spikes; with `customers` (how many are active) the contact ratio."""
    if look.period is None:
        return []
    zone = parse_zone(look.team.zone)
    stretch = words.stretch(look.since.astimezone(zone), look.until.astimezone(zone))
    one = look.period
    came = words.flow("came", one.came, stretch)
    tells_night = look.overnight is not None and not weekly  # of seven nights the last one is no news
    overnight = f", {look.overnight:,} of them overnight" if tells_night else ""
    lines = [f"*{'The week' if weekly else 'In and out'}*", f"{came}{overnight} · {words.flow('solved', one.solved)}"]
    if look.holidays:
        lines.append(HOLIDAY.format(said(", ".join(look.holidays), 200)))
    ratio = contact_ratio(one.came.count, customers)
    if ratio is not None:
        lines.append(CONTACTS.format(100 * ratio, one.came.count, customers))
    lines += spike_lines(look.spikes)
    return [section("\n".join(lines)), *quality(one)]


def quality(one: Period) -> list[Block]:
    """How fast and how good; a figure of which nothing is known is left out, all together too."""
    shown = []
    if one.first_response.n:
        shown.append(f"First response (working hours) {words.spread(one.first_response)}")
    if one.resolution.n:
        shown.append(f"Full resolution (calendar) {words.spread(one.resolution)}")
    if one.one_touch.n:
        shown.append(f"One-touch {words.share(one.one_touch)}")
    if one.reopened.n:
        shown.append(f"Reopened {words.share(one.reopened)}")
    if one.csat.n:
        bad = f", {one.bad_ratings} bad" if one.bad_ratings else ""
        shown.append(f"CSAT {words.share(one.csat, what='ratings')}{bad}")
    if one.nps.n:
        shown.append(f"NPS {words.score(one.nps)}")
    return [context("\n".join(shown))] if shown else []


def spike_lines(spikes: Sequence[SpikeDay]) -> list[str]:
    shown = [spike_line(one) for one in spikes[:MOST_SPIKES]]
    return [*shown, f"and {len(spikes) - MOST_SPIKES} more"] if len(spikes) > MOST_SPIKES else shown


def spike_line(one: SpikeDay) -> str:
    name, count = words.tag_name(one.tag), words.counted(one.tickets, "ticket", "tickets")
    customers = words.counted(one.customers, "customer", "customers")
    told = " · product was told" if one.told_at else ""
    if one.is_new:
        return f":mag: {name} is new: {count}, {customers}{told}"
    why = f" ({SUGGESTS_STAFFING})" if one.tag == ALL else ""
    return f":chart_with_upwards_trend: {name} is worth a look: {count}, usually {one.usual:.0f} by then{why}{told}"


def ticket_line(ticket: Ticket, at: datetime) -> str:
    """One ticket: its number (with its address, if the desk has told one), what it is about, how old it is."""
    number = said(f"#{ticket.external_id}", 60)
    linked = f"<{ticket.url}|{number}>" if ticket.url and ticket.url.startswith("https://") else f"*{number}*"
    about = said(ticket.subject or "no subject", 140)
    priority = f" · {ticket.priority.value}" if ticket.priority and ticket.priority.value in {"high", "urgent"} else ""
    return f"{linked} {about}{priority} · {words.age(ticket.created_at, at)} old"
