"""Serial code scanners."""
