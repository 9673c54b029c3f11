"""How much two reports look like the same matter: distance, time, category, words; pure."""
