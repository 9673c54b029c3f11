"""How the files in `siquan/demo/data` are made from the public material (run by hand)."""
