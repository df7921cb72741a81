"""Monday at a quarter past nine: what a manager reads of the week, as a picture of the README shows it."""

from datetime import UTC, datetime, timedelta

from storage import digests
from tests.handlers.queue.stories import connected, fresh, history
from tests.office import Office
from tests.simulator.browsing import Screens
from tests.story.desk import Desk, needs_browser
from tests.story.test_one_day import PICTURES, TALL

pytestmark = needs_browser

MONDAY_NINE = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)


async def test_on_monday_a_manager_reads_how_the_week_went(office: Office, screens: Screens) -> None:
    async with office.bot.store.write() as session:
        await digests.keep_settings(session, office.teams["Care"].id, active_customers=1200)
    await connected(office, history(MONDAY_NINE))
    office.clock.at = MONDAY_NINE - timedelta(minutes=2)
    await office.passes(minutes=1)  # what was due in the days between is let go
    await fresh(office)
    await office.passes(minutes=17)
    aoife = await Desk.of(office, screens, "Aoife", size=TALL)
    await aoife.goes_to("Backstop")
    await aoife.reads("Care: the week", "usual for a week", "Contact ratio", "Send me the CSV files")
    await aoife.shows(PICTURES, "week")
