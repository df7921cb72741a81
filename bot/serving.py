"""Runs the bot in this process until it is told to stop; whatever keeps it from starting is one sentence."""

import asyncio
import signal

import structlog
from aiohttp import ClientError
from slack_sdk.errors import SlackApiError

from bot.app import Backstop, build
from bot.clock import Clock
from bot.mends import app_token_mend, bot_token_mend
from bot.settings import Settings
from storage import migrating
from storage.backups import BackupFailedError
from storage.store import DatabaseAwayError, async_url

log = structlog.get_logger(__name__)

STOP_WITHIN_S = 8
"""What is still in flight then stays as it is: its row says so, and the next start finds out what became of it."""


class CannotStartError(Exception):
    """Why the bot doesn't start, and the mend."""


def prepare_database(url: str) -> None:
    """SQLite is migrated here and now, after a copy. On PostgreSQL other replicas may still be running the older
    version, so somebody decides when. Raises CannotStartError."""
    try:
        waiting = migrating.pending(url)
        if not waiting:
            return
        if async_url(url).get_backend_name() != "sqlite":
            raise CannotStartError(f"The database lacks {', '.join(waiting)}: run `backstop migrate` first.")
        migrating.upgrade(url)
    except (migrating.NewerDatabaseError, migrating.MigrationRefusedError, BackupFailedError) as error:
        raise CannotStartError(f"BACKSTOP_DATABASE_URL: {error}.") from error
    except DatabaseAwayError as error:
        raise CannotStartError(f"BACKSTOP_DATABASE_URL: {error}. Is it running, and is the address right?") from error
    log.info("database migrated", to=waiting[-1])


async def serve(settings: Settings, clock: Clock) -> None:
    """Prepares the database and runs. Returns after SIGTERM or SIGINT, once what was in flight is done (or its time is
    over); a migration that has begun is brought to its end. Raises CannotStartError."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    told = asyncio.create_task(stop.wait())
    starting = asyncio.create_task(_start(settings, clock))
    await asyncio.wait((told, starting), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        starting.cancel()  # told to stop before it had begun, for example while Slack was slow to answer
        await asyncio.wait((starting,))
        return
    backstop = starting.result()
    await told
    log.info("stopping")
    try:
        async with asyncio.timeout(STOP_WITHIN_S):
            await backstop.stop()
    except TimeoutError:
        log.warning("stopped with work in flight; the next start takes it up")
    log.info("stopped")


async def _start(settings: Settings, clock: Clock) -> Backstop:
    # in a thread: a signal is heard meanwhile, and the process ends only when the thread has
    await asyncio.to_thread(prepare_database, settings.database_url.get_secret_value())
    backstop = await _build(settings, clock)
    try:
        await backstop.start()
    except SlackApiError as refused:
        await backstop.stop()
        raise CannotStartError(app_token_mend(refused)) from refused
    except OSError as error:
        await backstop.stop()
        raise CannotStartError(
            f"BACKSTOP_HOST and BACKSTOP_PORT can’t be served: {error.strerror or error}."
        ) from error
    except BaseException:
        await backstop.stop()
        raise
    log.info("running", workspace=backstop.directory.workspace_id, socket_mode=backstop.socket is not None)
    return backstop


async def _build(settings: Settings, clock: Clock) -> Backstop:
    try:
        return await build(settings, clock)
    except SlackApiError as refused:
        raise CannotStartError(bot_token_mend(refused)) from refused
    except DatabaseAwayError as error:
        raise CannotStartError(f"BACKSTOP_DATABASE_URL: {error}.") from error
    except (ClientError, OSError, TimeoutError) as error:
        raise CannotStartError(
            f"Slack can’t be reached at {settings.slack_api_url} ({str(error) or 'no answer in time'}): "
            "check the network, or SLACK_API_URL if you set it."
        ) from error
