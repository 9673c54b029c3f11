"""Identity: people who sign in, and the tokens of their programs."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.validators import validate_email
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from siquan.base.kernel.districts import DistrictField
from siquan.base.kernel.masking import dialled
from siquan.base.kernel.sealedtext import Fingerprint, SealedText


class UserManager(BaseUserManager["User"]):
    """Makes users; needed by Django's sign-in."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> User:
        """Return a new user who may sign in with the password, or cannot sign in without one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the user of this name."""
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who signs in (账号). What they may do comes from their duties, never from this row."""

    id = models.BigAutoField(primary_key=True)
    district_id = DistrictField()
    username = models.CharField(_("登录名"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    email = SealedText(_("电子邮箱"), max_length=254, blank=True, validators=[validate_email])
    phone = SealedText(_("手机"), max_length=30, blank=True)
    phone_print = Fingerprint(of="phone", form=dialled)
    language = models.CharField(_("语言"), max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    session_round = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        verbose_name = _("账号")

    def __str__(self) -> str:
        return self.name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Tie sessions to the password and to the round: counting the round up ends them all."""
        return salted_hmac(
            "siquan.accounts.session",
            f"{self.session_round}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Tokens, in the office's words."""

    def valid(self, at: Any) -> Self:
        """Return the tokens that open a door at this time."""
        return self.filter(
            models.Q(expires_at=None) | models.Q(expires_at__gt=at), revoked_at=None, user__is_active=True
        )


class ApiToken(models.Model):
    """A program's key to act as a person; only its SHA-256 is kept."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("接口令牌")

    def __str__(self) -> str:
        return self.label or f"token {self.pk}"


class Tries(models.Model):
    """How often somebody failed to prove who they are, under one key; the key is a keyed hash of it."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("登录尝试")

    def __str__(self) -> str:
        return f"{self.failures} × {self.key[:8]}"


class SignIn(models.Model):
    """A browser in which somebody is, or was, signed in (登录设备); the address is masked."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    session_key = models.CharField(max_length=40, unique=True)
    session_round = models.PositiveIntegerField(default=0)
    browser = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=60, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("登录设备")

    def __str__(self) -> str:
        return self.browser

    @property
    def words(self) -> str:
        """Return browser and system in the reader's language."""
        return " · ".join(translate(each) for each in self.browser.split(" · ") if each)


class FactorKind(models.TextChoices):
    """What a person can show besides the password."""

    CODE = "code", _("验证码")
    PASSKEY = "passkey", _("通行密钥")


class Factor(models.Model):
    """Something a person has (第二重验证): an app that makes codes, or a passkey."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="factors")
    kind = models.CharField(max_length=10, choices=FactorKind.choices)
    label = models.CharField(max_length=60)
    secret = SealedText(max_length=100, blank=True, default="")
    last_step = models.BigIntegerField(default=0)
    credential_id = models.BinaryField(null=True, unique=True)
    credential = models.BinaryField(default=b"")
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("第二重验证")

    def __str__(self) -> str:
        return self.label


class RecoveryCode(models.Model):
    """A way in when the second factor is lost (备用码): works once, only its SHA-256 is kept."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("备用码")

    def __str__(self) -> str:
        return f"code {self.pk}"
