"""Suggested categories in the product: at filing, in the report form, for tickets, and what is kept of it."""

from __future__ import annotations

import io
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from siquan.city.duties.models import Role
from siquan.work.cases import services
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.imports.tickets import TicketFile
from siquan.work.cases.models import Case
from siquan.work.cases.queries.suggestion import SHIPPED, suggestion, suggestion_record
from siquan.work.cases.services.importing import import_tickets
from siquan.work.cases.services.suggesting import lessons
from siquan.work.cases.states import State
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.made import made_letters, with_letters
from siquan.work.cases.suggestion.training import Letters, train
from tests import make
from tests.counting import statements
from tests.work.cases.test_suggestion import taught

pytestmark = pytest.mark.django_db

RUBBISH, DEBRIS = "E0102", "E0103"
WORDS = "垃圾桶满了没人收，请处理。"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that calls rubbish by the code of the test pack; lamps and noise are no categories there."""
    given = taught()
    names = tuple({"垃圾": RUBBISH}.get(each, each) for each in given.names)
    path = tmp_path_factory.mktemp("model") / "m.model"
    modelfile.save_to(train(Letters(given.texts, given.label, names, given.group)), path)
    return path


@pytest.fixture(autouse=True)
def model(trained: Path, settings: Any) -> None:
    settings.SUGGESTION_MODEL = str(trained)
    make.rules()
    make.street()


def test_words_suggest_a_category_in_force_with_probability_and_reasons():
    found = suggestion(WORDS, at=make.NOW)

    assert found
    assert (found.category.code, found.is_sure) == (RUBBISH, True)
    assert found.because
    assert all(each in WORDS for each in found.because)


@pytest.mark.parametrize("text", ["", "  ", "路灯不亮，请处理。"])
def test_no_words_and_labels_that_are_no_category_suggest_nothing(text: str):
    assert suggestion(text, at=make.NOW) is None


def test_a_broken_model_stops_nobody(tmp_path: Path, settings: Any):
    settings.SUGGESTION_MODEL = str(tmp_path / "broken")
    Path(settings.SUGGESTION_MODEL).write_bytes(b"no model")

    assert suggestion(WORDS, at=make.NOW) is None
    assert make.case(text=WORDS).pk


def test_the_model_that_comes_along_is_small_and_knows_the_categories_of_the_demo_pack():
    found = modelfile.load_from(SHIPPED)

    assert SHIPPED.stat().st_size < 3_000_000
    assert len(found.labels) > 300
    (said,) = found.suggest(["胡同口共享单车倒了一地，没人管"])
    assert said.label == "200517"
    (unknown,) = found.suggest(["祝大家中秋快乐"])
    assert not unknown.is_sure


# --- filing


def file(case: Case, category: str) -> Case:
    return services.file_case(case.pk, by=make.dispatcher(), at=make.NOW, category=category)


def test_filing_keeps_what_was_suggested_beside_what_was_chosen():
    case = make.case(text=WORDS)
    file(case, DEBRIS)

    kept = CategoryDecision.objects.get()
    assert (kept.case_id, kept.suggested, kept.chosen, kept.is_sure) == (case.pk, RUBBISH, DEBRIS, True)
    assert not kept.is_accepted
    assert kept.text_sha256 == sha256(WORDS.encode()).hexdigest()
    assert 0.5 < kept.probability <= 1
    assert kept.by is not None


def test_filing_without_a_suggestion_keeps_nothing():
    file(make.case(text="路灯不亮，请处理。"), DEBRIS)

    assert not CategoryDecision.objects.exists()


def test_the_filing_form_starts_with_a_sure_suggestion_and_says_why(client: Client):
    case = make.case(text=WORDS)
    client.force_login(make.dispatcher())
    page = client.get(f"/cases/{case.number}/file/").content.decode()

    assert f'<option value="{RUBBISH}" selected' in page
    assert "按文字看是“暴露垃圾”" in page
    assert "<mark>" in page


def test_a_category_the_resident_chose_stays_chosen(client: Client):
    case = make.case(text=WORDS, category_code=DEBRIS)
    client.force_login(make.dispatcher())

    assert f'<option value="{DEBRIS}" selected' in client.get(f"/cases/{case.number}/file/").content.decode()


def test_one_button_files_under_the_suggestion(client: Client):
    case = make.case(text=WORDS)
    client.force_login(make.dispatcher())
    client.post(f"/cases/{case.number}/file/", {"category": "", "take": RUBBISH})

    case.refresh_from_db()
    assert (case.state, case.category.code) == (State.FILED, RUBBISH)
    assert CategoryDecision.objects.get().is_accepted


# --- learning from it


def test_what_was_chosen_is_learned_once_a_case_while_its_words_are_the_same():
    first, second, gone = (make.case(text=f"{WORDS}{each}") for each in "甲乙丙")
    for each in (first, second, gone):
        file(each, DEBRIS)
    Case.objects.filter(pk=gone.pk).update(text="（已删除）")

    assert sorted((each.text, each.label) for each in lessons()) == [
        (f"{WORDS}乙", DEBRIS),
        (f"{WORDS}甲", DEBRIS),
    ]


def test_a_model_learns_a_file_together_with_what_staff_chose(tmp_path: Path, settings: Any):
    settings.SUGGESTION_MODEL = str(tmp_path / "own.model")
    given = taught()
    for number in range(4):
        case = make.case(text=f"{chr(0x6C00 + number)}渣土没有盖，尘土飞扬")
        CategoryDecision.objects.create(
            case=case, at=make.NOW, model="m", suggested=RUBBISH, probability=0.4, is_sure=False,
            chosen=DEBRIS, text_sha256=sha256(case.text.encode()).hexdigest(),
        )  # fmt: skip
    table = tmp_path / "t.csv"
    rows = [f"{words},{given.names[at]}" for words, at in zip(given.texts, given.label, strict=True)]
    table.write_text("text,label\n" + "\n".join(rows))
    out = io.StringIO()
    call_command("cases_train", str(table), "--from-corrections", stdout=out)

    assert "4 filings to learn from" in out.getvalue()
    (found,) = modelfile.load_from(Path(settings.SUGGESTION_MODEL)).suggest(["渣土没有盖"])
    assert found.label == DEBRIS


def test_training_without_anything_to_learn_from_says_what_is_missing():
    with pytest.raises(CommandError, match="FILE"):
        call_command("cases_train")


def test_real_letters_beside_made_texts_say_how_sure_one_may_be():
    made = made_letters()
    both = with_letters(made, [("渣土没有盖", "甲"), ("渣土没有盖好", "甲")])

    assert made.trusted is not None
    assert both.trusted is not None
    assert both.trusted[-2:].all()
    assert int(both.trusted.sum()) == int(made.trusted.sum()) + 2
    assert both.names[both.label[-1]] == "甲"
    assert [both.names[each] for each in both.label[:50]] == [made.names[each] for each in made.label[:50]]


# --- tickets


def take_in(content: str) -> None:
    tickets = TicketFile(io.BytesIO(content.encode()), at=make.NOW)
    import_tickets(tickets.lines(), by=make.dispatcher(), at=make.NOW)


def test_a_ticket_without_a_known_category_gets_a_sure_one_marked_as_suggested():
    take_in(
        "工单编号,主要内容,类别\n"
        f"1,{WORDS},\n2,{WORDS}又,没有这一类\n3,{WORDS}再,积存渣土\n4,说不清的一件事,\n5,路灯不亮,\n"
    )
    found = {case.source_ref: case for case in Case.objects.select_related("category")}

    assert {ref: case.category and case.category.code for ref, case in found.items()} == {
        "1": RUBBISH,
        "2": RUBBISH,
        "3": DEBRIS,
        "4": None,
        "5": None,
    }
    assert "由系统按文字建议" in said(found["1"])
    assert "没有这一类" in said(found["2"])
    assert "由系统按文字建议" in said(found["2"])
    assert "由系统按文字建议" not in said(found["3"])


def said(case: Case) -> str:
    from siquan.work.cases.queries import history

    return " ".join(str(entry.details) for entry in history(case))


# --- the report form


def test_the_words_of_a_resident_are_asked_about_without_a_statement(client: Client):
    suggestion(WORDS, at=make.NOW)
    with CaptureQueriesContext(connection) as seen:
        answer = client.post("/report/suggest/", {"text": WORDS})
    page = answer.content.decode()

    assert f'value="{RUBBISH}"' in page
    assert "因为您写了" in page
    assert [each["sql"] for each in seen.captured_queries if "cases_" in each["sql"]] == []


@pytest.mark.parametrize(("text", "told"), [("", "先写一句"), ("嗯", "还看不出")])
def test_words_that_say_nothing_are_told_so(client: Client, text: str, told: str):
    assert told in client.post("/report/suggest/", {"text": text}).content.decode()


def test_without_javascript_the_form_comes_back_with_the_suggestion_and_nothing_is_reported(client: Client):
    page = client.post("/report/", {"text": WORDS, "hint": "1", "place": "某处", "key": "k"}).content.decode()

    assert f'<input type="radio" name="category" value="{RUBBISH}">' in page
    assert WORDS in page
    assert not Case.objects.exists()


# --- the page


def test_the_page_counts_what_was_taken_and_changed_with_the_same_statements_for_more_rows(client: Client):
    client.force_login(make.staff(Role.RULE_EDITOR))
    file(make.case(text=WORDS), RUBBISH)
    one = statements(client, "/cases/suggestions/")
    for each in "甲乙":
        file(make.case(text=f"{WORDS}{each}"), DEBRIS)

    record = suggestion_record(make.NOW)
    assert (record.suggested, record.accepted, record.changed, record.sure) == (3, 1, 2, 3)
    assert [(each.suggested, each.chosen, each.times) for each in record.corrected] == [
        ("暴露垃圾", "积存渣土", 2)
    ]
    assert sum(row.count for row in record.rows) == 3
    assert statements(client, "/cases/suggestions/") == one


def test_the_page_is_for_rule_editors_and_the_lead_only(client: Client):
    for person, status in ((make.lead(), 200), (make.staff(Role.RULE_EDITOR), 200), (make.dispatcher(), 403)):
        client.force_login(person)
        assert client.get("/cases/suggestions/").status_code == status
