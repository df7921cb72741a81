"""How long things are kept is the operator's choice: the night does it, and the privacy pages say it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.settings import BadSettingsError, read_settings
from storage.ballots import NamedBallot
from storage.checkin_answers import Answer as CheckinAnswer
from storage.escalations import Escalation
from storage.polls import Poll
from storage.tickets import Ticket
from tests.handlers.checkins.stories import at, enables, taps
from tests.handlers.escalations.stories import raised, resolves
from tests.handlers.polls.stories import answers, sent
from tests.handlers.queue.stories import connected, history
from tests.office import Office

SHORTER = {
    "BACKSTOP_KEEP_ANSWERS_DAYS": 10,
    "BACKSTOP_KEEP_TICKETS_DAYS": 60,
    "BACKSTOP_KEEP_ESCALATIONS_DAYS": 30,
}
KEPT = (CheckinAnswer, NamedBallot, Ticket, Escalation, Poll)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_night_deletes_after_as_many_days_as_the_operator_says_and_the_pages_say_so(
    make_office: Callable[..., Awaitable[Office]],
) -> None:
    office = await make_office(**SHORTER)
    await office.opens()
    await office.ben.types("/backstop privacy", channel="#care")
    told = (await office.ben.privately("who sees it")).text
    for line in (
        "in named ones, 10 days after",
        "history and follow-ups: 30 days",
        "help desk: 60 days",
        "60 days, as",
    ):
        assert line in told
    await office.ben.types("/poll privacy", channel="#care")
    assert "words 10 days after the close" in (await office.ben.privately("What anonymous means")).text

    await connected(office, history(office.now, days=3))
    poll = await sent(office, office.aoife, "date", options="Mon\nTue", days=0.3)
    await answers(office.ben, poll, {1: ["Mon"]})
    await raised(office, office.niamh, severity="S3")
    await resolves(office, office.aoife, "E-1")
    await enables(office, days=["1"])
    await at(office, "14:31")
    await taps(office, office.ben, "right")
    await office.passes(hours=4)  # the poll closes
    assert min(await _counted(office)) > 0
    for days, left in ((9, [1, 1, 1, 1, 1]), (3, [0, 0, 1, 1, 1]), (20, [0, 0, 1, 0, 1]), (30, [0, 0, 0, 0, 1])):
        await office.sleeps(days=days)
        assert [min(number, 1) for number in await _counted(office)] == left, days


async def _counted(office: Office) -> list[int]:
    async with office.bot.store.read() as session:
        return [(await session.execute(select(func.count()).select_from(model))).scalar_one() for model in KEPT]


@pytest.mark.parametrize(("setting", "days"), [("ANSWERS", 6), ("TICKETS", 59), ("TICKETS", 397), ("ESCALATIONS", 29)])
def test_what_would_keep_too_little_or_too_much_is_refused_by_name(setting: str, days: int) -> None:
    given: dict[str, Any] = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
    with pytest.raises(BadSettingsError, match=f"BACKSTOP_KEEP_{setting}_DAYS"):
        read_settings(**given, **{f"BACKSTOP_KEEP_{setting}_DAYS": days})
    assert read_settings(**given).keeping.answers == timedelta(days=90)
