"""Lessons for whoever works at a gate or a counter: what comes, what is right, what was done."""
