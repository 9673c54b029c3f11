"""A model as a file: a ZIP archive of one JSON header and a few plain arrays; nothing in it can run."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from siquan.work.cases.suggestion.calibration import Calibration
from siquan.work.cases.suggestion.features import Vocabulary
from siquan.work.cases.suggestion.grams import Block
from siquan.work.cases.suggestion.model import Model
from siquan.work.cases.suggestion.weights import weights_of

FORMAT: Final = "siquan-suggestion"
VERSION: Final = 1
HEADER: Final = "model.json"
ARRAYS: Final = {"hashes": "<u8", "worth": "<f4", "weights": "<f2", "shifts": "<f4", "calibration": "<f8"}
LARGEST: Final = 400_000_000  # bytes of a file's content, unpacked
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the same model gives the same bytes


class NotAModel(ValueError):
    """These bytes are no model of this program; the message says in which way."""


def save(model: Model, file: IO[bytes]) -> None:
    """Write a model."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "labels": list(model.labels),
        "blocks": [[each.length, each.head_only, each.weight] for each in model.vocabulary.blocks],
        "threshold": model.calibration.threshold,
        "scale": model.calibration.scale,
        "least_known": model.least_known,
        "about": model.about,
    }
    arrays: dict[str, NDArray[Any]] = {
        "hashes": model.vocabulary.hashes,
        "worth": model.vocabulary.worth,
        "weights": model.weights.table(),
        "shifts": model.shifts,
        "calibration": model.calibration.shifts,
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            zipfile.ZipInfo(HEADER, _EPOCH), json.dumps(header, ensure_ascii=False, indent=1).encode()
        )
        for name, kind in ARRAYS.items():
            content = io.BytesIO()
            np.save(content, arrays[name].astype(kind), allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, content.getvalue())


def save_to(model: Model, path: Path) -> None:
    """Write a model to a path; who reads it meanwhile sees the old one or the new one, never half of one."""
    content = io.BytesIO()
    save(model, content)
    exchange(content.getvalue(), path)


def exchange(content: bytes, path: Path) -> None:
    """Let these bytes stand at a path at once: also a power cut leaves the old ones or the new ones there."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def version_of(content: bytes) -> str:
    """Return the name by which a model's bytes are known."""
    return sha256(content).hexdigest()[:16]


def load(file: IO[bytes]) -> Model:
    """Read a model. Raises NotAModel for anything else, without running or unpacking what it holds."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST:
                raise NotAModel("it unpacks to more than any model")
            header = json.loads(archive.read(HEADER))
            _check_header(header)
            arrays = {name: _array(archive, name, kind) for name, kind in ARRAYS.items()}
        return _model(header, arrays)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise NotAModel("it is no model file, or a damaged one") from error
    except NotAModel:
        raise
    except (ValueError, TypeError, AttributeError, MemoryError) as error:  # an array may claim any size
        raise NotAModel("its content does not fit together") from error


def load_from(path: Path) -> Model:
    """Read the model at a path. Raises NotAModel, OSError."""
    with path.open("rb") as file:
        return load(file)


def _check_header(header: Any) -> None:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise NotAModel("it is no model file of this program")
    if header.get("version") != VERSION:
        raise NotAModel(f"it is of version {header.get('version')}, and this program reads version {VERSION}")


def _array(archive: zipfile.ZipFile, name: str, kind: str) -> NDArray[Any]:
    found = np.load(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
    if found.dtype != np.dtype(kind) or not np.isfinite(found).all():
        raise NotAModel(f"its part “{name}” holds something else")
    return np.asarray(found)


def _model(header: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Model:
    labels = tuple(map(str, header["labels"]))
    blocks = tuple(Block(int(length), bool(head), float(weight)) for length, head, weight in header["blocks"])
    hashes, weights = arrays["hashes"], arrays["weights"]
    shapes = {
        "hashes": (len(hashes),),
        "worth": (len(hashes),),
        "weights": (len(hashes), len(labels)),
        "shifts": (len(labels),),
        "calibration": (len(labels),),
    }
    if any(arrays[name].shape != shape for name, shape in shapes.items()):
        raise NotAModel("its parts are not of one model")
    if not all(1 <= each.length <= 8 for each in blocks) or (hashes[1:] <= hashes[:-1]).any():
        raise NotAModel("its runs of characters are not in order")
    calibration = Calibration(float(header["scale"]), arrays["calibration"], float(header["threshold"]))
    vocabulary = Vocabulary(blocks, hashes, arrays["worth"])
    about = header["about"] if isinstance(header["about"], dict) else {}
    return Model(
        labels,
        vocabulary,
        weights_of(weights),
        arrays["shifts"],
        calibration,
        float(header["least_known"]),
        about,
    )
