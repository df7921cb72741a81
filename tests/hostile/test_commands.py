"""The matrix of rights for what can be typed: every command, and every verb of it, typed by everybody. It changes rows
for those alone who may, reaches nobody else, and shows nobody what is the team's or a few people's own."""

import ast
import inspect
import re
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.app import furnish
from handlers.house import Command
from handlers.queue.rules.rights import PersonalMetrics
from simulator.addressing import with_ids_for_names
from storage.teams import Team
from tests.handlers.escalations.stories import raised
from tests.handlers.goals.stories import by_hand
from tests.handlers.polls.stories import sent
from tests.handlers.queue.stories import connected, waiting
from tests.hostile.forging import FOREIGN_ID, FOREIGN_WORKSPACE, MANAGER, OUTSIDERS, ROLES, Digest
from tests.hostile.rights import COMMANDS, TEAM
from tests.office import Office

THE_TEAMS, A_FEWS, ONE_PERSONS = "Canary of the team", "Canary of a few", "Ben, the last 7 days"
"""What stands in a goal, a poll and a ticket of the team; in an escalation that is restricted to Aoife and Cara; over
figures that Ben's managers may see."""


def typed() -> set[str]:
    """Everything that can be typed: each command alone, and with each of its verbs."""
    house = furnish()
    return {" ".join((name, *verb)) for name in house.commands for verb in ((), *((v,) for v in house.verbs_of(name)))}


def test_every_command_and_verb_says_whose_it_is() -> None:
    ruled = {rule.typed for rule in COMMANDS}
    assert typed() - ruled == set(), "say in tests/hostile/rights.py who may type it, and what it changes"
    assert ruled - typed() == set()


@pytest.mark.parametrize("command", furnish().commands.values(), ids=lambda command: command.name)
def test_a_command_understands_nothing_that_it_is_not_registered_with(command: Command) -> None:
    tree = ast.parse(textwrap.dedent(inspect.getsource(command.listener)))
    compared = {
        str(side.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and isinstance(side.value, str) and side.value
    }
    patterns = {
        ast.unparse(node.func.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MATCHING
    }
    parsed = set(vars(sys.modules[command.listener.__module__]).get("VERBS", ()))
    no_words = [verb for verb in command.verbs if not re.fullmatch("[a-z-]+", verb)]
    assert compared | parsed <= set(command.verbs), "name it where the command is registered"
    assert len(patterns) <= len(no_words), f"give an example of what {patterns} take, where the command is registered"


MATCHING = {"match", "fullmatch", "search"}


@dataclass
class Typist:
    """Types for everybody, and notes what should not have come of it."""

    office: Office
    digest: Digest
    failures: list[str] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)

    async def types(self, words: str, role: str, user_id: str, may_change: bool) -> None:
        sim = self.office.sim
        before, heard, called = dict(self.digest.taken()), len(sim.workspace.notified), len(sim.calls)
        await self.office.bot.bolt.async_dispatch(
            AsyncBoltRequest(body=self._typed(words, user_id), mode="socket_mode")
        )
        await self.office.bot.listening.drain(at_most_s=10)
        after = self.digest.taken()
        touched = sorted(table for table in after if before.get(table) != after[table])
        if touched and not may_change:
            self.failures.append(f"{words}, typed by {role}, changed {', '.join(touched)}")
        if may_change and not touched:
            self.failures.append(f"{words}, typed by {role}, changed nothing")
        if reached := {one.user_id for one in sim.workspace.notified[heard:]} - {user_id}:
            self.failures.append(f"{words}, typed by {role}, reached {reached}")
        told = str([call.args for call in sim.calls[called:]])
        self.shown |= {canary for canary in (THE_TEAMS, A_FEWS, ONE_PERSONS) if canary in told}
        if THE_TEAMS in told and role not in TEAM:
            self.failures.append(f"{words} showed {role} what is the team's")
        if ONE_PERSONS in told and role != MANAGER:
            self.failures.append(f"{words} showed {role} figures about one person")
        if A_FEWS in told and role != MANAGER:
            self.failures.append(f"{words} showed {role} what a few alone may read")
        if role in OUTSIDERS and len(sim.calls) - called > 1:
            self.failures.append(f"{words} said more than one sentence to {role}")

    def _typed(self, words: str, user_id: str) -> dict[str, str]:
        interactions, workspace = self.office.sim.interactions, self.office.sim.workspace
        channel = workspace.channel("care").id
        text = with_ids_for_names(workspace, words, labelled=True)
        body = {"type": "slash_commands", "command": "/backstop", "text": text, "user_id": user_id}
        body |= {"channel_id": channel, "trigger_id": interactions._triggers.issue(user_id)}
        if user_id == FOREIGN_ID:
            return body | {"team_id": FOREIGN_WORKSPACE}
        answered_at = interactions._url(interactions._response_urls.issue(user_id, channel))
        return body | {"team_id": workspace.team_id, "response_url": answered_at}


@pytest.mark.timeout(240)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_is_typed_changes_and_shows_no_more_than_its_rule_says(office: Office) -> None:
    aoife = office.aoife
    await raised(office, aoife, A_FEWS, more={"restricted": ["restricted"], "viewers": ["Cara"]})
    await sent(office, aoife, "quiz", question=THE_TEAMS, options="*Two days\nA week")
    await by_hand(office, aoife, THE_TEAMS, whose="Team Care")
    await connected(office, [waiting(office.now - timedelta(hours=2), 1, subject=THE_TEAMS, tags=("canary",))])
    async with office.bot.store.write() as session:
        care = await session.get_one(Team, office.teams["Care"].id)
        care.personal_metrics = PersonalMetrics.MANAGERS
    digest = Digest(str(office.bot.store.write_engine.url.database))
    typist = Typist(office, digest)
    for rule in COMMANDS:
        for role, name in {**OUTSIDERS, **ROLES}.items():
            user_id = office.sim.workspace.person(name).id if name else FOREIGN_ID
            await typist.types(rule.words, role, user_id, role in rule.changes)
            office.sim.workspace.modals.pop(user_id, None)  # they look at it, and go on
    digest.close()
    assert "\n".join(typist.failures) == ""
    assert typist.shown == {THE_TEAMS, A_FEWS, ONE_PERSONS}, (
        "nobody was shown what they may see: the canaries are in no answer"
    )
