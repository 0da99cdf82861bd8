"""The office's services, on a database; seeded when the site is first opened."""

from __future__ import annotations

from sqlalchemy import select

from screening.record.engine import Database
from screening.record.tables import ServiceRow
from screening.services.catalogue import Channel, Service


class SqlServiceCatalogue:
    """What the office offers, as it stands now."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def services(self) -> dict[str, Service]:
        """By code, in the office's own order."""
        query = (
            select(ServiceRow)
            .where(ServiceRow.site == self._database.site)
            .order_by(ServiceRow.position, ServiceRow.code)
        )
        with self._database.reading() as session:
            return {row.code: _service(row) for row in session.scalars(query)}

    def service(self, code: str) -> Service | None:
        with self._database.reading() as session:
            row = session.get(ServiceRow, (self._database.site, code))
            return _service(row) if row is not None else None

    def put(self, service: Service) -> None:
        """Add the service, or change the one with its code."""
        with self._database.writing() as (session, _):
            row = session.get(ServiceRow, (self._database.site, service.code))
            if row is None:
                row = ServiceRow(site=self._database.site, code=service.code, position=1000)
                session.add(row)
            row.channel = service.channel
            row.name_id, row.name_en = service.name_id, service.name_en
            row.daily_quota = service.daily_quota


def _service(row: ServiceRow) -> Service:
    return Service(
        code=row.code,
        channel=Channel(row.channel),
        name_id=row.name_id,
        name_en=row.name_en,
        daily_quota=row.daily_quota,
    )
