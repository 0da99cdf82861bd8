"""The office's services as they stand now; seeded when the site is first opened."""

from __future__ import annotations

from sqlalchemy import insert, update

from screening.office.services import Service
from screening.record.engine import Database
from screening.record.facts import SqlOfficeFacts
from screening.record.facts_rows import NEW_SERVICES_POSITION, service_columns
from screening.record.tables import ServiceRow


class SqlServiceCatalogue:
    """What the office offers, from the memory of its facts."""

    def __init__(self, database: Database, facts: SqlOfficeFacts) -> None:
        self._database = database
        self._facts = facts

    def services(self) -> dict[str, Service]:
        """By code, in the office's own order."""
        return dict(self._facts.current().services)

    def service(self, code: str) -> Service | None:
        return self._facts.current().services.get(code)

    def put(self, service: Service) -> None:
        """Add the service, or change the one with its code; nobody's act, so no row of the log."""
        columns = service_columns(service)
        is_it = (ServiceRow.site == self._database.site, ServiceRow.code == service.code)
        with self._database.writing() as (session, head):
            if session.get(ServiceRow, (head.code, service.code)) is not None:
                session.execute(update(ServiceRow).where(*is_it).values(**columns))
            else:
                where = {"site": head.code, "code": service.code}
                session.execute(
                    insert(ServiceRow).values(**where, position=NEW_SERVICES_POSITION, **columns)
                )
            head.facts_version += 1
        self._facts.refresh()
