"""Who holds personal data: the classes that end, what is held about a person, what is sealed elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from siquan.base.accounts import services as accounts
from siquan.base.files import services as files
from siquan.base.notices import services as notices
from siquan.base.privacy.registry import Gone, Holder, Keeper
from siquan.base.privacy.services import staff
from siquan.work.callbacks.services import forgetting as call_backs
from siquan.work.cases.services import (
    forgetting,
    joined_forgetting,
    old_files,
    old_originals,
    ticket_bytes,
)

KEEPERS = [
    Keeper("contact", forgetting.count_contacts, forgetting.forget_contacts),
    Keeper("submissions", forgetting.count_submissions, forgetting.forget_submissions),
    Keeper("originals", old_originals.count_originals, old_originals.forget_originals),
    Keeper(
        "ticket-files",
        lambda before: old_files.unconfirmed(before).count(),
        lambda before, at_once: Gone(old_files.forget_unconfirmed(before, at_once)),
    ),
    Keeper(
        "ticket-results",
        lambda before: old_files.old_results(before).count(),
        lambda before, at_once: Gone(old_files.forget_results(before, at_once)),
    ),
    Keeper(
        "notices",
        notices.count_old,
        lambda before, at_once: Gone(notices.forget_old(before, at_once)),
    ),
    Keeper(
        "tokens",
        lambda before: accounts.ended_tokens(before).count(),
        lambda before, at_once: Gone(accounts.forget_tokens(before, at_once)),
    ),
]
HOLDERS = [
    # Before the cases: they forget the number by which the answers are found.
    Holder("call-back", call_backs.hold_answers, call_backs.erase_answers),
    Holder("joined", joined_forgetting.hold_joined, joined_forgetting.erase_joined),
    Holder("case", forgetting.hold_cases, forgetting.erase_cases),
    Holder("account", staff.hold_accounts, staff.erase_accounts),
]
ROTATED: list[Callable[[], int]] = [files.rotate_keys, ticket_bytes.rotate_keys]
