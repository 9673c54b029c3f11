"""Call-backs: the reporter is asked whether it is solved, and how satisfied they are."""
