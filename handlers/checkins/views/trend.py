"""The weeks behind: a team's for its managers, one's own for oneself."""

from collections.abc import Sequence

from handlers.blocks import Block, actions, bar, button, context, header, in_sections, said, section
from handlers.checkins.rules.results import LEAST_ANSWERS, Week, heavy, mean
from handlers.checkins.views.result import SHOW
from handlers.checkins.views.words import FEELINGS, LOAD_MEANS, LOADS, short_date
from storage.checkin_answers import STEPS, Answer
from storage.checkins import Round
from storage.teams import Team

MINE = "Your own check-ins"
ONLY_YOU = "Only you see this. `/backstop privacy` says how long it is kept."
NO_ANSWERS = "You haven’t answered in this time. `/checkin` takes an answer on any day."
NO_ROUNDS = "No check-in in this time."
WEEK = "{bar} *{mean:.1f}* week of {day} · {answers} answers, {heavy} heavy or too much"
WEEK_HIDDEN = "{bar} – week of {day} · too few answers"
WEEK_EMPTY = "{bar} – week of {day} · no check-in"
BELOW = f"Check-ins with fewer than {LEAST_ANSWERS} answers are in none of these figures."
LAST = "*Last check-in:* {} of {} answered"
WATCH, UNWATCH = "checkins.watch", "checkins.unwatch"
WATCH_OFFER = (
    "*Early warning.* I can tell you, and nobody else, when your load stays high: heavy in 3 of the last 4 check-ins, "
    "or well above what is usual for you. Whether your manager hears of it is up to you."
)
WATCH_ON = "*Early warning is on.* I tell you, and nobody else, when your load stays high."


def team(one: Team, weeks: Sequence[Week], latest: Round | None) -> list[Block]:
    """A team's load by week."""
    blocks: list[Block] = [header(f"Load of {one.name}")]
    if not any(week.rounds or week.hidden for week in weeks):
        return [*blocks, section(NO_ROUNDS)]
    told = [bool(week.rounds or week.hidden) for week in weeks]
    begun, ended = told.index(True), len(weeks) if told[-1] else -1  # this week’s check-ins may be still to come
    blocks += in_sections(_week(week) for week in weeks[begun:ended])
    if latest is not None:
        show = button("Show it…", SHOW, latest.id, says=f"Show the last check-in of {one.name}")
        blocks.append(section(LAST.format(latest.answered or 0, latest.asked or 0), accessory=show))
    return [*blocks, context(LOAD_MEANS, BELOW)]


def _week(week: Week) -> str:
    day, average = short_date(week.begins), mean(week.load)
    if average is None:
        return (WEEK_HIDDEN if week.hidden else WEEK_EMPTY).format(bar=bar(0), day=day)
    share = (average - 1) / (STEPS - 1)
    return WEEK.format(bar=bar(share), mean=average, day=day, answers=sum(week.load), heavy=heavy(week.load))


def mine(answers: Sequence[Answer], *, watched: bool) -> list[Block]:
    """Somebody's own answers, and the early warning that they may switch on."""
    blocks: list[Block] = [header(MINE)]
    blocks += in_sections(_answer(one) for one in answers) if answers else [section(NO_ANSWERS)]
    if watched:
        blocks.append(section(WATCH_ON, accessory=button("Switch off", UNWATCH)))
    else:
        blocks += [section(WATCH_OFFER), actions(button("Tell me", WATCH))]
    return [*blocks, context(ONLY_YOU)]


def _answer(one: Answer) -> str:
    load = f"{bar(one.load / STEPS, width=STEPS)} {LOADS[one.load - 1]}" if one.load else "load: not said"
    felt = f", work felt {FEELINGS[one.feeling - 1]}" if one.feeling else ""
    text = f" · {said(one.blocker, 120)}" if one.blocker else ""
    return f"{one.day:%a} {short_date(one.day)} {load}{felt}{text}"
