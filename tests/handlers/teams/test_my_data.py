"""What is kept about somebody: seen, handed out, erased; and what `/backstop privacy` says of it."""

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from handlers.teams.views.privacy import privacy_as_markdown
from simulator.acting import Shown
from storage import personal
from storage.messages import Message
from storage.migrating import models
from storage.people import Person
from tests.office import Office

DOCS = Path(__file__).resolve().parents[3] / "docs"


async def my_data(office: Office, name: str) -> Shown:
    person = office.sim.acts_as(name)
    await person.types("/backstop my-data", channel="#care")
    return await person.privately("What is kept about you")


async def test_it_shows_what_is_kept(office: Office) -> None:
    shown = (await my_data(office, "Ben")).text
    assert "ben@care.example" in shown
    assert "Mon–Fri 09:00–17:30, Europe/Dublin" in shown
    assert "Teams you are in: 1" in shown
    assert "Your place in duty rotas: 1" in shown


async def test_the_file_comes_to_ones_own_conversation_with_everything_and_is_logged(office: Office) -> None:
    await office.ben.types("/availability away until friday", channel="#care")
    await office.ben.clicks(await my_data(office, "Ben"), "Send me all of it")
    await office.ben.privately("I sent you a file")
    uploads = list(office.sim.workspace.files.values())
    assert [file.name for file in uploads] == ["my-data.json"]
    handed = json.loads(uploads[0].content or b"")
    assert handed["You"]["email"] == "ben@care.example"
    assert handed["You"]["away_until"].startswith("2026-06-05")
    assert len(handed["Teams you are in"]) == 1
    assert "form_key" not in json.dumps(handed)
    assert "You, exported everything" in (await my_data(office, "Ben")).text


async def test_a_file_that_slack_does_not_take_is_said(office: Office) -> None:
    office.sim.faults.fail("files.completeUploadExternal")
    await office.ben.clicks(await my_data(office, "Ben"), "Send me all of it")
    assert "Slack didn’t take the file" in (await office.ben.privately("didn’t take")).text


async def test_erasing_deletes_what_is_ones_own_and_keeps_the_teams_record(office: Office) -> None:
    await office.ben.types("/availability away until friday", channel="#care")
    await office.aoife.types("/backstop duty", channel="#care")
    await office.ben.clicks(await my_data(office, "Ben"), "Erase…")
    assert "Erased" in (await office.ben.privately("Erased")).text
    async with office.bot.store.read() as session:
        ben = (await session.execute(select(Person).where(Person.name == "Ben"))).scalar_one()
        left = (await session.execute(select(Message).where(Message.person_id == ben.id))).scalars().all()
    assert (ben.email, ben.away_from, ben.own_days) == (None, None, None)
    assert left == []
    shown = (await my_data(office, "Ben")).text
    assert "Teams you are in: 1" in shown
    assert "erased what is theirs alone" in shown


async def test_every_column_that_names_a_person_says_what_becomes_of_it() -> None:
    models()
    assert {(held.table, held.column) for held in personal.HOLDINGS} == set(personal.references())


async def test_erasing_twice_and_exporting_nothing_is_no_error(office: Office) -> None:
    async with office.bot.store.write() as session:
        omar = (await session.execute(select(Person).where(Person.name == "Omar"))).scalar_one()
        await personal.erase(session, omar)
        await personal.erase(session, omar)
        handed = await personal.export(session, omar)
    assert datetime.fromisoformat(handed["You"]["seen_at"]).tzinfo == UTC


async def test_privacy_says_the_same_in_slack_and_in_the_documentation(office: Office) -> None:
    assert (DOCS / "privacy.md").read_text(encoding="utf-8") == privacy_as_markdown()
    await office.ben.types("/backstop privacy", channel="#care")
    shown = (await office.ben.privately("who sees it")).text
    for line in privacy_as_markdown().replace("\n  ", " ").splitlines():
        if line.startswith("- "):
            assert line.removeprefix("- ").replace("`", "") in shown.replace("`", "")
