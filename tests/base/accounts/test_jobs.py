"""What is forgotten by the clock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from siquan.base.accounts import jobs

pytestmark = pytest.mark.django_db


def test_ended_sessions_and_old_tries_are_forgotten() -> None:
    now = timezone.now()
    for hours in (1, 48):
        attempt = AccessAttempt.objects.create(
            username=f"n{hours}", ip_address="10.0.0.1", failures_since_start=8, get_data="", post_data=""
        )
        AccessAttempt.objects.filter(pk=attempt.pk).update(attempt_time=now - timedelta(hours=hours))
        Session.objects.create(
            session_key=f"k{hours}", session_data="", expire_date=now + timedelta(hours=24 - hours)
        )

    assert jobs.forget_what_expired() == 1

    assert AccessAttempt.objects.get().username == "n1"
    assert Session.objects.get().session_key == "k1"
