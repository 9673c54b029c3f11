"""Learning again: the arithmetic of the comparison, what is held out, the process that learns."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from siquan.base.kernel import children
from siquan.work.cases.suggestion import learner, measuring, modelfile
from siquan.work.cases.suggestion.comparing import Said, as_plain, compare, macro_difference, macro_f1, paired
from siquan.work.cases.suggestion.learner import CannotLearn, Interrupted, Learner, Order
from siquan.work.cases.suggestion.made import made_letters, with_letters, write_made
from siquan.work.cases.suggestion.retraining import STEPS, Lesson, held_out, retrain
from siquan.work.cases.suggestion.training import train
from tests.work.cases.test_suggestion import taught


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made texts of three matters, few enough to be learned in a second."""
    path = tmp_path_factory.mktemp("made") / "made.csv.gz"
    letters = taught(seed=7)
    write_made(
        [
            (text, letters.names[at], text, True)
            for text, at in zip(letters.texts, letters.label, strict=True)
        ],
        path,
    )
    return path


def chosen(*, seed: int = 3, count: int = 60, **labels: str) -> tuple[Lesson, ...]:
    """Lessons of the same three matters; a label may be called something else."""
    letters = taught(seed=seed, count=count)
    return tuple(
        Lesson(text, labels.get(letters.names[at], letters.names[at]))
        for text, at in zip(letters.texts, letters.label, strict=True)
    )


# --- arithmetic


def yes(*places: int, of: int) -> Any:
    found = np.zeros(of, dtype=bool)
    found[list(places)] = True
    return found


def test_the_interval_of_a_known_table():
    """Twenty-one children before and after: one only before, seven only after (Fagerland et al., 2014)."""
    before = yes(0, 1, of=21)
    after = yes(0, *range(2, 9), of=21)
    found = paired(before, after)

    assert found.value == pytest.approx(6 / 21)
    assert (round(found.low, 3), round(found.high, 3)) == (0.013, 0.508)


def test_a_few_letters_gained_may_be_chance_and_many_are_not():
    assert paired(yes(of=30), yes(*range(4), of=30)).low < 0
    assert paired(yes(of=30), yes(*range(6), of=30)).low > 0


def test_two_that_never_differ_show_no_difference_and_still_an_interval():
    same = yes(1, 2, of=30)
    found = paired(same, same)

    assert found.value == 0
    assert found.low == pytest.approx(-found.high)
    assert 0.05 < found.high < 0.1


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_a_difference_lies_in_its_interval_and_turns_round_with_the_two(pairs: list[tuple[bool, bool]]):
    one, other = (np.array([each[at] for each in pairs]) for at in (0, 1))
    there, back = paired(one, other), paired(other, one)

    assert there.low - 1e-12 <= there.value <= there.high + 1e-12
    assert (back.low, back.high) == (pytest.approx(-there.high), pytest.approx(-there.low))
    assert there.value == pytest.approx(other.mean() - one.mean())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=40))
def test_macro_f1_is_the_one_of_the_other_evaluation(pairs: list[tuple[int, int]]):
    truth, said = (np.array([each[at] for each in pairs]) for at in (0, 1))
    confusion = np.zeros((6, 6), dtype=int)
    np.add.at(confusion, (truth, said), 1)

    expected = measuring.macro_f1(measuring.label_figures(confusion, tuple("abcdef")))
    assert macro_f1(truth, said) == pytest.approx(expected)


def test_macro_f1_of_the_same_answers_does_not_differ():
    truth = np.arange(20) % 4
    found = macro_difference(truth, truth, truth)

    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_two_models_are_told_apart_by_counts():
    truth = np.array([0, 0, 1, 1, 2])
    new = Said(np.array([0, 0, 1, 0, 2]), yes(0, 1, 3, of=5))
    old = Said(np.array([0, 1, 1, 0, 3]), yes(0, of=5))
    plain = as_plain(compare(truth, new, old))

    assert plain["letters"] == 5
    assert {name: plain["new"][name] for name in ("right", "sure", "sure_right")} == {
        "right": 4, "sure": 3, "sure_right": 2,
    }  # fmt: skip
    assert (plain["old"]["right"], plain["old"]["sure"]) == (2, 1)
    assert plain["accuracy"][0] == pytest.approx(0.4)
    assert plain["sure"][0] == pytest.approx(0.4)


def test_without_an_old_model_there_is_no_difference():
    plain = as_plain(compare(np.array([0, 1]), Said(np.array([0, 1]), yes(of=2)), None))

    assert set(plain) == {"letters", "new"}


# --- what is held out


def test_one_of_each_group_of_near_duplicates_is_held_out_and_none_that_is_known(made: Path):
    lessons = [
        Lesson("东四北大街路灯不亮已经三天了", "路灯"),
        Lesson("东四北大街路灯不亮已经三天了！", "路灯"),
        Lesson("隆福寺街垃圾桶满了没人收", "垃圾", is_fresh=False),
        Lesson("隆福寺街垃圾桶满了没人收呀", "垃圾"),
        Lesson("美术馆后街半夜施工太吵睡不着", "噪声"),
        Lesson("景山前街广场舞噪声大", "噪声", is_fresh=False),
    ]
    letters = with_letters(made_letters(made), [(each.text, each.label) for each in lessons])
    before = len(letters.texts) - len(lessons)

    assert list(held_out(letters, lessons) - before) == [1, 4]


def test_a_new_name_for_a_matter_is_learned_and_the_old_model_does_not_know_it(made: Path):
    old = train(taught(), about={})
    lessons = chosen(垃圾="渣土")
    steps: list[str] = []

    model, comparison = retrain(lessons, old, about={"trained_at": "x"}, say=steps.append, made=made)

    assert len(steps) == STEPS
    assert model.about == {"trained_at": "x", "letters": 150, "corrections": 60}
    assert "渣土" in model.labels
    assert comparison.letters == 60
    assert comparison.old is not None
    assert comparison.old.right == 40  # what it calls by another name is wrong


def test_a_comparison_asks_only_about_letters_that_neither_has_learned(made: Path):
    lessons = tuple(
        Lesson(each.text, each.label, is_fresh=number % 2 == 0) for number, each in enumerate(chosen())
    )

    _model, comparison = retrain(lessons, train(taught()), about={}, made=made)

    assert comparison.letters == 30


def test_a_copy_knows_every_made_text_as_the_model_in_use_does(tmp_path: Path):
    """Each matter is said in one way only: a copy that lacked some made texts would not know them."""
    rows = [
        (f"{words}{place}", words[:2], "one way", True)
        for words in (
            "路灯不亮很黑",
            "垃圾没有清扫",
            "噪声太吵扰民",
            "井盖丢失危险",
            "树枝断了挡路",
            "水管破裂漏水",
        )
        for place in "东西南北中"
    ]
    write_made(rows, tmp_path / "made.csv.gz")
    lessons = [Lesson(f"请看{text}，谢谢", label) for text, label, _way, _said in rows[::5]]

    _model, comparison = retrain(lessons, None, about={}, made=tmp_path / "made.csv.gz")

    assert comparison.new.right == comparison.letters == len(lessons)


def test_without_any_letter_that_is_news_nothing_is_compared(made: Path):
    lessons = tuple(Lesson(each.text, each.label, is_fresh=False) for each in chosen())

    _model, comparison = retrain(lessons, train(taught()), about={}, made=made)

    assert (comparison.letters, comparison.old) == (0, None)


# --- the process that learns


def order(made: Path, target: Path, **changed: Any) -> Order:
    words: dict[str, Any] = {
        "lessons": chosen(), "made": str(made), "in_use": "", "target": str(target), "about": {"a": 1},
    }  # fmt: skip
    return Order(**words | changed)


def always(steps: int) -> bool:
    return True


def test_a_child_learns_and_says_how_far_it_is(made: Path, tmp_path: Path):
    old = tmp_path / "old.model"
    modelfile.save_to(train(taught()), old)
    heard: list[int] = []

    def listen(steps: int) -> bool:
        heard.append(steps)
        return True

    learned = Learner().learn(order(made, tmp_path / "new.model", in_use=str(old)), heard=listen)

    content = (tmp_path / "new.model").read_bytes()
    assert learned.version == modelfile.version_of(content)
    assert learned.against == modelfile.version_of(old.read_bytes())
    assert (learned.letters, learned.comparison["letters"]) == (150, 60)
    assert heard == sorted(heard)
    assert heard[-1] == STEPS
    assert modelfile.load_from(tmp_path / "new.model").about["a"] == 1


def test_a_broken_model_in_use_is_none_to_compare_with(made: Path, tmp_path: Path):
    (tmp_path / "old.model").write_bytes(b"no model")

    learned = Learner().learn(
        order(made, tmp_path / "new.model", in_use=str(tmp_path / "old.model")), heard=always
    )

    assert learned.against == ""
    assert "old" not in learned.comparison


def test_nobody_waiting_any_more_ends_the_child_without_a_model(made: Path, tmp_path: Path):
    with pytest.raises(Interrupted):
        Learner().learn(order(made, tmp_path / "new.model"), heard=lambda steps: False)

    assert not (tmp_path / "new.model").exists()


def test_what_cannot_be_learned_is_told_by_its_kind_only(tmp_path: Path):
    with pytest.raises(CannotLearn, match=r"^FileNotFoundError$"):
        Learner().learn(order(tmp_path / "none", tmp_path / "new.model"), heard=always)


def test_a_child_that_is_killed_has_crashed_and_one_that_is_to_stop_is_interrupted(
    made: Path, tmp_path: Path
):
    crashing, stopping = Learner(), Learner()

    def kill(steps: int) -> bool:
        assert crashing._child
        crashing._child.kill()
        return True

    def stop(steps: int) -> bool:
        threading.Thread(target=stopping.stop).start()
        return True

    with pytest.raises(CannotLearn):
        crashing.learn(order(made, tmp_path / "1.model"), heard=kill)
    with pytest.raises(Interrupted):
        stopping.learn(order(made, tmp_path / "2.model"), heard=stop)
    with pytest.raises(Interrupted):
        stopping.learn(order(made, tmp_path / "2.model"), heard=always)


def test_a_child_whose_worker_is_gone_ends_by_itself(made: Path, tmp_path: Path):
    """Its input ends when the worker does, however that ended."""
    endless = order(made, tmp_path / "new.model", lessons=chosen(count=6000))
    child = children.start("siquan.work.cases.suggestion.learner")
    assert child.stdin
    assert child.stdout
    child.stdin.write(json.dumps(asdict(endless)).encode() + b"\n")
    child.stdin.flush()
    child.stdin.close()

    assert child.wait(timeout=120) == 1
    child.stdout.close()
    assert not (tmp_path / "new.model").exists()


def test_a_child_lets_everybody_else_go_first(made: Path, tmp_path: Path):
    seen: list[int] = []
    learning = Learner()

    def look(steps: int) -> bool:
        assert learning._child
        seen.append(os.getpriority(os.PRIO_PROCESS, learning._child.pid))
        return True

    learning.learn(order(made, tmp_path / "new.model"), heard=look)

    assert seen[-1] == learner.NICE


# --- the file in use


def test_who_reads_a_model_while_it_is_exchanged_sees_the_old_one_or_the_new_one(tmp_path: Path):
    path, contents = tmp_path / "m.model", (b"old" * 100_000, b"new" * 100_000)
    modelfile.exchange(contents[0], path)
    over = threading.Event()

    def write() -> None:
        for number in range(60):
            modelfile.exchange(contents[number % 2], path)
        over.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not over.is_set():
        seen.add(path.read_bytes())
    writer.join()

    assert seen <= set(contents)
    assert list(tmp_path.iterdir()) == [path]


def test_a_writing_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "m.model"
    modelfile.exchange(b"old", path)

    def full(handle: int) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        modelfile.exchange(b"new", path)

    assert path.read_bytes() == b"old"
