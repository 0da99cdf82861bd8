"""The catalogues: ``python -m dashboard.locale`` brings them up to date with code and templates."""
