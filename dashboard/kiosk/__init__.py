"""The visitor's screen at the gate."""
