"""what only the past makes larger"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

removes_rows_from: frozenset[str] = frozenset()
"""Tables that may hold fewer rows afterwards; a loss anywhere else undoes the migration."""


def upgrade() -> None:
    with op.batch_alter_table("checkin_blockers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checkin_blockers_done_at"), ["done_at"], unique=False)

    with op.batch_alter_table("checkin_rounds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checkin_rounds_team_id_closed_at_day"), ["team_id", "closed_at", "day"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_checkin_rounds_workspace_id_closed_at"), ["workspace_id", "closed_at"], unique=False
        )

    with op.batch_alter_table("goals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goals_person_id"))
        batch_op.drop_index(batch_op.f("ix_goals_set_by_id"))
        batch_op.create_index("ix_goals_ended", ["whose", "whose_id", "closed_at"], unique=False)
        batch_op.create_index(
            "ix_goals_paged",
            ["workspace_id", "id"],
            unique=False,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.create_index(batch_op.f("ix_goals_person_id_state"), ["person_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_goals_set_by_id_state"), ["set_by_id", "state"], unique=False)
        batch_op.create_index(
            "ix_goals_standing",
            ["whose", "whose_id"],
            unique=False,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    with op.batch_alter_table("onboarding_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_onboarding_enrolments_buddy_id_stopped_at"), ["buddy_id", "stopped_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_onboarding_enrolments_workspace_id_stopped_at"), ["workspace_id", "stopped_at"], unique=False
        )

    with op.batch_alter_table("poll_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_poll_questions_sameness"))
        batch_op.create_index(batch_op.f("ix_poll_questions_sameness_poll_id"), ["sameness", "poll_id"], unique=False)

    with op.batch_alter_table("training_assignments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_assignments_done_at"), ["done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_assignments_due_on"), ["due_on"], unique=False)

    with op.batch_alter_table("training_requirements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_requirements_ended_at"), ["ended_at"], unique=False)

    with op.batch_alter_table("training_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_sessions_attendance_at"), ["attendance_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_sessions_starts_at"), ["starts_at"], unique=False)
