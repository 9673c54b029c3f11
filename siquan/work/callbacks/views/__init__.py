"""Pages of the call-backs."""
