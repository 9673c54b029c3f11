"""The style draws the layers the base map has, with the product's own colours, and asks no outside server."""

import json
import re

import pytest

from siquan.city.places import basemap, mapstyle

KNOWN = set(re.findall(r"^\| `(\w+)` \|", basemap.__doc__ or "", re.M))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_layer_draws_something_the_map_has(dark, language):
    style = mapstyle.style("/map/base.pmtiles", dark=dark, language=language)

    assert style["sources"]["base"]["url"] == "pmtiles:///map/base.pmtiles"
    drawn = {layer["source-layer"] for layer in style["layers"] if "source-layer" in layer}
    assert drawn == KNOWN
    identifiers = [layer["id"] for layer in style["layers"]]
    assert len(identifiers) == len(set(identifiers))


def test_no_server_is_asked_for_letters_or_pictures():
    style = mapstyle.style("/map/base.pmtiles")

    assert "glyphs" not in style and "sprite" not in style
    assert "http" not in json.dumps(style)


def test_light_and_dark_take_their_colours_from_the_tokens():
    light, dark = (mapstyle.style("/b", dark=dark)["layers"] for dark in (False, True))

    assert light[0]["paint"]["background-color"].lower() == "#faf8f5"
    assert dark[0]["paint"]["background-color"].lower() == "#14171a"


def test_the_styles_are_written_as_files_for_the_pages(tmp_path):
    mapstyle.write_styles(tmp_path / "map", "/map/base.pmtiles")

    assert sorted(path.name for path in (tmp_path / "map").iterdir()) == [
        "style-dark-en.json",
        "style-dark-zh.json",
        "style-light-en.json",
        "style-light-zh.json",
        "style.json",
    ]
    text = (tmp_path / "map" / "style-dark-en.json").read_text(encoding="utf-8")
    assert json.loads(text) == mapstyle.style("/map/base.pmtiles", dark=True, language="en")


def test_english_shows_english_names_where_there_are_some():
    style = mapstyle.style("/b", language="en")

    streets = next(layer for layer in style["layers"] if layer["id"] == "street-names")
    assert "name_en" in json.dumps(streets) and "short_en" in json.dumps(streets)
