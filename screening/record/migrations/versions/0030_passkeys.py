"""Passkeys, a second factor in a person's device; what a change replaced, to be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passkeys",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("site_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("copied_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", "credential_id", name=op.f("pk_passkeys")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_passkeys_site")),
    )
    op.create_index("ix_passkeys_user", "passkeys", ["site", "user_name"])
    op.create_table(
        "taken_challenges",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "digest", name=op.f("pk_taken_challenges")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_taken_challenges_site")),
    )
    op.create_table(
        "former_facts",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("issuer_keys", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "entry_id", name=op.f("pk_former_facts")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_former_facts_site")),
    )
