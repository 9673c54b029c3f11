"""Learning again by a page: asked for, learned by the worker, compared, put in use, discarded, left."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from siquan.base.accounts.models import User
from siquan.base.journal import worker
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import NotFound, NotPossible
from siquan.base.kernel.workflow import check
from siquan.base.notices.models import Notice
from siquan.city.duties.models import Role
from siquan.work.cases import jobs
from siquan.work.cases.decisions import CategoryDecision
from siquan.work.cases.learned import LOST_AFTER, LearnedModel
from siquan.work.cases.permissions import OTHER_RULES, OTHER_VERBS
from siquan.work.cases.queries import learning as queries
from siquan.work.cases.queries.suggestion import SHIPPED, known_until, model_path, suggestion, version_in_use
from siquan.work.cases.services import choosing, learning, model_files
from siquan.work.cases.states import (
    CHOICES_OF_PEOPLE,
    LEARNING_EVENTS,
    LEARNING_TRANSITIONS,
    LEARNING_VERBS,
    LearningState,
)
from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.learner import Learner
from siquan.work.cases.suggestion.training import Letters, train
from tests import make
from tests.counting import statements
from tests.work.cases.test_retraining import made
from tests.work.cases.test_suggestion import taught

__all__ = ["made"]

pytestmark = pytest.mark.django_db

RUBBISH, DEBRIS = "E0102", "E0103"
WORDS = "垃圾桶满了没人收，请处理。"
NOW, LATER = make.NOW, make.NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def here(made: Path, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SUGGESTION_MODEL = str(tmp_path / "m" / "own.model")
    settings.SUGGESTION_LEAST_LESSONS = 3
    monkeypatch.setattr(learning, "MADE", made)
    monkeypatch.setattr(learning, "_learner", Learner())
    make.rules()
    make.street()


@pytest.fixture
def lead() -> User:
    return make.lead()


@pytest.fixture
def page(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def decided(count: int, *, label: str = DEBRIS, **fields: Any) -> None:
    """Have so many cases about rubbish filed under something else, each in words of its own."""
    letters = taught(count=3 * count, seed=11)
    texts = [
        text for text, at in zip(letters.texts, letters.label, strict=True) if letters.names[at] == "垃圾"
    ]
    for text in texts:
        case = make.case(text=text)
        CategoryDecision.objects.create(
            case=case, at=NOW, model="m", suggested=RUBBISH, probability=0.4, is_sure=False, chosen=label,
            text_sha256=sha256(case.text.encode()).hexdigest(), **fields,
        )  # fmt: skip


def learned(by: User, *, count: int = 4) -> LearnedModel:
    """Return a model that was learned and waits for a decision."""
    decided(count)
    model = learning.ask_to_learn(by=by, at=NOW)
    assert learning.learn_next(at=NOW)
    model.refresh_from_db()
    return model


def ready(number: int = 1, **fields: Any) -> LearnedModel:
    """Return a model that waits for a decision, without the time it takes to learn one."""
    letters = taught(seed=number)
    names = tuple({"垃圾": RUBBISH}.get(each, each) for each in letters.names)
    model = LearnedModel.objects.create(
        state=fields.pop("state", LearningState.READY), asked_at=NOW, has_file=True, **fields
    )
    content = bytes_of(Letters(letters.texts, letters.label, names, letters.group), number)
    model_files.keep(model, content)
    model.version = modelfile.version_of(content)
    model.save()
    return model


def bytes_of(letters: Letters, number: int) -> bytes:
    import io

    out = io.BytesIO()
    modelfile.save(train(letters, about={"number": number}), out)
    return out.getvalue()


def state_of(model: LearnedModel) -> str:
    return LearnedModel.objects.values_list("state", flat=True).get(pk=model.pk)


# --- the table


def test_the_life_of_a_model_has_no_dead_end_and_every_verb_its_words_service_and_event():
    final = {
        LearningState.DISCARDED, LearningState.STOPPED, LearningState.BROKEN_OFF, LearningState.FAILED,
        LearningState.RETIRED,
    }  # fmt: skip
    verbs = {verb for row in LEARNING_TRANSITIONS.values() for verb in row}

    assert check(LEARNING_TRANSITIONS, start=LearningState.QUEUED, final=frozenset(final)) == []
    assert verbs == set(LEARNING_VERBS) == set(LEARNING_EVENTS) - {"ask", "find"}
    assert set(choosing.CHOICES) == set(CHOICES_OF_PEOPLE) <= verbs
    assert "teach-suggestions" in OTHER_RULES
    assert "teach-suggestions" in OTHER_VERBS


def test_the_database_itself_refuses_a_second_training_and_a_second_model_in_use():
    for state in (LearningState.QUEUED, LearningState.IN_USE):
        LearnedModel.objects.create(state=state, asked_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            LearnedModel.objects.create(state=state, asked_at=NOW)


# --- asking


@pytest.mark.parametrize("who", [make.dispatcher, lambda: make.staff(Role.ADMIN)])
def test_only_the_lead_and_rule_editors_have_it_learn_and_choose(who: Callable[[], User]):
    decided(4)
    model, person = ready(), who()

    with pytest.raises(PermissionDenied, match="规则管理员"):
        learning.ask_to_learn(by=person, at=NOW)
    for act in choosing.CHOICES.values():
        with pytest.raises(PermissionDenied, match="规则管理员"):
            act(model.pk, by=person, at=NOW)
    assert learning.ask_to_learn(by=make.staff(Role.RULE_EDITOR), at=NOW).is_learning


def test_too_few_lessons_are_refused_with_what_is_missing(lead: User):
    decided(2)

    with pytest.raises(NotPossible, match="至少要3件，现在有2件，还差1件"):
        learning.ask_to_learn(by=lead, at=NOW)


def test_what_the_model_in_use_has_learned_is_no_news(lead: User):
    model = learned(lead)
    choosing.use_model(model.pk, by=lead, at=NOW)

    assert known_until() == NOW
    assert (queries.lessons_there().count, queries.lessons_there().fresh) == (4, 0)
    with pytest.raises(NotPossible, match="还差3件"):
        learning.ask_to_learn(by=lead, at=LATER)


def test_only_the_newest_decisions_count_when_there_are_very_many(settings: Any):
    settings.SUGGESTION_MOST_LESSONS = 3
    decided(5)

    assert queries.lessons_there().count == 3


def test_a_second_press_says_that_one_is_being_learned(page: Client):
    decided(4)
    first = page.post("/cases/suggestions/learn/")
    again = page.post("/cases/suggestions/learn/", follow=True)

    assert first["Location"] == f"/cases/suggestions/{LearnedModel.objects.get().pk}/"
    assert "已经在学了" in again.content.decode()
    assert LearnedModel.objects.count() == 1


# --- learning


def test_the_worker_learns_and_tells_by_the_inbox_what_came_of_it(lead: User):
    model = learned(lead, count=8)
    worker.drain()

    assert (model.state, model.lessons, model.letters) == (LearningState.READY, 8, 98)
    assert model.has_file
    assert modelfile.version_of(model_files.kept(model)) == model.version
    assert model.against == modelfile.version_of(SHIPPED.read_bytes())
    assert model.figures["letters"] == 8
    notice = Notice.objects.get(to_user=lead)
    assert (notice.kind, notice.url) == ("suggestion_model.learned", f"/cases/suggestions/{model.pk}/")
    told = Entry.objects.get(event="suggestion_model.learned").details
    assert told["figures"] == model.figures
    assert version_in_use() == model.against  # nothing has changed until somebody decides
    assert not learning.learn_next(at=NOW)


def test_a_newer_model_takes_the_place_of_one_that_waits_for_a_decision(lead: User):
    older = ready()
    newer = learned(lead)

    assert state_of(older) == LearningState.DISCARDED
    assert newer.state == LearningState.READY
    choosing.look_after_models(at=NOW)
    assert not model_files.path_of(older).exists()
    assert model_files.path_of(newer).exists()


def test_learning_that_fails_is_told_and_can_be_started_again(
    lead: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(learning, "MADE", tmp_path / "none")
    model = learned(lead)
    worker.drain()

    assert (model.state, model.problem) == (LearningState.FAILED, "CannotLearn: FileNotFoundError")
    assert Notice.objects.get(to_user=lead).kind == "suggestion_model.failed"
    assert learning.ask_to_learn(by=lead, at=NOW).is_learning


def test_a_worker_that_is_to_stop_breaks_the_training_off(lead: User):
    decided(4)
    model = learning.ask_to_learn(by=lead, at=NOW)
    jobs.stop_learning()

    assert not jobs.learn_next()
    worker.drain()

    assert state_of(model) == LearningState.BROKEN_OFF
    assert Notice.objects.get(to_user=lead).kind == "suggestion_model.broken_off"
    assert learning.ask_to_learn(by=lead, at=NOW).is_learning


def test_a_worker_that_was_killed_stands_in_nobodys_way(page: Client, lead: User):
    decided(4)
    now = timezone.now()
    lost = LearnedModel.objects.create(
        state=LearningState.LEARNING, by=lead, asked_at=now - LOST_AFTER * 3, heard_at=now - LOST_AFTER * 2
    )

    assert "中断了" in page.get(f"/cases/suggestions/{lost.pk}/").content.decode()
    assert "从人选的类别再学一次" in page.get("/cases/suggestions/").content.decode()
    assert page.post("/cases/suggestions/learn/")["Location"] != "/cases/suggestions/"
    assert state_of(lost) == LearningState.BROKEN_OFF


def test_the_worker_itself_notes_what_another_one_has_lost_and_leaves_alone_what_goes_on():
    going = LearnedModel.objects.create(state=LearningState.LEARNING, asked_at=NOW, heard_at=NOW)
    choosing.look_after_models(at=NOW + LOST_AFTER)
    assert state_of(going) == LearningState.LEARNING

    choosing.look_after_models(at=NOW + LOST_AFTER + timedelta(seconds=1))
    assert state_of(going) == LearningState.BROKEN_OFF


def test_a_training_that_somebody_stops_ends_without_a_model(lead: User, monkeypatch: pytest.MonkeyPatch):
    decided(4)
    model = learning.ask_to_learn(by=lead, at=NOW)
    beat = learning._beat

    def stop_at_the_first_beat(key: int, steps: int) -> bool:
        if state_of(model) == LearningState.LEARNING:
            learning.stop_learning(model.pk, by=lead, at=NOW)
        return beat(key, steps)

    monkeypatch.setattr(learning, "_beat", stop_at_the_first_beat)
    assert not learning.learn_next(at=NOW)

    assert state_of(model) == LearningState.STOPPED
    assert not model_files.path_of(model).exists()


def test_a_queued_training_can_be_stopped_and_a_finished_one_cannot(lead: User):
    decided(4)
    waiting = learning.ask_to_learn(by=lead, at=NOW)
    learning.stop_learning(waiting.pk, by=lead, at=NOW)

    assert not learning.learn_next(at=NOW)
    with pytest.raises(NotPossible, match="已停止"):
        learning.stop_learning(waiting.pk, by=lead, at=NOW)


# --- choosing


def test_a_model_is_put_in_use_with_its_figures_in_the_journal_and_answers_at_once(lead: User):
    decided(4)
    assert suggestion(WORDS, at=NOW) is None  # the one that comes along knows other categories
    model = ready(figures={"letters": 3}, against="before")

    choosing.use_model(model.pk, by=lead, at=LATER)

    model.refresh_from_db()
    assert (model.state, model.used_by, model.used_from) == (LearningState.IN_USE, lead, LATER)
    found = suggestion(WORDS, at=NOW)
    assert found
    assert (found.category.code, found.model) == (RUBBISH, model.version)
    entry = Entry.objects.get(event="suggestion_model.used")
    assert (entry.by, entry.at) == (lead, LATER)
    assert (entry.details["version"], entry.details["figures"]) == (model.version, {"letters": 3})


def test_one_goes_back_to_the_previous_model_and_to_the_one_that_comes_along(lead: User):
    first, second = ready(1), ready(2)
    choosing.use_model(first.pk, by=lead, at=NOW)
    choosing.use_model(second.pk, by=lead, at=LATER)
    assert (state_of(first), version_in_use()) == (LearningState.RETIRED, second.version)

    choosing.use_model(first.pk, by=lead, at=LATER)
    first.refresh_from_db()
    assert (first.state, first.used_until, version_in_use()) == (LearningState.IN_USE, None, first.version)

    choosing.retire_model(first.pk, by=lead, at=LATER)
    assert (state_of(first), model_path()) == (LearningState.RETIRED, SHIPPED)


def test_a_discarded_model_is_gone(lead: User):
    model = ready()
    choosing.discard_model(model.pk, by=lead, at=NOW)
    choosing.look_after_models(at=NOW)

    assert not model_files.path_of(model).exists()
    with pytest.raises(NotPossible, match="没有采用"):
        choosing.use_model(model.pk, by=lead, at=NOW)


WRONG = {
    "use": (LearningState.LEARNING, LearningState.IN_USE, LearningState.FAILED),
    "discard": (LearningState.QUEUED, LearningState.IN_USE, LearningState.RETIRED),
    "retire": (LearningState.READY, LearningState.RETIRED),
    "stop": (LearningState.READY, LearningState.IN_USE),
}


@pytest.mark.parametrize(("verb", "state"), [(verb, each) for verb, row in WRONG.items() for each in row])
def test_a_choice_in_the_wrong_state_is_refused(lead: User, verb: str, state: LearningState):
    model = LearnedModel.objects.create(state=state, asked_at=NOW)

    with pytest.raises(NotPossible):
        choosing.CHOICES[verb](model.pk, by=lead, at=NOW)
    with pytest.raises(NotFound):
        choosing.CHOICES[verb](model.pk + 1, by=lead, at=NOW)
    assert state_of(model) == state


def test_a_model_whose_file_is_gone_is_not_put_in_use(lead: User):
    model = ready()
    model_files.path_of(model).unlink()

    with pytest.raises(NotPossible, match="文件已经不在"):
        choosing.use_model(model.pk, by=lead, at=NOW)
    assert state_of(model) == LearningState.READY


def test_a_place_that_cannot_be_written_changes_nothing(lead: User, monkeypatch: pytest.MonkeyPatch):
    model = ready()

    def refuse(*words: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(NotPossible, match="写不进去"):
        choosing.use_model(model.pk, by=lead, at=NOW)

    assert state_of(model) == LearningState.READY
    assert not Entry.objects.filter(event="suggestion_model.used").exists()
    assert model_path() == SHIPPED


# --- the file and the table


def test_after_a_crash_between_file_and_table_the_table_says_what_is_in_use(lead: User):
    first, second = ready(1), ready(2)
    choosing.use_model(first.pk, by=lead, at=NOW)
    model_files.place(model_files.kept(second))  # written, and then killed before the commit

    choosing.look_after_models(at=LATER)

    assert (state_of(first), state_of(second)) == (LearningState.IN_USE, LearningState.READY)
    assert version_in_use() == first.version


def test_a_file_that_went_back_to_none_is_put_there_again_and_one_that_is_not_wanted_goes(lead: User):
    model = ready()
    choosing.use_model(model.pk, by=lead, at=NOW)
    model_files.own_path().unlink()
    choosing.look_after_models(at=LATER)
    assert version_in_use() == model.version

    content = model_files.kept(model)
    choosing.retire_model(model.pk, by=lead, at=LATER)
    model_files.place(content)
    choosing.look_after_models(at=LATER)
    assert model_path() == SHIPPED


def test_a_model_by_command_comes_into_the_list_and_can_be_gone_back_to(lead: User, tmp_path: Path):
    ours = ready(1)
    choosing.use_model(ours.pk, by=lead, at=NOW)
    letters = taught(seed=9)
    modelfile.save_to(train(letters, about={"letters": 90, "corrections": 4}), model_files.own_path())
    version = version_in_use()

    choosing.look_after_models(at=LATER)

    found = LearnedModel.objects.get(version=version)
    assert (found.state, found.by, found.letters, found.lessons) == (LearningState.IN_USE, None, 90, 4)
    assert (state_of(ours), version_in_use()) == (LearningState.RETIRED, version)
    choosing.use_model(ours.pk, by=lead, at=LATER)
    choosing.use_model(found.pk, by=lead, at=LATER)
    assert version_in_use() == version


def test_a_model_by_command_is_not_lost_to_one_that_is_put_in_use_at_once(lead: User):
    model_files.own_path().parent.mkdir(parents=True, exist_ok=True)
    modelfile.save_to(train(taught(seed=9), about={"letters": 90}), model_files.own_path())
    by_hand = version_in_use()

    choosing.use_model(ready().pk, by=lead, at=LATER)

    kept = LearnedModel.objects.get(version=by_hand)
    assert (kept.state, bool(model_files.kept(kept))) == (LearningState.RETIRED, True)


def test_bytes_that_are_no_model_are_left_where_somebody_put_them():
    model_files.own_path().parent.mkdir(parents=True, exist_ok=True)
    model_files.own_path().write_bytes(b"no model")
    choosing.look_after_models(at=NOW)

    assert model_files.own_path().read_bytes() == b"no model"
    assert not LearnedModel.objects.exists()


def test_a_model_in_use_whose_files_are_all_gone_gives_way_to_the_one_that_comes_along(lead: User):
    model = ready()
    choosing.use_model(model.pk, by=lead, at=NOW)
    model_files.own_path().unlink()
    model_files.path_of(model).unlink()
    choosing.look_after_models(at=LATER)

    assert (state_of(model), model_path()) == (LearningState.RETIRED, SHIPPED)


def test_only_the_last_few_models_are_kept(lead: User, settings: Any):
    settings.SUGGESTION_MODELS_KEPT = 1
    models = [ready(number) for number in range(1, 4)]
    for day, each in enumerate(models):
        choosing.use_model(each.pk, by=lead, at=NOW + timedelta(days=day))
    stray = model_files.folder() / ".99.model.part"
    stray.write_bytes(b"half")

    choosing.look_after_models(at=LATER)

    kept = [model_files.path_of(each).exists() for each in models]
    assert kept == [False, True, True]
    assert not stray.exists()
    assert queries.possible_choices(queries.learned_model(models[0].pk)) == []
    assert queries.possible_choices(queries.learned_model(models[1].pk)) == ["use"]


# --- the pages


def test_the_page_without_lessons_says_what_is_missing_and_has_no_button(page: Client):
    shown = page.get("/cases/suggestions/").content.decode()

    assert "还差3件" in shown
    assert "从人选的类别再学一次" not in shown
    assert "还没有。用的是随系统附带的模型。" in shown
    refused = page.post("/cases/suggestions/learn/", follow=True).content.decode()
    assert "至少要3件，现在有0件，还差3件" in refused


def test_the_page_counts_lessons_and_lists_models_with_the_same_statements_for_more(page: Client):
    decided(4)
    one = ready(figures=figures(), state=LearningState.RETIRED, used_from=NOW, used_until=LATER)
    count = statements(page, "/cases/suggestions/")
    shown = page.get("/cases/suggestions/").content.decode()
    assert "可以学的立案有4件，其中4件是在用的模型没有学过的。" in shown
    assert f"/cases/suggestions/{one.pk}/" in shown
    assert "80.0%" in shown

    for number in (2, 3):
        ready(number, state=LearningState.RETIRED)
    assert statements(page, "/cases/suggestions/") == count


def figures(low: float = 0.1, high: float = 0.3, value: float = 0.2) -> dict[str, Any]:
    """Return a comparison on fifty letters: forty right, thirty before."""
    return {
        "letters": 50,
        "new": {"right": 40, "sure": 20, "sure_right": 19, "macro_f1": 0.75},
        "old": {"right": 30, "sure": 10, "sure_right": 10, "macro_f1": 0.6},
        "accuracy": [value, low, high],
        "macro_f1": [0.15, -0.02, 0.25],
        "sure": [0.2, 0.05, 0.3],
    }


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (0.1, 0.3, "新的更准：50件里多选对10件，不像是偶然。"),
        (-0.1, 0.3, "看不出谁更准：50件里的差别可能只是偶然。"),
    ],
)
def test_the_page_shows_both_side_by_side_and_says_when_it_may_be_chance(
    page: Client, low: float, high: float, told: str
):
    model = ready(figures=figures(low, high), against=version_in_use())
    shown = page.get(f"/cases/suggestions/{model.pk}/").content.decode()

    assert told in shown
    assert "60.0%（46–72%）" in shown  # Wilson's interval of 30 of 50
    assert "80.0%（67–89%）" in shown
    assert "+0.150（−0.020 到 +0.250）" in shown
    assert "比的是50件留出来的立案" in shown
    assert "启用这个模型" in shown
    assert "换过了" not in shown


def test_a_comparison_with_a_model_that_is_no_longer_in_use_says_so(page: Client):
    model = ready(figures=figures(), against="another")

    assert "在用的模型换过了" in page.get(f"/cases/suggestions/{model.pk}/").content.decode()


def test_a_worse_model_is_called_worse_and_one_without_figures_has_none(page: Client):
    worse = figures(-0.3, -0.1, -0.2)
    worse["new"]["right"] = 20
    bad, none = ready(1, figures=worse), ready(2, by=make.lead(), figures={"letters": 0})

    assert "新的更差：50件里少选对10件" in page.get(f"/cases/suggestions/{bad.pk}/").content.decode()
    assert "无法比较" in page.get(f"/cases/suggestions/{none.pk}/").content.decode()


def test_a_model_is_chosen_by_the_buttons_of_its_page(page: Client):
    first, second = ready(1), ready(2)
    for verb, model, state in (
        ("use", first, LearningState.IN_USE),
        ("discard", second, LearningState.DISCARDED),
        ("retire", first, LearningState.RETIRED),
    ):
        answer = page.post(f"/cases/suggestions/{model.pk}/{verb}/", follow=True)
        assert answer.status_code == 200
        assert state_of(model) == state
    assert page.post(f"/cases/suggestions/{first.pk}/finish/").status_code == 404
    assert page.post(f"/cases/suggestions/{first.pk}/retire/").status_code == 409


def test_progress_is_shown_while_it_learns_and_asks_again_by_itself(page: Client):
    now = timezone.now()
    model = LearnedModel.objects.create(
        state=LearningState.LEARNING, asked_at=now, heard_at=now, steps_done=3
    )
    shown = page.get(f"/cases/suggestions/{model.pk}/").content.decode()

    assert 'value="3" max="11"' in shown
    assert 'hx-trigger="every 2s"' in shown
    assert "停止学习" in shown
    assert "看进度" in page.get("/cases/suggestions/").content.decode()
