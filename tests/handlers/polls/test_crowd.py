"""A crowd that answers at once: one transaction, everybody's answer in it, and each judged by itself."""

import asyncio
from datetime import timedelta

from sqlalchemy import select

from benchmarks.databases import asked_of
from handlers.house import Me
from handlers.polls.booth import Booth, Vote
from handlers.refusals import Refusal
from storage import ballots
from storage.people import Person
from storage.poll_audiences import Asked
from tests.handlers.polls.stories import sent
from tests.office import Office


async def test_a_crowd_is_counted_in_one_transaction_of_a_few_statements(office: Office) -> None:
    poll = await sent(office, office.aoife, "date", more=True, options="Mon\nTue", channel="#care", teams=[])
    question = poll.questions[0].id
    async with office.bot.store.read() as session:
        found = await session.execute(select(Person).join(Asked, Asked.person_id == Person.id).order_by(Person.id))
        members = [Me(person, is_admin=False) for person in found.scalars()]

    def vote(me: Me, option: int, *, late: bool = False) -> Vote:
        at = poll.closes_at + timedelta(seconds=1) if late else office.now
        return Vote(poll.id, me, poll.channel, lambda _poll: {str(question): [option]}, at)

    booth, store = Booth(), office.bot.store
    before = store.commits
    with asked_of(store.write_engine) as statements:
        votes = [vote(me, 0) for me in members]
        votes += [vote(members[1], 1), vote(members[0], 0, late=True)]
        outcomes = await asyncio.gather(*(booth.cast(store, one) for one in votes), return_exceptions=True)
    assert store.commits - before == 1
    assert len(members) > 10
    assert len(statements) < 10
    assert isinstance(outcomes[-1], Refusal)
    assert not any(isinstance(one, BaseException) for one in outcomes[:-1])
    async with store.read() as session:
        kept = await ballots.named_of(session, poll.id)
    assert kept == {me.id: {str(question): [int(me is members[1])]} for me in members}
