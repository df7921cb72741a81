"""Looking at polls, closing them, taking their results away."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, section
from handlers.forms import identifier
from handlers.house import Me, Reply
from handlers.polls import opening, reading
from handlers.polls.closing import close
from handlers.polls.rules import rights, tallying
from handlers.polls.rules.tallying import Tally
from handlers.polls.views import lists, results
from handlers.refusals import Refusal
from handlers.spreadsheet import defused
from storage import ballots, people, polls
from storage.ballots import Answers
from storage.people import DataAccess
from storage.polls import Kind, Poll, PollState
from storage.schedule import drop_schedule
from storage.store import Store

LATELY = timedelta(days=30)
LISTED = 8
NO_SUCH = "I don’t know a poll P-{}. `/poll list` shows the ones you can open."
NONE_TO_CLOSE = "No open poll is yours to close. `/poll list` shows what is open."
CLOSED_ALREADY = "{} was closed already."
STOPPED = "{} is not asked again."
NAMES_GONE = "The names are deleted by now, as `/poll privacy` says. The counts are still there."
READ = "read what they answered in the poll P-{}"
EXPORTED = "exported what they answered in the poll P-{}"
COLUMNS = ("question", "kind", "team", "answer", "count", "answered")


async def list_(_arguments: None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    async with store.read() as session:
        running = await polls.concerning(session, me.id, state=PollState.OPEN, most=LISTED)
        over = await polls.concerning(session, me.id, state=PollState.CLOSED, closed_since=now - LATELY, most=LISTED)
        waiting = frozenset(poll.id for poll in await ballots.open_for(session, me.id, most=LISTED * 2))
        blocks = await _rows(session, running, over, waiting, me)
    await reply(lists.TITLE, blocks=blocks)


async def _rows(
    session: AsyncSession, running: Sequence[Poll], over: Sequence[Poll], waiting: frozenset[int], me: Me
) -> list[Block]:
    every = [*running, *over]
    mine = {poll.id: rights.leads(await polls.reader_of(session, poll, me.id)) for poll in every}
    taken_part = {poll.id: await ballots.turnout(session, poll) for poll in every}
    return lists.listed(running, over, mine=mine, waiting=waiting, taken_part=taken_part)


async def show_number(number: int, *, reply: Reply, store: Store, me: Me) -> None:
    async with store.read() as session:
        poll = await _by_number(session, number, me)
        waiting = frozenset(one.id for one in await ballots.open_for(session, me.id, most=50))
        is_open = poll.state == PollState.OPEN
        blocks = await _rows(session, [poll] if is_open else [], [] if is_open else [poll], waiting, me)
    await reply(f"{poll.label} {poll.title}", blocks=blocks)


async def _by_number(session: AsyncSession, number: int, me: Me) -> Poll:
    poll = await polls.by_number(session, me.person.workspace_id, number)
    if poll is None or not rights.may_see(await polls.reader_of(session, poll, me.id)):
        raise Refusal(NO_SUCH.format(number))
    return poll


async def offer_close(number: int | None, *, reply: Reply, store: Store, me: Me, now: datetime, **_: Any) -> None:
    """`/poll close P-7` closes it; without a number: those that one may close, each with its button."""
    if number is not None:
        async with store.write() as session:
            poll = await _by_number(session, number, me)
            await reply_closed(session, poll.id, me, now)
        await reply(lists.closed(poll), blocks=None)
        return
    async with store.read() as session:
        running = await polls.concerning(session, me.id, state=PollState.OPEN, most=LISTED)
        mine = [one for one in running if rights.leads(await polls.reader_of(session, one, me.id))]
        blocks = await _rows(session, mine, [], frozenset(), me)
    await reply(lists.TITLE, blocks=blocks if mine else [section(NONE_TO_CLOSE)])


async def close_now(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me, now: datetime) -> None:
    poll_id = identifier(action["value"])
    async with store.write() as session:
        poll = await reply_closed(session, poll_id, me, now)
    await ack()
    await reply(lists.closed(poll))


async def reply_closed(session: AsyncSession, poll_id: int, me: Me, now: datetime) -> Poll:
    """The poll, closed by this reader. Raises Refusal if it isn't theirs to close, or closed already."""
    poll, reader = await reading.for_reader(session, poll_id, me.id)
    rights.require_leading(poll, reader)
    locked = await polls.locked(session, poll.id)
    assert locked is not None
    if not await close(session, locked, by=me.person, now=now):
        raise Refusal(CLOSED_ALREADY, locked.label)
    return locked


async def stop_repeating(ack: Any, action: dict[str, Any], reply: Reply, store: Store, me: Me) -> None:
    poll_id = identifier(action["value"])
    async with store.write() as session:
        poll, reader = await reading.for_reader(session, poll_id, me.id)
        rights.require_leading(poll, reader)
        if poll.series_id is not None:
            await drop_schedule(session, kind=opening.AGAIN, target_id=poll.series_id)
        poll.every_weeks = 0
    await ack()
    await reply(STOPPED.format(poll.label))


async def open_result(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me
) -> None:
    await ack()
    async with store.read() as session:
        poll, reader = await reading.for_reader(session, identifier(action["value"]), me.id)
        rights.require_results(poll, reader)
        counted = await reading.tallies(session, poll)
        own = await ballots.own_named(session, poll, me.id) if poll.pass_mark is not None else None
        view = results.window(
            poll,
            counted,
            await reading.earlier(session, poll, reader),
            await reading.team_names(session, poll, counted),
            leads=rights.leads(reader),
            taken_part=await ballots.turnout(session, poll),
            own=tallying.score(poll, own) if own is not None and poll.state == PollState.CLOSED else None,
            noted=await reading.noted_topics(session, poll) if rights.leads(reader) else (),
        )
    await _put_on_screen(client, body, view)


async def _put_on_screen(client: AsyncWebClient, body: dict[str, Any], view: Block) -> None:
    show = client.views_push if (body.get("view") or {}).get("type") == "modal" else client.views_open
    await show(trigger_id=body["trigger_id"], view=view)


async def open_names(
    ack: Any, action: dict[str, Any], body: dict[str, Any], client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """Who said what in a named poll; that it was read is logged, for each of them to see."""
    await ack()
    async with store.write() as session:
        poll, given = await _named(session, identifier(action["value"]), me)
        known = await people.by_ids(session, given)
        await _log(session, given, me, READ.format(poll.number), now)
    rows = [
        (known[person_id], _in_words(poll, answers), tallying.score(poll, answers) if poll.pass_mark else None)
        for person_id, answers in given.items()
    ]
    await _put_on_screen(client, body, results.names(poll, sorted(rows, key=lambda row: row[0].name)))


async def _named(session: AsyncSession, poll_id: int, me: Me) -> tuple[Poll, Mapping[int, Answers]]:
    poll, reader = await reading.for_reader(session, poll_id, me.id)
    rights.require_leading(poll, reader)
    if poll.is_anonymous:
        raise Refusal(rights.UNKNOWN)
    if poll.names_dropped_at is not None:
        raise Refusal(NAMES_GONE)
    return poll, await ballots.named_of(session, poll.id)


async def _log(session: AsyncSession, read: Mapping[int, Answers], me: Me, what: str, now: datetime) -> None:
    session.add_all(DataAccess(person_id=one, by_id=me.id, at=now, what=what) for one in sorted(read) if one != me.id)


def _in_words(poll: Poll, answers: Answers) -> list[str]:
    return [f"{one.text} {_words(one.options, answers.get(str(one.id)))}" for one in poll.questions]


def _words(options: Sequence[Any], value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    return ", ".join(str(options[index]) for index in (value if isinstance(value, list) else [value]))


async def send_csv(
    ack: Any, action: dict[str, Any], reply: Reply, client: AsyncWebClient, store: Store, me: Me, now: datetime
) -> None:
    """The result as a file, in a direct message: what the window shows, by the same rules; of a named poll the names
    too, and each of them can see that it was taken."""
    await ack()
    async with store.write() as session:
        poll, reader = await reading.for_reader(session, identifier(action["value"]), me.id)
        rights.require_leading(poll, reader)
        rights.require_results(poll, reader)
        counted = await reading.tallies(session, poll)
        teams = await reading.team_names(session, poll, counted)
        content = as_csv(counted, teams)
        if not poll.is_anonymous and poll.names_dropped_at is None:
            given = await ballots.named_of(session, poll.id)
            known = await people.by_ids(session, given)
            content += by_name(poll, {known[person_id].name: answers for person_id, answers in given.items()})
            await _log(session, given, me, EXPORTED.format(poll.number), now)
    opened = await client.conversations_open(users=me.person.slack_id)
    await client.files_upload_v2(
        channel=opened["channel"]["id"],
        filename=f"poll-{poll.number}.csv",
        content=content,
        initial_comment=results.CSV_SENT.format(poll.label),
    )
    await reply(results.CSV_IS_THERE.format(poll.label))


def as_csv(counted: Sequence[Tally], teams: Mapping[int, str]) -> str:
    """One row an option (and team, where it is shown); one a text. Cells that a spreadsheet would take for formulas are
    defused."""
    rows: list[tuple[object, ...]] = [COLUMNS]
    for tally in counted:
        one = tally.question
        if tally.held_back or not tally.whole.answered:
            rows.append((one.text, one.kind.value, "", "not shown" if tally.held_back else "", "", ""))
        elif one.kind == Kind.TEXT:
            rows += [(one.text, one.kind.value, "", words, 1, tally.whole.answered) for _, words in tally.texts]
        else:
            groups = {"": tally.whole} | {
                name: tally.teams[team] for team, name in teams.items() if team in tally.teams
            }
            rows += [
                (one.text, one.kind.value, name, option, count.counts[index], count.answered)
                for name, count in groups.items()
                for index, option in enumerate(one.options)
            ]
    return _written(rows)


def by_name(poll: Poll, given: Mapping[str, Answers]) -> str:
    """A second table: one row a person."""
    head = ("", *(one.text for one in poll.questions))
    rows = [
        (name, *(_words(one.options, answers.get(str(one.id))) for one in poll.questions))
        for name, answers in sorted(given.items())
    ]
    return "\n" + _written([head, *rows])


def _written(rows: Sequence[Sequence[object]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows([defused(str(cell)) for cell in row] for row in rows)
    return written.getvalue()
