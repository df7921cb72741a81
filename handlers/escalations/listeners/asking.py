"""Looking: one escalation, the list, the figures, the receipt of its clocks, its history, the follow-ups."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block
from handlers.escalations import cases, renderers
from handlers.escalations.rules import figures, receipt, rights
from handlers.escalations.rules.case import Case
from handlers.escalations.views import answers, card
from handlers.escalations.views.words import title
from handlers.forms import identifier, its_message
from handlers.house import Me, Reply
from handlers.local_time import at_local, local_date, parse_zone
from handlers.refusals import Refusal
from handlers.spreadsheet import defused
from storage import escalation_events, escalation_lists, escalations, memberships, people, search
from storage.clocks import Clock, Kind
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.follow_ups import open_follow_ups
from storage.people import DataAccess, Person
from storage.store import Store

LISTS = ("open", "mine", "overdue", "resolved")
PERIODS = ("week", "month", "quarter", "year")
NO_SUCH = "I don’t know an escalation E-{}. `/escalate list` shows the ones you can open."
NOT_A_CARD = "This message isn’t an escalation’s card, nor in its thread. `/escalate list` shows them all."
GONE = "That page isn’t there any more. `/escalate list` starts again."
EXPORTED = "exported a list of escalations that names you"
CSV_AT_MOST = 10_000
CSV_SENT = "Here is what you asked for: {} {}."
CSV_EMPTY = "There is nothing to put into a file."


async def show_number(number: int, *, reply: Reply, store: Store, me: Me, now: datetime) -> None:
    """One escalation, privately, with its buttons. One that you may not see doesn't exist."""
    async with store.read() as session:
        case = await _by_number(session, number, me, now)
        blocks = await renderers.blocks_of(session, case, now)
        link = await cases.link_of(session, case.escalation)
    await reply(card.summary(case.escalation), blocks=answers.in_full(blocks, link))


async def _by_number(session: AsyncSession, number: int, me: Me, now: datetime) -> Case:
    found = await escalations.by_number(session, me.person.workspace_id, number)
    if found is None:
        raise Refusal(NO_SUCH.format(number))
    case = await cases.case_of(session, found, now=now)
    if not rights.may_see(case, me.person):
        raise Refusal(NO_SUCH.format(number))
    return case


async def _visible(session: AsyncSession, escalation_id: int, me: Me, now: datetime) -> Case:
    case = await cases.load(session, escalation_id, now=now, lock=False)
    rights.require_sight(case, me.person)
    return case


async def this_escalation(
    ack: Any, shortcut: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime
) -> None:
    """From a card's thread, where Slack has no commands."""
    await ack()
    message = its_message(shortcut)
    async with store.read() as session:
        thread = str(message.get("thread_ts") or message["ts"])
        escalation_id = await cases.in_thread(session, shortcut["channel"]["id"], thread)
        if escalation_id is None:
            raise Refusal(NOT_A_CARD)
        case = await _visible(session, escalation_id, me, now)
        blocks = await renderers.blocks_of(session, case, now)
    await reply(card.summary(case.escalation), blocks=blocks)


async def why_of(session: AsyncSession, case: Case) -> list[Block]:
    history = await escalation_events.history(session, case.escalation.id)
    return answers.why(case, receipt.receipts(case.escalation, history), await _actors(session, history))


async def history_of(session: AsyncSession, case: Case) -> list[Block]:
    history = await escalation_events.history(session, case.escalation.id)
    return answers.history(case, history, await _actors(session, history))


async def _actors(session: AsyncSession, history: Sequence[Event]) -> Mapping[int, Person]:
    return await people.by_ids(session, (event.actor_id for event in history))


async def why(number: int | None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    if number is None:
        await reply(answers.WHY_WHICH)
        return
    async with store.read() as session:
        case = await _by_number(session, number, me, now)
        blocks = await why_of(session, case)
    await reply(f"Why these deadlines: {case.escalation.label}", blocks=blocks)


async def list_(arguments: tuple[str, str], *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    which, words = arguments
    blocks = await _page(store, which, words, None, me, now)
    await reply(answers.TITLES[which], blocks=blocks)


async def next_page(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    await ack()
    which, below, words = [*str(action["value"]).split(":", 2), "", ""][:3]
    if which not in LISTS or not below.isdecimal():
        raise Refusal(GONE)
    page = await _page(store, which, words, identifier(below), me, now)
    await reply(answers.TITLES[which], blocks=page, replace=True)


async def _page(store: Store, which: str, words: str, below: int | None, me: Me, now: datetime) -> list[Block]:
    async with store.read() as session:
        found = await _found(session, which, words, below, me, most=answers.PAGE + 1)
        shown = found[: answers.PAGE]
        owners = await people.by_ids(session, (one.owner_id for one in shown))
    older = shown[-1].number if len(found) > answers.PAGE else None
    return answers.listed(which, words, shown, owners, now, older=older)


async def _found(
    session: AsyncSession, which: str, words: str, below: int | None, me: Me, *, most: int
) -> Sequence[Escalation]:
    ids = await search.matching(session, words, most=500) if words else None
    return await escalation_lists.listed(
        session,
        which=which,
        viewer_id=me.id,
        team_ids=await _teams_in_sight(session, me),
        ids=ids,
        below=below,
        most=most,
    )


async def _teams_in_sight(session: AsyncSession, me: Me) -> list[int]:
    """The teams somebody belongs to or heads. Whoever is in none (an admin, say) has only what they raised or own."""
    return sorted(team.id for team in await memberships.teams_seen_by(session, me.id))


async def stats(period: str, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    start, name = period_of(period, me.person, now)
    async with store.read() as session:
        seen = await _teams_in_sight(session, me)
        cases = await escalation_lists.measured(session, team_ids=seen, viewer_id=me.id, start=start, end=now)
        turns = await escalation_lists.turns(
            session, kinds=list(figures.HOLDER_AFTER), team_ids=seen, viewer_id=me.id, start=start, end=now
        )
    held = figures.held_by_role(cases, turns, now)
    causes, repeats = figures.root_causes(cases), figures.repeats(cases)
    blocks = answers.figures(figures.lines(cases), causes, repeats, held, name, period=period)
    await reply(f"Escalations, {name}", blocks=blocks)


def period_of(period: str, person: Person, now: datetime) -> tuple[datetime, str]:
    """When the period began (UTC; local days of the reader) and its name."""
    zone = parse_zone(person.zone)
    today = local_date(now, zone)
    match period:
        case "week":
            first, name = today - timedelta(days=today.weekday()), "this week"
        case "quarter":
            first, name = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), "this quarter"
        case "year":
            first, name = date(today.year, 1, 1), f"{today.year}"
        case _:
            first, name = today.replace(day=1), f"{today:%B %Y}"
    return at_local(first, time(0), zone), name


async def follow_ups(_arguments: None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    async with store.read() as session:
        managed = [team.id for team in await memberships.teams_of(session, me.id)]
        found = await open_follow_ups(session, team_ids=managed, owner_id=me.id, most=20)
        owners = await people.by_ids(session, (follow_up.owner_id for follow_up, _ in found))
    today = now.astimezone(parse_zone(me.person.zone))
    rows = [(follow_up, escalation, owners[follow_up.owner_id]) for follow_up, escalation in found]
    await reply("Follow-ups", blocks=answers.follow_ups(rows, today))


async def send_csv(
    ack: Any, action: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The same list as a file, in a direct message."""
    await ack()
    which, _, rest = str(action["value"]).partition(":")
    async with store.read() as session:
        if which == answers.PERIOD and rest in PERIODS:
            found = await escalation_lists.raised_between(
                session,
                team_ids=await _teams_in_sight(session, me),
                viewer_id=me.id,
                start=period_of(rest, me.person, now)[0],
                end=now,
                most=CSV_AT_MOST,
            )
        elif which in LISTS:
            found = await _found(session, which, rest, None, me, most=CSV_AT_MOST)
        else:
            raise Refusal(GONE)
        everyone = [one.owner_id for one in found] + [one.reporter_id for one in found]
        known = await people.by_ids(session, everyone)
    if not found:
        await reply(CSV_EMPTY)
        return
    async with store.write() as session:
        session.add_all(DataAccess(person_id=named, by_id=me.id, at=now, what=EXPORTED) for named in sorted(known))
    opened = await client.conversations_open(users=me.person.slack_id)
    await client.files_upload_v2(
        channel=opened["channel"]["id"],
        filename=f"escalations-{now:%Y-%m-%d}.csv",
        content=as_csv(found, known),
        initial_comment=CSV_SENT.format(len(found), "escalation" if len(found) == 1 else "escalations"),
    )


def as_csv(found: Sequence[Escalation], known: Mapping[int, Person]) -> str:
    """One row an escalation; times in UTC (ISO 8601). A cell that a spreadsheet would take for a formula is defused."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(CSV_COLUMNS)
    for one in found:
        resolve = one.clock(Kind.RESOLVE)
        row = [
            one.label,
            one.severity.value,
            one.state.value,
            title(one, 200),
            one.ticket,
            one.customer,
            _name(known, one.reporter_id),
            _name(known, one.owner_id),
            _iso(one.raised_at),
            _iso(_met(one.clock(Kind.ACKNOWLEDGE))),
            _iso(one.resolved_at),
            resolve.state.value if resolve else "",
            one.outcome.value if one.outcome else "",
            one.root_cause.value if one.root_cause else "",
            one.done,
        ]
        writer.writerow([defused(str(cell or "")) for cell in row])
    return written.getvalue()


CSV_COLUMNS = (
    "number",
    "severity",
    "state",
    "title",
    "ticket",
    "customer",
    "raised_by",
    "owner",
    "raised_at",
    "acknowledged_at",
    "resolved_at",
    "resolve_deadline",
    "outcome",
    "root_cause",
    "what_was_done",
)


def _name(known: Mapping[int, Person], person_id: int | None) -> str:
    person = known.get(person_id or 0)
    return person.name if person else ""


def _met(clock: Clock | None) -> datetime | None:
    return clock.met_at if clock else None


def _iso(instant: datetime | None) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds") if instant else ""
