"""Several workspaces' rows may lie in one database: an admin is one of their own workspace and of no other."""

from typing import Any

import pytest
from sqlalchemy import select, update

from bot.hearing import hear
from storage.teams import Team, TeamState
from tests.hostile.forging import FOREIGN_WORKSPACE
from tests.hostile.test_permissions import made_up
from tests.office import Office


@pytest.mark.parametrize("door", ["teams.approve", "teams.decline_form", "teams.edit"])
async def test_an_admin_has_no_say_over_teams_of_another_workspace(office: Office, door: str) -> None:
    theirs = office.teams["Platform"].id
    async with office.bot.store.write() as session:
        moved = update(Team).where(Team.id == theirs).values(workspace_id=FOREIGN_WORKSPACE, state=TeamState.REQUESTED)
        await session.execute(moved if door != "teams.edit" else moved.values(state=TeamState.ACTIVE))
    told = len(office.sim.calls)
    response = await hear(office.bot.bolt, mode="socket_mode", body=asked(office, door, theirs))
    await office.bot.listening.drain(at_most_s=10)
    async with office.bot.store.read() as session:
        team = (await session.execute(select(Team).where(Team.id == theirs))).scalar_one()
    assert team.decided_by_id is None
    said = str(response.body) + str([call.args for call in office.sim.calls[told:]])
    assert "not there any more" in said


def asked(office: Office, door: str, team: int) -> dict[str, Any]:
    _, payload = made_up(office, door)
    payload["user"] = {"id": office.omar.id}
    payload["view"] |= {
        "type": "home",
        "private_metadata": f'{{"key": "{"f" * 32}", "team": {team}}}',
        "state": {"values": {"reason": {"text": {"type": "plain_text_input", "value": "no"}}}},
    }
    if "actions" in payload:
        payload["actions"][0]["value"] = str(team)
    payload["trigger_id"] = office.sim.interactions._triggers.issue(office.omar.id)
    return payload
