"""A new key takes over all that others have sealed, fingerprints too; then the old one can go."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command

from siquan.base.accounts.models import User
from siquan.base.kernel import sealing
from siquan.base.kernel.sealedtext import print_field
from siquan.base.privacy import services
from siquan.base.privacy.services import rotating
from siquan.work.cases.models import Reporter
from tests import make

pytestmark = pytest.mark.django_db
OLD, NEW = sealing.new_key("old"), sealing.new_key("new")


@pytest.fixture(autouse=True)
def _own_keys() -> Iterator[None]:
    before = sealing.keyring()
    sealing.use(sealing.parse_keys(OLD))
    yield
    sealing.use(before)


def filled() -> None:
    for number in range(3):
        make.case(text=f"打1381234567{number}", name="王小明", phone=f"1381234567{number}")
    make.user(email="li@example.org", phone="13900139000")


def test_everything_is_sealed_with_the_new_key_and_the_old_one_can_go() -> None:
    filled()
    before = services.count_by_key()
    sealing.use(sealing.parse_keys(f"{NEW},{OLD}"))

    done = services.rotate_keys()

    assert set(before) == {"old"}
    assert services.count_by_key() == {"new": before["old"]}
    assert done.values == before["old"]
    sealing.use(sealing.parse_keys(NEW))
    assert sorted(Reporter.objects.all(), key=lambda each: each.pk)[0].phone == "13812345670"
    assert User.objects.get(username__startswith="person", phone__empty=False).email == "li@example.org"


def test_a_number_is_found_before_during_and_after() -> None:
    filled()
    field = print_field(Reporter, "phone_print")

    def found() -> int:
        return Reporter.objects.filter(phone_print__in=field.prints_of("13812345671")).count()

    sealing.use(sealing.parse_keys(f"{NEW},{OLD}"))
    assert found() == 1
    services.rotate_keys()
    assert found() == 1
    sealing.use(sealing.parse_keys(NEW))
    assert found() == 1


def test_it_goes_in_slices_and_a_second_run_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    filled()
    monkeypatch.setattr(rotating, "AT_ONCE", 2)
    sealing.use(sealing.parse_keys(f"{NEW},{OLD}"))
    slices: list[tuple[str, int]] = []

    services.rotate_keys(each=lambda table, rows: slices.append((table, rows)))

    assert [rows for table, rows in slices if table == "cases.Reporter"] == [2, 1]
    assert services.rotate_keys().values == 0


def test_the_command_says_which_key_is_still_needed() -> None:
    filled()
    sealing.use(sealing.parse_keys(f"{NEW},{OLD}"))
    told = StringIO()

    call_command("privacy_rotate_keys", stdout=told)

    assert "sealed anew with key new" in told.getvalue()
    assert "key new:" in told.getvalue()
    assert "key old" not in told.getvalue()
