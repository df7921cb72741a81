"""escalations can be searched"""

from alembic import op

revision = "0002"
down_revision = "0001"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    # SQLite's FTS5 and PostgreSQL's tsvector have nothing in common that Alembic could write
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE escalation_texts USING fts5(document, tokenize = 'unicode61 remove_diacritics 2')"
        )
        return
    op.execute(
        "CREATE TABLE escalation_texts (escalation_id bigint CONSTRAINT pk_escalation_texts PRIMARY KEY"
        " CONSTRAINT fk_escalation_texts_escalation_id_escalations REFERENCES escalations (id) ON DELETE CASCADE,"
        " document tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_escalation_texts_document ON escalation_texts USING gin (document)")
