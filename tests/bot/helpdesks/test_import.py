"""`backstop import`, as somebody at a terminal meets it, with a file as desks export them."""

import asyncio
import csv
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from simulator import tickets as history
from storage.people import Person
from storage.pulled import Priority, Status
from storage.sources import Source, SourceAgent
from storage.store import Store, open_store
from storage.teams import Team, TeamState
from storage.ticket_days import ALL, TicketDay
from storage.tickets import Rating, Ticket, TicketTag

AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
ODD = """\
Ticket-Nr;Betreff;Status;Erstellt am;Geändert;Priorität;Gruppe;Agent email;Tags;Gelöst am;CSAT;Innere Notiz
#101;"Geht nicht; wirklich";Offen;02.03.2026 09:15;02.03.2026 09:20;Dringend;Care;BEN@care.example;login, app;;;x
102;"Zwei
Zeilen";Gelöst;03.03.2026 10:00;04.03.2026 11:00;Mittel;Care;;refund;04.03.2026 11:00;gut;
102;"Zwei
Zeilen";Gelöst;03.03.2026 10:00;04.03.2026 11:00;Mittel;Care;;refund;04.03.2026 11:00;gut;

103;Ohne Zustand;;05.03.2026 10:00;;;;;;;;
104;Unbekannt;Wartet auf Mars;05.03.2026 10:00;;;;;;;;
105;Kaputtes Datum;Offen;32.03.2026 10:00;;;;;;;;
;Ohne Nummer;Offen;05.03.2026 10:00;;;;;;;;
106;Vor der Zeit gelöst;Gelöst;05.03.2026 10:00;;;;;;04.03.2026 10:00;;
107;Zu kurz
"""


@pytest.fixture
def desk(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A database with the team Care, whose Ben answers customers; the URL."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BACKSTOP_DATABASE_URL", database_url)
    asyncio.run(_found(database_url))
    return database_url


async def _found(url: str) -> None:
    store = open_store(url)
    async with store.write() as session:
        session.add(
            Person(workspace_id="T1", slack_id="U1", name="Ben", email="ben@care.example", zone="UTC", seen_at=AT)
        )
        for name in ("Care", "Platform"):
            session.add(
                Team(
                    workspace_id="T1",
                    form_key=name,
                    name=name,
                    channel=name,
                    escalation_channel=name,
                    zone="Europe/Berlin",
                    days=[0, 1, 2, 3, 4],
                    start=time(9),
                    end=time(17),
                    policy={},
                    requested_at=AT,
                    state=TeamState.ACTIVE,
                )
            )
    await store.close()


def type_in(*words: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(cli, ["import", *words])


def ask(url: str, what: str) -> object:
    async def answer() -> object:
        store = open_store(url)
        try:
            async with store.read() as session:
                return await ASKED[what](store, session)
        finally:
            await store.close()

    return asyncio.run(answer())


async def _tickets(_store: Store, session: object) -> dict[str, Ticket]:
    found = await session.execute(select(Ticket))  # type: ignore[attr-defined]  # an AsyncSession
    return {ticket.external_id: ticket for ticket in found.scalars()}


async def _counts(_store: Store, session: object) -> list[int]:
    return [
        (await session.execute(select(func.count()).select_from(model))).scalar_one()  # type: ignore[attr-defined]  # likewise
        for model in (Ticket, TicketTag, Rating, TicketDay)
    ]


async def _rest(_store: Store, session: object) -> tuple[Source, SourceAgent, list[TicketDay]]:
    execute = session.execute  # type: ignore[attr-defined]  # likewise
    days = (await execute(select(TicketDay).where(TicketDay.tag == ALL).order_by(TicketDay.local_date))).scalars()
    return (
        (await execute(select(Source))).scalar_one(),
        (await execute(select(SourceAgent))).scalar_one(),
        list(days),
    )


ASKED = {"tickets": _tickets, "counts": _counts, "rest": _rest}


def test_an_odd_file_is_read_and_what_cannot_be_is_rejected_with_its_reason(desk: str, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(b"\xef\xbb\xbf" + ODD.replace("\n", "\r\n").encode())
    file.chmod(0o600)
    done = type_in(str(file), "--team", "care", "--zone", "Europe/Berlin")
    assert done.exit_code == 0, done.output
    assert "3 of 9 rows read for Care: 2 new tickets, 0 changed, 1 as before; 1 rating." in done.output
    assert "Left out: Innere Notiz" in done.output
    assert "Written as UTF-8" in done.output
    assert "04.03.2026 11:00" in done.output, "an example of a column whose first cell is empty"
    found = ask(desk, "tickets")
    assert isinstance(found, dict)
    first, second = found["101"], found["102"]
    assert (first.subject, first.status, first.status_raw) == ("Geht nicht; wirklich", Status.OPEN, "Offen")
    assert (first.priority, first.tags) == (Priority.URGENT, ["app", "login"])
    assert first.created_at == datetime(2026, 3, 2, 8, 15, tzinfo=UTC)
    assert first.assignee_id is not None
    assert (second.status, second.solved_at) == (Status.SOLVED, datetime(2026, 3, 4, 10, tzinfo=UTC))
    assert (second.reopened, second.replies, second.assignee_id) == (None, None, None), "unknown is not 0"
    with (tmp_path / "export.rejects.csv").open(encoding="utf-8-sig", newline="") as rejects:
        told = {row["Ticket-Nr"]: row["why it was rejected"] for row in csv.DictReader(rejects)}
    assert told["103"] == "it has no status"
    assert "--status 'Wartet auf Mars=open'" in told["104"]
    assert "32.03.2026 10:00" in told["105"]
    assert told[""] == "it has no ticket number"
    assert "before the ticket’s creation" in told["106"]
    assert told["107"] == "the row ends before its columns do"
    assert (tmp_path / "export.rejects.csv").stat().st_mode & 0o777 == 0o600, "for whoever may read the file"

    mended = type_in(str(file), "--team", "Care", "--zone", "Europe/Berlin", "--status", "Wartet auf Mars=hold")
    assert "1 new ticket," in mended.output
    counts = ask(desk, "counts")
    again = type_in(str(file), "--team", "Care", "--zone", "Europe/Berlin", "--status", "Wartet auf Mars=hold")
    assert "0 new tickets, 0 changed" in again.output
    assert ask(desk, "counts") == counts


def test_two_months_of_a_desk_come_in_with_their_days(desk: str, tmp_path: Path) -> None:
    dublin = ZoneInfo("Europe/Dublin")
    made = history.make(start=date(2026, 5, 1), until=AT, zone=dublin, agents=["ben@care.example"])
    made = history.plant(made, until=AT, agents=["ben@care.example"])
    file = tmp_path / "export.csv"
    assert history.write_export(made, file, AT) == len(made)
    assert type_in(str(file), "--dry-run").exit_code == 0
    assert ask(desk, "counts") == [0, 0, 0, 0], "a dry run only shows"
    done = type_in(str(file))
    assert f"{len(made):,} new tickets" in done.output
    rest = ask(desk, "rest")
    assert isinstance(rest, tuple)
    source, agent, days = rest
    assert source.last_good_at is not None
    assert (agent.external_id, agent.person_id) == ("ben@care.example", 1)
    assert sum(day.created for day in days) == len(made), "the group is named like the team"
    assert all(sum(day.by_hour) == day.created for day in days)


@pytest.mark.parametrize(
    ("content", "words", "says"),
    [
        (None, (), "can’t be opened"),
        (b"", (), "is empty"),
        (b"PK\x03\x04\x00\x00\x00\x00id,status", (), "is no text"),
        (b"just one column\n1\n", (), "one column only"),
        (b"id,status\n1,open\n", (), "No column looks like created"),
        (b"id,status,created\n", ("--team", "Nobody"), "there are Care, Platform"),
        (b"id,status,created\n", ("--zone", "Mars"), "--zone Mars"),
        (b"id,status,created\n", ("--status", "x=y"), "--status x=y"),
    ],
)
def test_what_cannot_be_imported_is_a_sentence(
    desk: str, tmp_path: Path, content: bytes | None, words: tuple[str, ...], says: str
) -> None:
    file = tmp_path / "export.csv"
    if content is not None:
        file.write_bytes(content)
    refused = type_in(str(file), *words)
    assert (refused.exit_code, says in refused.stderr) == (1, True), refused.output
    assert "Traceback" not in refused.output


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_whatever_program_wrote_it(desk: str, tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "export.csv"
    file.write_text("id\tstatus\tcreated\tsubject\n1\topen\t2026-03-02\tGrüße, Zoë\n", encoding=encoding)
    assert "1 new ticket," in type_in(str(file), "--team", "Care").output
    found = ask(desk, "tickets")
    assert isinstance(found, dict)
    assert found["1"].subject == "Grüße, Zoë"
