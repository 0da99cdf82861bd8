"""The tables' history; run by ``upgrade`` on every open."""
