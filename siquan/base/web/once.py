"""Answer `<once-form>`: tell it where to go next instead of sending it there."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse


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
            response.headers["X-Once-Next"] = response.headers["Location"]
            del response.headers["Location"]
            response.status_code = 200
        return response
