"""The demo district: Dongcheng as it is, with a year of cases."""
