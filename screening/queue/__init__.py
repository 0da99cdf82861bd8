"""The queue inside: tickets, who is called next, and what counters do."""
