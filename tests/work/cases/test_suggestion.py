"""Suggesting a category: what every model keeps, whatever it was taught."""

from __future__ import annotations

import gzip
import io
import json
import random
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siquan.work.cases.suggestion import modelfile
from siquan.work.cases.suggestion.calibration import (
    NEVER,
    Calibration,
    calibrate,
    reliability,
    softmax,
    sure_from,
)
from siquan.work.cases.suggestion.evaluation import cross_validate, evaluate_model
from siquan.work.cases.suggestion.folds import grouped_folds, near_duplicates
from siquan.work.cases.suggestion.grams import Block, clean, join
from siquan.work.cases.suggestion.measuring import coverage, label_figures, macro_f1
from siquan.work.cases.suggestion.model import Model
from siquan.work.cases.suggestion.training import Letters, TooFew, letters, train
from siquan.work.cases.suggestion.weights import Dense, Sparse

SHARED = Path(__file__).resolve().parents[4] / "shared/data/complaints/labelled_train.csv.gz"
MATTERS = {
    "垃圾": ("垃圾桶满了没人收", "厨余垃圾堆着发臭", "没有清扫垃圾", "垃圾站很脏", "有人乱扔垃圾"),
    "路灯": ("路灯不亮", "路灯忽明忽暗", "灯杆倒了很黑", "路灯坏了", "没有路灯太暗"),
    "噪声": ("半夜施工太吵", "广场舞噪声大", "装修噪声扰民", "喇叭太吵睡不着", "噪声很响"),
}


def taught(*, count: int = 90, seed: int = 1) -> Letters:
    """Return letters of three matters, each in a place that no other letter is about."""
    random_ = random.Random(seed)
    texts, labels = [], []
    for number in range(count):
        label = sorted(MATTERS)[number % 3]
        place = "".join(random_.choices([chr(each) for each in range(0x6C00, 0x6E00)], k=14))
        texts.append(f"{place}{random_.choice(MATTERS[label])}，请处理。")
        labels.append(label)
    return letters(texts, labels)


@pytest.fixture(scope="module")
def model() -> Model:
    return train(taught(), about={"letters": 90})


def test_texts_of_a_matter_get_its_label_with_the_words_that_decided(model: Model):
    (found,) = model.suggest(["地铁口附近的路灯不亮，请修理。"])

    assert found.label == "路灯"
    assert found.is_sure
    assert any("灯" in each.words for each in found.because)
    assert all(each.words in "地铁口附近的路灯不亮，请修理。" and each.weight > 0 for each in found.because)


@pytest.mark.parametrize("text", ["", " \n", "??!!", "zxcv qwer 0000", "\ud800", "饕餮貔貅麒麟" * 20])
def test_a_text_of_nothing_that_is_known_is_never_sure(model: Model, text: str):
    (found,) = model.suggest([text])

    assert not found.is_sure
    assert 0 < found.probability < 1


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.text(max_size=80), max_size=6))
def test_probabilities_of_any_texts_sum_to_one(model: Model, texts: list[str]):
    chances = model.calibration.probabilities(model.judge(texts).scores)

    assert chances.shape == (len(texts), 3)
    assert np.allclose(chances.sum(axis=1), 1)
    assert ((chances >= 0) & (chances <= 1)).all()


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.text(alphabet="路灯垃圾吵。，A１b2 \n", max_size=60), max_size=90))
def test_a_text_is_judged_alike_alone_and_among_others(model: Model, texts: list[str]):
    together = list(model.suggest(texts))

    assert [next(model.suggest([each])).label for each in texts] == [each.label for each in together]
    assert all(
        each.words in text for text, found in zip(texts, together, strict=True) for each in found.because
    )


def test_only_the_weights_that_count_give_the_same_as_all_of_them():
    shipped = modelfile.load_from(Path(modelfile.__file__).with_name("pretrained") / "demo-pack.model")
    assert isinstance(shipped.weights, Sparse), "else there is nothing to compare"
    whole = replace(shipped, weights=Dense(shipped.weights.table()))
    texts = [f"{'，'.join(told)}，第{number}次反映" for number, told in enumerate(MATTERS.values())] + [""]

    for one, other in zip(shipped.suggest(texts), whole.suggest(texts), strict=True):
        assert (one.label, one.is_sure) == (other.label, other.is_sure)
        assert one.probability == pytest.approx(other.probability, abs=1e-6)
        assert [each.words for each in one.because] == [each.words for each in other.because]


@given(st.integers(0, 8), st.integers(1, 5), st.randoms(use_true_random=False))
def test_a_table_of_weights_comes_back_as_it_was(runs: int, labels: int, luck: random.Random):
    table = np.array(
        [[luck.choice([0, 0, 0.5, -2]) for _l in range(labels)] for _run in range(runs)], dtype=np.float16
    )

    assert (Sparse.of(table.reshape(runs, labels)).table() == table.reshape(runs, labels)).all()


def test_width_case_and_digits_make_no_difference(model: Model):
    one, other = model.suggest(["３号楼ＡＢ座路灯不亮", "7号楼ab座路灯不亮"])

    assert one.probability == other.probability


def test_a_very_long_text_is_read_to_a_limit(model: Model):
    (found,) = model.suggest(["路灯不亮。" * 100_000])

    assert found.label == "路灯"


def test_training_again_on_the_same_letters_gives_the_same_bytes(model: Model):
    assert _bytes(train(taught(), about={"letters": 90})) == _bytes(model)


def test_fewer_than_two_labels_cannot_be_told_apart():
    with pytest.raises(TooFew):
        letters(["垃圾很多", "垃圾满了", "路灯"], ["垃圾", "垃圾", "路灯"])


def test_two_labels_and_a_label_of_one_letter_can_be_learned():
    given_ = taught(count=40)
    two = [names for names in zip(given_.texts, [given_.names[each] for each in given_.label], strict=True)]
    two = [(text, label) for text, label in two if label != "噪声"]
    pair = train(letters(*map(list, zip(*two, strict=True))))
    lonely = train(letters(*map(list, zip(*two, ("井盖没了", "井盖"), strict=True))))

    assert next(pair.suggest(["垃圾没有清扫"])).label == "垃圾"
    assert lonely.labels == ("井盖", "垃圾", "路灯")


# --- the file


def _bytes(model: Model) -> bytes:
    file = io.BytesIO()
    modelfile.save(model, file)
    return file.getvalue()


def test_a_model_comes_back_from_its_file_as_it_was(model: Model):
    again = modelfile.load(io.BytesIO(_bytes(model)))
    texts = [*taught(seed=2).texts, ""]

    assert list(again.suggest(texts)) == list(model.suggest(texts))
    assert again.about == {"letters": 90}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04\x95pickle", b"{}", b"x" * 10_000])
def test_foreign_bytes_are_refused_as_a_model(content: bytes):
    with pytest.raises(modelfile.NotAModel, match="no model file"):
        modelfile.load(io.BytesIO(content))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_model_is_refused_or_still_a_model(model: Model, data: st.DataObject):
    content = bytearray(_bytes(model))
    for _change in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    try:
        read = modelfile.load(io.BytesIO(bytes(content)))
    except modelfile.NotAModel:
        return
    assert len(list(read.suggest(["路灯不亮"]))) == 1


def _changed(model: Model, name: str, content: bytes) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_bytes(model))) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            new.writestr(each, content if each == name else old.read(each))
    return out


def test_a_model_of_a_later_version_says_so(model: Model):
    with zipfile.ZipFile(io.BytesIO(_bytes(model))) as archive:
        header = json.loads(archive.read(modelfile.HEADER)) | {"version": 99}

    with pytest.raises(modelfile.NotAModel, match="version 99"):
        modelfile.load(_changed(model, modelfile.HEADER, json.dumps(header).encode()))


def test_an_array_of_objects_is_refused(model: Model):
    evil = io.BytesIO()
    np.save(evil, np.array([{"a": 1}], dtype=object), allow_pickle=True)

    with pytest.raises(modelfile.NotAModel):
        modelfile.load(_changed(model, "hashes.npy", evil.getvalue()))


def test_parts_of_different_models_are_refused(model: Model):
    other = io.BytesIO()
    np.save(other, np.zeros((3, 3), dtype="<f2"))

    with pytest.raises(modelfile.NotAModel, match="not of one model"):
        modelfile.load(_changed(model, "weights.npy", other.getvalue()))


# --- folds


def test_planted_near_duplicates_stay_in_one_group_and_one_fold():
    given_ = taught()
    planted = [each + "请尽快派人处理" for each in given_.texts[:20]]
    group = near_duplicates([*given_.texts, *planted])
    labels = np.concatenate([given_.label, given_.label[:20]])
    fold = grouped_folds(labels, group)

    assert (group[:20] == group[90:]).all()
    assert (fold[:20] == fold[90:]).all()


def test_letters_of_nothing_in_common_are_groups_of_their_own():
    texts = [chr(0x4E00 + 30 * each) * 3 + chr(0x4E01 + 30 * each) * 5 for each in range(200)]

    assert len(set(near_duplicates([*texts, "", "一"]).tolist())) == 202


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(2, 6))
def test_folds_keep_groups_whole_and_share_labels_out(data: st.DataObject, count: int):
    size = data.draw(st.integers(10, 80))
    group = np.array(data.draw(st.lists(st.integers(0, 60), min_size=size, max_size=size)))
    group = np.unique(group, return_inverse=True)[1]
    labels = np.array(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    fold = grouped_folds(labels, group, count=count)

    assert all(len(set(fold[group == each].tolist())) == 1 for each in range(int(group.max()) + 1))
    largest = int(np.bincount(group).max())
    for label in range(4):
        held = np.bincount(fold[labels == label], minlength=count)
        assert held.max() - held.min() <= largest


# --- runs of characters


@given(texts=st.lists(st.text(max_size=30), max_size=5), length=st.integers(1, 4))
def test_every_run_of_a_text_is_found_once_where_it_stands(texts: list[str], length: int):
    texts = [clean(each) for each in texts]
    joined = join(texts)
    found = joined.occurrences(Block(length, head_only=False, weight=1.0))
    expected = [(at, start) for at, text in enumerate(texts) for start in range(len(text) - length + 1)]

    assert [
        (at, start - joined.ends[at])
        for at, start in zip(found.text.tolist(), found.start.tolist(), strict=True)
    ] == expected


def test_equal_runs_have_equal_hashes_and_others_do_not():
    found = join(["东四东四", "四东"]).occurrences(Block(2, head_only=False, weight=1.0)).hash

    assert found[0] == found[2]
    assert found[1] == found[3]
    assert len(set(found.tolist())) == 2


# --- probabilities and figures


def test_calibration_finds_the_scale_with_which_scores_were_made():
    random_ = np.random.default_rng(3)
    scores = random_.normal(size=(20_000, 4))
    chances = softmax(2.5 * scores + np.array([0.4, 0, 0, -0.4]))
    labels = np.array([random_.choice(4, p=each) for each in chances])

    found = calibrate(scores, labels)

    assert found.scale == pytest.approx(2.5, rel=0.05)
    assert found.shifts[0] - found.shifts[3] == pytest.approx(0.8, abs=0.1)


@given(
    told=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=40),
    precision=st.floats(0.5, 1),
)
def test_what_is_called_sure_reaches_the_precision(told: list[tuple[float, bool]], precision: float):
    chance = np.array([each for each, _right in told])
    right = np.array([right for _chance, right in told])
    threshold = sure_from(chance, right, precision=precision)
    sure = chance >= threshold

    assert threshold == NEVER or right[sure].mean() >= precision
    lower = [each for each in set(chance.tolist()) if each < threshold]
    assert all(right[chance >= each].mean() < precision for each in lower)


def test_reliability_counts_every_suggestion_once():
    bins = reliability(np.array([0.05, 0.95, 0.97, 1.0]), np.array([False, True, False, True]))

    assert [(each.low, each.count, each.right) for each in bins] == [(0.0, 1, 0), (0.9, 3, 2)]


def test_figures_of_a_small_table_by_hand():
    found = label_figures(np.array([[3, 1], [2, 4]]), ("甲", "乙"))

    assert (found[0].precision, found[0].recall) == (3 / 5, 3 / 4)
    assert macro_f1(found) == pytest.approx((2 / 3 + 8 / 11) / 2)
    assert coverage(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]), 0.75) == 1.0
    assert coverage(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, True, False, True]), 0.95) == 0.5


def test_labels_a_model_does_not_know_count_as_wrong(model: Model):
    found = evaluate_model(
        model, letters(["路灯不亮", "路灯坏了", "井盖没了", "井盖丢失"], ["路灯"] * 2 + ["井盖"] * 2)
    )

    assert found.accuracy == 0.5
    assert {each.name: each.recall for each in found.labels}["井盖"] == 0


def test_uncalibrated_scores_keep_their_order():
    scores = np.array([[0.1, 0.5, -0.2]])

    assert Calibration(1.0, np.zeros(3), 0.5).probabilities(scores)[0].argmax() == 1


@pytest.mark.skipif(not SHARED.exists(), reason="the real letters are not here")
def test_real_letters_are_told_apart_better_than_by_the_plain_machine():
    import csv

    with gzip.open(SHARED, "rt", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))[:900]
    found = cross_validate(letters([each["文本"] for each in rows], [each["一级标签"] for each in rows]))

    assert found.macro_f1 > 0.84  # the plain machine on the same 900 letters: 0.82
    assert found.calibration_error < 0.06


def test_a_web_process_suggests_without_what_only_training_needs():
    asked = (
        "import sys, django; django.setup(); import siquan.config.urls;"
        "from siquan.work.cases.queries.suggestion import SHIPPED;"
        "from siquan.work.cases.suggestion import modelfile;"
        "list(modelfile.load_from(SHIPPED).suggest(['路灯不亮']));"
        "print([each for each in ('sklearn', 'scipy') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_reasons_are_phrases_without_parts_of_each_other(model: Model):
    for text in [*taught(seed=4).texts, "垃圾垃圾桶垃圾站的垃圾，没人收的垃圾桶"]:
        (found,) = model.suggest([text])
        words = [each.words for each in found.because]

        assert not [(one, two) for one in words for two in words if one != two and one in two]
        assert [each.weight for each in found.because] == sorted(
            (each.weight for each in found.because), reverse=True
        )
