"""A folder of geography files becomes the base map the web server gives out, in parts, once."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pmtiles.reader import MmapSource, Reader
from shapely.geometry import box, mapping
from whitenoise import WhiteNoise

from siquan.city.places import services
from siquan.city.places.mapstyle import MAP_TILES

STREET = {"type": "Feature", "properties": {"code": "1", "name": "甲街道"}, "geometry": None}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "geography"
    folder.mkdir()
    street = STREET | {"geometry": mapping(box(116.40, 39.90, 116.41, 39.91))}
    (folder / "streets.geojson").write_text(json.dumps({"features": [street]}), encoding="utf-8")
    sites = "type,name,lon,lat\npark,小公园,116.405,39.905\n"
    (folder / "sites.csv.gz").write_bytes(gzip.compress(sites.encode()))
    return folder


def test_map_and_styles_are_written(folder, tmp_path):
    public = tmp_path / "public"

    assert services.publish_base_map(folder, public)
    with (public / MAP_TILES[1:]).open("rb") as handle:
        assert Reader(MmapSource(handle)).header()["max_zoom"] == 16
    for theme in ("light", "dark"):
        for language in ("zh", "en"):
            path = public / services.MAP_STYLE.format(theme=theme, language=language)[1:]
            assert json.loads(path.read_text(encoding="utf-8"))["sources"]["base"]["url"].endswith(MAP_TILES)


def test_the_same_files_are_not_made_into_a_map_again(folder, tmp_path):
    public = tmp_path / "public"
    services.publish_base_map(folder, public)

    assert not services.publish_base_map(folder, public)
    (folder / "blocks.geojson").write_text('{"features": []}', encoding="utf-8")
    assert services.publish_base_map(folder, public)


def test_the_web_server_gives_out_parts_of_the_map(folder, tmp_path):
    services.publish_base_map(folder, tmp_path / "public")
    server = WhiteNoise(None, root=str(tmp_path / "public"))
    answered: dict[str, object] = {}

    def start(status: str, headers: list[tuple[str, str]]) -> None:
        answered.update(status=status, **dict(headers))

    environ = {"PATH_INFO": MAP_TILES, "REQUEST_METHOD": "GET", "HTTP_RANGE": "bytes=0-126"}
    head = b"".join(server(environ, start))

    assert answered["status"] == "206 Partial Content"
    assert len(head) == 127 and re.match(b"PMTiles\x03", head)


def test_the_command_makes_the_map_where_the_settings_say(folder, tmp_path, settings, capsys):
    settings.PUBLIC_DIR = tmp_path / "public"

    call_command("places_basemap", str(folder))
    assert "made in" in capsys.readouterr().out
    call_command("places_basemap", str(folder))
    assert "already there" in capsys.readouterr().out


def test_a_folder_without_streets_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"streets\.geojson"):
        call_command("places_basemap", str(tmp_path))
