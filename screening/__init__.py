"""What the office decides and remembers: no serial port, no camera, no web."""
