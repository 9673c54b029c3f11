"""The insight floor: reads the work, writes only results."""
