"""What Slack says of people, as it is kept."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from storage import people
from storage.people import Person
from storage.store import Store

NOW = datetime(2026, 6, 2, 9, 0, tzinfo=UTC)
STARTS, ENDS, SNOOZED = 1_780_000_000, 1_780_030_000, 1_780_010_000


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(
    ("status", "since", "until"),
    [
        ({"dnd_enabled": True, "next_dnd_start_ts": STARTS, "next_dnd_end_ts": ENDS}, instant(STARTS), instant(ENDS)),
        ({"dnd_enabled": False, "next_dnd_start_ts": STARTS, "next_dnd_end_ts": ENDS}, None, None),
        ({"dnd_enabled": True}, None, None),
        ({"dnd_enabled": True, "next_dnd_start_ts": STARTS}, None, None),
        ({"snooze_enabled": True, "snooze_endtime": SNOOZED}, instant(1), instant(SNOOZED)),
        (
            {
                "dnd_enabled": True,
                "next_dnd_start_ts": STARTS,
                "next_dnd_end_ts": ENDS,
                "snooze_enabled": True,
                "snooze_endtime": SNOOZED,
            },
            instant(1),
            instant(SNOOZED),
        ),
        ({"snooze_enabled": False, "snooze_endtime": SNOOZED}, None, None),
        ({"snooze_enabled": True}, None, None),
        ({}, None, None),
    ],
)
def test_a_snooze_that_holds_comes_before_the_next_do_not_disturb(
    status: dict[str, Any], since: datetime | None, until: datetime | None
) -> None:
    person = Person(dnd_from=NOW, dnd_until=NOW)
    people.keep_dnd(person, status)
    assert (person.dnd_from, person.dnd_until) == (since, until)


async def test_what_slack_says_again_replaces_what_it_said_and_nobody_is_nobody(store: Store) -> None:
    async with store.write() as session:
        await people.keep_all(session, "T1", [], now=NOW)
        for name in ("Mei", "Mei Lin"):
            user = {"id": "U1", "profile": {"real_name": name, "display_name": name}, "tz": "Asia/Nowhere"}
            kept = await people.keep(session, "T1", user, now=NOW)
        assert (kept.name, kept.zone) == ("Mei Lin", "UTC"), "a zone that nobody knows is UTC"
        assert (await session.execute(select(func.count()).select_from(Person))).scalar_one() == 1
