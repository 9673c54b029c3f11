"""Divisions, blocks, cells, sites; boundaries as of a day."""
