"""The administrators' pages: people, and everything that can be set without a terminal."""
