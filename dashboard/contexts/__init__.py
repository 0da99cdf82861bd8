"""One frozen dataclass per template: everything a page shows, worded and formatted already."""
