"""The components a page author can name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone, translation

from siquan.base.web.templatetags import web as tags


def drawn(text: str, **values: object) -> str:
    context = Context({"request": RequestFactory().get("/cases/?state=in_hand&page=2"), **values})
    return Template("{% load web %}" + text).render(context)


def test_icon_is_decoration_unless_it_speaks():
    assert 'aria-hidden="true"' in drawn('{% icon "camera" %}')
    assert 'role="img" aria-label="照片"' in drawn('{% icon "camera" label="照片" %}')


def test_an_icon_that_nobody_drew_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError, match="unicorn"):
        drawn('{% icon "unicorn" %}')


@pytest.mark.parametrize(
    ("colour", "kind", "drawing"),
    [
        ("green", "good", "<circle"),
        ("watch", "watch", "M5 0 10 9.5H0z"),
        ("red", "late", "M.5 .5h9v9h-9z"),
        ("paused", "plain", None),
        (None, "plain", None),
    ],
)
def test_deadline_has_colour_shape_and_words(colour: str | None, kind: str, drawing: str | None):
    text = drawn("{% deadline_chip deadline %}", deadline=SimpleNamespace(colour=colour, words="还有 2 天"))

    assert f"chip--{kind}" in text
    assert "还有 2 天" in text
    assert (drawing in text) if drawing else ("chip__shape" not in text)


def test_deadline_reads_dicts_too_and_leads_to_the_explanation():
    text = drawn('{% deadline_chip deadline url="#why" %}', deadline={"colour": "late", "words": "超时"})

    assert '<a class="chip chip--late" href="#why">' in text


def test_without_a_deadline_there_is_a_dash():
    assert "—" in drawn("{% deadline_chip nothing %}", nothing=None)


def test_what_people_wrote_stays_text():
    text = drawn("{% chip 'plain' words %}{% empty_state words words %}", words="<b>x</b>")

    assert "<b>x</b>" not in text
    assert text.count("&lt;b&gt;x&lt;/b&gt;") == 3


def test_dates_are_said_as_people_say_them():
    assert tags.day(date(2026, 9, 25)) == "2026年9月25日"
    with translation.override("en"):
        assert tags.day(date(2026, 9, 25)) == "25 Sep 2026"
    assert tags.day(None) == "—"


def test_a_date_is_the_day_in_beijing():
    assert tags.day(datetime(2026, 9, 24, 16, 30, tzinfo=UTC)) == "2026年9月25日"


def test_a_moment_names_the_year_only_when_it_is_another():
    this_year = timezone.localdate().year
    assert ">9月25日 00:30<" in tags.moment(datetime(this_year, 9, 24, 16, 30, tzinfo=UTC))
    assert ">2019年9月25日 00:30<" in tags.moment(datetime(2019, 9, 24, 16, 30, tzinfo=UTC))
    assert 'datetime="2019-09-25T00:30:00+08:00"' in tags.moment(datetime(2019, 9, 24, 16, 30, tzinfo=UTC))


def test_pager_keeps_the_filters_of_the_address():
    from django.core.paginator import Paginator

    text = drawn("{% pager found %}", found=Paginator(range(50), 20).page(2))

    assert "?state=in_hand&amp;page=3" in text
    assert "21–40" in text


def test_figure_never_without_a_date():
    with pytest.raises(TemplateSyntaxError):
        drawn('{% figure_tile "今天到期" 12 "件" %}')


class Reason(forms.Form):
    why = forms.CharField(label="原因", help_text="写给中心看")
    kind = forms.ChoiceField(label="哪一类", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="看清楚了", required=False)
    key = forms.CharField(widget=forms.HiddenInput)


def test_fields_tie_label_hint_and_error_together():
    text = str(Reason({"key": "1"}))

    assert '<label class="field__label" for="id_why">原因' in text
    assert 'aria-describedby="id_why_helptext id_why_error"' in text
    assert 'id="id_why_helptext"' in text
    assert 'id="id_why_error"' in text
    assert '<a href="#id_why">' in text
    assert "<legend>哪一类" in text
    assert 'id="id_kind_error"' in text


def test_optional_fields_carry_no_mark():
    assert str(Reason()).count("field__mark") == 2


def test_hidden_fields_have_no_label():
    assert "id_key" not in str(Reason()).replace('id="id_key"', "")
