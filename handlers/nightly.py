"""What a feature does once every night: a schedule of its own, and a leased job for each night that comes."""

from datetime import datetime, time

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import House, Run
from storage.jobs import want_job
from storage.schedule import Schedule, want_schedule


def every_night(house: House, kind: str, *, at: time, run: Run) -> None:
    """`run` begins at that time of day (UTC), once for each date, in whichever process takes it."""

    async def stands(session: AsyncSession, workspace_id: str, _now: datetime) -> None:
        await want_schedule(session, workspace_id=workspace_id, kind=kind, zone="UTC", wall=at)

    async def night_comes(session: AsyncSession, schedule: Schedule, due: datetime, now: datetime) -> None:
        key = f"{kind}:{due:%Y-%m-%d}"
        await want_job(session, workspace_id=schedule.workspace_id, kind=kind, key=key, run_at=now)

    house.opens(stands)
    house.fires(kind, night_comes)
    house.job(kind, run)
