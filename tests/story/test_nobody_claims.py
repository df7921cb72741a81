"""What a newcomer sees when nobody acts: the reminder, the breach, the next tier, and a step that is late."""

from tests.office import Office
from tests.simulator.browsing import Screens
from tests.story.desk import Desk, needs_browser
from tests.story.test_one_day import PICTURES

pytestmark = needs_browser


async def test_an_escalation_that_nobody_claims_climbs_to_the_next_tier(office: Office, screens: Screens) -> None:
    await office.ben.types("/escalate The export of one account shows contacts of another one", channel="#care")
    form = await office.ben.modal()
    form.fill("severity", "S1").fill("need", "technical_help").fill("ticket", "48213")
    await form.submit()
    await office.passes(minutes=20)
    aoife = await Desk.of(office, screens, "Aoife", "care-escalations")
    await aoife.reads("E-1", "overdue")
    await aoife.shows(PICTURES, "breach")
    await aoife.goes_to("Backstop")
    await aoife.reads("Nobody claimed this in time", "E-1")
    await office.sleeps(hours=1)
    await aoife.reads("Backstop was down")
