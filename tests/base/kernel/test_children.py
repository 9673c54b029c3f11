"""A child whose starter is gone ends by itself, and quietly."""

from __future__ import annotations

import struct

from siquan.base.kernel import children
from tests.base.files import photos


def test_a_child_that_nobody_hears_any_more_says_nothing(capfd):
    child = children.start("siquan.base.files.blurrer")
    assert child.stdin
    assert child.stdout
    child.stdout.close()  # as if its starter had been killed
    data = photos.jpeg()
    child.stdin.write(struct.pack(">II", 2, len(data)) + b"[]" + data)
    child.stdin.close()

    assert child.wait(60) == 1
    assert "Traceback" not in capfd.readouterr().err
