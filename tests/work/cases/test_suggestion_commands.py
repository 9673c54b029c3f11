"""The three commands that learn, measure and suggest categories: stable doors for programs."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.work.cases.test_suggestion import taught


def table(*, text: str = "文本", label: str = "一级标签", encoding: str = "utf-8", extra: str = "") -> bytes:
    given = taught()
    rows = [f"{at},{words},{given.names[given.label[at]]}" for at, words in enumerate(given.texts)]
    return ("\n".join([f"编号,{text},{label}", *rows, extra]) + "\n").encode(encoding)


def write(folder: Path, content: bytes, name: str = "letters.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def trained(folder: Path, content: bytes, *words: str, name: str = "letters.csv") -> Path:
    model = folder / "m.model"
    call_command("cases_train", str(write(folder, content, name)), "--model", str(model), *words)
    return model


def suggest(model: Path, given: bytes) -> tuple[int, list[dict[str, object]], str]:
    done = subprocess.run(
        [sys.executable, "-m", "siquan", "cases", "suggest", "--model", str(model)],
        input=given,
        capture_output=True,
        check=False,
    )
    return done.returncode, [json.loads(each) for each in done.stdout.splitlines()], done.stderr.decode()


def test_letters_are_learned_and_every_line_is_answered_with_a_line(tmp_path, capsys):
    model = trained(
        tmp_path, gzip.compress(table()), "--text", "文本", "--label", "一级标签", name="l.csv.gz"
    )
    assert "90 letters, 3 labels" in capsys.readouterr().out

    code, answers, said = suggest(model, '"胡同口路灯不亮"\n""\nnot json\n["垃圾"]\n"垃圾没有清扫"'.encode())

    assert [each["label"] for each in answers[:1] + answers[4:]] == ["路灯", "垃圾"]
    assert set(answers[0]) == {"label", "probability", "sure", "because"}
    assert answers[0]["sure"] is True
    assert answers[0]["because"][0]["words"] in "胡同口路灯不亮"
    assert [each["sure"] for each in answers[1:4]] == [False] * 3
    assert ["error" in each for each in answers] == [False, False, True, True, False]
    assert code == 3
    assert "2 lines" in said


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_columns_are_found_by_known_titles_in_any_usual_encoding(tmp_path, capsys, encoding):
    trained(tmp_path, table(text="留言详情", label="Label", encoding=encoding))

    assert "90 letters, 3 labels" in capsys.readouterr().out


def test_bad_rows_are_left_out_and_counted(tmp_path, capsys):
    trained(tmp_path, table(extra="91,只有文字\n92,,路灯\n\n93\n94,路灯不亮,路灯,多一格"))

    said = capsys.readouterr()
    assert "3 rows without a text or a label were left out" in said.err
    assert "91 letters" in said.out


@pytest.mark.parametrize(
    ("content", "words", "message"),
    [
        (b"", (), "文件是空的"),
        (b"a,b\n1,2\n", (), "--text"),
        (b"text,b\n1,2\n", (), "--label"),
        (b"text,label\n1,2\n", ("--text", "nope"), "nope"),
        (b"text,label\n1,\n", (), "没有一行"),
        (b"text,label\n1,2\n", (), "two labels"),
        (b"\x89PNG\r\n", (), "不是能读的表格"),
    ],
)
def test_a_file_that_cannot_be_learned_from_says_what_is_wrong(tmp_path, content, words, message):
    with pytest.raises(CommandError, match=message) as refused:
        trained(tmp_path, content, *words)

    assert refused.value.returncode == 2
    assert not (tmp_path / "m.model").exists()


def test_a_missing_file_and_a_foreign_model_say_so(tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("cases_train", "nowhere.csv", "--model", str(tmp_path / "m"))

    code, answers, said = suggest(write(tmp_path, b"\x80\x04pickle", "foreign.model"), b'"x"\n')

    assert (code, answers) == (2, [])
    assert "no model file" in said


def test_evaluation_prints_every_figure(tmp_path):
    path, out = write(tmp_path, table()), io.StringIO()
    call_command("cases_evaluate", str(path), stdout=out)

    for words in ("macro-F1", "accuracy", "coverage at 95 % precision", "confusion", "mean said", "路灯"):
        assert words in out.getvalue()


def test_evaluation_of_a_model_warns_when_it_has_seen_the_letters(tmp_path, capsys):
    model = trained(tmp_path, table())
    out = io.StringIO()
    call_command("cases_evaluate", str(tmp_path / "letters.csv"), "--model", str(model), "--json", stdout=out)

    found = json.loads(out.getvalue())
    assert found["macro_f1"] == 1.0
    assert sum(map(sum, found["confusion"])) == 90
    assert "very file" in capsys.readouterr().err
