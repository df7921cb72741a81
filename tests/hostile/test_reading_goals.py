"""What a forged click or form tells of somebody's goal: nothing, to whoever may not see it."""

import pytest

from simulator.payloads import Payload
from tests.handlers.goals.stories import by_hand, goal, shows
from tests.hostile.forging import FOREIGN_ID, MANAGER, Forger
from tests.office import Office

SECRET = "Songs sung to calm somebody"
DOORS = ("goals.open", "goals.update", "goals.numbers_form", "goals.close", "goals.close_form", "goals.next")


class Reader(Forger):
    """Also looks at what each of them is answered."""

    def __init__(self, office: Office) -> None:
        super().__init__(office, dict.fromkeys(DOORS, frozenset({MANAGER})))
        self.answered = 0

    async def _try(self, door: str, role: str, payload: Payload, user_id: str) -> None:
        sim = self.office.sim
        called, whispered = len(sim.calls), set(sim.workspace.ephemerals.get(user_id, {}))
        await super()._try(door, role, payload, user_id)
        told = [str(call.args) for call in sim.calls[called:]]
        if user_id != FOREIGN_ID:
            heard = sim.workspace.ephemerals.get(user_id, {})
            told += [str(one.message) for ts, one in heard.items() if ts not in whispered]
            told += [str(window.view) for window in sim.workspace.modals.get(user_id, ())]
            sim.workspace.modals.pop(user_id, None)
        self.answered += bool(told)
        if SECRET in "".join(told):
            self.failures.append(f"{door} tells {role}: {told}")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_no_forged_click_or_form_tells_of_a_goal(office: Office) -> None:
    """Neither to a colleague, nor to the department's head, nor to an admin, nor to the head of another department."""
    await office.omar.types("/backstop team edit Platform", channel="#general")
    await office.omar.clicks(await office.omar.modal(), "More…")
    await office.settles()
    form = await office.omar.modal()
    await form.suggestions("Department", "Engineering")
    await form.fill("Department", "New: Engineering").fill("Heads of the department", ["Tomas"]).submit()
    await office.settles()
    await by_hand(office, office.ben, SECRET)
    await (await office.ben.modal()).close()
    reader = Reader(office)
    await office.ben.types("/goal list", channel="#care")
    await office.ben.clicks(await office.ben.privately("Goals"), "Open")
    await office.settles()
    shown = await shows(office, office.ben)
    await office.settles()
    await office.ben.clicks(shown, "Update…")
    await office.settles()
    await (await office.ben.modal(titled="Where do they stand?")).fill("goal_1", "3").submit()
    await (await office.ben.modal(titled="Saved")).close()
    await office.ben.clicks(shown, "Close…")
    await office.settles()
    await (await office.ben.modal(titled="Close the goal")).fill("ending", "missed").submit()

    await office.settles()
    await office.ben.clicks(await office.ben.modal(titled="Backstop"), "Set the next…")
    await office.settles()
    assert (await office.ben.modal(titled="The next goal")).value("counted") == SECRET
    reader.close()
    assert set(DOORS) <= set(reader.tried)
    assert reader.answered > 20
    assert reader.failures == []
    assert (await goal(office)).level == 3
