"""What is kept for 24 months is gone after them; what is not over, or younger, stays."""

from datetime import timedelta

from sqlalchemy import func, select, text

from storage.base import Base
from storage.clocks import Clock
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.follow_ups import FollowUp
from storage.messages import Message
from tests.handlers.escalations.stories import chooses
from tests.office import Office

KEPT: tuple[type[Base], ...] = (Escalation, Clock, Event, FollowUp)


async def count(office: Office, model: type[Base]) -> int:
    async with office.bot.store.read() as session:
        return (await session.execute(select(func.count()).select_from(model))).scalar_one()


async def raises(office: Office, what: str) -> None:
    await office.mei.types(f"/escalate {what}", channel="#care")
    form = await office.mei.modal()
    form.fill("severity", "S4").fill("need", "decision")
    await form.submit()
    await office.settles()


async def test_an_ended_escalation_is_deleted_after_two_years_with_everything_that_hangs_on_it(office: Office) -> None:
    await raises(office, "Invoices arrive in the wrong language")
    await office.aoife.clicks(await office.aoife.finds("#care-escalations", "E-1"), "Resolve…")
    end = await office.aoife.modal()
    end.fill("outcome", "solved").fill("root_cause", "not_known").fill("done", "Explained.").fill("told", "no")
    await end.submit()
    await office.settles()
    await office.sleeps(days=729)
    assert [await count(office, model) for model in KEPT] != [0, 0, 0, 0]
    await office.sleeps(days=2)
    await office.passes(hours=25)
    assert [await count(office, model) for model in KEPT] == [0, 0, 0, 0]
    async with office.bot.store.read() as session:
        left = select(Message.key).where(Message.key.like("escalation:%") | Message.key.like("follow_up:%"))
        assert (await session.execute(left)).scalars().all() == []
        assert (await session.execute(text("SELECT count(*) FROM escalation_texts"))).scalar_one() == 0


async def test_an_escalation_that_is_still_open_is_kept_however_old(office: Office) -> None:
    await raises(office, "Somebody will answer this one day")
    await office.sleeps(days=800)
    await office.passes(hours=25)
    assert await count(office, Escalation) == 1


async def test_a_form_that_nobody_came_back_to_is_deleted(office: Office) -> None:
    await raises(office, "Login loops after the update of Tuesday")
    await office.lee.types("/escalate Login loops after the update of Tuesday", channel="#care")
    form = await office.lee.modal()
    form.fill("severity", "S4").fill("need", "decision")
    await form.submit()
    await office.lee.modal(titled="The same problem?")
    async with office.bot.store.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM escalation_drafts"))).scalar_one() == 1
    await office.sleeps(hours=timedelta(days=3) / timedelta(hours=1))
    await office.passes(hours=25)
    async with office.bot.store.read() as session:
        assert (await session.execute(text("SELECT count(*) FROM escalation_drafts"))).scalar_one() == 0


async def test_the_words_of_a_restricted_escalation_have_left_the_search_by_the_next_night(
    office: Office, database_url: str
) -> None:
    await raises(office, "Zanzibarian customer complains about a colleague")
    await chooses(office, office.mei, "Restrict…", restricted=["restricted"], viewers=["Ben"])
    await office.passes(hours=25)
    async with office.bot.store.read() as session:
        if database_url.startswith("sqlite"):
            kept = "SELECT count(*) FROM escalation_texts_data WHERE instr(block, CAST('zanzibarian' AS BLOB)) > 0"
        else:
            kept = "SELECT count(*) FROM escalation_texts WHERE document::text LIKE '%zanzibar%'"
        assert (await session.execute(text(kept))).scalar_one() == 0
