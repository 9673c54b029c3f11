"""Which category a text belongs to, how sure that is, and which words decided: arithmetic without Django."""
