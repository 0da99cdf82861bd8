"""Alembic's entry: runs the migrations on the connection that ``schema.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from screening.record.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=False,  # the caller holds one transaction
)
context.run_migrations()
