"""A select outside a form shows what was chosen, and says nothing that was not offered."""

from __future__ import annotations

from siquan.base.web.widgets import drawn_select

OPTIONS = (("", "不限"), ("a", "路 & 灯"), ("街道", (("b<", "东四"), ("c", "景山"))))


def test_what_was_chosen_is_marked_and_nothing_else():
    chosen = drawn_select("kind", OPTIONS, "b<", element_id="filter-kind")

    assert chosen.count(" selected") == 1
    assert '<option value="b&lt;" selected>东四</option>' in chosen
    assert '<optgroup label="街道">' in chosen
    assert "路 &amp; 灯" in chosen


def test_a_value_that_is_not_offered_is_not_written_into_the_page():
    chosen = drawn_select("kind", OPTIONS, '"><script>', element_id="filter-kind")

    assert "selected" not in chosen
    assert "script" not in chosen


def test_many_options_are_found_by_typing():
    assert drawn_select("k", OPTIONS, "", element_id="k", is_searchable=True).startswith("<search-select>")
