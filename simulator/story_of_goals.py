"""What the demo's people want to reach: a team's goals and a department's, one that was agreed, one that waits."""

import math
from datetime import date, time
from zoneinfo import ZoneInfo

from handlers.goals.rules.periods import around
from handlers.goals.rules.standing import pace
from handlers.shifts import Hours
from simulator.acting import Actor
from simulator.company import DUBLIN
from simulator.telling import Telling
from storage.goals import Period

NUMBERS = "Something else: I give the numbers"
SOMEBODY = "Somebody in my team"
CLAIMED, CSAT, FIRST_RESPONSE = "Escalations claimed in time", "CSAT", "First response time"
RESOLVED = "Escalations resolved"
ARTICLES, REVIEWS = "Help articles written", "Reviews of my answers (1 to 5)"
PLENTY = "12"
"""Of articles, in a month or a quarter."""
OFFICE = Hours(DUBLIN, frozenset(range(5)), time(9), time(17, 30))


class Goals(Telling):
    """Each step stands where it belongs in the week."""

    async def one_for_the_team(self) -> None:
        """Counted from the escalations: Monday's post and the digests tell of it."""
        await self._at(4, time(9, 50))
        note = "Whoever is stuck hears from somebody at once."
        await self._sets("Aoife", CLAIMED, "80%", whose="Team Care", note=note)

    async def one_of_their_own(self) -> None:
        """Ben’s: he gives the numbers, and is a little ahead of the straight line."""
        await self._at(4, time(9, 55))
        await self._sets("Ben", NUMBERS, PLENTY, counted=ARTICLES)

    async def two_are_proposed(self) -> None:
        """By Aoife: Cara reads hers at once, Mei in the morning of her next day."""
        await self._at(2, time(11, 40))
        note = "You are close already. Shall we look at two answers together every Thursday?"
        more = {"kind": "keep", "unit": "points"}
        await self._sets("Aoife", NUMBERS, "4.3", whose=SOMEBODY, person="Cara", counted=REVIEWS, note=note, **more)
        note = "You explain things so well in the thread. Take some to their end yourself?"
        await self._sets("Aoife", RESOLVED, "6", whose=SOMEBODY, person="Mei", note=note)

    async def one_is_accepted(self) -> None:
        await self._at(2, time(13, 30))
        cara = self._sim.acts_as("Cara")
        await cara.clicks(await cara.finds("@bot", "proposes a goal"), "Accept")
        await self._living.settle()

    async def two_from_the_queue(self) -> None:
        """As soon as the help desk tells of it: Aoife's for the team, Jonas's for the department."""
        await self._at(0, time(8, 20))
        await self._sets("Aoife", CSAT, "90%", whose="Team Care")
        await self._sets("Jonas", FIRST_RESPONSE, "45 min", whose="Department Support")

    async def numbers_are_given(self) -> None:
        await self._at(0, time(8, 40))
        first, last = around(self._today, self._period)
        elapsed = pace(first, last, self._today, OFFICE).elapsed
        await self._gives("Ben", str(min(int(PLENTY) - 1, math.ceil(int(PLENTY) * elapsed) + 1)))
        await self._gives("Cara", "4.4")

    @property
    def _today(self) -> date:
        return self._until.astimezone(ZoneInfo(DUBLIN)).date()

    @property
    def _period(self) -> Period:
        """The month, if the whole story lies in it; at its beginning the quarter."""
        first, _ = around(self._today, Period.MONTH)
        return Period.MONTH if self._day(4) >= first else Period.QUARTER

    async def _sets(self, who: str, metric: str, target: str, *, whose: str | None = None, **fields: object) -> None:
        person = self._sim.acts_as(who)
        await person.types("/goal", channel="#care")
        await person.modal(titled="Set a goal")
        if whose is not None:
            await self._chooses(person, "goals.who", whose)
        await self._chooses(person, "goals.metric", metric)
        await person.clicks(await person.modal(), "More…")
        await self._living.settle()
        days = {"period": self._period.value, "starts": self._today.isoformat()}
        await self._submit(person, target=target, **days, **fields)
        if (await person.modal()).title == "Set a goal":  # beyond the best: asked about once
            await (await person.modal()).submit()
            await self._living.settle()
        await (await person.modal(titled="Backstop")).close()

    async def _chooses(self, person: Actor, menu: str, option: str) -> None:
        await person.clicks(await person.modal(), menu, option=option)
        await self._living.settle()

    async def _gives(self, who: str, number: str) -> None:
        person = self._sim.acts_as(who)
        await person.types("/goal update", channel="#care")
        modal = await person.modal(titled="Where do they stand?")
        modal.fill(modal.fields[0], number)
        await modal.submit()
        await self._living.settle()
        await (await person.modal(titled="Saved")).close()
