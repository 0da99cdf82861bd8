"""The catalogues: ``python -m dashboard.locale`` brings them up to date with code and templates.

With a code behind it, such as ``jv``, it begins one more language.
"""
