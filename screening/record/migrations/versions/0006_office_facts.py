"""The office's facts, which people change while it runs; gates may take the checks of its mode."""

from __future__ import annotations

import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is decided yet, so the configuration's values still stand.

    Noted is which gates there are: what they ask for was ruled by the configuration, which only
    the first ``serve`` knows.
    """
    op.add_column(
        "sites", sa.Column("facts_version", sa.Integer(), nullable=False, server_default="0")
    )
    with op.batch_alter_table("gates") as gates:
        gates.alter_column("checks", existing_type=sa.Text(), nullable=True)
    facts = op.create_table(
        "office_facts",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("site", "key", name=op.f("pk_office_facts")),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_office_facts_site")),
    )
    names = defaultdict(list)
    for site, name in op.get_bind().execute(sa.text("SELECT site, name FROM gates ORDER BY name")):
        names[site].append(name)
    for site, known in names.items():
        op.execute(facts.insert().values(site=site, key="migrated", value=json.dumps(known)))
