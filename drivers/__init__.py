"""One folder per kind of device: bytes and pictures become readings."""
