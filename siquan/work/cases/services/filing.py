"""The centre's first and last words on a case: file, reject, merge, close, reopen, void."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import User
from siquan.base.kernel.checkdigits import parse_number
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.models import Case, Comment, CommentKind
from siquan.work.cases.services.ruling import book_on
from siquan.work.cases.services.suggesting import note_decision
from siquan.work.cases.services.taking import finish, take
from siquan.work.cases.states import FINAL


@transaction.atomic
def file_case(case_id: int, *, by: User, at: datetime, category: str, note: str = "") -> Case:
    """File a reported case under a category (立案).

    Raises NotFound, PermissionDenied, NotPossible, BadInput.
    """
    case = take("file", case_id, by)
    book = book_on(timezone.localdate(at))
    found = book.categories.get(category)
    if found is None or found not in book.leaf_categories:
        raise BadInput(_("请选择最细一级的类别。"), field="category")
    if case.lon is None:
        raise BadInput(_("这个案件还没有位置，请先定位再立案。"), field="place")
    was = case.category.code if case.category else ""
    case.category_id = found.id
    note_decision(case, chosen=found.code, by=by, at=at)
    return finish(
        case, "file", by=by, at=at, changed=["category"], category=category, category_was=was, note=note
    )


@transaction.atomic
def reject_case(case_id: int, *, by: User, at: datetime, reason: str) -> Case:
    """Refuse to file a case (不予立案); the reporter is told why."""
    case = take("reject", case_id, by)
    Comment.objects.create(case=case, text=reason, by=by, at=at)
    return finish(case, "reject", by=by, at=at, reason=reason)


@transaction.atomic
def merge_case(case_id: int, *, by: User, at: datetime, into: str) -> Case:
    """Make a case part of another one about the same matter (并案); `into` is the other's number.

    Raises BadInput when there is no such case, it is this one, or it is itself merged or ended.
    """
    number = parse_number(into)
    # Both rows in one order: two merges in opposite directions would wait for each other for ever.
    both = Case.objects.select_for_update(of=("self",)).filter(Q(pk=case_id) | Q(number=number))
    locked = {each.number: each for each in both.order_by("pk")}
    case = take("merge", case_id, by)
    other = locked.get(number)
    if other is None or other.pk == case.pk:
        raise BadInput(_("没有找到要并入的案件，请核对编号。"), field="into")
    if other.state in FINAL:
        raise BadInput(_("要并入的案件已经结束，请选择仍在办理的案件。"), field="into")
    if case.merged.exists():
        raise BadInput(_("已有别的案件并入本案件，请先撤销那些并案。"), field="into")
    case.merged_into = other
    return finish(case, "merge", by=by, at=at, changed=["merged_into"], into=other.number)


@transaction.atomic
def unmerge_case(case_id: int, *, by: User, at: datetime, reason: str = "") -> Case:
    """Take a merge back (撤销并案): the case stands where it stood before."""
    case = take("unmerge", case_id, by)
    out_of = case.merged_into.number if case.merged_into else ""
    case.merged_into = None
    return finish(case, "unmerge", by=by, at=at, changed=["merged_into"], out_of=out_of, reason=reason)


@transaction.atomic
def close_case(case_id: int, *, by: User, at: datetime, note: str = "") -> Case:
    """Close a verified case (结案)."""
    case = take("close", case_id, by)
    case.closed_at = at
    return finish(case, "close", by=by, at=at, changed=["closed_at"], note=note)


@transaction.atomic
def reopen_case(case_id: int, *, by: User, at: datetime, reason: str) -> Case:
    """Take up a closed or rejected case again (重新办理)."""
    case = take("reopen", case_id, by)
    case.closed_at = None
    case.reopen_count += 1
    case.unit = None
    changed = ["closed_at", "reopen_count", "unit"]
    return finish(case, "reopen", by=by, at=at, changed=changed, reason=reason)


@transaction.atomic
def void_case(case_id: int, *, by: User, at: datetime, reason: str) -> Case:
    """Declare a case void (作废), for example one made by mistake; it stays readable."""
    case = take("void", case_id, by)
    Comment.objects.create(case=case, kind=CommentKind.COMMENT, text=reason, by=by, at=at)
    return finish(case, "void", by=by, at=at, reason=reason)
