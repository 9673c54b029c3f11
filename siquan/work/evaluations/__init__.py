"""Outside evaluation: people who do not know the unit judge whether closed cases are put right."""
