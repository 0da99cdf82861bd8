"""The catalogues: ``python -m dashboard.web.locale`` fits them to code and templates."""
