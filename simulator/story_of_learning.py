"""What the demo's people learn in their week: an onboarding, a topic of the vote, its session, a required training."""

from datetime import time
from zoneinfo import ZoneInfo

from handlers.local_time import at_local
from simulator.acting import Actor, Modal, Shown
from simulator.company import DUBLIN
from simulator.telling import Telling

PLAN = {
    0: "Welcome to Care. Read how we talk with customers, and say hello in #care.",
    3: "By now you have closed your first tickets. Sit in on a refund call today.",
    7: "A week already. Raise one escalation with your buddy beside you.",
    30: "A month: tell Aoife what you would have liked to know on day one.",
}
HANDBOOK = "https://wiki.care.example/handbook"
REFUNDS = "Refunds above the limit"
PRIVACY = "Handling personal data"


class Learning(Telling):
    """Each step stands where it belongs in the week."""

    async def yusuf_begins(self) -> None:
        """The plan day by day, Cara as buddy, and Yusuf goes through it since Monday."""
        await self._at(4, time(9, 45))
        aoife = self._sim.acts_as("Aoife")
        for day, text in PLAN.items():
            await self._presses(aoife, await self._plan(aoife), f"Day {day}")
            more = {"link": HANDBOOK, "buddy": ["buddy"]} if day == 0 else {}
            await self._submit(aoife, text=text, **more)
            await (await aoife.modal(titled="Onboarding")).close()
        await self._presses(aoife, await self._plan(aoife), "Buddies…")
        await self._submit(aoife, people=["Cara", "Niamh"])
        await self._presses(aoife, await aoife.modal(titled="Onboarding"), "Start for somebody…")
        await self._submit(aoife, people=["Yusuf"])
        await (await aoife.modal(titled="Backstop")).close()
        await (await aoife.modal(titled="Onboarding")).close()

    async def a_topic_from_the_vote(self) -> None:
        """What most people chose: Petra sees to it, and holds a session with six places."""
        aoife, petra = self._sim.acts_as("Aoife"), self._sim.acts_as("Petra")
        await self._presses(aoife, await aoife.finds("@bot", "is closed: "), "Open the result")
        await self._presses(aoife, await aoife.modal(titled="Result"), f"Make it a training item: {REFUNDS}")
        due = self._day(-6).isoformat()
        await self._submit(aoife, owner="Petra", due_on=due)
        await (await aoife.modal()).close()
        await self._at(2, time(11, 0))
        await self._presses(petra, await petra.finds("@bot", "asks you to see to"), "Plan a session…")
        starts_at = at_local(self._day(-2), time(15), ZoneInfo(DUBLIN))
        await self._submit(petra, starts_at=starts_at, capacity="6")
        await (await petra.modal()).close()
        for name in ("Ben", "Niamh", "Yusuf", "Ramon"):
            person = self._sim.acts_as(name)
            await self._presses(person, await person.finds("#care", REFUNDS), "I’m going")

    async def a_training_is_required(self) -> None:
        """Of everybody; four have done it."""
        await self._at(2, time(11, 20))
        aoife = self._sim.acts_as("Aoife")
        await aoife.types("/training required", channel="#care")
        await self._presses(aoife, await aoife.privately("In the teams that you lead"), "Require a training…")
        link, due = "https://learn.care.example/privacy", self._day(-7).isoformat()
        await self._submit(aoife, title=PRIVACY, due_on=due, link=link)
        await (await aoife.modal()).close()
        for name in ("Ben", "Sean", "Niamh", "Petra"):
            person = self._sim.acts_as(name)
            await self._presses(person, await person.finds("@bot", PRIVACY), "I’ve done it")

    async def _plan(self, who: Actor) -> Modal:
        await who.types("/training onboarding", channel="#care")
        return await who.modal(titled="Onboarding")

    async def _presses(self, who: Actor, shown: Shown | Modal, label: str) -> None:
        await who.clicks(shown, label)
        await self._living.settle()
