"""doctor's findings, against the simulator: what is wrong is named with its mend, and what was mended is let go."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.doctor import examine, file_findings, scope_findings, sqlite_finding
from bot.findings import Finding, Verdict
from bot.manifest import REASONS
from storage.messages import Message, MessageState, Priority, want
from storage.schedule import Timer, set_timer
from tests.handlers.queue.stories import connected, fresh
from tests.office import Office


@pytest.fixture
def at_the_office(office: Office, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Office:
    """doctor reads its settings from the environment."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", office.sim.bot_token)
    monkeypatch.setenv("SLACK_APP_TOKEN", office.sim.app_token)
    monkeypatch.setenv("SLACK_API_URL", office.sim.api_url)
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", database_url)
    return office


def about(findings: list[Finding], what: str) -> Finding:
    [found] = [finding for finding in findings if finding.about == what]
    return found


async def park(office: Office, channel: str, error: str) -> None:
    """A message waits for a channel."""
    async with office.bot.store.write() as session:
        await want(
            session,
            workspace_id=office.sim.workspace.team_id,
            key=f"test:{channel}",
            renderer="test.nothing",
            destination=channel,
            now=office.now,
            priority=Priority.SCHEDULED,
            due_at=office.now + timedelta(days=1),
        )
        message = (await session.execute(select(Message).where(Message.key == f"test:{channel}"))).scalar_one()
        message.state = MessageState.PARKED
        message.last_error = error


async def state_of(office: Office, channel: str) -> MessageState:
    async with office.bot.store.read() as session:
        return (await session.execute(select(Message.state).where(Message.key == f"test:{channel}"))).scalar_one()


async def test_a_sound_installation_has_nothing_wrong(at_the_office: Office) -> None:
    findings = await examine(at_the_office.clock)
    assert [finding for finding in findings if finding.is_bad] == []
    told = {finding.about for finding in findings}
    assert told >= {"settings", "database", "bot token", "scopes", "clock", "app token", "backlog"}


async def test_a_source_tells_what_it_feeds_how_fresh_it_is_and_who_is_matched(at_the_office: Office) -> None:
    office = at_the_office
    await connected(office, [])
    told = about(await examine(office.clock), "care.zendesk.com")
    assert told.verdict is Verdict.GOOD
    assert told.says == "feeds Care; filled since 3 April, last good 0 min ago, 2 of 2 agents matched"
    office.clock.at += timedelta(hours=3)
    assert about(await examine(office.clock), "care.zendesk.com").verdict is Verdict.WARNING
    await fresh(office, failing="It refuses the token.")
    told = about(await examine(office.clock), "care.zendesk.com")
    assert told.is_bad
    assert told.says == "feeds Care; failing, last good 180 min ago: It refuses the token."


async def test_an_archived_channel_is_named_with_its_mend_and_its_messages_wait(at_the_office: Office) -> None:
    channel = at_the_office.teams["Care"].escalation_channel
    at_the_office.sim.workspace.archive(channel)
    await at_the_office.settles()
    await park(at_the_office, channel, "is_archived")
    findings = await examine(at_the_office.clock)
    archived = about(findings, f"channel {channel}")
    assert archived.is_bad
    assert "#care-escalations (Care" in archived.says
    assert archived.mend.startswith("Unarchive it")
    assert "1 wait for" in about(findings, "messages").says
    assert await state_of(at_the_office, channel) == MessageState.PARKED


async def test_what_waited_for_a_channel_that_works_again_is_let_go(at_the_office: Office) -> None:
    channel = at_the_office.teams["Care"].escalation_channel
    await park(at_the_office, channel, "not_in_channel")
    findings = await examine(at_the_office.clock)
    assert "1 waiting messages were let go" in about(findings, f"channel {channel}").says
    assert await state_of(at_the_office, channel) == MessageState.READY


async def test_a_public_channel_that_it_was_removed_from_is_joined_again(at_the_office: Office) -> None:
    channel = at_the_office.teams["Care"].channel
    at_the_office.sim.workspace.remove_bot(channel)
    await at_the_office.settles()
    findings = await examine(at_the_office.clock)
    assert "has joined" in about(findings, f"channel {channel}").says
    assert at_the_office.sim.workspace.bot.id in at_the_office.sim.workspace.channel(channel).members


async def test_a_private_channel_that_it_cannot_see_asks_for_an_invitation(at_the_office: Office) -> None:
    hidden = at_the_office.sim.workspace.channel("#vip-customers").id
    await park(at_the_office, hidden, "channel_not_found")
    found = about(await examine(at_the_office.clock), f"channel {hidden}")
    assert found.is_bad
    assert "/invite @Backstop" in found.mend
    assert await state_of(at_the_office, hidden) == MessageState.PARKED


async def test_a_step_that_was_set_aside_is_told_and_retried_when_asked(at_the_office: Office) -> None:
    async with at_the_office.bot.store.write() as session:
        await set_timer(
            session, workspace_id="T1", step="test.step", subject_id=7, due_at=at_the_office.now, priority=0
        )
        timer = (await session.execute(select(Timer).where(Timer.step == "test.step"))).scalar_one()
        timer.parked_at, timer.attempts, timer.last_error = at_the_office.now, 5, "ValueError('no')"
    found = about(await examine(at_the_office.clock), "step")
    assert found.says == "test.step of 7 failed 5 times: ValueError('no')"
    assert "doctor --retry" in found.mend
    findings = await examine(at_the_office.clock, retry=True)
    assert "1 parked" in about(findings, "retry").says
    assert [finding for finding in findings if finding.is_bad] == []


async def test_a_token_that_slack_does_not_know(at_the_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-nobody")
    found = about(await examine(at_the_office.clock), "bot token")
    assert found.is_bad
    assert "copy it anew" in found.mend


async def test_a_database_that_is_away(at_the_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", "postgresql://postgres@127.0.0.1:1/none")
    assert about(await examine(at_the_office.clock), "database").is_bad


def test_a_database_file_that_every_user_may_open_is_told_with_its_mend(tmp_path: Path) -> None:
    file = tmp_path / "backstop.sqlite3"
    assert list(file_findings(file)) == [], "it isn't there yet"
    file.touch()
    file.with_name("backstop.sqlite3-wal").touch()
    file.chmod(0o640)
    file.with_name("backstop.sqlite3-wal").chmod(0o600)
    assert list(file_findings(file)) == [], "a group may be meant to read it"
    for path in tmp_path.iterdir():
        path.chmod(0o604)
    told = list(file_findings(file))
    assert [finding.verdict for finding in told] == [Verdict.WARNING, Verdict.WARNING]
    assert [finding.mend for finding in told] == [f"chmod 600 {file}", f"chmod 600 {file}-wal"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_open_database_file_is_warned_of(at_the_office: Office) -> None:
    file = Path(str(at_the_office.bot.store.write_engine.url.database))
    await asyncio.to_thread(file.chmod, 0o644)
    assert f"chmod 600 {file}" in {finding.mend for finding in await examine(at_the_office.clock)}


async def test_a_clock_that_is_off_is_wrong(at_the_office: Office) -> None:
    at_the_office.sim.now = lambda: at_the_office.now - timedelta(minutes=6)
    found = about(await examine(at_the_office.clock), "clock")
    assert found.is_bad
    assert "360 s ahead of Slack’s" in found.says or "359 s" in found.says


def test_each_missing_scope_is_named_with_what_it_is_for() -> None:
    granted = ",".join(scope for scope in REASONS if scope not in {"im:history", "dnd:read"})
    findings = scope_findings(granted)
    assert [finding.says.split()[0] for finding in findings] == ["dnd:read", "im:history"]
    assert all(finding.is_bad and REASONS[finding.says.split()[0]] in finding.says for finding in findings)


def test_all_scopes_or_more_are_good_and_none_told_is_not_taken_for_good() -> None:
    assert [finding.verdict for finding in scope_findings(", ".join([*REASONS, "reactions:write"]))] == [Verdict.GOOD]
    assert [finding.verdict for finding in scope_findings(None)] == [Verdict.WARNING]


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ((3, 6, 23), Verdict.GOOD),
        ((3, 7, 0), Verdict.WARNING),
        ((3, 40, 1), Verdict.WARNING),
        ((3, 44, 5), Verdict.WARNING),
        ((3, 44, 6), Verdict.GOOD),
        ((3, 50, 7), Verdict.GOOD),
        ((3, 51, 2), Verdict.WARNING),
        ((3, 51, 3), Verdict.GOOD),
    ],
)
def test_the_sqlite_versions_with_the_race_are_told(version: tuple[int, ...], verdict: Verdict) -> None:
    assert sqlite_finding(version).verdict is verdict
