"""Who decides about a photo: the rooms that attach files, one guard each; without a yes the answer is no."""

from __future__ import annotations

from siquan.base.files.permissions import Guard
from siquan.insight.scoring import queries as scoring
from siquan.work.callbacks import queries as call_backs
from siquan.work.cases import queries as cases
from siquan.work.evaluations import queries as evaluations

FILE_GUARDS: dict[str, Guard] = {
    "cases": cases.sees_photo,
    "callbacks": call_backs.sees_photo,
    "appeals": scoring.sees_photo,
    "evaluations": evaluations.sees_photo,
}
