"""What the demo's stories are told with: going to a time of the week, filling a form and sending it."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from handlers.local_time import at_local
from simulator.acting import Actor
from simulator.company import DUBLIN
from simulator.living import Living
from simulator.server import Simulator


class Telling:
    """A part of the demo's week. It ends when it is `until`."""

    def __init__(self, sim: Simulator, living: Living, until: datetime) -> None:
        self._sim = sim
        self._living = living
        self._until = until

    def _day(self, working_days_ago: int) -> date:
        """The working day that many before (negative: after) the demo's own."""
        day = self._until.astimezone(ZoneInfo(DUBLIN)).date()
        step = timedelta(days=-1 if working_days_ago > 0 else 1)
        for _ in range(abs(working_days_ago)):
            day += step
            while day.weekday() >= 5:
                day += step
        return day

    async def _at(self, working_days_ago: int, wall: time) -> None:
        """Goes to that time in Dublin, or stays where it is if that has passed; never beyond the demo's beginning."""
        at = at_local(self._day(working_days_ago), wall, ZoneInfo(DUBLIN))
        await self._living.until(min(at, self._until))

    async def _fill(self, person: Actor, /, **fields: object) -> None:
        modal = await person.modal()
        for field, value in _written(fields).items():
            modal.fill(field, value)

    async def _submit(self, person: Actor, /, **fields: object) -> None:
        await self._fill(person, **fields)
        await (await person.modal()).submit()
        await self._living.settle()


def _written(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}
