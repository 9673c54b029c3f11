"""What one can ask about accounts."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts.models import ApiToken, User
from siquan.base.kernel.districts import current_district
from siquan.base.kernel.errors import NotFound
from siquan.base.kernel.prepared import Given, Prepared


def signed_in(request: HttpRequest) -> User:
    """Return who is signed in. Raises PermissionDenied for a stranger."""
    user = request.user
    if not user.is_authenticated:
        raise PermissionDenied(_("请先登录。"))
    return user


def user_by_name(username: str) -> User:
    """Return the person with this sign-in name. Raises NotFound."""
    user = User.objects.filter(username=username.replace("\0", "")).first()
    if user is None:
        raise NotFound(_("没有这个账号。"))
    return user


def user_by_id(user_id: int) -> User:
    """Return one person of this district. Raises NotFound."""
    user = User.objects.filter(pk=user_id, district_id=current_district()).first()
    if user is None:
        raise NotFound(_("没有这个账号。"))
    return user


def users_found(words: str = "") -> models.QuerySet[User]:
    """Return the accounts whose name or sign-in name holds the words; those in use come first."""
    found = User.objects.filter(district_id=current_district())
    for word in words.replace("\0", "").split():
        found = found.filter(models.Q(name__icontains=word) | models.Q(username__icontains=word))
    return found.order_by("-is_active", "username")


def digest_of(token: str) -> str:
    """Return what is kept of a token: its SHA-256, in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def user_by_token(token: str, at: datetime) -> User | None:
    """Return the person for whom a program acts with this token, None when it opens nothing.

    One statement. The database compares digests: how long it takes says nothing about the token.
    """
    found = _token.first(at=at, digest=digest_of(token))
    return found.user if found else None


_token = Prepared(
    lambda: ApiToken.objects.valid(Given("at")).select_related("user").filter(digest=Given("digest"))
)


def tokens_of(user: User) -> models.QuerySet[ApiToken]:
    """Return the tokens a person has made, newest first, revoked ones too."""
    return ApiToken.objects.filter(user=user).order_by("-id")
