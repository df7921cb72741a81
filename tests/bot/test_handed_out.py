"""Files that people are handed: in each stands what its reader may know and nothing else, wherever it is made.

What people said in confidence has a canary each, and the files of everybody are searched for all of them.
"""

import ast
from datetime import date, timedelta
from pathlib import Path

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from simulator.acting import Actor
from storage.digests import Digest
from tests.handlers.escalations.stories import raised
from tests.handlers.polls.stories import answers, result, sent
from tests.handlers.queue.stories import connected, waiting
from tests.hostile.test_permissions import made_up
from tests.office import Office

ROOT = Path(__file__).parents[2]
MADE_BY = {
    "handlers/charts.py _uploaded": "chart",
    "handlers/escalations/listeners/asking.py send_csv": "escalations",
    "handlers/polls/listeners/looking.py send_csv": "poll",
    "handlers/queue/listeners/filing.py weekly_csv": "queue",
    "handlers/teams/listeners/my_data.py export": "my",
}
"""Every place that uploads a file, and how its files' names begin."""
ANONYMOUSLY, FOR_ONESELF, A_CHOICE = "Canary without a name", "Canary for oneself", "Canary of a choice"
ON_CASES, A_FEWS, OF_A_CUSTOMER = "Canary of a case", "Canary of a few", "Canary of a customer"
EVERYBODY = ("Aoife", "Ben", "Cara", "Jonas", "Niamh")


def test_every_place_that_uploads_a_file_is_known() -> None:
    found = {
        f"{path.relative_to(ROOT)} {function.name}"
        for package in ("bot", "handlers", "storage")
        for path in (ROOT / package).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef) and any(map(_uploads, ast.walk(function)))
    }
    assert found == set(MADE_BY), "put a canary into its files here, and say who may find it there"


def _uploads(node: ast.AST) -> bool:
    """A call of one of Slack's methods for files, by whatever name, but to look at one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.startswith(("files.", "files_")) and " " not in node.value
    return isinstance(node, ast.Attribute) and node.attr.startswith("files_") and node.attr != "files_info"


async def weekly_files(office: Office, who: Actor) -> None:
    """*Send me the CSV files* of a weekly report that ended just now."""
    care = office.teams["Care"]
    async with office.bot.store.write() as session:
        report = Digest(workspace_id=care.workspace_id, team_id=care.id, weekly=True, local_date=date(2026, 6, 1))
        report.since, report.until, report.due_at = office.now - timedelta(days=7), office.now, office.now
        session.add(report)
        await session.flush()
        number = report.id
    _, payload = made_up(office, "queue.weekly_csv")
    payload |= {"user": {"id": who.id}, "trigger_id": office.sim.interactions._triggers.issue(who.id)}
    payload |= {"actions": [payload["actions"][0] | {"value": str(number)}]}
    await office.bot.bolt.async_dispatch(AsyncBoltRequest(body=payload, mode="socket_mode"))
    await office.settles()


async def asks(office: Office, who: Actor, words: str, answer: str, button: str) -> None:
    await who.types(words, channel="#care")
    await who.clicks(await who.privately(answer), button)
    await office.settles()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_was_said_in_confidence_stands_in_nobody_elses_file(office: Office) -> None:
    aoife, ben = office.aoife, office.ben
    before = office.now - timedelta(days=1)
    customers = {"subject": OF_A_CUSTOMER, "customer_key": OF_A_CUSTOMER, "tags": ("login",)}
    await connected(office, [waiting(before, number, **customers) for number in range(3)])
    await raised(office, ben, ON_CASES)
    secret = await sent(office, aoife, "training")
    await answers(ben, secret, {1: ANONYMOUSLY})
    named = await sent(office, aoife, "date", options=f"{A_CHOICE}\nTue")
    await answers(ben, named, {1: [A_CHOICE]})
    await ben.types("/checkin", channel="#care")
    await (await ben.modal()).fill("load", "too much").fill("blocker", FOR_ONESELF).submit()
    await raised(office, aoife, A_FEWS, more={"restricted": ["restricted"], "viewers": ["Cara"]})
    for poll in (secret, named):
        await aoife.types(f"/poll close {poll.label}", channel="#care")
        await office.settles()
        await aoife.clicks(await result(office, aoife, poll), "CSV")
        await office.settles()
    for name in EVERYBODY:
        who = office.sim.acts_as(name)
        await asks(office, who, "/backstop my-data", "What is kept about you", "Send me all of it")
        await asks(office, who, "/escalate stats", "Escalations, June 2026", "CSV")
        await asks(office, who, "/escalate list open", "E-1", "CSV")
    await weekly_files(office, aoife)

    found: dict[str, set[str]] = {}
    made, known = set(), {office.sim.workspace.person(name).id: name for name in EVERYBODY}
    for file in office.sim.workspace.files.values():
        kind = next(begins for begins in MADE_BY.values() if file.name.startswith(begins))
        made.add(kind)
        said = f"{file.name} {file.title} {file.alt_text} {(file.content or b'').decode(errors='replace')}"
        readers = {office.sim.workspace.channels[channel].im_user_id for channel in file.channels}
        names = {known.get(reader or "", "somebody") for reader in readers}
        secrets = (office.sim.bot_token, office.sim.app_token)
        for canary in (ANONYMOUSLY, FOR_ONESELF, A_CHOICE, ON_CASES, A_FEWS, OF_A_CUSTOMER, *secrets):
            if canary in said:
                found.setdefault(canary, set()).update(f"{name}'s {kind}" for name in names)
    # a picture can't be searched; what is drawn are counts, under names of teams and days
    assert made == set(MADE_BY.values()) - {"chart"}, "each other kind of file was made"
    assert found == {
        FOR_ONESELF: {"Ben's my"},
        A_CHOICE: {"Aoife's poll"},
        ON_CASES: {"Ben's my", *(f"{name}'s escalations" for name in EVERYBODY)},
        A_FEWS: {"Aoife's my", "Aoife's escalations", "Cara's escalations"},
    }
