"""unconfirmed escalations"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    with op.batch_alter_table("escalations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_escalations_unconfirmed",
            ["reporter_id", "resolved_at"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NOT NULL AND confirmed_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NOT NULL AND confirmed_at IS NULL"),
        )
