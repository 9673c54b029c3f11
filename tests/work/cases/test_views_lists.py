"""The list of cases: filters in the address, pages by cursor, the map, exports, the queue without a place."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from python_calamine import CalamineWorkbook

from siquan.base.kernel.errors import BadInput
from siquan.city.duties.models import Role
from siquan.city.places.models import Division
from siquan.work.cases import queries, services
from siquan.work.cases.models import Case, Source
from siquan.work.cases.queries.maps import MOST_POINTS
from siquan.work.cases.states import State
from tests import make

pytestmark = pytest.mark.django_db

HTMX = {"HTTP_HX_REQUEST": "true"}


def now_case(state: State = State.REPORTED, **fields: Any) -> Case:
    return make.case(state, at=fields.pop("at", timezone.now()), **fields)


@pytest.fixture
def centre(client: Client) -> Client:
    client.force_login(make.dispatcher())
    return client


def words(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize("address", ["/cases/", "/cases/?view=table", "/cases/needs-place/", "/desk/"])
def test_a_list_asks_as_often_for_three_rows_as_for_one(
    address: str, centre: Client, django_assert_max_num_queries: Any
) -> None:
    where = {"lon": None, "lat": None, "source": Source.HOTLINE} if "place" in address else {}
    now_case(**where)
    centre.get(address)  # fills what is kept in memory
    with django_assert_max_num_queries(60) as for_one:
        one = words(centre.get(address))
    now_case(**where)
    now_case(**where)
    with django_assert_max_num_queries(60) as for_three:
        three = words(centre.get(address))

    assert (one.count('data-id="'), three.count('data-id="')) == (1, 3)
    assert len(for_three) == len(for_one)


def test_the_address_narrows_the_list_and_travels_to_export_and_map(centre: Client) -> None:
    filed, reported = now_case(State.FILED), now_case(text="路灯坏了")

    narrowed = words(centre.get("/cases/?state=filed&source=snapshot"))
    found = words(centre.get("/cases/?q=路灯"))

    assert filed.number in narrowed
    assert reported.number not in narrowed
    assert "/cases/export.csv?state=filed&amp;source=snapshot" in narrowed
    assert 'data-src="/cases/map.json?state=filed&amp;source=snapshot"' in narrowed
    assert (reported.number in found, filed.number in found) == (True, False)


def test_a_street_that_was_redrawn_finds_its_older_cases_too(centre: Client) -> None:
    case, here = now_case(), make.street()
    today = timezone.localdate()
    Division.objects.filter(pk=here.pk).update(valid_to=today)
    make.division(code=here.code, parent=here.parent, valid_from=today)
    away = make.division(code="110101009", parent=here.parent, square=(116.43, 39.93, 116.44, 39.94))

    for address in ("/cases/?division={}", "/nearby/?street={}"):
        assert case.number in words(centre.get(address.format(here.code))), address
        assert case.number not in words(centre.get(address.format(away.code))), address


@pytest.mark.parametrize(
    "query", ["state=lost", "due=never", "period=2026-13", "order=random", "after=x", "q=" + "长" * 101]
)
def test_a_filter_that_no_list_has_is_answered_with_words(query: str, centre: Client) -> None:
    answer = centre.get(f"/cases/?{query}")

    assert answer.status_code == 400
    assert "这个请求读不懂" in words(answer)


def test_each_person_sees_their_own_cases_only(client: Client) -> None:
    mine, other = now_case(State.IN_HAND), now_case(State.IN_HAND, of=make.unit("OTHER"))
    client.force_login(make.clerk(make.unit("HW")))

    seen = words(client.get("/cases/"))

    assert (mine.number in seen, other.number in seen) == (True, False)
    exported = b"".join(client.get("/cases/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert (mine.number in exported, other.number in exported) == (True, False)


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    answer = client.get("/cases/?state=filed")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/sign-in/?next=/cases/")


def test_an_empty_list_says_what_to_do(centre: Client) -> None:
    make.rules()

    assert "这里还没有案件" in words(centre.get("/cases/"))
    assert "没有符合条件的案件" in words(centre.get("/cases/?state=closed"))


def test_the_opened_case_stands_beside_the_list_and_htmx_gets_it_alone(centre: Client) -> None:
    case = now_case()

    beside = words(centre.get(f"/cases/?case={case.number}"))
    alone = words(centre.get(f"/cases/{case.number}/", **HTMX))

    assert "case-split has-case" in beside
    assert 'id="case-title"' in beside
    assert 'id="case-title"' in alone
    assert "<html" not in alone


@pytest.mark.parametrize("order", ["newest", "due"])
def test_pages_by_cursor_show_every_case_once_forwards_and_backwards(order: str) -> None:
    at = timezone.now()
    for n in range(5):
        now_case(at=at - timedelta(hours=n // 2))
    now_case(State.CLOSED)
    cases = queries.visible_to(make.dispatcher())
    seen, after = [], ""
    while True:
        page = queries.page_of(cases, order=order, after=after, size=2)
        seen += page.cases
        after = page.after
        if not after:
            break

    back, before = list(page.cases), page.before
    while before:
        page = queries.page_of(cases, order=order, before=before, size=2)
        back = page.cases + back
        before = page.before

    assert sorted(case.pk for case in seen) == sorted(cases.values_list("pk", flat=True))
    assert [case.pk for case in back] == [case.pk for case in seen]
    if order == "due":
        assert seen[-1].due_at is None


@pytest.mark.parametrize("cursor", ["", "none", "1", "x-1", "99999999999999999999999-1", "1-x"])
def test_a_cursor_that_is_none_is_refused_or_ignored(cursor: str) -> None:
    if not cursor:
        assert queries.page_of(Case.objects.all()).cases == []
        return
    with pytest.raises(BadInput):
        queries.page_of(Case.objects.all(), after=cursor)


def test_counting_stops_where_it_gets_expensive() -> None:
    for _each in range(3):
        now_case()

    assert queries.count_up_to(Case.objects.all(), most=2) == (2, True)
    assert queries.count_up_to(Case.objects.all(), most=3) == (3, False)


def test_the_map_shows_the_cases_of_its_window(centre: Client) -> None:
    inside = now_case()
    now_case(lon=116.4181, lat=39.9181)

    answer = centre.get("/cases/map.json?bbox=116.405,39.905,116.415,39.915")

    features = answer.json()["features"]
    assert [each["properties"]["url"] for each in features] == [f"/cases/{inside.number}/"]
    assert features[0]["geometry"]["coordinates"] == list(make.INSIDE)
    assert features[0]["properties"]["kind"] == "good"


def test_many_cases_come_as_clusters_that_add_up(centre: Client) -> None:
    now_case()
    first = Case.objects.get()
    for n in range(MOST_POINTS + 4):
        first.pk, first.number, first.token = None, f"9{n:09d}", f"t{n}"
        first.lon, first.lat = 116.401 + (n % 30) / 2000, 39.901 + (n // 30) / 2000
        first.save(force_insert=True)

    features = centre.get("/cases/map.json?bbox=116.39,39.89,116.43,39.93").json()["features"]

    assert sum(each["properties"]["count"] for each in features) == MOST_POINTS + 5
    assert 1 < len(features) < 100


@pytest.mark.parametrize("bbox", ["", "1,2,3", "a,b,c,d", "3,2,1,4", "nan,1,2,3", "-200,1,2,3"])
def test_a_window_that_is_none_is_refused(bbox: str, centre: Client) -> None:
    assert centre.get(f"/cases/map.json?bbox={bbox}").status_code == 400


def test_the_csv_holds_the_filtered_list_and_no_formula(centre: Client) -> None:
    evil = now_case(text='=HYPERLINK("http://x","y")')
    now_case(State.FILED, text="门口有垃圾")

    answer = centre.get("/cases/export.csv?state=reported")
    raw = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))

    assert answer["Content-Type"].startswith("text/csv")
    assert rows[0][:3] == ["案件编号", "来源", "状态"]
    assert [row[0] for row in rows[1:]] == [evil.number]
    assert rows[1][6] == '\'=HYPERLINK("http://x","y")'


def test_the_xlsx_can_be_read_back(centre: Client) -> None:
    case = now_case(State.FILED, text="=1+1")

    answer = centre.get("/cases/export.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    answer.close()
    rows = book.get_sheet_by_index(0).to_python()

    assert rows[1][0] == case.number
    assert rows[1][4] == "暴露垃圾"
    assert rows[1][6] == "=1+1"
    assert rows[1][18] == make.INSIDE[0]


def test_an_export_of_another_kind_does_not_exist(centre: Client) -> None:
    assert centre.get("/cases/export.pdf").status_code == 404


def test_cases_without_a_place_queue_for_the_centre_only(centre: Client, client: Client) -> None:
    where = {"lon": None, "lat": None, "source": Source.HOTLINE}
    first, second = now_case(text="东单路口积水", **where), now_case(**where)
    seen = words(centre.get("/cases/needs-place/"))
    assert seen.index(first.number) < seen.index(second.number)

    answer = centre.post(
        f"/cases/{first.number}/set-place/?queue=1",
        {"lon": make.INSIDE[0], "lat": make.INSIDE[1], "address": "东单路口"},
    )

    assert answer["Location"] == f"/cases/{second.number}/set-place/?queue=1"
    placed = Case.objects.get(pk=first.pk)
    assert (placed.address, placed.street) == ("东单路口", make.street())
    client.force_login(make.clerk(make.unit("HW")))
    assert "没有等待定位的案件" in words(client.get("/cases/needs-place/"))


@pytest.mark.parametrize(
    "given", [{"address": "东单"}, {"lon": make.OUTSIDE[0], "lat": make.OUTSIDE[1]}, {"lon": "x", "lat": "y"}]
)
def test_a_place_that_is_none_is_asked_again(given: dict[str, Any], centre: Client) -> None:
    case = now_case(lon=None, lat=None, source=Source.HOTLINE)

    answer = centre.post(f"/cases/{case.number}/set-place/", given)

    assert answer.status_code == 422
    assert 'class="error-summary"' in words(answer)
    assert Case.objects.get(pk=case.pk).lon is None


def test_staff_enter_a_case_once_however_often_they_press(client: Client) -> None:
    make.rules()
    make.street()
    client.force_login(make.staff("grid_worker", division=make.street()))
    assert client.get("/cases/new/").status_code == 200
    given = {"text": "井盖松动", "lon": make.INSIDE[0], "lat": make.INSIDE[1], "source": "grid", "key": "k1"}

    answers = [client.post("/cases/new/", given) for _twice in range(2)]

    case = Case.objects.get()
    assert {answer["Location"] for answer in answers} == {f"/cases/{case.number}/"}
    assert (case.source, case.text) == (Source.GRID, "井盖松动")


@pytest.mark.parametrize(("address", "status"), [("/cases/", 200), ("/cases/new/", 403)])
def test_somebody_whose_duty_opens_no_cases_is_led_to_her_own_work(
    client: Client, address: str, status: int
) -> None:
    client.force_login(make.staff(Role.EVALUATOR))

    answer = client.get(address)

    assert answer.status_code == status
    assert "案件不在您的职责里" in words(answer)
    assert 'href="/desk/"' in words(answer)


def test_somebody_without_any_duty_enters_nothing(client: Client) -> None:
    client.force_login(make.user())

    answer = client.get("/cases/new/")

    assert answer.status_code == 403
    assert "还没有登记职责" in words(answer)


def test_a_batch_shows_where_each_would_go_and_then_sends_it(centre: Client) -> None:
    ready, early = now_case(State.FILED), now_case()

    preview = words(centre.post("/cases/batch/", {"case": [ready.number, early.number]}))
    done = words(centre.post("/cases/batch/dispatch/", {"case": [ready.number, early.number]}))

    assert "2件中有1件可以派遣" in preview
    assert "责任清单第 2 行" in preview
    assert "现在是“待立案”" in preview
    assert "已派遣1件" in done
    assert "1件没有派遣" in done
    ready.refresh_from_db()
    assert (ready.state, ready.unit) == (State.DISPATCHED, make.unit("HW"))


def test_a_batch_can_take_everything_that_is_filtered(centre: Client) -> None:
    chosen, other = now_case(State.FILED, text="门口有垃圾"), now_case(State.FILED, text="路灯坏了")

    preview = words(centre.post("/cases/batch/", {"all": "1", "filters": "q=垃圾"}))

    assert (chosen.number in preview, other.number in preview) == (True, False)


def test_coming_back_to_the_batch_leads_to_what_waits(centre: Client) -> None:
    assert centre.get("/cases/batch/")["Location"] == "/cases/?state=filed"


def test_only_the_centre_dispatches_in_a_batch(client: Client) -> None:
    case = now_case(State.FILED)
    client.force_login(make.clerk(make.unit("HW")))

    for address in ("/cases/batch/", "/cases/batch/dispatch/"):
        assert client.post(address, {"case": case.number}).status_code == 403
    assert Case.objects.get(pk=case.pk).state == State.FILED
    assert services.dispatch_cases([case.pk], by=make.dispatcher(), at=timezone.now())[0].refused == ""


def test_a_batch_passes_over_what_is_no_case_number(client: Client) -> None:
    client.force_login(make.dispatcher())

    assert client.post("/cases/batch/", {"case": ["\0", "x'; --"]}).status_code == 200
