"""siquan (四全): the operating system of a city district."""
