"""Keep secrets that nobody set: made once, readable by the owner only."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from siquan.base.kernel import sealing
from siquan.config import env


class NoKeys(RuntimeError):
    """An installation for other people was given no keys to seal with."""


def sealing_keys() -> str:
    """Return the keys that seal personal data and originals: the given ones, else those in the file.

    A demo and a developer get a file made for them. Raises `NoKeys` where nobody may make up a key: whoever
    loses it loses the data, so an office must choose it and keep a copy elsewhere.
    """
    if given := env.text("SIQUAN_KEYS"):
        return given
    path = Path(env.text("SIQUAN_KEY_FILE") or env.folder() / "sealing-keys")
    # Named hosts or HTTPS: other people's data come in.
    is_for_others = env.flag("SIQUAN_HTTPS") or bool(env.text("SIQUAN_HOSTS"))
    is_for_play = env.flag("SIQUAN_DEMO") or env.flag("SIQUAN_DEBUG")
    if is_for_others and not is_for_play and not path.is_file():
        raise NoKeys(
            "There are no keys to seal personal data and originals with. Make one with `siquan keys new`, "
            f"keep a copy somewhere safe, and set SIQUAN_KEYS or write it into {path} (readable only by you)."
        )
    return kept_secret(path, lambda: sealing.new_key("first") + "\n")


def kept_secret(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(48)) -> str:
    """Return the secret kept in the file, making it first if there is none; two starts at once agree."""
    try:
        return path.read_text()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
        file.write(make())
    with contextlib.suppress(FileExistsError):  # another start was first: its secret counts
        os.link(draft, path)
    draft.unlink()
    return path.read_text()
