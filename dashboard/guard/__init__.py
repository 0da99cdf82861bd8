"""The guard's pages: who stands in front of the gate, and what may be done about it."""
