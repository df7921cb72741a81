"""Charts in messages: what can be drawn, its words for who can't see it, and how it comes into a message.

A feature wants a picture for a message row (`want_picture`), and its renderer adds `picture_blocks`. A job draws it in
a process of its own, uploads it, waits until Slack shows it, keeps the file's id, and refreshes the messages. Until
then, and if any of that fails, the message stands without it: whatever matters is in its text as well.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, clipped
from handlers.drawing import Bars, Chart, OverTime, Stacked, alt_text, read_chart
from storage import pictures
from storage.jobs import Job, holding, want_job
from storage.messages import refresh
from storage.store import Store

__all__ = ["DRAW", "Bars", "Chart", "OverTime", "Stacked", "alt_text", "draw", "picture_blocks", "want_picture"]

log = structlog.get_logger(__name__)

DRAW = "charts.draw"
TITLE_LIMIT = 120
DRAWN_WITHIN_S = 60.0
"""Longer than the first drawing on a slow machine takes: matplotlib then looks for fonts."""
LOOKS = 12
LOOK_EVERY_S = 1.0
GIVES_UP_AFTER = 3
"""Runs of the job; the message does without its picture then."""


class NotDrawnError(RuntimeError):
    """The drawing process failed, or took too long."""


class NotShownError(RuntimeError):
    """Slack took the file, but doesn’t show it yet."""


async def draw(chart: Chart) -> bytes:
    """The chart as a PNG, drawn by a process of its own: matplotlib’s memory and seconds stay out of this one.

    Raises NotDrawnError.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "handlers.drawing", stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(DRAWN_WITHIN_S):
            drawn, said = await process.communicate(chart.model_dump_json().encode())
    except TimeoutError:
        raise NotDrawnError("it took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise NotDrawnError(said.decode(errors="replace")[-500:])
    return drawn


async def want_picture(
    session: AsyncSession,
    *,
    workspace_id: str,
    key: str,
    chart: Chart,
    messages: Iterable[str],
    now: datetime,
) -> None:
    """Wants the chart drawn and shown in these messages (by key). The same key again changes nothing: what a finished
    round, poll or day looked like doesn’t change; give another picture another key."""
    await pictures.want(session, workspace_id=workspace_id, key=key, alt=alt_text(chart), now=now)
    details = {"picture": key, "chart": chart.model_dump(mode="json"), "messages": list(messages)}
    await want_job(session, workspace_id=workspace_id, kind=DRAW, key=f"{DRAW}:{key}", run_at=now, details=details)


async def picture_blocks(session: AsyncSession, key: str) -> list[Block]:
    """The picture as a message shows it; nothing as long as Slack doesn’t."""
    picture = await pictures.by_key(session, key)
    if picture is None or picture.slack_file_id is None:
        return []
    return [{"type": "image", "slack_file": {"id": picture.slack_file_id}, "alt_text": picture.alt}]


async def draw_and_show(job: Job, *, store: Store, client: AsyncWebClient, now: Callable[[], datetime]) -> None:
    """Draws, uploads, waits until Slack shows it, then lets the messages show it. Raises what fails until it gives up:
    a run that was cut off leaves at most a file behind that nobody sees."""
    key = str(job.details["picture"])
    chart = read_chart(job.details["chart"])
    try:
        file_id = await _uploaded(client, await draw(chart), chart)
        await _until_shown(client, file_id)
    except (NotDrawnError, NotShownError, SlackClientError, aiohttp.ClientError, OSError) as error:
        if job.attempts + 1 < GIVES_UP_AFTER:
            raise
        log.warning("a message goes without its picture", picture=key, error=repr(error))
        return
    async with store.write() as session:
        await holding(session, job, now=now())
        await pictures.keep_file(session, key, file_id)
        for message in job.details["messages"]:
            await refresh(session, message, now=now())


async def _uploaded(client: AsyncWebClient, drawn: bytes, chart: Chart) -> str:
    """The new file’s id. It is shared nowhere: the message shows it, and it makes no post of its own."""
    title = clipped(chart.title, TITLE_LIMIT)
    answer = await client.files_upload_v2(content=drawn, filename="chart.png", title=title, alt_txt=alt_text(chart))
    return str(answer["files"][0]["id"])


async def _until_shown(client: AsyncWebClient, file_id: str) -> None:
    """Slack looks at an upload before it can stand in a message; the file has its type from then on."""

    async def look() -> None:
        file = (await client.files_info(file=file_id))["file"]
        if not file.get("mimetype"):
            raise NotShownError(file_id)

    await _patiently(look)


async def _patiently(look: Callable[[], Awaitable[None]]) -> None:
    import stamina  # first used here: a bot without charts and help desks does without it

    async for attempt in stamina.retry_context(
        on=(NotShownError, SlackApiError),
        attempts=LOOKS,
        wait_initial=LOOK_EVERY_S,
        wait_max=LOOK_EVERY_S,
        wait_jitter=0,
        timeout=timedelta(seconds=2 * LOOKS * LOOK_EVERY_S),
    ):
        with attempt:
            await look()
