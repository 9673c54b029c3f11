"""Wiring only: settings, URLs, reactions, schedule, the command line."""
