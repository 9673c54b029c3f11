"""Files made to do harm, given to every parser but those of pictures and tickets (which have tests beside
them): each ends in its own refusal or is read, within bounds of memory and never by accident.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from siquan.base.kernel.errors import BadInput
from siquan.city.places import boundary_files, outlines
from siquan.city.rules import files as rule_files
from siquan.insight.scoring.packfiles import read_formula
from siquan.work.cases.suggestion import modelfile

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
MORE_MEMORY = 600_000_000  # bytes that reading may need on top of what there is


@contextmanager
def little_memory() -> Iterator[None]:
    """Let whatever wants much memory fail instead of taking it."""
    if not sys.platform.startswith("linux"):
        yield
        return
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + MORE_MEMORY, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def boundary(raw: bytes) -> None:
    """Read a GeoJSON upload as far as it needs no database."""
    for feature in boundary_files.features_of(raw):
        outlines.read(feature.get("geometry"))


def rules(raw: bytes) -> None:
    """Read a rule pack of which one file is foreign; faults are told, never raised."""
    for name in ("pack.yaml", "categories.csv", "limits.yaml"):
        told = rule_files.parse(
            {"pack.yaml": b"name: x\nversion: 1\ntitle: x\nsource: x\nvalid_from: 2026-01-01"} | {name: raw}
        )
        assert told.pack is not None or told.faults


def formula(raw: bytes) -> None:
    """Read a formula pack; faults are told, never raised."""
    made, faults = read_formula(raw)
    assert made is not None or faults


def model(raw: bytes) -> None:
    """Read a file of the suggestion's model."""
    modelfile.load(io.BytesIO(raw))


PARSERS: dict[str, tuple[Callable[[bytes], None], type[Exception]]] = {
    "boundaries": (boundary, BadInput),
    "rule pack": (rules, BadInput),
    "formula pack": (formula, BadInput),
    "model": (model, modelfile.NotAModel),
}


def feature(geometry: Any) -> bytes:
    """Return a GeoJSON file of one area."""
    return json.dumps({"features": [{"properties": {"code": "1"}, "geometry": geometry}]}).encode()


def nested(opening: str, closing: str, depth: int) -> str:
    """Return brackets in brackets."""
    return opening * depth + closing * depth


def model_with(name: str, content: bytes) -> bytes:
    """Return an archive that begins like a model, with one part made by somebody else."""
    header = {"format": modelfile.FORMAT, "version": modelfile.VERSION, "labels": ["a"], "blocks": []}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(modelfile.HEADER, json.dumps(header))
        archive.writestr(name, content)
    return out.getvalue()


def array_that_claims(shape: str) -> bytes:
    """Return a numpy file whose header claims a shape, with nothing behind it."""
    header = f"{{'descr': '<u8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode()


LAUGHS = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
).encode()
EVIL = {
    "nothing": b"",
    "zeros": bytes(100_000),
    "half characters": b'{"features": [{"properties": {"code": "\\ud800"}}]}',
    "deep JSON": ('{"features": ' + nested("[", "]", 20_000) + "}").encode(),
    "deep coordinates": (
        '{"features": [{"geometry": {"type": "Polygon", "coordinates": ' + nested("[", "]", 900) + "}}]}"
    ).encode(),
    "deep YAML": nested("[", "]", 3_000).encode(),
    "deep YAML mapping": nested("{a: ", "}", 5_000).encode(),
    "YAML that multiplies": LAUGHS,
    "YAML that calls Python": b"a: !!python/object/apply:os.system ['touch /tmp/siquan-was-here']",
    "YAML with its own tag": b"!boom {a: 1}",
    "YAML that merges itself": b"a: &a\n  <<: *a\n",
    "numbers without end": b'{"features": [' + b"9" * 100_000 + b"]}",
    "not numbers": feature(
        {"type": "Polygon", "coordinates": [[[float("nan"), 0], [1, float("inf")], [1, 1]]]}
    ),
    "words as coordinates": feature({"type": "Polygon", "coordinates": [[["a", "b"], {}, None]]}),
    "coordinates of objects": feature({"type": "MultiPolygon", "coordinates": {"a": 1}}),
    "an open ring": feature({"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}),
    "geometry of another kind": feature({"type": "GeometryCollection", "geometries": []}),
    "a huge place": feature(
        {"type": "Polygon", "coordinates": [[[1e308, 0], [0, 1e308], [-1e308, 0], [1e308, 0]]]}
    ),
    "properties that are a list": b'{"features": [{"properties": [1], "geometry": 1}]}',
    "an array of exabytes": model_with("hashes.npy", array_that_claims("(1152921504606846976,)")),
    "an array of a terabyte": model_with("hashes.npy", array_that_claims("(137438953472,)")),
    "an array of negative size": model_with("hashes.npy", array_that_claims("(-1,)")),
    "an array whose header is code": model_with(
        "hashes.npy", array_that_claims("(__import__('os').getpid(),)")
    ),
    "an archive in an archive": model_with("hashes.npy", model_with("a", b"b")),
    "a bomb": model_with("hashes.npy", bytes(100_000_000)),
    "paths as names": model_with("../../../../etc/passwd", b"x"),
}


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("parser", PARSERS)
def test_a_file_made_to_do_harm_ends_in_a_refusal(parser: str, evil: str) -> None:
    read, refusal = PARSERS[parser]
    with little_memory():
        try:
            read(EVIL[evil])
        except refusal:
            return


SOUND = {
    "boundaries": feature(
        {"type": "Polygon", "coordinates": [[[116.4, 39.9], [116.5, 39.9], [116.5, 40.0], [116.4, 39.9]]]}
    ),
    "rule pack": yaml.safe_dump(
        {"name": "x", "version": "1", "limits": [{"category": "E", "amount": "4"}]}
    ).encode(),
    "formula pack": b"name: x\nversion: '1'\nrates: {resolution: {full: 2, steps: [{points: 2}]}}\n",
    "model": model_with("hashes.npy", array_that_claims("(0,)")),
}


@pytest.mark.parametrize("parser", PARSERS)
@QUICK
@given(data=st.data())
def test_bytes_changed_anywhere_do_no_harm(parser: str, data: st.DataObject) -> None:
    read, refusal = PARSERS[parser]
    raw = bytearray(SOUND[parser])
    for _each in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=12))
    try:
        read(bytes(raw))
    except refusal:
        return


@QUICK
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_json_as_coordinates_does_no_harm(coordinates: Any) -> None:
    for kind in ("Polygon", "MultiPolygon"):
        try:
            outlines.read({"type": kind, "coordinates": coordinates})
        except BadInput:
            continue
