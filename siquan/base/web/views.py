"""Keep how a person wants the pages to look; show every component on one page."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from siquan.base.web import look, styleguide
from siquan.base.web.pages import page


@require_POST
def change_look(request: HttpRequest) -> HttpResponse:
    """Keep type size, theme and density in a cookie and go back to where the person was."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = resolve_url("/")
    response = HttpResponseRedirect(back)
    look.keep(response, look.changed(look.look_of(request), request.POST.dict()))
    return response


@require_GET
def show_styleguide(request: HttpRequest, frame: str = "desk") -> HttpResponse:
    """Show every component, in the frame of the desk or of the portal; a test bench, off in production."""
    if not (settings.DEBUG or getattr(settings, "STYLEGUIDE", False)):
        raise Http404
    return page(request, "web/styleguide.html", styleguide.samples(frame), part=request.GET.get("part"))
