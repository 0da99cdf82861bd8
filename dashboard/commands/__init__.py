"""The sub-commands of ``gerbang``, one module a noun."""
