"""Relays that open a barrier, turnstile or door strike."""
