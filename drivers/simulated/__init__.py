"""Each device's own side of the wire, for the demo and the tests."""
