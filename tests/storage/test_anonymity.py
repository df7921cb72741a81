"""After the close of an anonymous poll nothing ties an answer to a person: tried on all that a month leaves behind."""

import itertools
import json
import random
import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import timedelta

import asyncpg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from storage import ballots, people, poll_audiences, polls
from storage.ballots import Loose
from storage.messages import Message
from storage.people import Person
from storage.polls import Mode, Poll, PollState, Question
from storage.store import Store
from storage.teams import Team
from tests.conftest import TUESDAY_TEN_IN_DUBLIN
from tests.handlers.polls.stories import CARE_WITHOUT_LEAD, answers, crew, latest, letter, sent
from tests.office import Office
from tests.storage.forensics import Remains, linked, remains, tied

ROUNDS = 3
QUESTIONS = 2
VOTERS = len(CARE_WITHOUT_LEAD)
BY_CHANCE = 30
"""Of 66 answers, with 11 people to each question. A shuffle leaves 6 at their place on average (fixed points of random
permutations: Poisson), so that a pair of orders finds 30 with a probability of about 10⁻¹²; there are some thousand
pairs, in two directions. An order that is left finds 66."""


@dataclass
class Month:
    """What really happened: known to the test, and to nobody else."""

    truths: dict[int, dict[str, int]] = field(default_factory=dict)
    rumours: dict[int, list[int]] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)
    pairs: list[tuple[int, int]] = field(default_factory=list)


async def live_a_month(office: Office) -> Month:
    """A poll that is asked every week; people answer in any order, some of them twice, some questions too few."""
    lived = Month()
    await sent(office, office.aoife, "training", more=True, every_weeks="Every week")
    async with office.bot.store.read() as session:
        ids = {person.name: person.id for person in (await session.execute(select(Person))).scalars()}
    for turn in range(ROUNDS):
        poll = await latest(office)
        voters = random.sample(CARE_WITHOUT_LEAD, VOTERS)
        asked = [one.id for one in poll.questions[:QUESTIONS]]
        lived.pairs.append((asked[0], asked[1]))
        for name in voters:
            person = office.sim.acts_as(name)
            where = await letter(person, poll)
            words = {place: secrets.token_hex(8) for place in range(1, QUESTIONS + 1)}
            if name in voters[:3]:
                first = {place: secrets.token_hex(8) for place in words}
                lived.replaced += first.values()
                await answers(person, poll, first, where=where)
            if name in voters[:4]:  # one too few to be shown
                words[3] = secrets.token_hex(8)
                lived.unshown.append(words[3])
            await answers(person, poll, words, where=where)
            for place, question_id in enumerate(asked, 1):
                lived.truths.setdefault(question_id, {})[words[place]] = ids[name]
                lived.rumours.setdefault(question_id, []).append(ids[name])
        await office.sleeps(days=7 if turn < ROUNDS - 1 else 3)
        await office.settles()
    return lived


async def known_as(store: Store) -> dict[str, int]:
    async with store.read() as session:
        return {person.slack_id: person.id for person in (await session.execute(select(Person))).scalars()}


async def test_nobody_can_tell_who_said_what_from_all_that_a_month_leaves(
    office: Office, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lived = await live_a_month(office)
    names = await known_as(office.bot.store)
    left = await remains(database_url)
    assert left.tables["secret_ballots"] == []
    published = {row["text"] for row in left.tables["poll_answers"]}
    assert published == {text for truth in lived.truths.values() for text in truth}

    score = tied(left, names, lived.truths, lived.rumours)
    assert len(score) > 100
    best = max(score, key=lambda pair: score[pair])
    assert score[best] < BY_CHANCE, best
    for one, other in lived.pairs:
        assert linked(left, [lived.truths[one], lived.truths[other]], [one, other]) < VOTERS - 2

    for words in (*lived.replaced, *lived.unshown):
        assert left.where(words) == []
    assert everything_beside(left, "poll_answers") & published == set()
    told = capsys.readouterr()
    assert not any(words in told.out + told.err for words in (*published, *lived.replaced))


def everything_beside(left: Remains, table: str) -> set[str]:
    """Every word that stands in another table, however deep in JSON."""
    rows = [rows for name, rows in left.tables.items() if name != table]
    written = json.dumps(rows, default=str)
    for sign in '"\\{}[]:,':
        written = written.replace(sign, " ")
    return set(written.split())


async def test_a_message_row_is_the_same_whether_its_reader_answered_or_not(office: Office) -> None:
    poll = await sent(office, office.aoife, "training")
    for person in crew(office, ("Ben", "Cara", "Niamh", "Sean", "Petra")):
        await answers(person, poll, {1: "something"})
    async with office.bot.store.read() as session:
        found = (await session.execute(select(Message).where(Message.renderer == "polls.prompt"))).scalars()
        kinds = {(row.wanted, row.shown, row.attempt, row.state) for row in found}
    assert len(kinds) == 1


async def a_poll(store: Store) -> tuple[Poll, dict[str, int]]:
    """An anonymous poll with one question, answered by eleven: straight into the tables."""
    at = TUESDAY_TEN_IN_DUBLIN
    async with store.write() as session:
        users = [{"id": f"U{number:03}", "name": f"Person {number}"} for number in range(VOTERS)]
        await people.keep_all(session, "T1", users, now=at)
        voters = await people.by_slack_ids(session, "T1", [user["id"] for user in users])
        team = Team(
            workspace_id="T1",
            form_key="k",
            name="Care",
            channel="C1",
            escalation_channel="C1",
            zone="UTC",
            days=[0],
            start=at.time(),
            end=at.time(),
            policy={},
            requested_at=at,
        )
        session.add(team)
        await session.flush()
        poll = Poll(
            workspace_id="T1",
            form_key="p",
            team_id=team.id,
            author_id=voters[0].id,
            template="training",
            title="Needs",
            mode=Mode.ANONYMOUS,
            results="after_close",
            state=PollState.OPEN,
            created_at=at,
            closes_at=at + timedelta(days=1),
        )
        session.add(poll)
        await session.flush()
        session.add(Question(poll_id=poll.id, position=0, kind="text", text="What?", sameness="x"))
        await poll_audiences.ask(
            session,
            poll.id,
            [{"person_id": one.id, "team_id": team.id, "by_name": False, "in_channel": False} for one in voters],
        )
        await session.flush()
        whole = await polls.loaded(session, poll.id)
        assert whole is not None
        truth = {secrets.token_hex(8): one.id for one in voters}
        for text, person_id in truth.items():
            await ballots.cast(session, whole, person_id, {str(whole.questions[0].id): text}, now=at)
    return whole, truth


async def close(store: Store, poll: Poll, **draws: object) -> None:
    async with store.write() as session:
        given = await ballots.secret_of(session, poll.id)
        question = poll.questions[0].id
        loose = [Loose(question, None, text=written[str(question)]) for written in given.values()]
        await ballots.publish(session, loose, [], **draws)  # type: ignore[arg-type]  # the ids that it draws
        await ballots.destroy_secret(session, poll.id)


async def test_the_attack_finds_everybody_where_answers_are_not_shuffled(store: Store, database_url: str) -> None:
    poll, truth = await a_poll(store)
    numbers = itertools.count(1)
    await close(store, poll, draw=lambda: f"{next(numbers):08}")
    left = await remains(database_url)
    question = poll.questions[0].id
    score = tied(left, await known_as(store), {question: truth}, {question: list(truth.values())})
    assert max(score.values()) == VOTERS


async def test_the_attack_finds_a_ballot_that_was_only_deleted(store: Store, database_url: str) -> None:
    """Neither overwritten nor scrubbed, as databases delete by themselves; then scrubbed, and it is gone."""
    _, truth = await a_poll(store)
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        careless = sqlite3.connect(str(url.database))
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute("DELETE FROM secret_ballots")
        careless.commit()
        careless.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        careless.close()
    else:
        connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        await connection.execute("DELETE FROM secret_ballots")
        await connection.close()
    left = await remains_unswept(database_url)
    assert any(left.where(text) for text in truth)


async def remains_unswept(database_url: str) -> Remains:
    """As it lies there before PostgreSQL has come by to vacuum."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        return await remains(database_url)
    connection = await asyncpg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    await connection.execute("CHECKPOINT")
    path = await connection.fetchval("SELECT pg_relation_filepath('secret_ballots')")
    content = await connection.fetchval("SELECT pg_read_binary_file($1)", path)
    await connection.close()
    return Remains(files={"secret_ballots": content})


async def test_scrubbing_takes_what_was_deleted_out_of_the_files(store: Store, database_url: str) -> None:
    poll, truth = await a_poll(store)
    async with store.write() as session:
        await ballots.destroy_secret(session, poll.id)
    await store.scrub("secret_ballots")
    left = await remains(database_url)
    assert not any(left.where(text) for text in truth)
