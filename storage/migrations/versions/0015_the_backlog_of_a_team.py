"""the backlog of a team"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    op.drop_index("ix_tickets_backlog_of_team", table_name="tickets")
    op.create_index(
        "ix_tickets_backlog_of_team",
        "tickets",
        ["team_id", "in_backlog", "created_at"],
        unique=False,
        sqlite_where=sa.text("in_backlog = 1"),
        postgresql_where=sa.text("in_backlog"),
    )
