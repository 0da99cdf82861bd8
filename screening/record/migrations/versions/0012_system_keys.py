"""Keys of other systems, and what they were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "system_keys",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "name", name=op.f("pk_system_keys")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_system_keys_site")),
    )
    op.create_table(
        "kept_answers",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "caller", "idempotency_key", name=op.f("pk_kept_answers")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_kept_answers_site")),
    )
    op.create_index("ix_kept_answers_at", "kept_answers", ["site", "at"])
