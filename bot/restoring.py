"""After a silence the database may know less than Slack: it may have been restored from a backup. Whatever is due then
is looked for in Slack's history, by its key, before it is sent.

Nobody has to say that it was restored. The database holds when a process last beat; a restored one holds an old
instant, like one whose bot was off, and then looking costs one question for each message that is late anyway.
"""

import asyncio
import contextlib
from datetime import timedelta

import structlog

from bot.clock import Clock
from bot.ticking import Ticking
from storage import outbox, workspaces
from storage.store import Store

log = structlog.get_logger(__name__)

SILENCE = timedelta(minutes=3)
"""What is shorter is a restart: leases and settling answer for what was in flight."""
JOBS_WITHIN_S = 30
"""Nobody is listened to meanwhile. Who isn't done by then is begun again afterwards, and sends without looking."""


async def catch_up(store: Store, clock: Clock, ticking: Ticking) -> None:
    """To be done before the first event is heard and the first message sent: what is due is wanted again first, so
    that it can be looked for, and what people do from now on is not taken for what they did before. Raises
    DatabaseAwayError."""
    async with store.write() as session:
        since = await workspaces.silence(session, now=clock.now(), longer_than=SILENCE)
    if since is None:
        return
    await ticking.beat()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(JOBS_WITHIN_S):
            await ticking.finish_jobs()
    async with store.write() as session:
        doubted = await outbox.doubt_unsent(session, since=since, now=clock.now())
        await workspaces.end_silence(session)
    log.warning("nobody was at work for a while: Slack is asked for what is due", since=since, messages=doubted)
