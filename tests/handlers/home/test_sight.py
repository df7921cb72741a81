"""What a person may not see is not on their Home: every role and relation over a company with something in it."""

from simulator.shown import Home
from tests.handlers.escalations.stories import begin, raised, submit
from tests.handlers.goals.stories import sets
from tests.handlers.polls.stories import sent
from tests.handlers.queue.stories import connected, history
from tests.handlers.training.test_required import requires
from tests.office import Office

PRIVATE_GOAL, TEAM_GOAL = "reach 17", "at 23 or less"
OPEN_CASE, RESTRICTED_CASE = "Refund is stuck at the bank", "A colleague harassed a customer"
DEPARTMENT_GOAL, TRAINING, QUEUE = "at 31 or less", "Fire safety", "unassigned"
CARE = {"mei", "ramon", "ben", "cara"}
EVERYBODY = ("mei", "ramon", "ben", "cara", "aoife", "jonas", "omar", "tomas", "dana")
MAY_SEE = {
    PRIVATE_GOAL: {"ben"},
    TEAM_GOAL: {"mei", "ramon", "ben", "cara", "aoife", "jonas"},
    OPEN_CASE: {"mei", "ramon", "ben", "cara", "aoife", "jonas"},
    RESTRICTED_CASE: {"mei", "cara"},
    DEPARTMENT_GOAL: {*CARE, "aoife", "jonas", "tomas", "dana"},
    TRAINING: {*CARE, "aoife"},
    QUEUE: {"aoife", "jonas"},
    "Pulse": {*CARE, "aoife"},
    "How is work going": set(),
    "Rota…": {"aoife", "tomas"},
    "Settings…": {"aoife", "tomas"},
    "Check-ins…": {"aoife", "tomas"},
    "On duty": {"mei", "ramon", "ben", "cara", "aoife", "jonas", "tomas", "dana"},
}


async def test_each_home_shows_what_its_reader_may_see_and_nothing_else(office: Office) -> None:
    await sets(office, office.ben, target="17")
    await sets(office, office.aoife, whose="Team Care", metric="Escalations raised", target="23")
    await sets(office, office.jonas, whose="Department Support", metric="Escalations raised", target="31")
    await (await office.aoife.modal()).close()
    form = await requires(office)
    await form.fill("title", TRAINING).fill("due_on", "2026-06-12").submit()
    await connected(office, history(office.now)[-5:])
    await (await office.aoife.modal()).close()
    await sent(office, office.aoife, "pulse")
    await raised(office, office.mei, OPEN_CASE)
    form = await begin(office, office.mei, RESTRICTED_CASE)
    await office.mei.clicks(form, "More fields")
    await office.settles()
    await submit(
        office,
        await office.mei.modal(),
        severity="S3",
        need="decision",
        restricted=["restricted"],
        viewers=["Cara"],
    )
    await office.passes(seconds=10)
    seen = {}
    for name in EVERYBODY:
        home = await getattr(office, name).opens_home()
        seen[name] = home.text + "\n".join(home.buttons())
        assert len(home.blocks) <= 60, f"{name} reads more than a screen or two"
    for what, readers in MAY_SEE.items():
        assert {name for name, text in seen.items() if what in text} == readers, what


async def test_no_home_offers_what_its_reader_would_be_refused(office: Office) -> None:
    """Every button on the Homes of an agent, a manager, and a head who manages no team."""
    await sets(office, office.aoife, whose="Team Care", metric="Escalations raised", target="23")
    await connected(office, history(office.now)[-5:])
    await raised(office, office.mei, OPEN_CASE)
    for name in ("cara", "aoife", "jonas"):
        person = getattr(office, name)
        home = await person.opens_home()
        buttons = _buttons(home)
        assert len(buttons) > 8, name
        for button in buttons:
            await person.clicks(home, button)
            await office.settles()
            window = await person.modal()
            assert len(window.shown.view["blocks"]) > 1, f"{name} is refused what {button} offers: {window.text}"
            while office.sim.workspace.modals.get(person.id):
                await (await person.modal()).close()


def _buttons(home: Home) -> list[str]:
    """What can be clicked, by action and value."""
    offered = [one for block in home.blocks for one in (*block.get("elements", ()), block.get("accessory", {}))]
    buttons = [one for one in offered if one.get("type") == "button"]
    return [f"{one['action_id']}={one['value']}" if one.get("value") else one["action_id"] for one in buttons]
