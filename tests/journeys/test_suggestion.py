"""A suggested category in a real browser: a resident takes it with one tap, the centre corrects another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from siquan.base.accounts.models import User
from siquan.work.cases import jobs, services
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.services import learning
from siquan.work.cases.states import LearningState
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.made import write_made
from siquan.work.cases.suggestion.training import Letters, train
from tests import make
from tests.browser import PHONE, OpenPage, violations
from tests.journeys.test_case_loop import act, sign_in  # noqa: F401 (a fixture)
from tests.work.cases.test_suggestion import taught

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

WORDS = "垃圾桶满了没人收，请处理。"


@pytest.fixture(autouse=True)
def model(tmp_path: Path, settings: Any) -> None:
    given = taught()
    names = tuple({"垃圾": "E0102"}.get(each, each) for each in given.names)
    settings.SUGGESTION_MODEL = str(tmp_path / "m.model")
    modelfile.save_to(
        train(Letters(given.texts, given.label, names, given.group)), Path(settings.SUGGESTION_MODEL)
    )
    make.rules()
    make.street()


def test_a_suggestion_is_corrected_at_filing_and_the_correction_is_kept(
    live_server: LiveServer,
    sign_in: Callable[[User], Page],  # noqa: F811
) -> None:
    case, lead = make.case(text=WORDS), make.lead()
    page = sign_in(lead)
    page.goto(f"{live_server.url}/cases/{case.number}/file/")
    told = page.locator("#suggested")
    expect(told).to_contain_text("暴露垃圾")
    expect(told.locator("mark").first).to_be_visible()
    assert violations(page) == []

    page.goto(f"{live_server.url}/cases/{case.number}/")
    act(page, "file", category="积存渣土")
    page.wait_for_url(f"**/cases/{case.number}/")

    kept = CategoryDecision.objects.get()
    assert (kept.suggested, kept.chosen, kept.by) == ("E0102", "E0103", lead)
    page.goto(f"{live_server.url}/cases/suggestions/")
    expect(page.locator("main")).to_contain_text("积存渣土")
    assert violations(page) == []


def test_a_lead_has_it_learn_again_and_puts_the_new_model_in_use(
    live_server: LiveServer,
    sign_in: Callable[[User], Page],  # noqa: F811
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SUGGESTION_LEAST_LESSONS = 3
    given = taught(seed=7)
    rows = [(text, given.names[at], text, True) for text, at in zip(given.texts, given.label, strict=True)]
    write_made(rows, tmp_path / "made.csv.gz")
    monkeypatch.setattr(learning, "MADE", tmp_path / "made.csv.gz")
    lead = make.lead()
    for words in ("垃圾站很脏", "没有清扫垃圾", "有人乱扔垃圾", "厨余垃圾堆着发臭"):
        services.file_case(make.case(text=words).pk, by=lead, at=make.NOW, category="E0103")
    page = sign_in(lead)
    page.goto(f"{live_server.url}/cases/suggestions/")
    page.get_by_role("button", name="从人选的类别再学一次").click()
    expect(page.locator("#learned")).to_contain_text("可以离开这一页")
    assert violations(page) == []

    jobs.learn_next()
    expect(page.locator("#learned")).to_contain_text("新旧模型比较")  # the page has looked by itself
    assert violations(page) == []
    page.get_by_role("button", name="启用这个模型").click()
    expect(page.locator("main")).to_contain_text("正在使用")
    assert LearnedModel.objects.get(used_by=lead).state == LearningState.IN_USE
    page.goto(f"{live_server.url}/cases/suggestions/")
    expect(page.locator("main")).to_contain_text("改用随系统附带的模型")
    assert violations(page) == []


def test_a_resident_is_asked_whether_it_is_this_kind(live_server: LiveServer, open_page: OpenPage) -> None:
    page = open_page(f"{live_server.url}/report/#step-3", size=PHONE)
    page.fill("[name=text]", WORDS)
    page.locator("[name=text]").blur()
    told = page.locator("#suggested label")
    expect(told).to_contain_text("暴露垃圾")
    assert violations(page) == []

    told.click()
    expect(page.locator("#suggested input")).to_be_checked()
