"""The next version of Backstop, as far as its tables go: what a process of it runs beside one of this version. Not a
test."""

from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base
from storage.escalation_events import Event
from storage.escalations import Escalation
from storage.jobs import Job
from storage.messages import Message
from storage.people import Person
from storage.schedule import Timer
from tests import compiling
from tests.bot.crashing import Fate, live
from tests.office import StillClock

GROWN = (Message, Timer, Escalation, Event, Job, Person)
AFTER = "after"

MIGRATION = f"""
    op.create_table(
        "tomorrows",
        sa.Column("message_id", sa.Integer(), sa.ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True),
    )
    for table in {tuple(model.__tablename__ for model in GROWN)!r}:
        op.add_column(table, sa.Column("said_of_it", sa.String(16), nullable=True))
        op.add_column(table, sa.Column("written_by", sa.String(16), nullable=False, server_default="before"))
        op.create_index(f"ix_{{table}}_written_by", table, ["written_by"])
"""
"""What migrations do: a table, columns that may be left out, indexes."""


def live_tomorrow(parent: Connection, settings: Mapping[str, Any], clock: StillClock, fate: Fate) -> None:
    """As `live`, in a process that reads and writes the new tables and columns."""
    for model in GROWN:
        columns = {
            "said_of_it": mapped_column(String(16), nullable=True, default=AFTER),
            "written_by": mapped_column(String(16), default=AFTER, server_default="before"),
        }
        for name, column in columns.items():
            setattr(model, name, column)

    class Tomorrow(Base):
        __tablename__ = "tomorrows"
        message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"), primary_key=True)

    compiling.forget()
    live(parent, settings, clock, fate)
