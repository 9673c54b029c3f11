"""How a person wants pages to be: type size, theme, density and shortcuts, kept in one cookie."""

from dataclasses import asdict, dataclass, replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse

COOKIE: Final = "look"
YEAR: Final = 365 * 24 * 3600
CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "type": ("normal", "large"),
    "theme": ("light", "dark"),
    "density": ("normal", "compact"),
    "keys": ("on", "off"),  # single letters as shortcuts disturb people who speak to their computer
}


@dataclass(frozen=True)
class Look:
    """One person's choices; the first choice of each is the default."""

    type: str = "normal"
    theme: str = "light"
    density: str = "normal"
    keys: str = "on"


def look_of(request: HttpRequest | None) -> Look:
    """Return the look kept in the cookie; whatever is not a known choice is ignored."""
    kept = parse_qsl(request.COOKIES.get(COOKIE, "")) if request else []
    return changed(Look(), dict(kept))


def changed(look: Look, choices: dict[str, str]) -> Look:
    """Return `look` with the known ones among `choices`."""
    known = {name: value for name, value in choices.items() if value in CHOICES.get(name, ())}
    return replace(look, **known)


def keep(response: HttpResponse, look: Look) -> None:
    """Keep the look for a year, in this browser only."""
    response.set_cookie(COOKIE, urlencode(asdict(look)), max_age=YEAR, samesite="Lax", httponly=True)
