"""The demonstration: simulated visitors and hardware in front of the real office."""
