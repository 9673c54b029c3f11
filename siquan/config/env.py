"""Read the environment: the only place where an environment variable becomes a setting."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def text(name: str, default: str = "") -> str:
    """Return the variable as text."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """Return the variable as yes or no; `1`, `true`, `yes`, `on` mean yes."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return the variable as a whole number."""
    return int(os.environ.get(name) or default)


def words(name: str, default: str = "") -> list[str]:
    """Return the variable as a list, separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def folder() -> Path:
    """Return the folder that holds this installation's files, photos and embedded database.

    Where nobody named one: `.siquan` here, or the demo district's folder here when there is only that.
    """
    if named := text("SIQUAN_DIR"):
        return Path(named).absolute()
    own, demo = Path(".siquan").absolute(), Path("demo-district").absolute()
    return demo if demo.is_dir() and not own.is_dir() else own


def database(url: str) -> dict[str, Any]:
    """Return Django's database settings for a `postgresql://` URL; `?host=/path` names a socket folder."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", "") or parts.hostname or ""
    return {
        "ENGINE": "siquan.config.postgres",
        "NAME": unquote(parts.path.lstrip("/")) or "siquan",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }
