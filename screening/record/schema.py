"""Bring a database to the newest tables and give it the site and what each site begins with."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, insert, inspect, select, text

from screening.errors import RecordError
from screening.office.services import Service
from screening.record.chain import GENESIS
from screening.record.counting import count_days
from screening.record.engine import make_engine, translated
from screening.record.facts_rows import service_columns
from screening.record.office import RecordedOffice
from screening.record.tables import Base, ServiceRow, SiteRow

MIGRATIONS = Path(__file__).parent / "migrations"

# Any number will do, as long as every process uses the same: it locks the making of tables.
_ADVISORY_LOCK = 0x6765_7262

# Alembic keeps the running migration in a global.
_one_migration = threading.Lock()


def upgrade(engine: Engine, office: RecordedOffice, seed: Sequence[Service]) -> None:
    """Safe to run by several processes at once; the second finds everything done.

    The engine is one for writing. Raises RecordError, also where the database was made by a newer
    version.
    """
    with translated(RecordError), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _migrate(connection)
        _seed(connection, office, seed)
        count_days(connection, office)


def peek_site(where: str | Path, site: str) -> bool:
    """Whether a database, left as it is, holds this site. Raises RecordError where it is away."""
    engine = make_engine(where)
    try:
        with translated(RecordError), engine.connect() as connection:
            if not inspect(connection).has_table(SiteRow.__tablename__):
                return False
            found = connection.execute(select(SiteRow.code).where(SiteRow.code == site))
            return found.first() is not None
    finally:
        engine.dispose()


def is_current(connection: Connection) -> bool:
    """Whether the database has the tables of this version."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    current = MigrationContext.configure(connection).get_current_revision()
    return current == scripts.get_current_head()


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    current = MigrationContext.configure(connection).get_current_revision()
    scripts = ScriptDirectory.from_config(config)
    if current == scripts.get_current_head():
        return
    if current is None:
        _drop_emptied(connection)
    try:
        if current is not None:
            scripts.get_revision(current)
    except CommandError as error:
        raise RecordError(
            f"the database has tables of a newer version ({current}); update this program"
        ) from error
    with _one_migration:
        command.upgrade(config, "head")


def _drop_emptied(connection: Connection) -> None:
    """The tables where all are there and every row is gone, also the one that tells the version."""
    ours = Base.metadata.sorted_tables
    if not {table.name for table in ours}.issubset(inspect(connection).get_table_names()):
        return
    if not any(connection.execute(select(table).limit(1)).first() for table in ours):
        Base.metadata.drop_all(connection)


def _seed(connection: Connection, office: RecordedOffice, seed: Sequence[Service]) -> None:
    site = office.site
    if connection.execute(select(SiteRow.code).where(SiteRow.code == site)).first() is not None:
        return
    first = {"head_entry_id": 0, "head_hash": GENESIS, "days_zone": office.zone.key}
    connection.execute(insert(SiteRow).values(code=site, **first))
    for position, service in enumerate(seed):
        connection.execute(
            insert(ServiceRow).values(
                site=site,
                code=service.code,
                position=position,
                **service_columns(service),
            )
        )
