"""The catalogues: ``python -m dashboard.web.locale`` fits them to code and templates.

With a code behind it, such as ``jv``, it begins one more language.
"""
