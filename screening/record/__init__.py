"""What the office writes down: the only place that imports SQLAlchemy."""

from screening.record.record import Record

__all__ = ["Record"]
