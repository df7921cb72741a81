"""Sessions: planned, moved, cancelled, answered, attended; inside the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from handlers.refusals import Refusal
from handlers.shifts import Hours
from handlers.training.rules import line, rights
from handlers.training.rules.dates import SOON, working_day_before
from handlers.training.rules.gathering import Gathering
from storage import messages, people, requirements, team_facts, training
from storage.base import seen_or_loaded
from storage.jobs import want_job
from storage.messages import Attention, Priority
from storage.people import Person
from storage.schedule import NewTimer, set_timers
from storage.team_facts import TeamFacts
from storage.teams import Team
from storage.training import Answer, Item, Place, Session

INVITATION = "training.invitation"
NEWS = "training.news"
TOLD = "training.session"
REMIND = "training.remind_session"
TELL_JOB = "training.tell_session"
PRIORITY = 5
"""Of its timers: after every clock of an escalation."""
IMMINENT = timedelta(hours=16)
"""News of a session that begins sooner than this doesn't wait for the reader's hours: they said that they come."""
BEGUN = "It has begun already. {} can still add who was there."
CANCELLED = "It was cancelled. Nothing was changed by your click."
NOT_BEGUN = "It hasn’t begun yet. Say who was there once it has."


async def load(session: AsyncSession, session_id: int, *, now: datetime, lock: bool = True) -> Gathering:
    """Raises Refusal when it isn't there."""
    found = await (
        training.locked_session(session, session_id) if lock else session.get(Session, session_id, with_for_update=None)
    )
    if found is None:
        raise Refusal(rights.UNKNOWN)
    return await gathering_of(session, found, now=now)


async def gathering_of(session: AsyncSession, found: Session, *, now: datetime) -> Gathering:
    return (await gatherings_of(session, [found], now=now))[0]


async def gatherings_of(session: AsyncSession, found: Sequence[Session], *, now: datetime) -> list[Gathering]:
    """Each session with its team, host and places; as many queries for several as for one."""
    if not found:
        return []
    of_teams = await seen_or_loaded(session, Team, {one.team_id for one in found})
    facts = {one.team.id: one for one in await team_facts.of_teams(session, list(of_teams.values()), now=now)}
    hosts = await people.seen_by_ids(session, [one.host_id for one in found])
    places = await training.places_of(session, [one.id for one in found])
    return [Gathering(one, facts[one.team_id], hosts[one.host_id], tuple(places[one.id])) for one in found]


@dataclass(frozen=True)
class Plan:
    """What a form says of a session."""

    title: str
    starts_at: datetime
    minutes: int
    capacity: int | None
    host: Person
    link: str | None
    about: str | None


async def plan(
    session: AsyncSession, facts: TeamFacts, me: Person, key: str, wanted: Plan, item: Item | None, now: datetime
) -> Session:
    """Plans a session and invites. The same form gives the same session again."""
    if (known := await training.session_by_key(session, key)) is not None:
        return known
    made = Session(
        workspace_id=facts.team.workspace_id,
        form_key=key,
        team_id=facts.team.id,
        item_id=item.id if item else None,
        channel=facts.team.channel,
        generation=1,
        created_by_id=me.id,
        created_at=now,
        **_columns(wanted),
    )
    session.add(made)
    await session.flush()
    await messages.want(
        session,
        workspace_id=made.workspace_id,
        key=f"training:session:{made.id}:invitation",
        renderer=INVITATION,
        subject_id=made.id,
        destination=made.channel,
        priority=Priority.INTERACTIVE,
        now=now,
    )
    await _set_timers(session, made, facts.team, now)
    return made


async def change(session: AsyncSession, gathering: Gathering, wanted: Plan, now: datetime) -> None:
    """Makes the session what the form says. Who comes hears when it moves; more places go to who waits."""
    found = gathering.training
    moved = wanted.starts_at != found.starts_at
    for name, value in _columns(wanted).items():
        setattr(found, name, value)
    if moved:
        found.generation += 1
        await _set_timers(session, found, gathering.facts.team, now)
        await announce(session, found, "moved", now)
    await session.flush()
    await fill_places(session, await gathering_of(session, found, now=now), now)
    await refresh(session, found, now)


def _columns(wanted: Plan) -> dict[str, object]:
    return {
        "title": wanted.title,
        "starts_at": wanted.starts_at,
        "minutes": wanted.minutes,
        "capacity": wanted.capacity,
        "host_id": wanted.host.id,
        "link": wanted.link,
        "about": wanted.about,
    }


async def cancel(session: AsyncSession, found: Session, now: datetime) -> None:
    """Its reminders are void, and who wanted to come hears it."""
    found.cancelled_at = now
    found.generation += 1
    await announce(session, found, "cancelled", now)
    await refresh(session, found, now)


async def answer(session: AsyncSession, gathering: Gathering, me: Person, wanted: Answer, now: datetime) -> Answer:
    """Somebody comes, or doesn't; a place that is given up goes to the next in line. Returns what it became. Raises
    Refusal once it has begun or was cancelled."""
    found = gathering.training
    if found.cancelled_at is not None:
        raise Refusal(CANCELLED)
    if found.starts_at <= now:
        raise Refusal(BEGUN, gathering.host.name)
    became = line.answered(found.capacity, gathering.places, me.id, wanted)
    if gathering.answer_of(me.id) == became:
        return became
    turn = await training.last_turn(session, found.id) + 1
    place = await session.get(Place, (found.id, me.id))
    if place is None:
        session.add(Place(session_id=found.id, person_id=me.id, answer=became, turn=turn, answered_at=now))
    else:
        place.answer, place.turn, place.answered_at = became, turn, now
    await session.flush()
    await fill_places(session, await gathering_of(session, found, now=now), now)
    await refresh(session, found, now)
    return became


async def fill_places(session: AsyncSession, gathering: Gathering, now: datetime) -> None:
    """Whoever is next in line gets each place that is free, and hears of it."""
    found = gathering.training
    if found.cancelled_at is not None or found.starts_at <= now:
        return
    by_id = {person.id: person for _, person in gathering.answers}
    for place in line.next_in_line(found.capacity, gathering.places):
        place.answer = Answer.GOING
        await tell(session, found, by_id[place.person_id], "place", now, part=str(place.turn))


async def attend(session: AsyncSession, gathering: Gathering, present: Sequence[Person], now: datetime) -> None:
    """Says who was there: they have done what the session was required for. May be said again. Raises Refusal before it
    has begun, and once it was cancelled."""
    found = gathering.training
    if found.cancelled_at is not None:
        raise Refusal(CANCELLED)
    if found.starts_at > now:
        raise Refusal(NOT_BEGUN)
    here = {person.id for person in present}
    known = {place.person_id: place for place in gathering.places}
    for person in present:
        if person.id not in known:
            place = await session.get(Place, (found.id, person.id))
            known[person.id] = place or Place(session_id=found.id, person_id=person.id, answered_at=now, turn=0)
            session.add(known[person.id])
    for person_id, place in known.items():
        place.attended = person_id in here
    found.attendance_at = now
    await session.flush()
    for assignment_id in await requirements.done_by_attendance(session, found.id, sorted(here), now=now):
        await messages.refresh_subject(session, assignment_id, "training.required", now=now)
    await refresh(session, found, now)


async def announce(session: AsyncSession, found: Session, what: str, now: datetime) -> None:
    """News of a session: in the invitation's thread, and to each who wanted to come."""
    parent = f"training:session:{found.id}:invitation"
    await messages.want(
        session,
        workspace_id=found.workspace_id,
        key=f"training:session:{found.id}:news:{found.generation}",
        renderer=NEWS,
        subject_id=found.id,
        details={"what": what, "generation": found.generation},
        destination=found.channel,
        parent_key=parent,
        priority=Priority.INTERACTIVE,
        now=now,
    )
    await want_tell(session, found, what, now)


async def want_tell(session: AsyncSession, found: Session, what: str, now: datetime) -> None:
    """A job tells everybody who comes: they may be many."""
    await want_job(
        session,
        workspace_id=found.workspace_id,
        kind=TELL_JOB,
        key=f"{TELL_JOB}:{found.id}:{found.generation}:{what}",
        run_at=now,
        details={"session": found.id, "generation": found.generation, "what": what},
    )


async def tell(
    session: AsyncSession, found: Session, person: Person, what: str, now: datetime, *, part: str = ""
) -> None:
    """One direct message about a session that its reader wanted to come to, or hosts."""
    imminent = what == "soon" or (what != "after" and found.starts_at - now < IMMINENT)
    await messages.want(
        session,
        workspace_id=found.workspace_id,
        key=f"training:session:{found.id}:{what}:{found.generation}:{part}:{person.id}",
        renderer=TOLD,
        subject_id=found.id,
        details={"what": what, "generation": found.generation},
        destination=person.slack_id,
        person_id=person.id,
        attention=Attention.ASKED if imminent else Attention.NEWS,
        priority=Priority.INTERACTIVE if imminent else Priority.SCHEDULED,
        expires_at=None if what in {"after", "cancelled"} else found.starts_at + timedelta(minutes=found.minutes),
        now=now,
    )


async def refresh(session: AsyncSession, found: Session, now: datetime) -> None:
    """Everything that shows the session shows it as it is."""
    await messages.refresh_subject(session, found.id, INVITATION, TOLD, now=now)


async def _set_timers(session: AsyncSession, found: Session, team: Team, now: datetime) -> None:
    """The working day before (in the team's hours), shortly before, and when it is over."""
    hours = Hours(
        zone=team.zone, days=frozenset(team.days), start=team.start, end=team.end, country=team.country or None
    )
    due = {
        "day": working_day_before(found.starts_at, hours),
        "soon": found.starts_at - SOON,
        "after": found.starts_at + timedelta(minutes=found.minutes),
    }
    await set_timers(
        session,
        [
            NewTimer(
                workspace_id=found.workspace_id,
                step=REMIND,
                subject_id=found.id,
                part=part,
                generation=found.generation,
                due_at=at,
                priority=PRIORITY,
            )
            for part, at in due.items()
            if at is not None and at > now
        ],
    )


async def named(session: AsyncSession, facts: TeamFacts, slack_ids: Sequence[str]) -> tuple[list[Person], list[Person]]:
    """(of the team, not of it): the people whom a form's field names."""
    found = await people.by_slack_ids(session, facts.team.workspace_id, slack_ids)
    here = {person.id for person, _ in facts.members} | {head.id for head in facts.heads}
    return [one for one in found if one.id in here], [one for one in found if one.id not in here]
