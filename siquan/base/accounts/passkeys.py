"""Passkeys (WebAuthn): what the browser is asked, and whether its answer is true."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from siquan.base.accounts.models import Factor, FactorKind, User
from siquan.base.kernel.errors import BadInput

LONGEST_ANSWER = 20_000
REFUSED = gettext_lazy("通行密钥没有通过验证，请再试一次。")


def server(request: HttpRequest) -> Fido2Server:
    """Return the checker for the address people see; a key of another site never fits."""
    origin = f"{request.scheme}://{request.get_host()}"
    host = request.get_host().rpartition(":")[0] or request.get_host()
    entity = PublicKeyCredentialRpEntity(id=host, name=_("四全"))
    return Fido2Server(entity, verify_origin=lambda seen: seen == origin)


def ask_for_new(request: HttpRequest, user: User) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the browser is to make, and what must be kept until it answers."""
    entity = PublicKeyCredentialUserEntity(
        id=str(user.pk).encode(), name=user.username, display_name=user.name
    )
    options, state = server(request).register_begin(
        entity,
        [credential(each) for each in passkeys_of(user)],
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return dict(options), state


def read_new(request: HttpRequest, state: Any, answer: str) -> AuthenticatorData:
    """Return the new passkey of an answer. Raises BadInput."""
    try:
        return server(request).register_complete(state, _parsed(answer))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(REFUSED) from error


def ask_for_known(request: HttpRequest, user: User | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the browser is to sign: with a key of this person, or (without one) with any it has here.

    A key that signs somebody in alone has to know its owner (PIN, finger, face).
    """
    needed = UserVerificationRequirement.DISCOURAGED if user else UserVerificationRequirement.REQUIRED
    keys = [credential(each) for each in passkeys_of(user)] if user else None
    options, state = server(request).authenticate_begin(keys, user_verification=needed)
    return dict(options), state


def check(request: HttpRequest, state: Any, answer: str, user: User | None) -> Factor:
    """Return the passkey that signed. Raises BadInput; a key whose counter runs backwards was copied."""
    try:
        given = AuthenticationResponse.from_dict(_parsed(answer))
        known = Factor.objects.filter(kind=FactorKind.PASSKEY, credential_id=given.raw_id)
        found = (known.filter(user=user) if user else known.filter(user__is_active=True)).first()
        if found is None:
            raise BadInput(REFUSED)
        server(request).authenticate_complete(state, [credential(found)], given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(REFUSED) from error
    count = given.response.authenticator_data.counter
    if count and count <= found.sign_count:
        raise BadInput(REFUSED)
    found.sign_count = count
    return found


def credential(factor: Factor) -> AttestedCredentialData:
    """Return a kept passkey as the checker reads it."""
    return AttestedCredentialData(bytes(factor.credential))


def passkeys_of(user: User | None) -> list[Factor]:
    """Return a person's passkeys."""
    return list(Factor.objects.filter(user=user, kind=FactorKind.PASSKEY).order_by("pk")) if user else []


def _parsed(answer: str) -> dict[str, Any]:
    given = json.loads(answer[:LONGEST_ANSWER])
    if not isinstance(given, dict):
        raise ValueError("not an object")
    return given
