"""What happened, by whom; sealed in batches; the queue of reactions."""
