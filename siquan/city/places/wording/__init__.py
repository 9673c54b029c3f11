"""Places told in words: names, crossings, house numbers, distances; slips and other names."""
