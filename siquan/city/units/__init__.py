"""Organisations and their kinds."""
