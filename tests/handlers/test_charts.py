"""Charts: their words, their pictures, and that a picture never holds up the message that it belongs to."""

from collections.abc import AsyncIterator
from datetime import date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from handlers import charts, drawing
from handlers.blocks import section
from handlers.house import Rendered
from storage.messages import Message, MessageState
from tests.bot.post_office import WORKSPACE, PostOffice, open_post_office
from tests.office import StillClock

LOAD = charts.Bars(title="Load, 2 June", labels=("light", "right", "heavy"), counts=(1, 4, 0), ordered=True)
WEEKS = charts.OverTime(
    title="Mean load",
    days=(date(2026, 5, 19), date(2026, 5, 26), date(2026, 6, 2)),
    series=(("Care", (3.0, None, 3.4)), ("Platform", (2.0, 2.5, 3.0))),
    low=1,
    high=5,
    target=3,
    target_label="Goal",
)
BY_WEEK = charts.Stacked(title="Load by week", rows=("A", "B"), parts=("light", "heavy"), counts=((1, 4), (0, 0)))
ALL = [LOAD, WEEKS, WEEKS.model_copy(update={"as_bars": True}), BY_WEEK]


@pytest.fixture
async def post_office(database_url: str, clock: StillClock) -> AsyncIterator[PostOffice]:
    async with open_post_office(clock, database_url) as opened:
        yield opened


def test_a_charts_words_are_made_of_its_data_and_a_gap_is_no_zero() -> None:
    assert charts.alt_text(LOAD) == "Load, 2 June: light 1, right 4, heavy 0."
    assert "Care: 19 May 3, 26 May not measured, 2 Jun 3.4" in charts.alt_text(WEEKS)
    assert "Goal: 3" in charts.alt_text(WEEKS)
    assert charts.alt_text(BY_WEEK) == "Load by week: A: light 1, heavy 4. B: light 0, heavy 0."


@pytest.mark.parametrize("chart", ALL, ids=["bars", "line", "bars over time", "stacked"])
def test_every_kind_is_drawn_and_survives_being_kept_as_json(chart: charts.Chart) -> None:
    kept = drawing.read_chart(chart.model_dump(mode="json"))
    assert kept == chart
    assert drawing.drawn(kept).startswith(b"\x89PNG")


def test_what_people_typed_as_a_label_is_drawn_as_text() -> None:
    odd = charts.Bars(title="$\\frac{1$ _x_ 猫", labels=("$a_1", "x" * 300, "=1+1"), counts=(0, 0, 0))
    with pytest.warns(UserWarning, match="missing from font"):
        assert drawing.drawn(odd).startswith(b"\x89PNG")


async def with_picture(session: AsyncSession, message: Message, _now: datetime) -> Rendered:
    blocks = [section("9 of 12 answered"), *await charts.picture_blocks(session, message.key)]
    return Rendered("9 of 12 answered", blocks)


async def wants_picture(post_office: PostOffice) -> None:
    post_office.house.renders("tests.pictured", with_picture)
    post_office.house.job(charts.DRAW, charts.draw_and_show)
    await post_office.wants("result", renderer="tests.pictured")
    async with post_office.store.write() as session:
        await charts.want_picture(
            session, workspace_id=WORKSPACE, key="result", chart=LOAD, messages=["result"], now=post_office.clock.at
        )


def shown(post_office: PostOffice) -> list[str]:
    [post] = post_office.posts("result")
    return [block["type"] for block in post["blocks"]]


async def draws(post_office: PostOffice) -> None:
    ticking = post_office.ticking()
    await ticking.beat()
    await ticking.finish_jobs()
    await post_office.rests()


async def test_the_message_comes_first_and_the_picture_into_it(post_office: PostOffice) -> None:
    await wants_picture(post_office)
    await post_office.rests()
    assert shown(post_office) == ["section"]
    await draws(post_office)
    assert shown(post_office) == ["section", "image"]
    [file] = post_office.sim.workspace.files.values()
    assert file.alt_text == "Load, 2 June: light 1, right 4, heavy 0."
    assert len(post_office.everything()) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_picture_that_slack_does_not_take_leaves_its_message_standing(
    post_office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "GIVES_UP_AFTER", 1)
    post_office.sim.faults.fail("files.completeUploadExternal", times=None)
    await wants_picture(post_office)
    await draws(post_office)
    assert shown(post_office) == ["section"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_picture_that_slack_can_not_show_in_the_message_is_left_out_of_it(post_office: PostOffice) -> None:
    await wants_picture(post_office)
    await draws(post_office)
    post_office.sim.workspace.files.clear()
    await post_office.changes("result", "")
    await post_office.rests()
    assert shown(post_office) == ["section"]
    assert await post_office.state("result") == MessageState.SENT
