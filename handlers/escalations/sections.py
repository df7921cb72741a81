"""What Home shows of escalations: what waits for this person, each with its button."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.blocks import Block, header
from handlers.escalations.views import answers
from storage import escalations, people, teams
from storage.people import Person

SHOWN_AT_MOST = 10
MINE = "Your escalations"
TEAM = "Open in your teams"


async def sections(session: AsyncSession, person: Person, now: datetime) -> list[Block]:
    """Theirs first (raised or owned), then what else is open in their teams."""
    own = await escalations.listed(session, which="mine", viewer_id=person.id, team_ids=(), most=SHOWN_AT_MOST)
    seen = await teams.teams_seen_by(session, person.id)
    others = await escalations.listed(
        session, which="open", viewer_id=person.id, team_ids=[team.id for team in seen], most=SHOWN_AT_MOST * 2
    )
    mine = {one.id for one in own}
    rest = [one for one in others if one.id not in mine][:SHOWN_AT_MOST]
    owners = await people.by_ids(session, [one.owner_id for one in (*own, *rest)])
    blocks: list[Block] = []
    for title, found in ((MINE, own), (TEAM, rest)):
        if found:
            blocks.append(header(title))
            blocks += [answers.row(one, owners, now) for one in found]
    return blocks
