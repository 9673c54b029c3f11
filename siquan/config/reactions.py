"""What follows what: every consequence across rooms, in one table.

Each reaction is queued in the transaction that wrote the journal entry, runs at least once, and its effect
in the database happens exactly once (siquan/base/journal/README.md).
"""

from __future__ import annotations

from siquan.base.journal.reactions import Reactions
from siquan.base.notices import account_events as accounts
from siquan.insight.scoring import jobs as scoring
from siquan.insight.scoring import telling as appeals
from siquan.work.callbacks import jobs as call_backs
from siquan.work.cases import learned_telling as learned_models
from siquan.work.cases import telling as cases

REACTIONS: Reactions = {
    "account.password_changed": [accounts.tell_owner],
    "account.password_reset": [accounts.tell_owner],
    "account.factor_added": [accounts.tell_owner],
    "account.factor_removed": [accounts.tell_owner],
    "account.factors_reset": [accounts.tell_owner],
    "account.recovery_code_used": [accounts.tell_owner],
    "account.recovery_codes_made": [accounts.tell_owner],
    "account.token_made": [accounts.tell_owner],
    "case.dispatched": [cases.tell],
    "case.reassigned": [cases.tell],
    "case.returned": [cases.tell],
    "case.assist_asked": [cases.tell],
    "case.assist_answered": [cases.tell],
    "case.extension_asked": [cases.tell],
    "case.extension_granted": [cases.tell],
    "case.extension_refused": [cases.tell],
    "case.supervised": [cases.tell],
    "case.reported_done": [cases.tell],
    "case.sent_back": [cases.tell],
    "case.answered": [cases.tell],
    "case.said_unsolved": [cases.tell],
    "case.said_reopen_wish": [cases.tell],
    "case.deadline_near": [cases.tell],
    "case.deadline_passed": [cases.tell, call_backs.plan_after_limit],
    "case.rejected": [cases.tell],
    "case.reporter_asked": [cases.tell],
    "case.closed": [cases.tell, cases.tell_joiners, call_backs.plan_after_close],
    "case.reopened": [call_backs.withdraw_after_reopening],
    "suggestion_model.learned": [learned_models.tell],
    "suggestion_model.broken_off": [learned_models.tell],
    "suggestion_model.failed": [learned_models.tell],
    "appeal.asked": [appeals.tell],
    "appeal.granted": [appeals.tell, scoring.reckon_after_appeal],
    "appeal.refused": [appeals.tell],
    "appeal.revised": [appeals.tell, scoring.reckon_after_appeal],
}
