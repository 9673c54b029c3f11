"""What the worker does by the clock."""

from __future__ import annotations

from siquan.base.accounts import jobs as accounts
from siquan.base.files import jobs as files
from siquan.base.journal import jobs as journal
from siquan.base.journal.reactions import Every
from siquan.base.notices import jobs as notices
from siquan.base.privacy import jobs as privacy
from siquan.insight.scoring import jobs as scoring
from siquan.work.callbacks import jobs as call_backs
from siquan.work.cases import jobs as cases

SCHEDULE = [
    Every(seconds=2, job=journal.seal),
    Every(seconds=3, job=notices.deliver_due, own_transactions=True),
    Every(seconds=1, job=cases.go_on_importing, own_transactions=True),
    Every(seconds=1, job=cases.go_on_dispatching, own_transactions=True),
    Every(seconds=3600, job=privacy.forget_what_is_over, own_transactions=True),
    Every(seconds=30, job=cases.warn_of_deadlines),
    Every(seconds=60, job=cases.resume_suspended),
    Every(seconds=300, job=cases.count_density),
    Every(seconds=2, job=cases.learn_next, beside=True, interrupt=cases.stop_learning),
    Every(seconds=30, job=cases.look_after_models),
    Every(seconds=60, job=call_backs.ask_due),
    Every(seconds=600, job=call_backs.expire_due),
    Every(seconds=600, job=call_backs.draw_due),
    Every(seconds=600, job=scoring.reckon_daily, own_transactions=True),
    Every(seconds=1, job=files.blur_next, beside=True, interrupt=files.stop_blurring),
    Every(seconds=3600, job=files.sweep_orphans),
    Every(seconds=3600, job=accounts.forget_what_expired),
]
