"""Admins hear what gave up: a step, a job or a message that failed until it was parked. At most one DM a day for each
kind of it, saying how many there are; never what they are about (an admin sets up and is not thereby a reader)."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.house import FALLEN, Block, Fallen, Rendered
from storage import people
from storage.jobs import Job, JobState
from storage.messages import Attention, Message, MessageState, Priority, refresh, want
from storage.schedule import Timer

log = structlog.get_logger(__name__)

RENDERER = "alarms.stuck"
STUCK = ":warning: *{what}* {gave_up}. What it was to do has not been done.\n{mend}"
GAVE_UP = {
    "step": "failed {tries} times and waits ({count} of them)",
    "job": "failed {tries} times and waits ({count} of them)",
    "message": "can’t be sent or may have been sent already, and waits ({count} of them)",
    "schedule": "didn’t start when it was due; it is tried again every minute",
}
MEND = (
    "`backstop doctor` says what is known of it, and the log why. "
    "After the mend, `backstop doctor --retry` runs it again."
)


@dataclass(frozen=True)
class Alarms:
    """What gave up is told to the admins, once a day for each kind."""

    async def step(self, session: AsyncSession, timer: Timer, *, now: datetime) -> None:
        await self._tell(session, timer.workspace_id, "step", timer.step, now)

    async def job(self, session: AsyncSession, job: Job, *, now: datetime) -> None:
        await self._tell(session, job.workspace_id, "job", job.kind, now)

    async def message(self, session: AsyncSession, message: Message, *, now: datetime) -> None:
        if message.renderer != RENDERER:  # news of what can't be sent, which can't be sent itself, makes no more news
            await self._tell(session, message.workspace_id, "message", message.renderer, now)

    async def schedule(self, session: AsyncSession, workspace_id: str, kind: str, *, now: datetime) -> None:
        await self._tell(session, workspace_id, "schedule", kind, now)

    async def _tell(self, session: AsyncSession, workspace_id: str, what: str, name: str, now: datetime) -> None:
        for admin in await people.workspace_admins(session, workspace_id):
            key = f"stuck:{what}:{name}:{now:%Y-%m-%d}:{admin.id}"
            await want(
                session,
                workspace_id=workspace_id,
                key=key,
                renderer=RENDERER,
                destination=admin.slack_id,
                person_id=admin.id,
                attention=Attention.UNREQUESTED,
                priority=Priority.INTERACTIVE,
                details={"what": what, "name": name},
                now=now,
            )
            await refresh(session, key, now=now)


async def render_stuck(session: AsyncSession, message: Message, _now: datetime) -> Rendered | Fallen:
    """How many there are now; nothing if they were mended before anybody heard."""
    what, name = str(message.details["what"]), str(message.details["name"])
    count, tries = await _stuck(session, what, name)
    if count == 0 and message.slack_ts is None:
        return FALLEN
    if count == 0:
        text = f":white_check_mark: *{name}* is mended: none of them waits any more."
    else:
        text = STUCK.format(what=name, gave_up=GAVE_UP[what].format(tries=tries, count=count), mend=MEND)
    blocks: list[Block] = [{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    return Rendered(text, blocks)


async def _stuck(session: AsyncSession, what: str, name: str) -> tuple[int, int]:
    """(how many are parked, after how many tries)."""
    match what:
        case "step":
            query = select(func.count(), func.max(Timer.attempts)).where(
                Timer.parked_at.is_not(None), Timer.step == name
            )
        case "job":
            query = select(func.count(), func.max(Job.attempts)).where(Job.state == JobState.PARKED, Job.kind == name)
        case "message":
            query = select(func.count(), func.max(Message.failures)).where(
                Message.state == MessageState.PARKED, Message.renderer == name
            )
        case _:
            return 1, 0
    count, tries = (await session.execute(query)).one()
    return count, tries or 0
