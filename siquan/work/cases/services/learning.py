"""Learn categories again from what was chosen: asked for by a person, done by the worker in a child process.

Whoever learns says so every second. A training nobody has heard of for a minute counts as broken off, so that
a killed worker never stands in the way of the next one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.journal import services as journal
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound, NotPossible
from siquan.base.kernel.permissions import require
from siquan.base.kernel.workflow import next_state
from siquan.work.cases.learned import LearnedModel
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries.learning import lessons_there
from siquan.work.cases.queries.suggestion import known_until, model_path
from siquan.work.cases.services import model_files
from siquan.work.cases.services.suggesting import lessons
from siquan.work.cases.states import (
    LEARNING_EVENTS,
    LEARNING_NOW,
    LEARNING_TRANSITIONS,
    LEARNING_VERBS,
    LearningState,
)
from siquan.work.cases.suggestion.learner import Interrupted, Learned, Learner, Order
from siquan.work.cases.suggestion.made import MADE

log = logging.getLogger(__name__)

_LOCK_CLASS: Final = 0x6C726E64
_learner = Learner()


def hold() -> None:
    """Let nobody else change which models there are until the acting transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", [_LOCK_CLASS, current_district()])


def take(verb: str, key: int, *, by: User | None) -> LearnedModel:
    """Lock a model, ask the rule, and take the step. Raises NotFound, PermissionDenied, NotPossible."""
    if by:
        require(OTHER_RULES, "teach-suggestions", by, None)
    found = LearnedModel.objects.filter(pk=key, district_id=current_district())
    model = found.select_for_update(of=("self",)).first()
    if model is None:
        raise NotFound
    model.state = next_state(LEARNING_TRANSITIONS, LearningState(model.state), verb, labels=LEARNING_VERBS)
    return model


def finish(
    model: LearnedModel,
    verb: str,
    *,
    by: User | None,
    at: datetime,
    changed: Sequence[str] = (),
    **details: Any,
) -> LearnedModel:
    """Save a step and write it into the journal."""
    model.save(update_fields=["state", *changed])
    journal.write(LEARNING_EVENTS[verb], about=model, by=by, at=at, **details)
    return model


@transaction.atomic
def ask_to_learn(*, by: User, at: datetime) -> LearnedModel:
    """Have the worker learn from what was chosen.

    Raises PermissionDenied; NotPossible while one is learning, or when there is too little that is new.
    """
    require(OTHER_RULES, "teach-suggestions", by, None)
    hold()
    give_up_lost(at=at)
    if LearnedModel.objects.filter(district_id=current_district(), state__in=LEARNING_NOW).exists():
        raise NotPossible(_("已经在学了，一次只学一个。学完会在收件箱里通知发起的人。"))
    there = lessons_there()
    if there.missing:
        raise NotPossible(
            _("新的选择还太少：至少要{least}件，现在有{fresh}件，还差{missing}件。").format(
                least=there.least, fresh=there.fresh, missing=there.missing
            )
        )
    model = LearnedModel.objects.create(by=by, asked_at=at)
    journal.write(LEARNING_EVENTS["ask"], about=model, by=by, at=at, fresh=there.fresh)
    return model


@transaction.atomic
def stop_learning(key: int, *, by: User, at: datetime) -> LearnedModel:
    """End a training before it is done; the worker notices within a second or two.

    Raises NotFound, PermissionDenied, NotPossible.
    """
    model = take("stop", key, by=by)
    model.finished_at = at
    return finish(model, "stop", by=by, at=at, changed=["finished_at"])


@transaction.atomic
def give_up_lost(*, at: datetime) -> None:
    """Note which trainings have lost their worker."""
    learning = LearnedModel.objects.filter(district_id=current_district(), state=LearningState.LEARNING)
    for model in learning:
        if model.is_lost(at):
            _end(model.pk, "break-off", at=at)


def learn_next(*, at: datetime) -> bool:
    """Learn what somebody has asked for; return whether there was something. Outside any transaction."""
    model = _claimed(at)
    if model is None:
        return False
    try:
        taught = list(lessons(known_until=known_until(), most=settings.SUGGESTION_MOST_LESSONS))
        model_files.folder().mkdir(parents=True, exist_ok=True)
        order = Order(
            lessons=tuple(taught),
            made=str(MADE),
            in_use=str(model_path()),
            target=str(model_files.path_of(model)),
            about={"trained_at": at.isoformat(), "corrections_until": at.isoformat()},
        )
        _keep(model.pk, _learner.learn(order, heard=partial(_beat, model.pk)), lessons=len(taught))
    except Interrupted:
        _end(model.pk, "break-off", at=timezone.now())
        return False
    except DatabaseError:
        raise  # it is found as lost
    except Exception as error:
        log.exception("training %s failed", model.pk)
        _end(model.pk, "fail", at=timezone.now(), problem=f"{type(error).__name__}: {error}"[:200])
    return True


def stop() -> None:
    """Interrupt what is being learned in another thread: this process is to end."""
    _learner.stop()


@transaction.atomic
def _claimed(at: datetime) -> LearnedModel | None:
    """Return the training that waits, having begun it."""
    waiting = LearnedModel.objects.filter(district_id=current_district(), state=LearningState.QUEUED)
    found = waiting.select_for_update(skip_locked=True, of=("self",)).first()
    if found is None:
        return None
    model = take("begin", found.pk, by=None)
    model.heard_at = at
    return finish(model, "begin", by=None, at=at, changed=["heard_at"])


def _beat(key: int, steps: int) -> bool:
    """Say how far it is; return whether the model is still waited for."""
    learning = LearnedModel.objects.filter(pk=key, state=LearningState.LEARNING)
    return bool(learning.update(heard_at=timezone.now(), steps_done=steps))


@transaction.atomic
def _keep(key: int, learned: Learned, *, lessons: int) -> None:
    """Note what came of it; a model that still waited for a decision gives way to the newer one."""
    hold()
    try:
        model = take("finish", key, by=None)
    except NotPossible:  # stopped in the last second: its file is swept away
        return
    at = timezone.now()
    ready = LearnedModel.objects.filter(district_id=model.district_id, state=LearningState.READY)
    for older in list(ready):
        given_up = take("discard", older.pk, by=None)
        given_up.has_file = False
        finish(given_up, "discard", by=None, at=at, changed=["has_file"], for_newer=key)
    model.finished_at, model.has_file, model.lessons = at, True, lessons
    model.version, model.letters = learned.version, learned.letters
    model.against, model.figures = learned.against, learned.comparison
    told = ["version", "letters", "lessons", "against", "figures"]
    finish(
        model,
        "finish",
        by=None,
        at=at,
        changed=["finished_at", "has_file", *told],
        **{name: getattr(model, name) for name in told},
    )


@transaction.atomic
def _end(key: int, verb: str, *, at: datetime, problem: str = "") -> None:
    """End a training without a model, unless it has ended otherwise meanwhile."""
    try:
        model = take(verb, key, by=None)
    except NotPossible:
        return
    model.finished_at, model.problem = at, problem
    finish(model, verb, by=None, at=at, changed=["finished_at", "problem"], problem=problem)
