"""last beat"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    for column in ("beat_at", "silent_since"):
        op.add_column("workspaces", sa.Column(column, sa.DateTime(timezone=True), nullable=True))
