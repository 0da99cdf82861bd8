"""What anybody may read on their own phone."""
