"""Whose eyes a case's photos are for. What is shown is always the blurred picture (base/files)."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest

from siquan.base.files.models import StoredFile
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.errors import NotFound
from siquan.work.cases.models import Case, CasePhoto, Purpose
from siquan.work.cases.permissions import OTHER_RULES, is_of_centre, sees_case
from siquan.work.cases.photoremarks import PhotoRemark
from siquan.work.cases.queries.public import is_private
from siquan.work.cases.states import OPEN, PHOTO_TRANSITIONS, PhotoState, State

# The session of a browser that has opened private links holds their tokens under this name.
REPORTER_TOKENS = "case_tokens"
# Filed by the centre, so somebody has looked: nothing goes from a stranger straight to everybody.
PUBLIC_STATES: Final = [*(state for state in OPEN if state is not State.REPORTED), State.CLOSED]
PUBLIC_PURPOSES: Final = (Purpose.REPORT, Purpose.AFTER, Purpose.VERIFY)


def sees_photo(request: HttpRequest, file: StoredFile) -> bool:
    """Tell whether a photo may be shown: to staff who see the case, to its reporter, or to everybody.

    A reporter is known by the private link of the case, kept in the session while it is open.
    """
    cases = Case.objects.filter(photos__file=file)
    tokens = request.session.get(REPORTER_TOKENS, [])
    if tokens and cases.filter(token__in=tokens).exists():
        return True
    if request.user.is_authenticated and any(sees_case(request.user, case) for case in cases):
        return True
    shown = CasePhoto.objects.filter(file=file, purpose__in=PUBLIC_PURPOSES, case__state__in=PUBLIC_STATES)
    return any(is_open_to_all(photo.case) for photo in shown.select_related("case__category", "case__site"))


def is_open_to_all(case: Case) -> bool:
    """Tell whether everybody may see the photos of a case: filed, and of a public place."""
    return case.state in PUBLIC_STATES and not is_private(case)


def public_photos(number: str) -> list[CasePhoto]:
    """Return the photos of a case that everybody may see, oldest first. Raises BadInput, NotFound."""
    found = Case.objects.select_related("category", "site").filter(number=parse_number(number)).first()
    if found is None:
        raise NotFound
    if not is_open_to_all(found):
        return []
    photos = found.photos.filter(purpose__in=PUBLIC_PURPOSES)
    return list(photos.select_related("file").order_by("at", "id"))


def public_photo(number: str, key: str) -> CasePhoto:
    """Return a photo that everybody is being shown. Raises BadInput, NotFound."""
    for photo in public_photos(number):
        if photo.file.key == key and photo.file.is_shown:
            return photo
    raise NotFound


def photo_by_key(case: Case, key: str) -> CasePhoto:
    """Return a photo of this case by its key. Raises NotFound."""
    found: CasePhoto | None = case.photos.select_related("file").filter(file__key=key).order_by("id").first()
    if found is None:
        raise NotFound
    return found


def photos_of(case: Case) -> list[CasePhoto]:
    """Return all photos of a case, oldest first, for those who see the case."""
    return list(case.photos.select_related("file").order_by("at", "id"))


def possible_photo_verbs(user: Any, photo: CasePhoto, case: Case) -> list[str]:
    """Return what this person may do now about what a photo shows."""
    verbs = PHOTO_TRANSITIONS[PhotoState.of(is_withheld=photo.file.is_withheld)]
    return [verb for verb in verbs if OTHER_RULES[verb](user, case)]


def doubts(user: Any) -> QuerySet[PhotoRemark]:
    """Return what was said about photos and waits for the centre, oldest first; nothing to others."""
    if not is_of_centre(user):
        return PhotoRemark.objects.none()
    found = PhotoRemark.objects.filter(answered_at=None)
    names = ("photo__file", "photo__case__category", "photo__case__street", "by")
    return found.select_related(*names).order_by("at", "id")


def doubt_count(user: Any, most: int = 1000) -> int:
    """Return how many doubts about photos wait, counting no further than `most`."""
    return doubts(user).order_by().values("pk")[:most].count()
