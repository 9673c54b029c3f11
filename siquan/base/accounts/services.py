"""What one can do with accounts. Who may do it to somebody else is decided above, where duties are known."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts import browsers, pacing, queries
from siquan.base.accounts.models import ApiToken, User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible

TOKEN_START = "siquan_"  # noqa: S105 - so that a leaked token is recognised by people and by scanners
MOST_TOKENS = 20


@transaction.atomic
def add_user(
    *, username: str, name: str, password: str | None = None, by: User | None, at: datetime, email: str = ""
) -> User:
    """Add an account; without a password nobody can sign in with it yet.

    A password given by somebody else must be changed at the first sign-in. Raises BadInput.
    """
    user = User(username=username.strip(), name=name.strip(), email=email.strip())
    try:
        user.full_clean(exclude=["password"])
        if password is not None:
            validate_password(password, user)
    except ValidationError as error:
        raise BadInput(format_lazy("{}", " ".join(error.messages))) from error
    user.set_password(password)
    user.must_change_password = by is not None
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise BadInput(_("这个登录名已经有人用了。"), field="username") from error
    journal.write("account.added", about=user, by=by, at=at)
    return user


@transaction.atomic
def change_password(user: User, *, password: str, at: datetime) -> User:
    """Set the person's own new password; every other session of theirs ends. Raises BadInput."""
    _set_password(user, password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    journal.write("account.password_changed", about=user, by=user, at=at)
    return user


@transaction.atomic
def reset_password(user: User, *, by: User | None, at: datetime) -> str:
    """Give the account a new password that must be changed at the first sign-in, and return it once."""
    password = "-".join(secrets.token_hex(2) for _each in range(4))
    _set_password(user, password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    browsers.end_all(user)
    pacing.forgive(user.username)
    journal.write("account.password_reset", about=user, by=by, at=at)
    return password


@transaction.atomic
def set_active(user: User, *, is_active: bool, by: User | None, at: datetime) -> User:
    """Close an account, or open it again; closing ends its sessions and its tokens for good."""
    if by is not None and by.pk == user.pk and not is_active:
        raise NotPossible(_("不能停用自己的账号，请另一位管理员来做。"))
    if user.is_active != is_active:
        user.is_active = is_active
        if not is_active:  # whoever had a copy of either must not be back when the account is opened again
            user.session_round = User.objects.select_for_update().get(pk=user.pk).session_round + 1
            ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=at)
        user.save(update_fields=["is_active", "session_round"])
        event = "account.opened" if is_active else "account.closed"
        journal.write(event, about=user, by=by, at=at)
    return user


@transaction.atomic
def change_account(user: User, *, name: str, language: str, at: datetime) -> User:
    """Keep the person's own name and language. Raises BadInput."""
    if language not in dict(settings.LANGUAGES):
        raise BadInput(_("没有这种语言。"), field="language")
    changed = [
        key for key, value in {"name": name, "language": language}.items() if getattr(user, key) != value
    ]
    if changed:
        user.name, user.language = name, language
        user.save(update_fields=changed)
        journal.write("account.changed", about=user, by=user, at=at, fields=changed)
    return user


def keep_language(user: User, language: str) -> None:
    """Remember the language a person has switched to; not journalled, it concerns nobody else."""
    if language in dict(settings.LANGUAGES) and user.language != language:
        user.language = language
        user.save(update_fields=["language"])


@transaction.atomic
def sign_out_everywhere(user: User, *, at: datetime) -> User:
    """End every session of the person, on every device."""
    locked = User.objects.select_for_update().get(pk=user.pk)
    user.session_round = locked.session_round + 1
    user.save(update_fields=["session_round"])
    journal.write("account.signed_out_everywhere", about=user, by=user, at=at)
    return user


@transaction.atomic
def make_token(
    user: User, label: str, at: datetime, *, by: User | None = None, expires_at: datetime | None = None
) -> str:
    """Make a program's key to act as the person, and return it: it can never be shown again.

    Raises NotPossible when there are too many.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two at once must not pass the limit together
    if ApiToken.objects.valid(at).filter(user=user).count() >= MOST_TOKENS:
        raise NotPossible(
            format_lazy(_("一个账号最多 {most} 个令牌，请先停用不再使用的。"), most=MOST_TOKENS)
        )
    token = TOKEN_START + secrets.token_urlsafe(32)
    kept = ApiToken.objects.create(
        user=user,
        digest=queries.digest_of(token),
        label=label.strip()[:60],
        created_at=at,
        expires_at=expires_at,
    )
    journal.write("account.token_made", about=user, by=by, at=at, token=kept.pk)
    return token


@transaction.atomic
def revoke_token(token_id: int, *, by: User, at: datetime) -> ApiToken:
    """Make one's own token open nothing from now on; doing it twice changes nothing. Raises NotFound."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id, user=by).first()
    if token is None:
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        journal.write("account.token_revoked", about=by, by=by, at=at, token=token.pk)
    return token


def ended_tokens(before: datetime) -> models.QuerySet[ApiToken]:
    """Return the tokens that have opened nothing since a time."""
    return ApiToken.objects.filter(models.Q(revoked_at__lt=before) | models.Q(expires_at__lt=before))


def forget_tokens(before: datetime, at_once: int) -> int:
    """Remove some tokens that have opened nothing since a time; return how many."""
    old = list(ended_tokens(before).order_by("pk").values_list("pk", flat=True)[:at_once])
    return ApiToken.objects.filter(pk__in=old).delete()[0]


@transaction.atomic
def forget_contact(user: User, *, at: datetime) -> None:
    """Remove e-mail address and telephone number of a closed account. Raises NotPossible while it is open."""
    if user.is_active:
        raise NotPossible(_("在用的账号要能收到通知；请先停用账号。"))
    user.email = user.phone = ""
    user.save(update_fields=["email", "phone", "phone_print"])


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(format_lazy("{}", " ".join(error.messages)), field="password") from error
    user.set_password(password)
