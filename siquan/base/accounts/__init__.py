"""Identity: people and sign-in."""
