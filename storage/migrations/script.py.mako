"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = "${up_revision}"
down_revision = ${repr(down_revision).replace("'", '"')}

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
