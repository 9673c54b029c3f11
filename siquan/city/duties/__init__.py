"""Who holds which role for which place or unit, from when to when."""
