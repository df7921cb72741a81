"""Training: the items that a team wants to learn, the sessions in which it does, and who has a place in them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, Integer, String, Text, and_, bindparam, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, OneOf, UtcDateTime
from storage.memberships import Membership
from storage.messages import Message
from storage.people import Person
from storage.polls import Poll, PollState


class Answer(StrEnum):
    """What somebody said to an invitation."""

    GOING = "going"
    WAITING = "waiting"
    """Every place is taken: next in line when one is given up."""
    NOT_GOING = "not_going"


class Item(Base):
    """A topic that a team wants to learn: who sees to it, until when."""

    __tablename__ = "training_items"
    __table_args__ = (Index(None, "team_id", "done_at", "due_on"), Index(None, "owner_id", "done_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    topic: Mapped[str] = mapped_column(String(200))
    origin: Mapped[str | None] = mapped_column(String(200))
    """Where the wish came from, in words: the question of a poll."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date | None] = mapped_column(Date)
    """A date in the owner's zone."""
    generation: Mapped[int] = mapped_column(default=1)
    """Rises when the owner or the date changes, and when it is done: older reminders are void."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Session(Base):
    """One session: when, how many places, who holds it."""

    __tablename__ = "training_sessions"
    __table_args__ = (
        Index(None, "team_id", "starts_at"),
        Index(None, "host_id", "starts_at"),
        Index(None, "starts_at"),
        Index(None, "attendance_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    workspace_id: Mapped[str] = mapped_column(String(32))
    form_key: Mapped[str] = mapped_column(String(64), unique=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    item_id: Mapped[int | None] = mapped_column(ForeignKey("training_items.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(String(150))
    about: Mapped[str | None] = mapped_column(Text)
    link: Mapped[str | None] = mapped_column(String(500))
    """Material, or where to join."""
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    capacity: Mapped[int | None]
    """None: everybody who likes."""
    host_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    channel: Mapped[str] = mapped_column(String(32))
    """Where the invitation stands: the team's channel when it was planned."""
    generation: Mapped[int] = mapped_column(default=1)
    """Rises when it moves and when it is cancelled: older reminders are void."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    attendance_at: Mapped[datetime | None]
    """When the host said who was there."""


class Place(Base):
    """What somebody answered to a session's invitation, and whether they were there."""

    __tablename__ = "training_places"
    __table_args__ = (Index(None, "person_id", "session_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("training_sessions.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    answer: Mapped[Answer | None] = mapped_column(OneOf(Answer, 16))
    """None: they came without having answered."""
    turn: Mapped[int] = mapped_column(default=0)
    """Rises with every answer: the order of the waiting list, and one message per place that comes free."""
    answered_at: Mapped[datetime]
    attended: Mapped[bool | None]
    """None: nobody has said yet."""


async def item_by_key(session: AsyncSession, form_key: str) -> Item | None:
    return (await session.execute(select(Item).where(Item.form_key == form_key))).scalar_one_or_none()


async def open_items(session: AsyncSession, team_ids: Iterable[int], *, most: int) -> Sequence[Item]:
    """What these teams still want to learn, the earliest due first, the undated last."""
    query = select(Item).where(Item.team_id.in_(list(team_ids)), Item.done_at.is_(None))
    query = query.order_by(Item.due_on.is_(None), Item.due_on, Item.id).limit(most)
    return (await session.execute(query)).scalars().all()


async def planned_on(session: AsyncSession, items: Collection[Item], *, now: datetime) -> dict[int, Session]:
    """By item: the next session on it that is still to come."""
    query = select(Session).where(Session.team_id.in_({item.team_id for item in items}), Session.starts_at > now)
    query = query.where(Session.item_id.in_([item.id for item in items]), Session.cancelled_at.is_(None))
    query = query.order_by(Session.starts_at.desc())
    found = (await session.execute(query)).scalars()
    return {one.item_id: one for one in found if one.item_id is not None}


_OWNED = (
    select(Item)
    .where(
        Item.owner_id == bindparam("person_id", type_=Integer),
        Item.done_at.is_(None),
        Item.due_on <= bindparam("until", type_=Date),
    )
    .order_by(Item.due_on, Item.id)
    .limit(bindparam("most", type_=Integer))
)


async def items_owned_by(session: AsyncSession, person_id: int, *, until: date, most: int) -> Sequence[Item]:
    """What somebody sees to that is due by that date and not done."""
    return (await session.execute(_OWNED, {"person_id": person_id, "until": until, "most": most})).scalars().all()


async def locked_session(session: AsyncSession, session_id: int) -> Session | None:
    """The session, locked until the transaction ends: two who take the last place come one after the other."""
    return (
        await session.execute(select(Session).where(Session.id == session_id).with_for_update())
    ).scalar_one_or_none()


async def session_by_key(session: AsyncSession, form_key: str) -> Session | None:
    return (await session.execute(select(Session).where(Session.form_key == form_key))).scalar_one_or_none()


_COMING = (
    select(Session)
    .where(
        Session.team_id.in_(bindparam("team_ids", expanding=True)),
        Session.starts_at > bindparam("now", type_=UtcDateTime()),
        Session.starts_at < bindparam("until", type_=UtcDateTime()),
        Session.cancelled_at.is_(None),
    )
    .order_by(Session.starts_at, Session.id)
    .limit(bindparam("most", type_=Integer))
)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


async def coming_sessions(
    session: AsyncSession, team_ids: Iterable[int], *, now: datetime, most: int, until: datetime | None = None
) -> Sequence[Session]:
    """What is planned and hasn't begun, soonest first."""
    asked = {"team_ids": list(team_ids), "now": now, "until": until or _FOR_EVER, "most": most}
    return (await session.execute(_COMING, asked)).scalars().all()


async def begun_between(session: AsyncSession, team_id: int, since: datetime, until: datetime) -> Sequence[Session]:
    """The team's sessions that began in [since, until) and weren't cancelled."""
    query = select(Session).where(
        Session.team_id == team_id,
        Session.starts_at >= since,
        Session.starts_at < until,
        Session.cancelled_at.is_(None),
    )
    return (await session.execute(query.order_by(Session.starts_at, Session.id))).scalars().all()


_AROUND = (
    select(Session)
    .where(
        Session.cancelled_at.is_(None),
        or_(
            and_(
                Session.team_id.in_(bindparam("team_ids", expanding=True)),
                Session.starts_at > bindparam("now", type_=UtcDateTime()),
                Session.starts_at < bindparam("until", type_=UtcDateTime()),
            ),
            and_(
                Session.host_id == bindparam("person_id", type_=Integer),
                Session.starts_at.between(
                    bindparam("since", type_=UtcDateTime()), bindparam("now", type_=UtcDateTime())
                ),
                Session.attendance_at.is_(None),
            ),
        ),
    )
    .order_by(Session.starts_at, Session.id)
    .limit(100)
)


async def sessions_around(
    session: AsyncSession, person_id: int, team_ids: Iterable[int], *, since: datetime, now: datetime, until: datetime
) -> tuple[list[Session], list[Session]]:
    """(what these teams plan before `until` and hasn't begun; what this person hosted since then, and nobody has said
    who was there), each the earliest first."""
    asked = {"person_id": person_id, "team_ids": list(team_ids), "since": since, "now": now, "until": until}
    found = (await session.execute(_AROUND, asked)).scalars().all()
    return [one for one in found if one.starts_at > now], [one for one in found if one.starts_at <= now]


async def places(session: AsyncSession, session_id: int) -> list[tuple[Place, Person]]:
    """Every answer of who can still come: in the team (or its host), and reachable. In the order they answered."""
    return (await places_of(session, [session_id]))[session_id]


async def places_of(session: AsyncSession, session_ids: Sequence[int]) -> dict[int, list[tuple[Place, Person]]]:
    """The same of several sessions, by their ids."""
    of_team = and_(Membership.person_id == Place.person_id, Membership.team_id == Session.team_id)
    query = (
        select(Place, Person)
        .join(Session, Session.id == Place.session_id)
        .join(Person, Person.id == Place.person_id)
        .outerjoin(Membership, of_team)
        .where(
            Place.session_id.in_(session_ids),
            ~Person.deactivated,
            or_(Membership.person_id.is_not(None), Place.person_id == Session.host_id, Place.attended.is_not(None)),
        )
        .order_by(Place.turn, Place.person_id)
    )
    found: dict[int, list[tuple[Place, Person]]] = {one: [] for one in session_ids}
    for place, person in await session.execute(query):
        found[place.session_id].append((place, person))
    return found


async def attended(
    session: AsyncSession, team_ids: Sequence[int], start: datetime, end: datetime
) -> list[tuple[datetime, int, int]]:
    """(when it began, its team, who was there) of the sessions that began in [start, end)."""
    query = (
        select(Session.starts_at, Session.team_id, Place.person_id)
        .join(Place, Place.session_id == Session.id)
        .where(Session.team_id.in_(team_ids), Session.starts_at >= start, Session.starts_at < end)
        .where(Session.cancelled_at.is_(None), Place.attended.is_(True))
    )
    return [(at, team_id, person_id) for at, team_id, person_id in await session.execute(query)]


async def attendance_said_since(
    session: AsyncSession, workspace_id: str, since: datetime
) -> Sequence[tuple[int, datetime]]:
    """Whose sessions they were, and when they began, of which somebody said since then who was there."""
    query = select(Session.team_id, Session.starts_at).where(Session.workspace_id == workspace_id)
    return (await session.execute(query.where(Session.attendance_at >= since))).all()


async def answers_of(session: AsyncSession, person_id: int, session_ids: Iterable[int]) -> dict[int, Answer | None]:
    """What somebody answered, by session id."""
    wanted = list(session_ids)
    if not wanted:
        return {}
    query = select(Place.session_id, Place.answer).where(Place.person_id == person_id, Place.session_id.in_(wanted))
    return {row.session_id: row.answer for row in await session.execute(query)}


async def last_turn(session: AsyncSession, session_id: int) -> int:
    """The number of the latest answer to this invitation; 0 before the first."""
    query = select(func.max(Place.turn)).where(Place.session_id == session_id)
    return (await session.execute(query)).scalar_one() or 0


async def sessions_of_leavers(session: AsyncSession, *, now: datetime) -> Sequence[int]:
    """Ids of coming sessions in which somebody who left the team (or this workspace) still holds a place."""
    of_team = and_(Membership.person_id == Place.person_id, Membership.team_id == Session.team_id)
    coming = select(Session.id).where(Session.starts_at > now, Session.cancelled_at.is_(None))
    query = (
        select(Session.id)
        .join(Place, Place.session_id == Session.id)
        .join(Person, Person.id == Place.person_id)
        .outerjoin(Membership, of_team)
        .where(
            Place.session_id.in_(coming),
            Place.answer == Answer.GOING,
            Place.person_id != Session.host_id,
            or_(Membership.person_id.is_(None), Person.deactivated),
        )
        .distinct()
    )
    return (await session.execute(query.order_by(Session.id))).scalars().all()


async def has_quiz(session: AsyncSession, found: Session) -> bool:
    """Whether a quiz follows this session already."""
    query = select(Poll.id).where(
        Poll.team_id == found.team_id, Poll.session_id == found.id, Poll.state != PollState.DRAFT
    )
    return (await session.execute(query.limit(1))).first() is not None


async def over_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of sessions that began before that, the oldest first."""
    query = select(Session.id).where(Session.starts_at < instant)
    return (await session.execute(query.order_by(Session.starts_at, Session.id).limit(most))).scalars().all()


async def done_before(session: AsyncSession, instant: datetime, *, most: int) -> Sequence[int]:
    """Ids of items that were done before that."""
    query = select(Item.id).where(Item.done_at < instant)
    return (await session.execute(query.order_by(Item.done_at, Item.id).limit(most))).scalars().all()


OF_SESSIONS = ("training.invitation", "training.news", "training.session")
OF_ITEMS = ("training.item",)
"""Renderers by what their messages' subject is."""


async def forget_sessions(session: AsyncSession, ids: Sequence[int]) -> None:
    """Deletes these sessions with their answers and their messages' rows (not what Slack shows)."""
    await session.execute(delete(Message).where(Message.renderer.in_(OF_SESSIONS), Message.subject_id.in_(ids)))
    await session.execute(delete(Session).where(Session.id.in_(ids)))


async def forget_items(session: AsyncSession, ids: Sequence[int]) -> None:
    await session.execute(delete(Message).where(Message.renderer.in_(OF_ITEMS), Message.subject_id.in_(ids)))
    await session.execute(delete(Item).where(Item.id.in_(ids)))
