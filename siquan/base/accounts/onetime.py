"""One-time codes by the clock (RFC 6238) and codes for the day the telephone is lost. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import struct
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

SECONDS: Final = 30
DIGITS: Final = 6
DRIFT: Final = (0, -1, 1)  # steps: the clocks of a telephone and of a server differ
RECOVERY_CODES: Final = 10
LETTERS: Final = "23456789abcdefghjkmnpqrstuvwxyz"  # none that is taken for another; 16 letters: 79 bits


def new_secret() -> str:
    """Return a new secret, in the letters apps accept: 160 bits in base 32."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(at: datetime) -> int:
    """Return the number of the half minute."""
    return int(at.timestamp()) // SECONDS


def code_of(secret: str, step: int, digits: int = DIGITS) -> str:
    """Return the code of a half minute (HOTP of RFC 4226 with SHA-1, which every app speaks)."""
    mac = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    place = mac[-1] & 15
    number = struct.unpack(">I", mac[place : place + 4])[0] & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """Return the half minute whose code this is, if it is newer than the last one used; else None."""
    given, now = re.sub(r"\s", "", code).encode(), step_at(at)
    steps = [now + drift for drift in DRIFT if now + drift > after]
    found = [step for step in steps if hmac.compare_digest(code_of(secret, step).encode(), given)]
    return found[0] if found else None


def setup_uri(secret: str, account: str, issuer: str) -> str:
    """Return what the QR code says to an app."""
    values = {"secret": secret, "issuer": issuer, "digits": DIGITS, "period": SECONDS}
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{urlencode(values, quote_via=quote)}"


def new_recovery_codes() -> list[str]:
    """Return new recovery codes, in groups of four letters."""
    return [
        "-".join("".join(secrets.choice(LETTERS) for _letter in range(4)) for _group in range(4))
        for _code in range(RECOVERY_CODES)
    ]


def digest_of(code: str, user_id: int) -> str:
    """Return what is kept of a recovery code; how it was typed (blanks, dashes, capitals) does not matter."""
    plain = re.sub(r"[^0-9a-z]", "", code.casefold())
    return hashlib.sha256(f"{user_id}:{plain}".encode()).hexdigest()
