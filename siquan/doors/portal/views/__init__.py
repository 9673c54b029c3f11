"""Residents: HTTP and nothing else."""
