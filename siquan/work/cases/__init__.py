"""One case file for snapshot, hotline, grid, finding."""
