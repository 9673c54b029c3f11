"""Sites: places with a real name and position, from the collected lists and the road network."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from siquan.demo.derivation import datum
from siquan.demo.derivation.frame import rows
from siquan.demo.derivation.roads import Road

_SAME_M = 60.0  # the same name and type within this distance is the same site
_UNIQUE_M = 400.0  # for kinds of which there is one of a name in a neighbourhood
_UNIQUE = {"courtyard", "heritage", "metro_station", "ancient_tree", "compound"}
_KNOWN_M = 900.0  # a bus stop must lie this near to something local of the same name


@dataclass(frozen=True)
class Site:
    """A place to be inspected, in metres; `kind` is the slug of its type."""

    kind: str
    name: str
    x: float
    y: float
    address: str
    source: str


# type slug: 中文, English
TYPES: dict[str, tuple[str, str]] = {
    "road": ("道路", "Road"),
    "alley": ("背街小巷", "Back alley"),
    "courtyard": ("院落", "Courtyard"),
    "compound": ("住宅小区", "Residential compound"),
    "metro_station": ("地铁站", "Metro station"),
    "bus_stop": ("公交站点", "Bus stop"),
    "parking": ("停车场", "Car park"),
    "roadside_parking": ("路边停车场", "Roadside parking"),
    "market": ("菜市场", "Food market"),
    "supermarket": ("超市便利店", "Supermarket or shop"),
    "kindergarten": ("幼儿园", "Kindergarten"),
    "primary_school": ("小学", "Primary school"),
    "secondary_school": ("中学", "Secondary school"),
    "health_station": ("社区卫生服务站", "Community health station"),
    "health_centre": ("街道卫生服务中心", "Street health centre"),
    "elderly_care": ("养老设施", "Elderly care"),
    "park": ("公园", "Park"),
    "green": ("绿地", "Green space"),
    "culture": ("文化服务中心", "Culture centre"),
    "sports": ("体育设施", "Sports facility"),
    "heritage": ("文物古迹", "Heritage"),
    "ancient_tree": ("古树名木", "Ancient tree"),
    "sanitation": ("环卫设施", "Sanitation facility"),
}

_BY_SUBTYPE = {
    "公园": "park", "绿地": "green", "菜市场": "market", "幼儿园": "kindergarten", "小学": "primary_school",
    "中学": "secondary_school", "九年一贯制": "secondary_school", "社区卫生服务站": "health_station",
    "街道卫生服务站": "health_centre", "机构养老设施": "elderly_care", "社区养老设施": "elderly_care",
    "室内体育设施": "sports", "室外活动场所": "sports",
    "街道文化服务中心": "culture", "胡同环卫": "sanitation", "公交站点": "bus_stop",
    "地铁站": "metro_station", "古树名木": "ancient_tree", "路边停车场": "roadside_parking",
    "其他公共停车场": "parking", "商业停车场": "parking", "小区停车场": "parking", "工作地停车场": "parking",
}  # fmt: skip
_HERITAGE = {"历史建筑", "文化资源", "文物"}
_COURTYARD = re.compile(r"(四合院|宅院)$")
_TREE = re.compile(r"(槐|柏|松|银杏|楸|枣树|糠椴）|古树|菩提树|海棠|榆|酸枣|紫藤|桑树|白皮松)$")
_SHOP = re.compile(
    r"超市|便利|商店|便民|物美|菜篮子|供销社|生活馆|7-ELEVE|罗森|LAWSON|LAWS0N|华联|华润万家|盒马|家乐福|永辉|全家|生鲜|果蔬"
    r"|小卖部|副食|百货|联华快客|Market|BHG|首农|京东|市集|中商惠民|奥士凯"
)
_DISTRICT = re.compile(r"^(北京市)?(东城区|崇文区)(?=[\u4e00-\u9fff]{2}.*(号|四合院|宅院))")
_CLOSED = re.compile(r"[(（](装修中|暂停营业|非餐)[)）]")
_PLAIN_CAR_PARK = re.compile(r"^(地下)?(停车场|车库|地下停车场|地下车库)$")
_CAR_PARK_TAIL = re.compile(
    r"(南门|[0-9,，]+号楼|[0-9]+号)?(小区)?(地下|地面|内部|收费)*(停车场|停车库|车库|车场|地库)$"
)
_NO_COMPOUND = re.compile(r"购物中心|中心$|公园$|大厦$|号楼$|[A-Z]$")
_DIRECTION_TAIL = re.compile(r"([(（].行[)）]|路口|北口|南口|东口|西口|站|[东西南北内外口])+$")
# stops whose name no road, station or park of the data repeats
_KNOWN_STOPS = set(Path(__file__).with_name("known_stops.txt").read_text(encoding="utf-8").splitlines()[1:])


def read(
    folder: Path, roads: Sequence[Road], district: shapely.Geometry
) -> tuple[list[Site], dict[str, int]]:
    """Return all sites inside the district and how many rows were left out, by reason."""
    left_out: dict[str, int] = defaultdict(int)
    raw = rows(folder / "pois_dongcheng_gcj02.csv")
    local = _LocalNames(roads)
    sites: list[Site] = []
    positions = _positions(raw)
    for row, (x, y) in zip(raw, positions, strict=True):
        kind, reason = _kind(row)
        if kind:
            sites += _sites_of(row, kind, x, y)
        else:
            left_out[reason] += 1
    local.add(sites)
    named = [_with_name(site, local) for site in sites]
    known = [site for site in named if site.kind != "bus_stop" or local.knows(site)]
    left_out["bus stop of another city"] = len(named) - len(known)
    everything = _road_sites(roads) + known
    points = shapely.points([(site.x, site.y) for site in everything])
    inside = shapely.intersects(points, district)
    left_out["outside the district"] = int((~inside).sum())
    kept = _without_doubles([site for site, here in zip(everything, inside, strict=True) if here])
    left_out["double"] = int(inside.sum()) - len(kept)
    return kept, dict(left_out)


def _positions(raw: Sequence[dict[str, str]]) -> list[tuple[float, float]]:
    given = np.array([(float(row["lng_gcj02"]), float(row["lat_gcj02"])) for row in raw])
    shifted = np.array([row["kind"] == "住宅小区" for row in raw])
    wgs = np.empty_like(given)
    wgs[~shifted] = datum.from_gcj02(given[~shifted])
    wgs[shifted] = datum.from_shifted_compounds(given[shifted])
    return [(float(x), float(y)) for x, y in datum.flat(wgs)]


def _kind(row: dict[str, str]) -> tuple[str, str]:
    """Return the type slug, or nothing and the reason."""
    name, subtype = row["name"], row["subtype"]
    if row["kind"] in _HERITAGE:
        return _heritage(name, subtype)
    if subtype == "超市便利店":
        return ("supermarket", "") if _SHOP.search(name) else ("", "not recognised as a shop by its name")
    if subtype == "公园" and not name:
        return "green", ""
    return ("compound" if row["kind"] == "住宅小区" else _BY_SUBTYPE[subtype]), ""


def _heritage(name: str, subtype: str) -> tuple[str, str]:
    """Return courtyard, ancient tree or heritage for a place of the three heritage lists."""
    if name in {"", "宅院"} or name.startswith("西城区"):
        return "", "no name of its own, or of another district"
    if "保护院落" in subtype or _COURTYARD.search(name):
        return "courtyard", ""
    return ("ancient_tree" if subtype == "古树名木" or _TREE.search(name) else "heritage"), ""


def _sites_of(row: dict[str, str], kind: str, x: float, y: float) -> list[Site]:
    """Return the site of a row, and for the car park of a compound also the compound."""
    address = _narrow(row["address"]).removeprefix("地址：")
    name = _DISTRICT.sub("", _CLOSED.sub("", _narrow(row["name"])).strip())
    site = Site(kind, name, x, y, address, row["source_file"])
    if row["kind"] == "公园绿地" and kind == "park" and not name.endswith(("园", "公园", "广场", "春晓")):
        return [replace(site, kind="heritage")]
    if row["subtype"] == "小区停车场" and not _PLAIN_CAR_PARK.match(name):
        compound = (
            _CAR_PARK_TAIL.sub("", _CAR_PARK_TAIL.sub("", name))
            .removesuffix("社区")
            .removeprefix("永定门外街道")
        )
        if len(compound) >= 3 and compound != name and not _NO_COMPOUND.search(compound):
            return [site, replace(site, kind="compound", name=compound, source="parking.json (its car park)")]
    return [site]


def _narrow(text: str) -> str:
    """Return full-width digits and letters as ASCII; Chinese punctuation stays."""
    return "".join(
        chr(ord(c) - 0xFEE0) if "０" <= c <= "９" or "Ａ" <= c <= "ｚ" else c for c in text
    ).strip()


class _LocalNames:
    """Names of roads and sites of the district, to find what a nameless or doubtful place lies near."""

    def __init__(self, roads: Sequence[Road]) -> None:
        self._roads = [road for road in roads if len(road.name) >= 3]
        self._road_tree = shapely.STRtree([road.line for road in self._roads])
        self._known: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for road in self._roads:
            for part in road.line.geoms:
                for point in (
                    part.coords[0],
                    part.interpolate(0.5, normalized=True).coords[0],
                    part.coords[-1],
                ):
                    self._known[_DIRECTION_TAIL.sub("", road.name) or road.name].append((point[0], point[1]))
                    self._known[road.name].append((point[0], point[1]))

    def add(self, sites: Iterable[Site]) -> None:
        """Learn the names of stations, parks and heritage."""
        for site in sites:
            if site.kind in {"metro_station", "park", "heritage"}:
                for stem in {site.name, site.name.removesuffix("公园"), _DIRECTION_TAIL.sub("", site.name)}:
                    self._known[stem].append((site.x, site.y))

    def road_near(self, site: Site) -> str:
        """Return the name of the nearest named road."""
        return self._roads[int(self._road_tree.nearest(shapely.Point(site.x, site.y)))].name

    def is_road(self, name: str) -> bool:
        """Return whether a road bears this name."""
        return any(road.name == name for road in self._roads)

    def knows(self, site: Site) -> bool:
        """Return whether something local of this name lies near, or the stop is a known one."""
        if site.name in _KNOWN_STOPS:
            return True
        stems = {site.name, _DIRECTION_TAIL.sub("", site.name)} - {""}
        near = [point for stem in stems for point in self._known.get(stem, [])]
        return any((x - site.x) ** 2 + (y - site.y) ** 2 < _KNOWN_M**2 for x, y in near)


def _with_name(site: Site, local: _LocalNames) -> Site:
    """Return the site with a name that says what is known: 小学（安定门内大街）."""
    type_zh = TYPES[site.kind][0]
    if site.kind == "metro_station":
        return replace(site, name=f"{site.name}地铁站")
    if site.kind == "compound" and local.is_road(site.name):
        return replace(site, name=f"{site.name}（住宅）")
    if site.kind == "bus_stop":
        return site
    plain = not site.name or _PLAIN_CAR_PARK.match(site.name) or site.name == "超市"
    if site.kind == "sanitation" or (plain and not site.address):
        return replace(site, name=f"{type_zh}（{local.road_near(site)}）")
    if plain:
        return replace(site, name=f"{type_zh}（{site.address}）")
    return site


def _road_sites(roads: Sequence[Road]) -> list[Site]:
    """Return a site per named road, at the middle of its longest segment."""
    sites = []
    for road in roads:
        if len(road.name) < 2 or road.name.endswith("桥"):
            continue
        longest = max(road.line.geoms, key=lambda part: (part.length, part.bounds))
        middle = longest.interpolate(0.5, normalized=True)
        kind = "alley" if road.kind == "alley" else "road"
        sites.append(Site(kind, road.name, middle.x, middle.y, "", "roads_dongcheng_gcj02.geojson"))
    return sites


def _without_doubles(sites: Sequence[Site]) -> list[Site]:
    """Return the sites without those of the same name and type close by; one with an address wins."""
    kept: dict[tuple[str, str], list[Site]] = defaultdict(list)
    for site in sorted(sites, key=lambda s: (s.kind, s.name, not s.address, s.source, s.x, s.y)):
        same = kept[(site.kind, _key(site.name))]
        if all((site.x - other.x) ** 2 + (site.y - other.y) ** 2 > _reach(site) ** 2 for other in same):
            same.append(site)
    order = list(TYPES)
    flat = [site for group in kept.values() for site in group]
    return sorted(flat, key=lambda s: (order.index(s.kind), s.name, s.x, s.y))


def _key(name: str) -> str:
    return re.sub(r"东城区|[（(].*?[)）]$|\s", "", name) or name


def _reach(site: Site) -> float:
    """Return within which distance a namesake is the same place."""
    return _UNIQUE_M if site.kind in _UNIQUE else _SAME_M
