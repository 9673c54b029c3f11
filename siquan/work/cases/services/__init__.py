"""Everything one can do to a case, by verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from siquan.work.cases.models import Case
from siquan.work.cases.services.clocks import recalculate_clock
from siquan.work.cases.services.contact import Unmasked, unmask
from siquan.work.cases.services.dispatching import (
    accept_case,
    dispatch_case,
    dispatch_cases,
    reassign_case,
    return_case,
    supervise_case,
)
from siquan.work.cases.services.filing import (
    close_case,
    file_case,
    merge_case,
    reject_case,
    reopen_case,
    unmerge_case,
    void_case,
)
from siquan.work.cases.services.handling import (
    answer_assist,
    ask_assist,
    ask_extension,
    ask_reporter,
    grant_extension,
    hear_reporter,
    refuse_extension,
    report_done,
    resume_case,
    resume_if_due,
    suspend_case,
)
from siquan.work.cases.services.joining import join_case, leave_number
from siquan.work.cases.services.long_batches import start_batch
from siquan.work.cases.services.originals import Opened, open_original
from siquan.work.cases.services.parting import part_cases
from siquan.work.cases.services.photocare import (
    PHOTO_ACTS,
    cover_photo,
    doubt_public_photo,
    show_photo_again,
    withhold_photo,
)
from siquan.work.cases.services.placing import set_place
from siquan.work.cases.services.reporting import Report, Reported, report_case
from siquan.work.cases.services.taking import ask_rule
from siquan.work.cases.services.talking import comment, say_as_reporter
from siquan.work.cases.services.verifying import verify_fail, verify_pass

# The verb of the states table → the service that does it.
ACTS: Mapping[str, Callable[..., Case]] = {
    "file": file_case,
    "reject": reject_case,
    "merge": merge_case,
    "unmerge": unmerge_case,
    "dispatch": dispatch_case,
    "accept": accept_case,
    "return": return_case,
    "reassign": reassign_case,
    "ask-assist": ask_assist,
    "answer-assist": answer_assist,
    "ask-extension": ask_extension,
    "grant-extension": grant_extension,
    "refuse-extension": refuse_extension,
    "ask-reporter": ask_reporter,
    "hear-reporter": hear_reporter,
    "suspend": suspend_case,
    "resume": resume_case,
    "supervise": supervise_case,
    "report-done": report_done,
    "verify-pass": verify_pass,
    "verify-fail": verify_fail,
    "close": close_case,
    "reopen": reopen_case,
    "void": void_case,
}

__all__ = [
    "ACTS",
    "PHOTO_ACTS",
    "Opened",
    "Report",
    "Reported",
    "Unmasked",
    "ask_rule",
    "comment",
    "cover_photo",
    "dispatch_cases",
    "doubt_public_photo",
    "join_case",
    "leave_number",
    "open_original",
    "part_cases",
    "recalculate_clock",
    "report_case",
    "resume_if_due",
    "say_as_reporter",
    "set_place",
    "show_photo_again",
    "start_batch",
    "unmask",
    "withhold_photo",
]
