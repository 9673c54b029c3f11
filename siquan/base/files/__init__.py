"""Uploads: check, strip, store, serve."""
