"""Contrast of the tokens, reckoned as WCAG 2 does: 4.5 for words, 3 for shapes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).resolve().parents[3] / "siquan/base/web/static/web/tokens.css").read_text()
WORDS = [
    *[(ink, ground) for ink in ("ink", "ink-soft", "brand") for ground in ("paper", "surface")],
    ("ink-soft", "sunken"),
    ("brand-strong", "brand-wash"),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-late", "late"),
    ("on-wall", "wall"),
    ("wall-soft", "wall"),
    ("brick-strong", "brick-wash"),
    ("good-ink", "good-wash"),
    ("watch-ink", "watch-wash"),
    ("late-ink", "late-wash"),
    ("late-ink", "surface"),
    ("ink", "accent-wash"),
    ("brand", "accent-wash"),
    ("map-words", "map-land"),
]
SHAPES = [
    *[(shape, "surface") for shape in ("good", "watch", "late", "line-strong", "focus", "brick")],
    ("watch", "watch-wash"),
    ("good", "good-wash"),
    ("line-strong", "paper"),
    ("focus", "paper"),
]


def themes() -> dict[str, dict[str, str]]:
    light_block, dark_block = TOKENS.split(':root[data-theme="dark"]', 1)
    light = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", light_block))
    return {
        "light": light,
        "dark": light | dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", dark_block)),
    }


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_reckoning_agrees_with_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), WORDS)
def test_words_can_be_read(theme: str, ink: str, ground: str):
    colours = themes()[theme]
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SHAPES)
def test_shapes_can_be_told_from_the_ground(theme: str, shape: str, ground: str):
    colours = themes()[theme]
    assert contrast(colours[shape], colours[ground]) >= 3
