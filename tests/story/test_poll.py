"""A poll on a phone: answered with a tap in the message, and its result there after the close."""

from simulator.company import AGENTS
from tests.handlers.polls.stories import crew, letter, sent, taps
from tests.office import Office
from tests.simulator.browsing import PHONE, Screens
from tests.story.desk import Desk, needs_browser
from tests.story.test_one_day import PICTURES

pytestmark = needs_browser

TOPICS = ("Refunds above the limit", "Reading an export", "Escalating well", "Angry customers")
CHOSEN = {"Ben": 0, "Niamh": 0, "Sean": 2, "Petra": 0, "Yusuf": 1, "Mei": 0, "Ramon": 1, "Lee": 2}


async def test_a_poll_is_answered_by_a_tap_and_shows_its_bars_and_no_names_after_the_close(
    office: Office, screens: Screens
) -> None:
    poll = await sent(
        office, office.aoife, "blank", question="What should we train next?", options="\n".join(TOPICS), days=0.2
    )
    cara = await Desk.of(office, screens, "Cara", size=PHONE)
    await cara.goes_to("Backstop")
    await cara.reads("What should we train next?", "Anonymous.", "shown if there are 5 besides")
    await cara.presses_beside(poll.title, TOPICS[3])
    await cara.reads("What should we train next?", "Your answer is counted")
    await cara.shows(PICTURES, "poll")
    for person in crew(office, CHOSEN):
        await taps(office, person, poll, CHOSEN[person.name])
    await office.passes(hours=5)
    await cara.reads("P-1 is closed", "9 answers", *TOPICS)
    await cara.shows(PICTURES, "poll-result")
    shown = (await letter(office.cara, poll)).text
    assert not [name for name in AGENTS if name in shown]
