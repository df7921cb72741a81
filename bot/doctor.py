"""Looks the installation over and says what is wrong and how to mend it. Changes one thing: messages that wait for a
channel which works again are let go."""

import asyncio
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from rich.table import Table
from rich.text import Text
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from sqlalchemy import select

from bot.clock import Clock
from bot.delivery import HTTP_TIMEOUT_S
from bot.desk_findings import of_credentials, of_sources
from bot.findings import Finding, Verdict, bad, good, warning
from bot.manifest import REASONS, read_manifest
from bot.mends import APP_PAGE, app_token_mend, bot_token_mend
from bot.restoring import SILENCE
from bot.settings import BadSettingsError, Settings, read_settings
from bot.skew import Skew
from storage import backlog, migrating, outbox, workspaces
from storage.store import DatabaseAwayError, Store, async_url, file_of, open_store
from storage.teams import Team, TeamState

WAL_RACE = ((3, 7, 0), (3, 51, 2))
"""SQLite versions, both ends included, whose WAL reset can lose a transaction when two processes race."""
WAL_RACE_MENDED = frozenset({(3, 44, 6), (3, 50, 7)})

OTHERS = stat.S_IROTH | stat.S_IWOTH
"""What it takes for the machine's other users; a group may be meant to (whoever makes the backups, say)."""

AWAY = "Is it running, and is BACKSTOP_DATABASE_URL right?"
RETRY = "A bug of Backstop’s, most likely: update it, then `backstop doctor --retry` tries this again."
CHANNEL_MENDS = {
    "is_archived": "Unarchive it, or choose another channel with /backstop team; what waits then goes out by itself.",
    "not_in_channel": "Type /invite @Backstop in it; what waits then goes out by itself.",
    "channel_not_found": "It was deleted, or is private: type /invite @Backstop in it, or choose another channel.",
    "user_disabled": "This person was deactivated in Slack: nothing to do.",
    "messages_tab_disabled": f"Switch the Messages tab on: {APP_PAGE} › App Home.",
    "restricted_action": "Let Backstop post there: the channel’s settings › Posting permissions.",
}


COLOURS = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "bold red"}


async def examine(clock: Clock, *, retry: bool = False) -> list[Finding]:
    """Every check, in the order in which to mend what is wrong; what can't be looked at yet is left out. `retry` runs
    parked steps and jobs again."""
    try:
        settings = read_settings()
    except BadSettingsError as error:
        return [bad("settings", line, "Set it in the environment or in .env.") for line in str(error).splitlines()]
    url = settings.database_url.get_secret_value()
    database = [finding async for finding in _database(url)]
    findings = [good("settings", "complete"), *database]
    async with _slack(settings) as client:
        found, identity = await _token(client)
        findings.append(found)
        if identity is not None:
            skew = Skew(client=client, machine=clock)
            skew.observe(identity.headers)
            findings += [*scope_findings(identity.headers.get("x-oauth-scopes")), skew_finding(skew)]
        findings.append(await _app_token(client, settings))
        findings += await of_credentials(settings, clock)
        if not any(finding.is_bad for finding in database):
            findings += await _in_use(client if identity is not None else None, open_store(url), clock, retry=retry)
    return findings


async def _in_use(client: AsyncWebClient | None, store: Store, clock: Clock, *, retry: bool) -> list[Finding]:
    try:
        channels = [] if client is None else [finding async for finding in _channels(client, store, clock)]
        stuck = [finding async for finding in _stuck(store, clock, retry=retry)]
        return [*channels, *await of_sources(store, clock.now()), *stuck]
    except DatabaseAwayError as error:
        return [bad("database", str(error), AWAY)]
    finally:
        await store.close()


def table_of(findings: Iterable[Finding]) -> Table:
    table = Table(show_lines=False, expand=True)
    table.add_column("what", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("finding", ratio=3)
    table.add_column("how to mend it", ratio=3)
    for finding in findings:
        # Text, because names of channels and Slack's errors may look like rich's markup
        verdict = Text(finding.verdict.value, style=COLOURS[finding.verdict])
        table.add_row(Text(finding.about), verdict, Text(finding.says), Text(finding.mend))
    return table


def sqlite_finding(version: tuple[int, ...]) -> Finding:
    """What to think of this SQLite."""
    name = ".".join(map(str, version))
    earliest, latest = WAL_RACE
    if earliest <= version <= latest and version not in WAL_RACE_MENDED:
        return warning(
            "SQLite",
            f"{name} can lose a transaction when two processes reset its log at once",
            "Run one `backstop run` per file, and use SQLite 3.51.3 or newer (or 3.50.7, 3.44.6) when you can.",
        )
    return good("SQLite", name)


def file_findings(file: Path) -> Iterator[Finding]:
    """Of a SQLite file, and of what SQLite keeps beside it: each that the machine's other users may read."""
    for part in (file, *(file.with_name(f"{file.name}{ending}") for ending in ("-wal", "-shm"))):
        mode = stat.S_IMODE(part.stat().st_mode) if part.exists() else 0
        if mode & OTHERS:
            yield warning(
                "database file", f"every user of this machine may open {part} ({mode:o})", f"chmod 600 {part}"
            )


@asynccontextmanager
async def _slack(settings: Settings) -> AsyncIterator[AsyncWebClient]:
    async with aiohttp.ClientSession() as session:
        yield AsyncWebClient(
            settings.slack_bot_token.get_secret_value(),
            base_url=settings.slack_api_url,
            session=session,
            timeout=HTTP_TIMEOUT_S,
            retry_handlers=[],
        )


async def _database(url: str) -> AsyncIterator[Finding]:
    where = async_url(url)
    # what follows the question mark may be the password, too
    address = where.set(drivername=where.get_backend_name(), query={}).render_as_string(hide_password=True)
    try:
        waiting = await asyncio.to_thread(migrating.pending, url)
    except DatabaseAwayError as error:
        yield bad("database", str(error), AWAY)
        return
    except migrating.NewerDatabaseError as error:
        yield bad("database", str(error), "Install that version of Backstop.")
        return
    if where.get_backend_name() == "sqlite":
        yield sqlite_finding(sqlite3.sqlite_version_info)
        for finding in file_findings(file_of(url)):
            yield finding
    if not waiting:
        yield good("database", f"{address}, up to date")
    else:
        yield bad("database", f"lacks {', '.join(waiting)}", "Run `backstop migrate`.")


async def _token(client: AsyncWebClient) -> tuple[Finding, AsyncSlackResponse | None]:
    try:
        identity = await client.auth_test()
    except SlackApiError as refused:
        return bad("bot token", f"Slack says {refused.response.get('error')}", bot_token_mend(refused)), None
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        said = f"Slack can’t be reached at {client.base_url}: {error or 'no answer in time'}"
        return bad("bot token", said, "Check the network, or SLACK_API_URL if you set it."), None
    return good("bot token", f"{identity.get('user')} in {identity.get('team')}"), identity


async def _app_token(client: AsyncWebClient, settings: Settings) -> Finding:
    if settings.slack_app_token is None:
        return good("app token", "none: HTTP mode, Slack sends its requests to POST /slack/events")
    try:
        await client.apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as refused:
        return bad("app token", f"Slack says {refused.response.get('error')}", app_token_mend(refused))
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        return bad("app token", f"Slack can’t be reached: {error or 'no answer in time'}", "Check the network.")
    return good("app token", "opens Socket Mode")


def scope_findings(granted: str | None) -> list[Finding]:
    """`granted`: the x-oauth-scopes header of Slack's answer."""
    if granted is None:
        return [warning("scopes", "Slack didn’t say which scopes the token has", "Compare them with manifest.yml.")]
    asked: list[str] = read_manifest()["oauth_config"]["scopes"]["bot"]
    missing = [scope for scope in asked if scope not in {part.strip() for part in granted.split(",")}]
    mend = f"Update the manifest at {APP_PAGE} › App Manifest, then › Install App › Reinstall."
    if not missing:
        return [good("scopes", f"all {len(asked)}")]
    return [
        bad("scope", f"{scope} is missing: without it Backstop no longer {REASONS[scope]}", mend) for scope in missing
    ]


def skew_finding(skew: Skew) -> Finding:
    if skew.ahead is None:
        return good("clock", "not measured: Slack’s answer has no date")
    seconds = round(skew.ahead.total_seconds())
    said = f"{abs(seconds)} s {'ahead of' if seconds >= 0 else 'behind'} Slack’s"
    mend = "Set this machine’s clock (timedatectl set-ntp true)."
    if skew.is_dangerous:
        return bad("clock", f"{said}: no step, check-in or digest fires", mend)
    return warning("clock", said, mend) if skew.is_worth_a_complaint else good("clock", said)


async def _channels(client: AsyncWebClient, store: Store, clock: Clock) -> AsyncIterator[Finding]:
    """The teams' channels, and every other one that messages wait for."""
    async with store.read() as session:
        teams = (await session.execute(select(Team).where(Team.state == TeamState.ACTIVE))).scalars().all()
        waiting = {parked.destination: parked.count for parked in await backlog.parked_messages(session)}
    used_by: dict[str, set[str]] = {where: set() for where in waiting if where.startswith(("C", "G"))}
    for team in teams:
        used_by.setdefault(team.channel, set()).add(team.name)
        used_by.setdefault(team.escalation_channel, set()).add(team.name)
    for channel, names in used_by.items():
        finding = await _channel(client, channel, ", ".join(sorted(names)) or "messages")
        if not finding.is_bad and waiting.get(channel):
            async with store.write() as session:
                await outbox.unpark(session, channel, now=clock.now())
            finding = good(finding.about, f"{finding.says}; {waiting[channel]} waiting messages were let go")
        yield finding


async def _channel(client: AsyncWebClient, channel: str, used_by: str) -> Finding:
    about = f"channel {channel}"
    try:
        known = (await client.conversations_info(channel=channel))["channel"]
        name = f"#{known['name']} ({used_by})"
        if known.get("is_archived"):
            return bad(about, f"{name} is archived", CHANNEL_MENDS["is_archived"])
        if known.get("is_member"):
            return good(about, f"{name}: Backstop is in it")
        if known.get("is_private"):
            return bad(about, f"{name} is private and Backstop isn’t in it", CHANNEL_MENDS["not_in_channel"])
        await client.conversations_join(channel=channel)
    except SlackApiError as refused:
        error = str(refused.response.get("error"))
        return bad(
            about, f"{used_by}: Slack says {error}", CHANNEL_MENDS.get(error, CHANNEL_MENDS["channel_not_found"])
        )
    return good(about, f"{name}: Backstop wasn’t in it, and has joined")


async def _stuck(store: Store, clock: Clock, *, retry: bool) -> AsyncIterator[Finding]:
    if retry:
        async with store.write() as session:
            again = await backlog.retry_parked(session, now=clock.now())
        yield good("retry", f"{again} parked steps and jobs run again now")
    async with store.read() as session:
        messages = await backlog.parked_messages(session)
        timers = await backlog.parked_timers(session)
        jobs = await backlog.parked_jobs(session)
        beat = await workspaces.last_beat(session)
    for parked in messages:
        mend = CHANNEL_MENDS.get(parked.error, f"Look it up in the log: Slack’s answer was {parked.error}.")
        yield bad("messages", f"{parked.count} wait for {parked.destination}: {parked.error}", mend)
    for timer in timers:
        yield bad(
            "step", f"{timer.step} of {timer.subject_id} failed {timer.attempts} times: {timer.last_error}", RETRY
        )
    for job in jobs:
        yield bad("job", f"{job.key} failed {job.attempts} times: {job.last_error}", RETRY)
    if not (messages or timers or jobs):
        yield good("backlog", "nothing is stuck")
    if beat is not None and clock.now() - beat > SILENCE:
        said = (
            f"nobody since {beat:%Y-%m-%d %H:%M} UTC: the next start looks in Slack for what is due before it sends it"
        )
        yield good("at work", said)
