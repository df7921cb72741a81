"""the admins whom the operator named"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    # the rows that are there need a value; the next start writes the operator's
    named = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.add_column(sa.Column("named_admins", named, nullable=False, server_default="[]"))
    with op.batch_alter_table("workspaces", schema=None) as batch_op:
        batch_op.alter_column("named_admins", server_default=None)
