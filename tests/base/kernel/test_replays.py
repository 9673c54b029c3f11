"""A draw can be replayed from its file, and whatever was changed in it is found."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from siquan.base.kernel import draws, replays
from siquan.base.kernel.replays import Rule, Told, digest_of, read, replay

SEED = "a1b2c3"
MEMBERS = {"north": [f"26{n:08d}" for n in range(40)], "south": [f"27{n:08d}" for n in range(10)]}
DOCUMENT = Path(__file__).resolve().parents[3] / "docs/reference/draws.md"


def told(**given: object) -> Told:
    """Return a true draw, with something put otherwise."""
    rule = Rule(total=10, at_least=1)
    facts = {
        "title": "test",
        "seed": SEED,
        "members": MEMBERS,
        "members_sha256": digest_of(MEMBERS),
        "rule": rule,
        "drawn": draws.drawn(SEED, MEMBERS, rule.sizes(MEMBERS)),
        "commitment": draws.commitment(SEED),
    }
    return Told(**facts | given)  # type: ignore[arg-type]


def wrong(draw: Told) -> list[str]:
    return [each.code for each in replay(draw) if not each.agrees]


def test_a_true_draw_agrees_in_everything_also_out_of_its_file():
    assert [each.code for each in replay(told())] == ["commitment", "members", "drawn"]
    assert wrong(told()) == []
    assert wrong(read(told().as_json())) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"seed": "other"}, "commitment"),
        ({"members": MEMBERS | {"south": MEMBERS["south"][1:]}}, "members"),
        ({"drawn": {"north": MEMBERS["north"][:8], "south": MEMBERS["south"][:2]}}, "drawn"),
        ({"rule": Rule(total=11, at_least=1)}, "drawn"),
    ],
)
def test_whatever_is_put_otherwise_is_found(changed, code):
    assert code in wrong(told(**changed))


def test_the_fingerprint_of_a_list_does_not_depend_on_its_order():
    turned = {name: list(reversed(each)) for name, each in reversed(MEMBERS.items())}

    assert digest_of(turned) == digest_of(MEMBERS)
    assert digest_of({"a": ["b"]}) != digest_of({"b": ["a"]})


def test_a_fraction_is_replayed_with_the_strata_that_have_their_own():
    rule = Rule(fraction=0.1, fractions={"south": 0.5}, at_least=1)
    draw = told(rule=rule, drawn=draws.drawn(SEED, MEMBERS, {"north": 4, "south": 5}))

    assert wrong(draw) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "siquan-draw/1"}', '{"format": "other"}'])
def test_what_is_no_file_of_a_draw_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        read(text)


def test_the_command_needs_nothing_but_the_file(tmp_path, capsys):
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(told().as_json())
    bad.write_text(told(seed="other").as_json())

    assert replays.main([str(good)]) == 0
    assert "agrees" in capsys.readouterr().out
    assert replays.main([str(bad)]) == 1
    assert "DOES NOT AGREE" in capsys.readouterr().out
    assert replays.main([str(tmp_path / "none.json")]) == 2


def test_the_few_lines_of_the_document_say_the_same_without_siquan(tmp_path):
    file, program = tmp_path / "draw.json", tmp_path / "program.py"
    program.write_text(re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.S)[0])

    def said(draw: Told) -> str:
        file.write_text(draw.as_json())
        done = subprocess.run(
            [sys.executable, "-I", program, file], capture_output=True, text=True, check=True
        )
        return done.stdout

    assert "False" not in said(told())
    assert said(told()).count("True") == 4
    assert "False" in said(told(drawn=MEMBERS | {"north": MEMBERS["north"][:8]}))
    assert json.loads(told().as_json())["format"] == replays.FORMAT
