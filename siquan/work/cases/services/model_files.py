"""Where models lie: the one in use in its place, those that can be put in use in a folder beside it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.diskspace import is_disk_full
from siquan.base.kernel.errors import NotPossible
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.suggestion.modelfile import exchange, version_of

ENDING: Final = ".model"


def own_path() -> Path:
    """Return the place of the installation's own model in use; nothing lies there while it uses the other."""
    return Path(settings.SUGGESTION_MODEL)


def folder() -> Path:
    """Return the folder of the models that can be put in use."""
    return own_path().with_name(f"{own_path().stem}-models")


def path_of(model: LearnedModel) -> Path:
    """Return where a model is kept."""
    return folder() / f"{model.pk}{ENDING}"


def content_in_place() -> bytes:
    """Return the bytes of the installation's own model in use; none when there is none."""
    try:
        return own_path().read_bytes()
    except FileNotFoundError:
        return b""


def kept(model: LearnedModel) -> bytes:
    """Return the bytes of a kept model. Raises NotPossible when they are no longer there, or others."""
    try:
        content = path_of(model).read_bytes()
    except FileNotFoundError:
        content = b""
    if version_of(content) != model.version:
        raise NotPossible(_("这个模型的文件已经不在了，不能再启用。"))
    return content


def keep(model: LearnedModel, content: bytes) -> None:
    """Keep the bytes of a model."""
    folder().mkdir(parents=True, exist_ok=True)
    exchange(content, path_of(model))


def place(content: bytes) -> None:
    """Put a model in use at once, or with no bytes the one that comes along; web processes look themselves.

    Raises NotPossible when nothing can be written there.
    """
    try:
        if content:
            exchange(content, own_path())
        else:
            own_path().unlink(missing_ok=True)
    except OSError as error:
        if is_disk_full(error):
            raise
        raise NotPossible(_("模型文件写不进去，请管理员检查存放模型的文件夹。")) from error


def remove_all_but(models: Collection[int]) -> None:
    """Remove the kept files of all models but these, and what an interrupted writing left behind."""
    needed = {f"{each}{ENDING}" for each in models}
    for path in folder().glob(f"*{ENDING}*"):
        name = path.name.removeprefix(".").removesuffix(".part")
        if name not in needed:
            path.unlink(missing_ok=True)
