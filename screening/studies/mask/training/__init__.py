"""Trains the networks of the mask check from labelled pictures; only here torch is imported."""
