"""The officers' pages: whom a counter serves, and who waits."""
