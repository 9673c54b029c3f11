"""What one can do: let classes of data end, hand out or erase a person's data, seal anew."""

from siquan.base.privacy.services.persons import erase_person, export_person, look_up
from siquan.base.privacy.services.retaining import retain, retain_slice, set_days
from siquan.base.privacy.services.rotating import Rotated, count_by_key, rotate_keys

__all__ = [
    "Rotated",
    "count_by_key",
    "erase_person",
    "export_person",
    "look_up",
    "retain",
    "retain_slice",
    "rotate_keys",
    "set_days",
]
