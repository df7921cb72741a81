"""The escalations that Home shows somebody, in three statements however many teams they have.

Each part walks an index of its own from where it is wanted, so a page costs the same with any archive behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CompoundSelect, Integer, Select, bindparam, exists, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from storage.clocks import Clock
from storage.escalations import Escalation, EscalationViewer, State
from storage.follow_ups import FollowUp
from storage.handovers import Handover

MINE, UNCONFIRMED = 32, 4
WAITING, NEWEST = 8, 25
"""Of each team: those that wait for an owner, the oldest first; and the newest of the open ones."""


@dataclass(frozen=True)
class Concerning:
    """What is open is listed newest first."""

    mine: Sequence[Escalation]
    """Open, raised or owned by them."""
    unconfirmed: Sequence[Escalation]
    """Raised by them, resolved, not confirmed yet; the latest resolved first."""
    unowned: Sequence[Escalation]
    """Waits for an owner in one of their teams, the oldest first."""
    of_teams: Sequence[Escalation]
    """What else is open in their teams."""
    is_offered_any: bool
    """False: no colleague's case waits for their answer."""
    has_follow_ups: bool
    """False: none of theirs is open."""


async def concerning(session: AsyncSession, person_id: int, team_ids: Sequence[int]) -> Concerning:
    """`team_ids`: teams whose escalations they may see, but for restricted ones on which they aren't named."""
    told: dict[str, Any] = {"person_id": person_id, **{f"team_{place}": one for place, one in enumerate(team_ids)}}
    found = (await session.execute(_concerning(len(team_ids)), told)).scalars().all()
    await _load_clocks(session, found)
    offered, follow_ups = (await session.execute(_BESIDES, {"person_id": person_id})).one()
    open_ = [one for one in found if one.resolved_at is None]
    mine = [one for one in open_ if person_id in {one.reporter_id, one.owner_id}]
    others = [one for one in open_ if person_id not in {one.reporter_id, one.owner_id}]
    resolved = [(one.resolved_at, one) for one in found if one.resolved_at is not None]
    waiting = [one for one in reversed(open_) if one.state == State.WAITING and one.team_id in team_ids]
    return Concerning(
        mine=mine,
        unconfirmed=[one for _, one in sorted(resolved, key=lambda pair: (pair[0], pair[1].id), reverse=True)],
        unowned=waiting,
        of_teams=others,
        is_offered_any=offered,
        has_follow_ups=follow_ups,
    )


_ME: BindParameter[int] = bindparam("person_id", type_=Integer)
_BESIDES = select(
    exists().where(Handover.to_id == _ME, Handover.answered_at.is_(None)),
    exists().where(FollowUp.owner_id == _ME, FollowUp.closed_at.is_(None)),
)
"""Whether to look for these at all: two of the largest statements, which nearly always found nothing."""
_CLOCKS = select(Clock).where(Clock.escalation_id.in_(bindparam("ids", expanding=True))).order_by(Clock.kind)


async def _load_clocks(session: AsyncSession, found: Sequence[Escalation]) -> None:
    """What selectinload does, which puts its statement together anew each time: a fortieth of the page."""
    clocks: dict[int, list[Clock]] = {one.id: [] for one in found}
    for clock in (await session.execute(_CLOCKS, {"ids": list(clocks)})).scalars():
        clocks[clock.escalation_id].append(clock)
    for one in found:
        set_committed_value(one, "clocks", clocks[one.id])


@cache
def _concerning(teams: int) -> Select[Escalation]:
    """Built once for each number of teams: building it costs more than running it."""
    me = _ME
    number = Escalation.number.desc()
    is_open = Escalation.resolved_at.is_(None)
    is_named = Escalation.id.in_(select(EscalationViewer.escalation_id).where(EscalationViewer.person_id == me))
    is_mine = (Escalation.reporter_id == me) | (Escalation.owner_id == me)
    in_sight = ~Escalation.restricted | is_named | is_mine
    unconfirmed = (Escalation.reporter_id == me) & Escalation.resolved_at.is_not(None)
    parts = [
        select(Escalation.id).where(Escalation.reporter_id == me, is_open).order_by(number).limit(MINE),
        select(Escalation.id).where(Escalation.owner_id == me, is_open).order_by(number).limit(MINE),
        select(Escalation.id)
        .where(unconfirmed, Escalation.confirmed_at.is_(None))
        .order_by(Escalation.resolved_at.desc())
        .limit(UNCONFIRMED),
    ]
    for place in range(teams):
        team_id: BindParameter[int] = bindparam(f"team_{place}", type_=Integer)
        ours = select(Escalation.id).where(Escalation.team_id == team_id, is_open, in_sight)
        parts.append(ours.where(Escalation.state == State.WAITING).order_by(Escalation.number).limit(WAITING))
        parts.append(ours.order_by(number).limit(NEWEST))
    ids: CompoundSelect[int] = union_all(*(select(part.subquery().c.id) for part in parts))
    return select(Escalation).where(Escalation.id.in_(ids)).order_by(number)
