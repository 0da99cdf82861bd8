"""What the office offers and through which channel."""
