"""The survey of satisfaction, and a row for each time that old data were looked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_answers",
        sa.Column(
            "answer_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("was_refused", sa.Boolean(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_survey_answers")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_survey_answers_site")),
    )
    op.create_index("ix_survey_answers_quarter", "survey_answers", ["site", "quarter"])
    op.create_table(
        "surveyed_visits",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("site", "mark", name=op.f("pk_surveyed_visits")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_surveyed_visits_site")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "survey_follow_ups",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("follow_up_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "follow_up_id", name=op.f("pk_survey_follow_ups")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_survey_follow_ups_site")),
    )
    op.create_table(
        "retention_runs",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "at", name=op.f("pk_retention_runs")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_retention_runs_site")),
    )
