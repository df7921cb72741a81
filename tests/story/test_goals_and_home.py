"""A Monday morning with goals, as people see it: the team's post, the form, and Home for an agent and a manager."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.handlers.escalations.stories import press, raised
from tests.handlers.goals.stories import by_hand, sets
from tests.handlers.queue.stories import connected, fresh, history, rating, waiting
from tests.office import Office
from tests.simulator.browsing import PHONE, Screens
from tests.story.desk import Desk, needs_browser
from tests.story.test_one_day import PICTURES, TALL

pytestmark = needs_browser

MONDAY_TEN = datetime(2026, 6, 22, 9, 0, tzinfo=UTC)
"""Two thirds of June are over."""
LONG = {"width": PHONE["width"], "height": 1180}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_monday_with_goals_as_an_agent_and_a_manager_see_it(office: Office, screens: Screens) -> None:
    office.clock.at = MONDAY_TEN - timedelta(minutes=80)
    await the_help_desk_is_connected(office)
    await office.passes(minutes=1)  # what was due in the days between is let go
    await fresh(office)
    await five_goals(office)
    await office.passes(seconds=(MONDAY_TEN - office.now).total_seconds() + 5)
    await the_team_reads_where_its_goals_stand(office, screens)
    await aoife_sets_another_beside_what_was_usual(office, screens)
    await ben_finds_what_waits_for_him(office, screens)
    await aoife_finds_her_team(office, screens)


async def the_help_desk_is_connected(office: Office) -> None:
    """In June fewer are content than in May."""
    tickets = history(office.now)
    ratings = [
        rating(one.external_id, one.updated_at, good=number % (8 if one.created_at.month == 6 else 11) > 0)
        for number, one in enumerate(tickets[::3])
    ]
    still_open = [waiting(office.now - timedelta(hours=3 * number), number) for number in range(1, 8)]
    await connected(office, [*tickets, *still_open], ratings)


async def five_goals(office: Office) -> None:
    """Three of the team, read from its help desk; one of Ben's own, one proposed to him; and two open cases."""
    for metric, target, kind in (
        ("CSAT", "90%", "keep"),
        ("First response time", "32 min", "keep"),
        ("Solved", "240", "reach"),
    ):
        await sets(office, office.aoife, whose="Team Care", metric=metric, target=target, more={"kind": kind})
        await (await office.aoife.modal()).close()
        await office.passes(seconds=1)
    await by_hand(office, office.ben, "Help articles written", target="8")
    await (await office.ben.modal()).close()
    await office.ben.types("/goal update", channel="#care")
    await (await office.ben.modal(titled="Where do they stand?")).fill("goal_4", "6").submit()
    await (await office.ben.modal(titled="Saved")).close()
    note = "You explain things so well. Take some to their end yourself?"
    whose = "Somebody in my team"
    await sets(office, office.aoife, whose=whose, person="Ben", target="6", more={"note": note})
    await (await office.aoife.modal()).close()
    await raised(office, office.mei, "The export of one account shows contacts of another one", severity="S2")
    await raised(office, office.niamh, "A customer of six years was charged twice since March", severity="S3")
    await press(office, office.ben, "Claim", "E-2")


async def the_team_reads_where_its_goals_stand(office: Office, screens: Screens) -> None:
    cara = await Desk.of(office, screens, "Cara")
    await cara.reads("Goals of Care", "keep at least 90 %", "reach 240", "█", "at risk", not_words=("articles", "Ben"))
    await cara.shows(PICTURES, "goals", words="Goals of Care")


async def aoife_sets_another_beside_what_was_usual(office: Office, screens: Screens) -> None:
    aoife = await Desk.of(office, screens, "Aoife")
    await aoife.types("/goal")
    form = await aoife.sees_form("Set a goal")
    await aoife.picks("who", "Team Care")
    await aoife.picks("metric", "One-touch")
    await expect(form).to_contain_text("The last 8 periods")
    await expect(form).to_contain_text("best 52.2 %")
    await aoife.fills("target", "70%")
    await aoife.asks_to_submit()
    await expect(form).to_contain_text("70% is beyond the best of the last 8 periods")
    await aoife.shows(PICTURES, "goal-form")
    await aoife.page.get_by_test_id("modal-close").click()


async def ben_finds_what_waits_for_him(office: Office, screens: Screens) -> None:
    for size, name in ((TALL, "home"), (LONG, "home-phone")):
        ben = await Desk.of(office, screens, "Ben", size=size)
        home = await ben.opens_home()
        await expect(home).to_contain_text("Escalations resolved: reach 6")
        await expect(home).to_contain_text("6 of 8")
        await expect(home.get_by_role("button", name="Accept")).to_be_visible()
        assert await home.evaluate("home => home.scrollWidth <= home.clientWidth"), "nothing lies beyond the edge"
        await ben.shows(PICTURES, name)


async def aoife_finds_her_team(office: Office, screens: Screens) -> None:
    aoife = await Desk.of(office, screens, "Aoife", size=TALL)
    home = await aoife.opens_home()
    await expect(home).to_contain_text("Care: the queue")
    await expect(home).not_to_contain_text("6 of 8")
    await expect(home.get_by_role("button", name="Edit the rota of Care")).to_be_visible()
    await aoife.shows(PICTURES, "home-manager")
