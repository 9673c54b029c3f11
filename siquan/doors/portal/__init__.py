"""Residents: report, follow, public map."""
