"""People: invitations, locks, second factors, and where their log-ins are used."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("code_secret", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("code_step", sa.Integer(), nullable=True))
    op.add_column("web_sessions", sa.Column("browser", sa.Text(), nullable=True))
    op.add_column("web_sessions", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "invitations",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "user_name", name=op.f("pk_invitations")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_invitations_site")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "user_name", "code_hash", name=op.f("pk_recovery_codes")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_recovery_codes_site")),
    )
