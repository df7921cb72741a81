"""No file that anybody can get from the bot holds what somebody said in a private check-in: every action that hands one
out is found in what is registered, pressed by whoever finds it on a screen of theirs, and forged by everybody else."""

import inspect
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.app import furnish
from simulator.acting import Actor
from simulator.typed_state import Block, elements_in
from storage import checkin_answers
from tests.handlers.checkins.stories import at, enables, everybody_taps, person_of, taps
from tests.handlers.checkins.test_trust import CANARY, writes
from tests.handlers.escalations.stories import raised
from tests.handlers.escalations.test_roles import presses_forged
from tests.handlers.polls.stories import answers, latest, result, sent
from tests.handlers.queue.stories import connected, history
from tests.office import Office

HANDS_OUT_A_FILE = "files_upload_v2"
READERS = ("Aoife", "Jonas", "Omar", "Tomas", "Cara")
"""The manager, the head, an admin, another team's manager, a colleague."""


def doors_to_files() -> set[str]:
    """Every registered action whose listener uploads a file for whoever pressed it."""
    listeners = furnish().actions.items()
    return {action_id for action_id, listener in listeners if HANDS_OUT_A_FILE in inspect.getsource(listener)}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_file_holds_a_private_answer_but_its_writers_own(office: Office) -> None:
    await connected(office, history(office.now))
    await raised(office, office.niamh, "Export of contacts is empty", severity="S3")
    poll = await sent(office, office.aoife, "date", options="Mon\nTue", days=1)
    await answers(office.ben, poll, {1: ["Mon"]})
    await enables(office, days=["1"])
    await (await office.aoife.modal()).close()
    await at(office, "14:31")
    await writes(office, "Ben", CANARY)  # "too much", and "awful": what nobody else says
    await everybody_taps(office, "right", "right", "light", people=("Cara", "Sean", "Aoife"))
    for name in ("Cara", "Sean"):
        await taps(office, office.sim.acts_as(name), "good")
    await office.sleeps(days=6)  # to Monday: the round is closed with too few answers, the week's report is out

    found = await _buttons(office, office.aoife)
    assert found.keys() == doors_to_files(), "say here where a new file is got, or it isn't looked into"
    for name in READERS:
        for action_id, value in found.items():
            await presses_forged(office, office.sim.acts_as(name), action_id, value)
    files = [file for file in office.sim.workspace.files.values() if not str(file.name).endswith(".png")]
    assert {str(file.name).partition("-")[0] for file in files} == {"my", "poll", "queue", "escalations"}
    for file in files:
        for private in (CANARY, "awful", "too much"):
            assert private not in (file.content or b"").decode(), file.name

    await presses_forged(office, office.ben, "teams.export_my_data", "")
    own = list(office.sim.workspace.files.values())[-1]
    assert CANARY in (own.content or b"").decode(), "the search finds it where it is"
    async with office.bot.store.read() as session:
        kept = await checkin_answers.own(
            session, (await person_of(office, "Ben")).id, since=office.now.date() - timedelta(days=30)
        )
    assert [one.blocker for one in kept] == [CANARY]


async def _buttons(office: Office, who: Actor) -> dict[str, str]:
    """Each button that hands out a file, where this reader finds it, with its value."""
    found: dict[str, str] = {}
    await who.types("/escalate list", channel="#care")
    found |= _of((await who.privately("Export of contacts")).blocks)
    await who.types("/backstop my-data", channel="#care")
    found |= _of((await who.privately("What is kept")).blocks)
    found |= _of((await who.finds("@bot", "Care: the week")).blocks)
    window = await result(office, who, await latest(office))
    found |= _of(window.shown.view["blocks"])
    await window.close()
    return found


def _of(blocks: Sequence[Block]) -> dict[str, str]:
    """By action id."""
    return {
        one["action_id"]: one.get("value", "") for _, one in elements_in(blocks) if one["action_id"] in doors_to_files()
    }
