"""Room `insight/scoring`: what the records add up to, every figure down to its cases."""
