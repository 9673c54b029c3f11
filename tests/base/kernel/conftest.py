"""Settings for the property tests of the kernel."""

from hypothesis import settings

# The machine may be busy: a property is judged by its truth, not by its time.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
