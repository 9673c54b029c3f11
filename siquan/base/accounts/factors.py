"""What one can do with second factors: add, use, rename, remove; the wiring says who must have one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from siquan.base.accounts import onetime
from siquan.base.accounts.models import Factor, FactorKind, RecoveryCode, User
from siquan.base.journal import services as journal
from siquan.base.kernel.errors import BadInput, NotFound, NotPossible

if TYPE_CHECKING:
    from fido2.webauthn import AuthenticatorData

MOST_FACTORS = 10
_must_have: list[Callable[[User], bool]] = []


def use(must_have: Callable[[User], bool]) -> None:
    """Take over the rule that tells who must have a second factor."""
    _must_have[:] = [must_have]


def must_have(user: User) -> bool:
    """Tell whether this person may only come in with a second factor."""
    return any(rule(user) for rule in _must_have)


def factors_of(user: User) -> models.QuerySet[Factor]:
    """Return a person's second factors, in the order they came."""
    return Factor.objects.filter(user=user).order_by("pk")


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes still work."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def add_code(user: User, *, secret: str, code: str, label: str, at: datetime) -> list[str]:
    """Add an app that makes codes once it has shown one; return new recovery codes. Raises BadInput."""
    step = onetime.matching_step(secret, code, at, after=0)
    if step is None:
        raise BadInput(_("验证码不对。请看手机上现在显示的6位数字，并核对手机时间。"), field="code")
    return _add(
        Factor(
            user=user,
            kind=FactorKind.CODE,
            label=label,
            secret=secret,
            last_step=step,
            created_at=at,
            used_at=at,
        ),
        at,
    )


@transaction.atomic
def add_passkey(user: User, *, made: AuthenticatorData, label: str, at: datetime) -> list[str]:
    """Add a passkey that the browser has just made; return the first recovery codes. Raises BadInput."""
    kept = made.credential_data
    assert kept is not None
    if Factor.objects.filter(credential_id=kept.credential_id).exists():
        raise BadInput(_("这个通行密钥已经登记过了。"))
    factor = Factor(
        user=user,
        kind=FactorKind.PASSKEY,
        label=label,
        credential_id=kept.credential_id,
        credential=bytes(kept),
        sign_count=made.counter,
        created_at=at,
    )
    return _add(factor, at)


def _add(factor: Factor, at: datetime) -> list[str]:
    user = User.objects.select_for_update().get(pk=factor.user_id)
    count = factors_of(user).count()
    if count >= MOST_FACTORS:
        raise NotPossible(_("登记得太多了，请先移除不再使用的。"))
    factor.save()
    journal.write("account.factor_added", about=user, by=user, at=at, kind=factor.kind, factor=factor.pk)
    return [] if count else _new_codes(user)


@transaction.atomic
def check_code(user: User, code: str, at: datetime) -> str:
    """Use a code of an app or a recovery code; return which of the two it was. Raises BadInput.

    Each code opens once: the row is locked while its half minute is compared and kept.
    """
    apps = Factor.objects.select_for_update().filter(user=user, kind=FactorKind.CODE).order_by("pk")
    for factor in apps:
        step = onetime.matching_step(factor.secret, code, at, after=factor.last_step)
        if step is not None:
            factor.last_step, factor.used_at = step, at
            factor.save(update_fields=["last_step", "used_at"])
            return "code"
    digest = onetime.digest_of(code, user.pk)
    if RecoveryCode.objects.filter(user=user, digest=digest, used_at=None).update(used_at=at):
        left = recovery_codes_left(user)
        journal.write("account.recovery_code_used", about=user, by=user, at=at, left=left)
        return "recovery"
    raise BadInput(_("验证码不对，或者已经用过。请等手机上换一个新的再输。"), field="code")


def use_passkey(factor: Factor, at: datetime) -> None:
    """Keep that a passkey was used, with the counter it showed."""
    factor.used_at = at
    factor.save(update_fields=["used_at", "sign_count"])


@transaction.atomic
def rename(factor_id: int, *, label: str, by: User) -> Factor:
    """Give one's own factor another name. Raises NotFound."""
    factor = _own(factor_id, by)
    factor.label = label
    factor.save(update_fields=["label"])
    return factor


@transaction.atomic
def remove(factor_id: int, *, by: User, at: datetime) -> None:
    """Remove one's own factor; with the last one the recovery codes go too. Raises NotFound, NotPossible."""
    factor = _own(factor_id, by)
    is_last = factors_of(by).count() == 1
    if is_last and must_have(by):
        raise NotPossible(_("您的职责要求第二重验证。请先登记另一个，再移除这一个。"))
    factor.delete()
    if is_last:
        RecoveryCode.objects.filter(user=by).delete()
    journal.write("account.factor_removed", about=by, by=by, at=at, kind=factor.kind)


@transaction.atomic
def remove_all(user: User, *, by: User | None, at: datetime) -> int:
    """Remove every second factor of somebody who has lost theirs; return how many."""
    count = factors_of(user).delete()[0]
    RecoveryCode.objects.filter(user=user).delete()
    if count:
        journal.write("account.factors_reset", about=user, by=by, at=at)
    return count


@transaction.atomic
def renew_codes(user: User, *, at: datetime) -> list[str]:
    """Make new recovery codes; the old ones open nothing any more. Raises NotPossible without a factor."""
    if not factors_of(user).exists():
        raise NotPossible(_("请先登记第二重验证，再生成备用码。"))
    journal.write("account.recovery_codes_made", about=user, by=user, at=at)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    codes = onetime.new_recovery_codes()
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user=user, digest=onetime.digest_of(code, user.pk)) for code in codes]
    )
    return codes


def _own(factor_id: int, by: User) -> Factor:
    found = Factor.objects.select_for_update().filter(pk=factor_id, user=by).first()
    if found is None:
        raise NotFound
    return found
