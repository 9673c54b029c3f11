"""The look of the base map: a MapLibre style in muted paper tones, so that data on top carries the colour.

There is no `glyphs` address in the style, on purpose: MapLibre 6 then draws every character, Chinese and
Latin, in the browser with the fonts that `text-font` names, and asks no server. (With a `glyphs` address only
汉字 would be drawn locally.) Colours are the `--map-*` and `--block-*` tokens of `base/web`'s tokens.css.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

import siquan.base.web

TOKENS = Path(siquan.base.web.__file__).parent / "static" / "web" / "tokens.css"
MIN_ZOOM, MAX_ZOOM = 10, 16  # of the tiles
# Addresses below the root of the site; a page takes MAP_STYLE with theme light or dark, language zh or en.
MAP_TILES: Final = "/map/base.pmtiles"
MAP_STYLE: Final = "/map/style-{theme}-{language}.json"
_FONTS = ["PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "sans-serif"]
_KINDS = ("government", "culture", "residential", "industry")
_Layer = dict[str, Any]


def style(tiles: str, *, dark: bool = False, language: str = "zh") -> dict[str, Any]:
    """Return the style for the base map at the address `tiles` (a path such as /map/base.pmtiles).

    `language` "en" shows English names of streets and blocks; roads keep the name on their sign.
    """
    colours = _colours(dark)
    return {
        "version": 8,
        "name": "siquan",
        "sources": {"base": {"type": "vector", "url": f"pmtiles://{tiles}", "attribution": ""}},
        "layers": [
            {"id": "paper", "type": "background", "paint": {"background-color": colours["paper"]}},
            *_ground(colours),
            *_roads(colours),
            *_borders(colours),
            *_places(colours),
            *_names(colours, "_en" if language == "en" else ""),
        ],
    }


def write_styles(folder: Path, tiles: str) -> None:
    """Write the styles beside a base map: style-light-zh.json and so on, and that one also as style.json."""
    folder.mkdir(parents=True, exist_ok=True)
    for theme, dark in (("light", False), ("dark", True)):
        for language in ("zh", "en"):
            text = json.dumps(style(tiles, dark=dark, language=language), ensure_ascii=False)
            (folder / f"style-{theme}-{language}.json").write_text(text, encoding="utf-8")
    (folder / "style.json").write_bytes((folder / "style-light-zh.json").read_bytes())


@cache
def _colours(dark: bool) -> dict[str, str]:
    """Return the map's colours by token name."""
    sheet = TOKENS.read_text(encoding="utf-8")
    light_block, dark_block = re.findall(r"^:root(?:\[data-theme=\"dark\"\])? \{(.*?)^\}", sheet, re.M | re.S)
    found = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", light_block))
    if dark:
        found |= dict(re.findall(r"--([\w-]+):\s*(#[0-9a-fA-F]{6});", dark_block))
    return found


def _layer(kind: str, layer: str, identifier: str, paint: _Layer, **more: Any) -> _Layer:
    return {"id": identifier, "type": kind, "source": "base", "source-layer": layer, "paint": paint, **more}


def _by_zoom(*stops: Any) -> list[Any]:
    """Return a width or size that grows with the zoom: zoom, value, zoom, value …"""
    return ["interpolate", ["exponential", 1.6], ["zoom"], *stops]


def _one_of(*types: str) -> list[Any]:
    return ["in", ["get", "type"], ["literal", list(types)]]


def _ground(colours: dict[str, str]) -> list[_Layer]:
    tint = ["match", ["get", "kind"]]
    for kind in _KINDS:
        tint += [kind, colours[f"block-{kind}"]]
    metres = ["match", ["get", "type"], "park", 1.0, 0.45]
    return [
        _layer("fill", "district", "district", {"fill-color": colours["map-land"]}),
        _layer(
            "fill",
            "blocks",
            "blocks",
            {
                "fill-color": [*tint, colours["map-land"]],
                "fill-opacity": _by_zoom(12, 0.15, 16, 0.07),
                "fill-antialias": False,
            },
        ),
        _layer(
            "circle",
            "places",
            "green",
            {
                "circle-color": colours["map-green"],
                "circle-blur": 0.6,
                "circle-radius": _by_zoom(12, ["*", 7, metres], 16, ["*", 90, metres]),
            },
            filter=_one_of("park", "green"),
        ),
    ]


def _roads(colours: dict[str, str]) -> list[_Layer]:
    widths = {
        "alley": (13, 0.4, 16, 3.0, 19, 18),
        "branch": (13, 0.5, 16, 4.0, 19, 24),
        "secondary": (11, 0.6, 13, 1.8, 16, 8, 19, 48),
        "main": (10, 0.8, 13, 2.6, 16, 12, 19, 72),
    }
    layers = []
    for part in ("edge", "road"):
        for kind, stops in widths.items():
            wider = tuple(
                value if i % 2 == 0 else value + (1.2 if part == "edge" else 0)
                for i, value in enumerate(stops)
            )
            layers.append(
                _layer(
                    "line",
                    "roads",
                    f"{part}-{kind}",
                    {
                        "line-color": colours["map-edge" if part == "edge" else "map-road"],
                        "line-width": _by_zoom(*wider),
                        **({"line-opacity": 0.7} if part == "edge" else {}),
                    },
                    filter=["==", ["get", "class"], kind],
                    layout={"line-cap": "round", "line-join": "round"},
                    **({"minzoom": 13} if part == "edge" else {}),
                )
            )
    return layers


def _borders(colours: dict[str, str]) -> list[_Layer]:
    return [
        _layer(
            "line",
            "borders",
            "border-block",
            {
                "line-color": colours["map-words"],
                "line-width": 0.8,
                "line-opacity": 0.35,
                "line-dasharray": [2, 3],
            },
            filter=["==", ["get", "level"], "block"],
            minzoom=12,
        ),
        _layer(
            "line",
            "borders",
            "border-street",
            {
                "line-color": colours["map-words"],
                "line-width": _by_zoom(10, 0.6, 14, 1.4, 18, 2.5),
                "line-opacity": _by_zoom(13, 0.55, 16, 0.3),
                "line-dasharray": [5, 2],
            },
            filter=["==", ["get", "level"], "street"],
            layout={"line-join": "round"},
        ),
        _layer(
            "line",
            "borders",
            "border-district",
            {"line-color": colours["brick"], "line-width": _by_zoom(10, 1.2, 14, 2.4), "line-opacity": 0.7},
            filter=["==", ["get", "level"], "district"],
            layout={"line-join": "round"},
        ),
    ]


def _places(colours: dict[str, str]) -> list[_Layer]:
    halo = {"text-halo-color": colours["map-land"], "text-halo-width": 1.4}
    return [
        _layer(
            "circle",
            "places",
            "place-dots",
            {
                "circle-color": colours["map-words"],
                "circle-opacity": 0.55,
                "circle-radius": _by_zoom(15, 1.6, 18, 4),
            },
            filter=["!", _one_of("metro_station", "park", "green")],
            minzoom=15.5,
        ),
        _layer(
            "circle",
            "places",
            "station-dots",
            {
                "circle-color": colours["map-land"],
                "circle-stroke-color": colours["brick"],
                "circle-radius": _by_zoom(12, 2, 16, 4.5),
                "circle-stroke-width": _by_zoom(12, 1.2, 16, 2.5),
            },
            filter=["==", ["get", "type"], "metro_station"],
        ),
        _name_layer(
            "places",
            "place-names",
            {"text-color": colours["map-words"], "text-opacity": 0.9, **halo},
            {"text-size": 11, "text-anchor": "top", "text-offset": [0, 0.4], "text-max-width": 8},
            filter=[
                "!",
                ["in", ["get", "type"], ["literal", ["metro_station", "park", "green", "bus_stop"]]],
            ],
            minzoom=16.5,
        ),
        _name_layer(
            "places",
            "park-names",
            {"text-color": colours["good"], **halo},
            {"text-size": _by_zoom(12, 10.5, 16, 13), "text-max-width": 7},
            filter=["==", ["get", "type"], "park"],
            minzoom=12.5,
        ),
        _name_layer(
            "places",
            "station-names",
            {"text-color": colours["brick"], **halo},
            {
                "text-size": _by_zoom(12, 10.5, 16, 13),
                "text-variable-anchor": ["top", "bottom", "left", "right"],
                "text-radial-offset": 0.6,
                "text-max-width": 8,
            },
            filter=["==", ["get", "type"], "metro_station"],
            minzoom=12.5,
        ),
    ]


def _name_layer(layer: str, identifier: str, paint: _Layer, layout: _Layer, **more: Any) -> _Layer:
    written = {"text-field": ["get", "name"], "text-font": _FONTS, "text-padding": 4, **layout}
    return _layer("symbol", layer, identifier, paint, layout=written, **more)


def _names(colours: dict[str, str], tongue: str) -> list[_Layer]:
    name = ["coalesce", ["get", f"name{tongue}"], ["get", "name"]]
    short = ["coalesce", ["get", f"short{tongue}"], ["get", "name"]]
    halo = {"text-halo-color": colours["map-land"], "text-halo-width": 1.6}
    along = {"symbol-placement": "line", "symbol-spacing": 420, "text-max-angle": 30, "text-padding": 8}
    rank = ["match", ["get", "class"], "main", 0, "secondary", 1, "branch", 2, 3]
    return [
        _name_layer(
            "road_names",
            "road-names",
            {
                "text-color": colours["map-words"],
                "text-halo-color": colours["map-road"],
                "text-halo-width": 1.4,
            },
            {
                **along,
                "text-size": [
                    "interpolate",
                    ["linear"],
                    ["zoom"],
                    12,
                    ["match", ["get", "class"], "main", 11, 10],
                    17,
                    ["match", ["get", "class"], "main", 15, "secondary", 14, 12],
                ],
                "text-letter-spacing": 0.08,
                "symbol-sort-key": rank,
            },
            minzoom=12.5,
        ),
        _name_layer(
            "labels",
            "block-names",
            {"text-color": colours["ink-soft"], "text-opacity": 0.85, **halo},
            {"text-field": name, "text-size": _by_zoom(13, 10.5, 16, 13), "text-max-width": 7},
            filter=["==", ["get", "level"], "block"],
            minzoom=13.5,
            maxzoom=16.5,
        ),
        _name_layer(
            "labels",
            "street-names",
            {"text-color": colours["ink"], **halo},
            {
                "text-field": ["step", ["zoom"], short, 12.5, name],
                "text-size": _by_zoom(10, 10, 12, 13, 15, 17),
                "text-letter-spacing": 0.06,
                "text-max-width": 8,
                "text-padding": 2,
                "text-variable-anchor": ["center", "right", "left", "top", "bottom"],
            },
            filter=["==", ["get", "level"], "street"],
            minzoom=MIN_ZOOM + 0.5,
            maxzoom=MAX_ZOOM,
        ),
    ]
