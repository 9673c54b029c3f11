"""What rooms add to the pages of rooms below them."""

from __future__ import annotations

from siquan.base.web.panels import Panel
from siquan.city.duties import panels as duties

PANELS = {
    "account": [Panel("duties/parts/own_duties.html", duties.own_duties)],
    "unit": [Panel("duties/parts/unit_people.html", duties.people_of_unit)],
}
