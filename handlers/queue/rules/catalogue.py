"""Every metric of the queue: one definition each, and where it comes from. docs/metrics.md is made of this."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    key: str
    title: str
    """As reports label it."""
    definition: str
    source: str
    """Who defines it so."""
    note: str = ""
    """What to keep in mind when reading it."""


FIRST_RESPONSE = Metric(
    "first_response",
    "First response time",
    "From a ticket’s creation to the first public reply of an agent; of the replies in the period. Median and p90.",
    "Zendesk, “Understanding first reply time” (the time between creation and the first public comment of an agent)",
    "An automatic reply is no agent’s. Tickets that nobody has answered yet are in the backlog, not here.",
)
RESOLUTION = Metric(
    "resolution",
    "Full resolution time",
    "From a ticket’s creation to the last time that it was solved; of what was solved in the period. Median and p90.",
    "Zendesk, “Ticket metrics: full resolution time” (creation to the most recent resolution)",
    "A reopened ticket counts once, with the later time.",
)
ONE_TOUCH = Metric(
    "one_touch",
    "One-touch resolution",
    "Of what was solved in the period: the share with one public agent reply at most, and never reopened.",
    "Zendesk, “One-touch tickets”; Freshworks, “First contact resolution”",
    "A stand-in for first-contact resolution: nobody asked the customer whether it was solved. Tickets whose replies "
    "the desk doesn’t tell are left out.",
)
CSAT = Metric(
    "csat",
    "CSAT",
    "Good ratings ÷ (good + bad) of the period’s answers.",
    "Zendesk, “Satisfaction score” (good ÷ (good + bad))",
    "Who didn’t answer, and who answered neither, counts nowhere. Fewer than 5 answers have no percentage.",
)
NPS = Metric(
    "nps",
    "NPS",
    "Percent promoters (9–10) less percent detractors (0–6) of the period’s answers.",
    "F. Reichheld, “The One Number You Need to Grow”, Harvard Business Review, December 2003",
    "From −100 to 100. Fewer than 5 answers have no score.",
)
BACKLOG = Metric(
    "backlog",
    "Backlog",
    "Tickets that are new, open, pending or on hold; deleted and merged ones left out.",
    "HDI and Zendesk, “Backlog: unsolved tickets at a point in time”",
    "A day’s backlog is a snapshot taken when it ended: nothing can rebuild it later.",
)
CONTACT_RATIO = Metric(
    "contact_ratio",
    "Contact ratio",
    "Tickets created in the period ÷ active customers.",
    "Gartner and ICMI, “Contact rate per customer”",
    "In the weekly report, as tickets per 100 active customers. Somebody sets how many are active (Figures… in "
    "/backstop team); until then it is not measured, and left out.",
)
REOPEN_RATE = Metric(
    "reopen_rate",
    "Reopen rate",
    "Of what was solved in the period: the share that had been solved before and came back.",
    "Zendesk, “Reopened tickets”; HDI, “Reopen rate”",
    "Tickets of which the desk doesn’t tell it are left out.",
)
CREATED = Metric("created", "Came in", "Tickets created in the period; deleted and merged ones left out.", "Counted")
SOLVED = Metric(
    "solved",
    "Solved",
    "Tickets that were last solved in the period, and still are.",
    "Counted",
    "Reopened: not solved.",
)

METRICS: tuple[Metric, ...] = (
    FIRST_RESPONSE,
    RESOLUTION,
    ONE_TOUCH,
    CSAT,
    NPS,
    BACKLOG,
    CONTACT_RATIO,
    REOPEN_RATE,
    CREATED,
    SOLVED,
)

ABOUT = """\
# Metrics

One definition per metric: digests, `/queue`, goals and files all use these.

- **Median and p90** are nearest-rank values (Hyndman & Fan 1996, definition 1) over the raw tickets of the period, so
  each is a ticket that really happened. n stands beside them; fewer than 3 have no median.
- **Working hours** in a label: only the team’s working time counted (its hours and holidays). Without it: by the
  calendar, every hour.
- **Days and weeks** are cut in the team’s time zone.
- **Unknown is “not measured”**, never 0: a desk that doesn’t tell something leaves it out of the figure and of its n.
- **Usual** is the mean of the same stretch of the week in the up to 8 weeks before: what Friday 17:30 to Monday 09:30
  brought is compared with Friday 17:30 to Monday 09:30 of earlier weeks, by the team’s clock. Fewer than 3 weeks say
  so. Days keep how many were solved, not when: a stretch is taken to hold its share of each day’s working hours.
  Earlier weeks count with their holidays; a holiday in the stretch itself is named.
- **Worth a look** (a spike): today’s count of a tag, so far, is so far above its usual for this weekday and hour that
  a negative-binomial count as uneven as its history reaches it hardly ever (Hilbe, *Negative Binomial Regression*,
  2011; after Farrington et al. 1996, *A statistical algorithm for the early detection of outbreaks*). Tuned to raise a
  false alarm on at most 2 % of a team’s days. **New today**: a tag not seen in 8 weeks, in at least 5 tickets of at
  least 4 customers.
"""


def as_markdown() -> str:
    """The page docs/metrics.md."""
    parts = [ABOUT]
    for metric in METRICS:
        note = f"\n\n{metric.note}" if metric.note else ""
        parts.append(f"## {metric.title}\n\n{metric.definition}{note}\n\nSource: {metric.source}.\n")
    return "\n".join(parts)
