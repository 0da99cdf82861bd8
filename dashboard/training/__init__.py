"""The pages of lessons: in the demonstration alone."""
