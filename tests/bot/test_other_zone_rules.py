"""A country changes its clocks at short notice, and the machine's zone rules follow while everything is planned by the
old ones: each local date once, at the right hour, and nothing lost. (The rules are read at the next start.)"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulator.shown import Shown
from storage.goals import State
from tests.bot.published import HOUR, Publishes, other_rules
from tests.handlers.checkins.stories import at, enables, round_of
from tests.handlers.goals.stories import goal, sets
from tests.office import Office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DUBLIN, IN_SUMMER = "Europe/Dublin", HOUR
MIDNIGHT = datetime(2026, 6, 3, tzinfo=UTC)
"""From when on the clocks in Dublin stand otherwise than was planned."""
NINE, THREE_HOURS_BEFORE_THE_END = 9 * HOUR, 14.5 * HOUR
DAY = timedelta(days=1)


@pytest.fixture
def publishes(tmp_path: Path) -> Iterator[Publishes]:
    with other_rules(tmp_path / "zones") as publishes:
        yield publishes


@pytest.mark.parametrize(
    ("ahead", "restarts", "first"),
    [
        (2 * HOUR, 7.5 * HOUR, 7.5 * HOUR),
        (-2 * HOUR, 7.5 * HOUR, NINE + 2 * HOUR),
        (-2 * HOUR, 8.5 * HOUR, NINE - IN_SUMMER),
    ],
    ids=["its time has come already", "its time is still to come", "by the old rules it came before"],
)
async def test_each_date_has_its_digest_and_its_check_in_once_and_at_the_new_hour(
    office: Office, publishes: Publishes, ahead: timedelta, restarts: timedelta, first: timedelta
) -> None:
    await enables(office, nudge="0")
    await at(office, "14:31")
    await sleeps_until(office, MIDNIGHT + 7.4 * HOUR)
    await office.passes(seconds=(MIDNIGHT + restarts - office.now).total_seconds())
    publishes(DUBLIN, IN_SUMMER, MIDNIGHT, ahead)
    await office.restarts()
    await office.settles()
    await office.passes(hours=10)
    await sleeps_until(office, MIDNIGHT + DAY + 6.9 * HOUR)
    await office.passes(hours=10)
    await sleeps_until(office, MIDNIGHT + DAY + 23 * HOUR)
    digests = [shown for shown in office.ben.sees("#care") if "Care: today" in shown.text]
    assert [sent_at(shown) for shown in digests] == [MIDNIGHT + first, MIDNIGHT + DAY + NINE - ahead]
    asked = [shown for shown in office.ben.sees("@bot") if "Check-in, " in shown.text]
    assert [sent_at(shown) for shown in asked] == [
        MIDNIGHT - DAY + THREE_HOURS_BEFORE_THE_END - IN_SUMMER,
        MIDNIGHT + THREE_HOURS_BEFORE_THE_END - ahead,
        MIDNIGHT + DAY + THREE_HOURS_BEFORE_THE_END - ahead,
    ]
    assert [(await round_of(office, last=last)).day.day for last in (2, 1)] == [3, 4]


async def test_a_goal_whose_last_day_ends_later_than_was_planned_ends_then(
    office: Office, publishes: Publishes
) -> None:
    await sets(
        office, office.aoife, whose="Team Care", metric="Escalations raised", target="5", more={"period": "week"}
    )
    ends = datetime(2026, 6, 7, 23, tzinfo=UTC)
    await sleeps_until(office, ends - HOUR)
    publishes(DUBLIN, IN_SUMMER, ends - HOUR, -2 * HOUR)
    await office.restarts()
    await office.passes(hours=4)
    assert (await goal(office)).state == State.OPEN, "it is Sunday still"
    await office.passes(hours=2)
    assert (await goal(office)).state == State.CLOSED


async def sleeps_until(office: Office, instant: datetime) -> None:
    """Nothing that matters here comes due meanwhile."""
    await office.sleeps(seconds=(instant - office.now).total_seconds())


def sent_at(shown: Shown) -> datetime:
    """To the minute: whoever else is written to in that minute has their turn."""
    return datetime.fromtimestamp(float(shown.ts), UTC).replace(second=0, microsecond=0)
