"""The interface for machines, under ``/api/v1``, and the addresses that operators watch."""
