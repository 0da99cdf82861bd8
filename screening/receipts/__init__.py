"""Receipts: the signed token, the keys that sign it, and the rules by which it is good."""
