"""Pages of the outside evaluation."""
