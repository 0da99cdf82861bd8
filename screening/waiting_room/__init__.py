"""The room behind the gate: its seats, who sits, how full it is."""
