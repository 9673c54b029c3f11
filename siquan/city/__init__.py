"""What the work is about."""
