"""Photos from anybody: judged by decoding, stripped to bare pixels where they are shown."""

import hashlib
import io
import re
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageCms

from siquan.base.files import heic
from siquan.base.files.exif import Position, Witness, read_exif
from siquan.base.kernel.errors import BadInput

MEGABYTE = 1_000_000
# A progressive JPEG of a few megabytes can ask for 100,000 passes over every pixel; real ones need about ten.
MOST_SCANS = 32
THUMBNAIL_QUALITY = 76
KINDS = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
}
FIELD = "photo"

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = frozenset({5, 6, 7, 8})  # orientations in which width and height change places
JUDGED_SIDE = 128
Size = tuple[int, int]
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
# A picture at the pixel limit takes up to half a gigabyte while it is decoded: two at a time, the rest wait.
_DECODERS = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a photo may be (bytes, pixels) and what it becomes (long side in pixels, JPEG quality).

    Cameras write JPEG and HEIC; PNG and WebP are screenshots, where a few kilobytes can hold many pixels.
    """

    max_bytes: int = 25 * MEGABYTE
    max_pixels: int = 64_000_000
    max_screenshot_pixels: int = 25_000_000
    long_side: int = 2560
    quality: int = 88


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo that was judged by decoding: the original as it came, what it said, and its size when bare."""

    original: bytes
    original_sha256: str
    original_kind: str
    width: int
    height: int
    position: Position | None
    taken_at: datetime | None
    zone_assumed: bool

    @property
    def data(self) -> bytes:
        """Return the photo as JPEG, sRGB, upright, without metadata; computed anew each time."""
        return as_jpeg(bare_pixels(self.original))


def open_picture(data: bytes, limits: Limits = Limits()) -> Picture:
    """Return the photo in `data`, with where and when its metadata says it was taken.

    JPEG, PNG, WebP and HEIC, told apart by their content; of several frames only the first counts.
    Raises `BadInput` (field `photo`) with words that say what to do.
    """
    # Whether it can be shown is all that is asked here: decoded small, which costs a third for a JPEG.
    _pixels, witness, kind, size = _decoded(data, limits, JUDGED_SIDE)
    width, height = _turned(_scaled(size, limits.long_side), witness.orientation)
    return Picture(
        original=data,
        original_sha256=hashlib.sha256(data).hexdigest(),
        original_kind=kind,
        width=width,
        height=height,
        position=witness.position,
        taken_at=witness.taken_at,
        zone_assumed=witness.zone_assumed,
    )


def bare_pixels(data: bytes, limits: Limits = Limits()) -> Image.Image:
    """Return the photo in `data` as upright sRGB pixels that carry nothing else. Raises `BadInput`."""
    return _decoded(data, limits, limits.long_side)[0]


def as_jpeg(image: Image.Image, *, side: int | None = None) -> bytes:
    """Return bare pixels as JPEG; with `side` as a small one, at most so many pixels long."""
    if side is None:
        return _written(image, Limits().quality)
    small = image.copy()
    small.thumbnail((side, side), Image.Resampling.BICUBIC)
    return _written(small, THUMBNAIL_QUALITY)


def _decoded(data: bytes, limits: Limits, side: int) -> tuple[Image.Image, Witness, str, Size]:
    """Return bare pixels no longer than `side`, what the metadata said, the kind and the size it came in.

    Raises `BadInput`.
    """
    _check_bytes(data, limits)
    with _DECODERS:
        source, kind = _opened(data, limits)
        witness, size = read_exif(source), source.size
        try:
            return _bare_pixels(source, side, witness.orientation), witness, kind, size
        except Exception as error:  # decoders of strangers' bytes raise anything, not only OSError
            raise BadInput(DAMAGED, FIELD) from error


NOT_A_PHOTO = _("这个文件不是能识别的照片。请上传 JPEG、PNG、WebP 或 HEIC 格式的照片。")
DAMAGED = _("照片不完整或已损坏，可能没有传完。请重新上传，或换一张照片。")
EMPTY = _("收到的照片是空的。请重新选择照片再上传。")
TOO_HEAVY = _("照片超过 {limit} MB。请在手机里选择较小的尺寸，或截图后再上传。")
TOO_LARGE = _("照片超过 {limit} 百万像素。请降低相机的分辨率，或截图后再上传。")


def _check_bytes(data: bytes, limits: Limits) -> None:
    if not data:
        raise BadInput(EMPTY, FIELD)
    if len(data) > limits.max_bytes:
        raise BadInput(format_lazy(TOO_HEAVY, limit=limits.max_bytes // MEGABYTE), FIELD)
    if data.startswith(b"\xff\xd8") and _scans(data) > MOST_SCANS:
        raise BadInput(DAMAGED, FIELD)


def _opened(data: bytes, limits: Limits) -> tuple[Image.Image, str]:
    """Return the picture with its header read and its size accepted, and the kind it came as."""
    came_as_heic = heic.is_heic(data)
    from_camera = came_as_heic or data.startswith(b"\xff\xd8")
    most = limits.max_pixels if from_camera else limits.max_screenshot_pixels
    too_large = BadInput(format_lazy(TOO_LARGE, limit=most // 1_000_000), FIELD)
    try:
        if came_as_heic:
            return heic.decoded(data, max_pixels=limits.max_pixels, long_side=limits.long_side), "image/heic"
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, heic.HeicTooLarge) as error:
        raise too_large from error
    except Exception as error:  # see _decoded
        known = came_as_heic or _claims_to_be_a_photo(data)
        raise BadInput(DAMAGED if known else NOT_A_PHOTO, FIELD) from error
    if image.width * image.height > most:
        raise too_large
    return image, KINDS[image.format or ""]


def _claims_to_be_a_photo(data: bytes) -> bool:
    is_webp = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    return is_webp or data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _bare_pixels(source: Image.Image, long_side: int, orientation: int) -> Image.Image:
    """Return upright sRGB pixels no longer than `long_side`, in an image that carries nothing else."""
    profile = source.info.get("icc_profile")
    image = _small(_resizable(source), long_side)
    if orientation in _TURNS:
        image = image.transpose(_TURNS[orientation])
    image = _on_white(image)
    image = _as_srgb(image, profile)
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    return bare


def _resizable(image: Image.Image) -> Image.Image:
    """Return the image in a mode that can be scaled without loss of meaning."""
    if image.mode.startswith(
        "I"
    ):  # 16-bit grey: Pillow's own conversion would cut everything above 255 to white
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA", "1", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA" if image.has_transparency_data else "RGB")
    return image


def _small(image: Image.Image, long_side: int) -> Image.Image:
    """Return the decoded image, scaled down where it is longer than `long_side`."""
    # A JPEG can be decoded at a half, a quarter or an eighth right away.
    image.draft(None, (long_side, long_side))
    size = _scaled(image.size, long_side)
    if size == image.size:
        image.load()
        return image
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _scaled(size: Size, long_side: int) -> Size:
    """Return a size with its longer side at most so many pixels."""
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _turned(size: Size, orientation: int) -> Size:
    """Return the size of a picture that has been put upright."""
    return size[::-1] if orientation in SIDEWAYS else size


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode not in ("RGBA", "LA"):
        return image
    image = image.convert("RGBA")
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _as_srgb(image: Image.Image, profile: object) -> Image.Image:
    if isinstance(profile, bytes) and profile:
        # A broken or unfitting profile costs a shade of colour, not the photo.
        with suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
            if converted is not None:
                return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _written(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")


def _scans(data: bytes) -> int:
    """Return how many scans a JPEG has, or a number that no more than `MOST_SCANS` can hide behind.

    The bytes of the marker are counted first; only when they occur often are the markers walked one by one.
    """
    if (at_most := data.count(b"\xff\xda")) <= MOST_SCANS:
        return at_most
    scans, at = 0, 2
    while scans <= MOST_SCANS and (marker := _MARKER.search(data, at)):
        code = marker[1][0]
        if code == 0xD9:  # end of the image: what follows is not part of it
            break
        scans += code == 0xDA
        length = int.from_bytes(data[marker.end() : marker.end() + 2], "big")
        at = marker.end() + max(length, 2)
    return scans
