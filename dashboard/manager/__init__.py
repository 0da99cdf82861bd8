"""The managers' pages: the room, the office's mode, and how the gates did."""
