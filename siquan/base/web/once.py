"""Answer `<once-form>`: tell it where to go next instead of sending it there."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url


class OnceAnswers:
    """Put the address of a redirect into a header for forms that sent themselves.

    A script cannot see a redirect, it can only follow it; following it would spend the message
    ("your case number is …") before the person has seen the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next one in line."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; turn a redirect into a plain answer when the form asked for it."""
        response = self.get_response(request)
        if request.headers.get("X-Once") == "1" and response.status_code in {301, 302, 303, 307, 308}:
            to = response["Location"]
            del response["Location"]
            # Who has been signed out meanwhile has sent nothing: what was written must stay where it is.
            is_sign_in = urlsplit(to).path == resolve_url(settings.LOGIN_URL)
            response.headers["X-Once-Sign-In" if is_sign_in else "X-Once-Next"] = to
            response.status_code = 401 if is_sign_in else 200
        return response
