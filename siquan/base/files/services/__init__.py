"""What one can do with files, by what they do: keep, blur, open the original, clear away."""

from siquan.base.files.pictures import Picture
from siquan.base.files.services.blurring import blur_file, blur_next, rest, stop
from siquan.base.files.services.covering import cover, show_again, withhold
from siquan.base.files.services.originals import open_original, remove_originals, rotate_keys
from siquan.base.files.services.storing import read_picture, store_picture
from siquan.base.files.services.sweeping import sweep_orphans

__all__ = [
    "Picture",
    "blur_file",
    "blur_next",
    "cover",
    "open_original",
    "read_picture",
    "remove_originals",
    "rest",
    "rotate_keys",
    "show_again",
    "stop",
    "store_picture",
    "sweep_orphans",
    "withhold",
]
