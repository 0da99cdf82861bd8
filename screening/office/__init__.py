"""Facts of the office that people change while it runs."""
