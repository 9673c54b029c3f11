"""Put a learned model in use, discard it, go back; and let the file in use follow the table.

The table says which model is in use, the file is what web processes read. Both change in one transaction, the
file last and at once; what a crash between the two left apart, `look_after_models` brings together again.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotPossible
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.queries.learning import model_in_use
from siquan.work.cases.services import model_files
from siquan.work.cases.services.learning import finish, give_up_lost, hold, stop_learning, take
from siquan.work.cases.states import LEARNING_EVENTS, LEARNING_NOW, LearningState
from siquan.work.cases.suggestion.modelfile import NotAModel, load, version_of


@transaction.atomic
def use_model(key: int, *, by: User, at: datetime) -> LearnedModel:
    """Put a model in use; web processes take it up with their next request.

    Raises NotFound, PermissionDenied, NotPossible (also when its file is no longer there).
    """
    hold()
    model = take("use", key, by=by)
    content = model_files.kept(model)
    _bring_together(at=at)  # a model that somebody put there by hand is kept, too
    before = model_in_use()
    if before:
        _retire(take("retire", before.pk, by=by), by=by, at=at)
    model.used_by, model.used_from, model.used_until = by, at, None
    finish(
        model,
        "use",
        by=by,
        at=at,
        changed=["used_by", "used_from", "used_until"],
        version=model.version,
        instead_of=before.version if before else "",
        against=model.against,
        figures=model.figures,
    )
    model_files.place(content)
    return model


@transaction.atomic
def discard_model(key: int, *, by: User, at: datetime) -> LearnedModel:
    """Do without a model that waits for a decision; its file goes.

    Raises NotFound, PermissionDenied, NotPossible.
    """
    hold()
    model = take("discard", key, by=by)
    model.has_file = False
    return finish(model, "discard", by=by, at=at, changed=["has_file"], version=model.version)


@transaction.atomic
def retire_model(key: int, *, by: User, at: datetime) -> LearnedModel:
    """Go back to the model that comes along; the one in use is kept for another time.

    Raises NotFound, PermissionDenied, NotPossible.
    """
    hold()
    model = _retire(take("retire", key, by=by), by=by, at=at)
    model_files.place(b"")
    return model


# The verb of the states table → the service that does it.
CHOICES: Final[Mapping[str, Callable[..., LearnedModel]]] = {
    "stop": stop_learning,
    "use": use_model,
    "discard": discard_model,
    "retire": retire_model,
}


@transaction.atomic
def look_after_models(*, at: datetime) -> None:
    """Note trainings that were lost, let the file in use follow the table, remove files nobody will use."""
    hold()
    give_up_lost(at=at)
    _bring_together(at=at)
    here = LearnedModel.objects.filter(district_id=current_district())
    retired = here.filter(state=LearningState.RETIRED, has_file=True).order_by("-used_until", "-id")
    old = list(retired.values_list("pk", flat=True)[settings.SUGGESTION_MODELS_KEPT :])
    here.filter(pk__in=old).update(has_file=False)
    needed = here.filter(has_file=True) | here.filter(state__in=LEARNING_NOW)
    model_files.remove_all_but(set(needed.values_list("pk", flat=True)))


def _retire(model: LearnedModel, *, by: User | None, at: datetime) -> LearnedModel:
    model.used_until = at
    return finish(model, "retire", by=by, at=at, changed=["used_until"], version=model.version)


def _bring_together(*, at: datetime) -> None:
    """Let the file in use follow the table; a model that somebody put there by hand comes into the table."""
    wanted, content = model_in_use(), model_files.content_in_place()
    found = version_of(content) if content else ""
    if found == (wanted.version if wanted else ""):
        return
    if content and not _is_known(found):
        _take_in(content, instead_of=wanted, at=at)
        return
    model_files.place(_kept_or_retired(wanted, at=at) if wanted else b"")


def _kept_or_retired(wanted: LearnedModel, *, at: datetime) -> bytes:
    """Return the bytes of the model to be used; when they are gone for good, what comes along is in use."""
    try:
        return model_files.kept(wanted)
    except NotPossible:
        _retire(take("retire", wanted.pk, by=None), by=None, at=at)
        return b""


def _is_known(version: str) -> bool:
    return LearnedModel.objects.filter(district_id=current_district(), version=version).exists()


def _take_in(content: bytes, *, instead_of: LearnedModel | None, at: datetime) -> None:
    """Note a model that was put in its place by a command or by hand."""
    try:
        about = load(io.BytesIO(content)).about
    except NotAModel:  # it suggests nothing, and who put it there reads so in the log
        return
    if instead_of:
        _retire(take("retire", instead_of.pk, by=None), by=None, at=at)
    letters, lessons = about.get("letters"), about.get("corrections")
    model = LearnedModel.objects.create(
        state=LearningState.IN_USE,
        asked_at=at,
        finished_at=at,
        used_from=at,
        version=version_of(content),
        letters=letters if isinstance(letters, int) else None,
        lessons=lessons if isinstance(lessons, int) else None,
        has_file=True,
    )
    journal.write(LEARNING_EVENTS["find"], about=model, by=None, at=at, version=model.version)
    model_files.keep(model, content)
