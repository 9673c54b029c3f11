"""Files of hotline tickets: send one in, look at what is in it, import it, fetch the result."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from siquan.base.accounts.queries import signed_in
from siquan.base.kernel.errors import BadInput, NotFound
from siquan.base.kernel.permissions import require
from siquan.base.web.pages import page
from siquan.work.cases import forms
from siquan.work.cases.imports.columns import FIELDS
from siquan.work.cases.models import ImportState, TicketImport
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.queries import imports
from siquan.work.cases.queries.worklists import undecided_count
from siquan.work.cases.services import import_files


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """Ask for a file of tickets; keep and check it."""
    require(OTHER_RULES, "import", request.user, None)
    posted = request.method == "POST"
    form = forms.TicketTable(request.POST if posted else None, request.FILES if posted else None)
    if posted and form.is_valid():
        given = form.cleaned_data
        try:
            record = import_files.take_file(
                given["file"].chunks(),
                by=signed_in(request),
                at=timezone.now(),
                name=PurePath(given["file"].name).name,
                datum=given["datum"],
                mapping=given["map"],
            )
        except BadInput as error:
            form.add_error(error.field if error.field in form.fields else "file", str(error))
        else:
            return redirect("cases:import_file", record.pk)
    context = {"form": form, "imports": imports.imports_of(request.user)}
    return page(request, "cases/import.html", context, part="form", status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def show_import(request: HttpRequest, key: int) -> HttpResponse:
    """Show what is in a file, how far its import is, or what came of it; POST imports it."""
    require(OTHER_RULES, "import", request.user, None)
    if request.method == "POST":
        import_files.start_import(key, by=signed_in(request), at=timezone.now())
        return redirect("cases:import_file", key)
    record = imports.import_of(request.user, key)
    return page(request, "cases/import_file.html", _shown(record, request.user), part="file")


@login_required
@require_safe
def result(request: HttpRequest, key: int) -> HttpResponseBase:
    """Send what became of every row."""
    record = imports.import_of(request.user, key)
    if not record.result_bytes:
        raise NotFound(_("结果文件不在了：结果只保留30天。再次导入同一个文件可以得到新的。"))
    file = import_files.result_path(record).open("rb")
    name = f"import-{record.pk}-result.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _shown(record: TicketImport, user: Any) -> dict[str, Any]:
    preview = record.preview
    columns = [
        {"title": title, "field": FIELDS.get(field, "")} for title, field in preview.get("columns", [])
    ]
    return {
        "record": record,
        "preview": preview,
        "columns": columns,
        "errors": [
            {"row": row, "column": column, "message": words} for row, column, words in preview["errors"]
        ]
        if preview
        else [],
        "is_checked": record.state == ImportState.CHECKED,
        "is_running": record.state == ImportState.QUEUED,
        "is_done": record.state == ImportState.DONE,
        "twins": undecided_count(user) if record.state == ImportState.DONE else 0,
    }
