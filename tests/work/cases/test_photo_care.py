"""A photo that shows too much: withheld, covered further, shown again, doubted by residents and units."""

from __future__ import annotations

import io
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from siquan.base.accounts.services import make_token
from siquan.base.files import queries as stored
from siquan.base.files import services as files
from siquan.base.files.models import StoredFile
from siquan.base.journal.models import Entry
from siquan.base.kernel.errors import BadInput, NotPossible
from siquan.work.cases import queries, services
from siquan.work.cases.forms import PHOTO_FORMS, CoverPhoto
from siquan.work.cases.models import Case
from siquan.work.cases.permissions import OTHER_RULES
from siquan.work.cases.photoremarks import PhotoRemark
from siquan.work.cases.states import PHOTO_EVENTS, PHOTO_TRANSITIONS, PHOTO_VERBS, State
from tests import make
from tests.counting import statements

pytestmark = pytest.mark.django_db

WHY = "左边的人脸没有遮住"
LEFT_HALF = [(0, 0, 500, 1000)]


def two_colours() -> bytes:
    """Return a photo with a fine red and black pattern on the left and plain blue on the right."""
    image = Image.new("RGB", (64, 48), "#2040C0")
    for x in range(32):
        for y in range(48):
            image.putpixel((x, y), (230, 20, 20) if (x // 4 + y // 4) % 2 else (0, 0, 0))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def case_with_photo(state: State = State.FILED, data: bytes | None = None, **fields: object) -> Case:
    case = make.case(state, photos=[data or two_colours()], **fields)
    files.blur_file(case.photos.get().file, at=make.NOW)
    return case


def file_of(case: Case) -> StoredFile:
    file: StoredFile = case.photos.get().file
    return file


def key_of(case: Case) -> str:
    return file_of(case).key


def act(verb: str, case: Case, by: object, **given: object) -> None:
    given = {"reason": WHY, **given}
    services.PHOTO_ACTS[verb](case.pk, key=key_of(case), by=by, at=make.NOW, **given)


def shown(client: Client, case: Case, what: str = "picture") -> str:
    return str(client.get(reverse(f"files:{what}", args=[key_of(case)]))["Content-Type"])


@pytest.mark.parametrize("what", ["picture", "thumbnail"])
def test_a_withheld_photo_is_a_drawing_for_everybody_at_the_same_address(client, what):
    case, staff = case_with_photo(), Client()
    staff.force_login(make.lead())
    before = shown(client, case, what), shown(staff, case, what)

    act("withhold-photo", case, make.dispatcher())

    assert before == ("image/jpeg", "image/jpeg")
    assert (shown(client, case, what), shown(staff, case, what)) == ("image/svg+xml", "image/svg+xml")
    assert "暂不显示" in client.get(reverse(f"files:{what}", args=[key_of(case)])).content.decode()


def test_what_is_withheld_already_is_told_before_a_reason_is_written(client):
    case = case_with_photo()
    act("withhold-photo", case, make.dispatcher())
    client.force_login(make.dispatcher())

    late = client.get(
        reverse("cases:photo_act", args=[case.number, key_of(case), "withhold-photo"]), follow=True
    )

    assert late.redirect_chain == [(f"/cases/{case.number}/", 302)]
    assert "不能“不再显示这张照片”" in late.content.decode()


def test_no_browser_may_show_a_photo_again_without_asking(client):
    case = case_with_photo()
    address = reverse("files:picture", args=[key_of(case)])
    first = client.get(address)
    act("withhold-photo", case, make.dispatcher())
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, no-cache"
    assert again.status_code == 200
    assert (again["Content-Type"], again["Cache-Control"]) == ("image/svg+xml", "private, no-store")


def test_the_same_shot_in_another_case_is_withheld_too_and_told_in_its_story(client):
    case, other = case_with_photo(), case_with_photo()

    act("withhold-photo", case, make.dispatcher())

    assert shown(client, other) == "image/svg+xml"
    told = Entry.objects.filter(event="file.withheld").values_list("about_type", "about_id")
    assert sorted(told) == sorted([("case", case.pk), ("case", other.pk)])


def test_only_the_lead_shows_a_photo_again_and_the_journal_has_both_reasons(client):
    case, dispatcher, lead = case_with_photo(), make.dispatcher(), make.lead()
    act("withhold-photo", case, dispatcher)

    with pytest.raises(PermissionDenied, match="只有中心负责人"):
        act("show-photo", case, dispatcher)
    act("show-photo", case, lead, reason="核实过，是雕像")

    assert shown(client, case) == "image/jpeg"
    entries = Entry.objects.filter(event__in=["file.withheld", "file.shown_again"]).order_by("pk")
    assert [(each.by_id, each.details["reason"]) for each in entries] == [
        (dispatcher.pk, WHY),
        (lead.pk, "核实过，是雕像"),
    ]


@pytest.mark.parametrize("verb", ["withhold-photo", "cover-photo", "leave-photo"])
def test_a_unit_asks_but_does_not_decide(verb):
    unit = make.unit("HW")
    case = case_with_photo(State.IN_HAND, of=unit)
    clerk = make.clerk(unit)
    more = {"areas": LEFT_HALF} if verb == "cover-photo" else {}

    with pytest.raises(PermissionDenied):
        act(verb, case, clerk, **more)
    act("doubt-photo", case, clerk, shows="person")

    assert [each.by_id for each in queries.doubts(make.dispatcher())] == [clerk.pk]


def test_another_unit_may_not_even_ask():
    case = case_with_photo(State.IN_HAND)

    with pytest.raises(PermissionDenied):
        act("doubt-photo", case, make.clerk(make.unit("OTHER")), shows="person")


@pytest.mark.parametrize("reason", ["", "   ", "不好"])
def test_withholding_needs_a_reason(reason):
    case = case_with_photo()

    with pytest.raises(BadInput):
        act("withhold-photo", case, make.dispatcher(), reason=reason)

    assert not file_of(case).is_withheld


def test_what_does_not_fit_the_state_is_not_possible():
    case = case_with_photo()
    with pytest.raises(NotPossible):
        act("show-photo", case, make.lead())
    act("withhold-photo", case, make.lead())
    with pytest.raises(NotPossible):
        act("withhold-photo", case, make.lead())


def test_a_covered_area_keeps_nothing_of_what_was_there_and_the_rest_stays(client):
    case = case_with_photo()
    address = reverse("files:picture", args=[key_of(case)])

    act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)
    waiting = client.get(address)
    assert files.blur_next(at=make.NOW)
    after = Image.open(io.BytesIO(client.get(address).content))

    assert waiting["Content-Type"] == "image/svg+xml"
    left = [after.getpixel((x, y))[0] for x in range(2, 28) for y in range(2, 46)]
    assert max(left) - min(left) < 60  # the pattern went from 0 to 230
    assert after.getpixel((56, 24))[2] > 150
    assert file_of(case).areas == [[0, 0, 500, 1000]]


def test_the_picture_that_showed_too_much_is_gone_from_the_storage(django_capture_on_commit_callbacks):
    case = case_with_photo()
    file = file_of(case)
    lay = [file.path, file.thumbnail_path]
    assert all(default_storage.exists(path) for path in lay)

    with django_capture_on_commit_callbacks(execute=True):
        act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)

    assert not any(default_storage.exists(path) for path in lay)


def test_the_tag_of_the_uncovered_picture_opens_nothing(client):
    case = case_with_photo()
    address = reverse("files:picture", args=[key_of(case)])
    tag = client.get(address)["ETag"]
    act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)
    files.blur_next(at=make.NOW)

    again = client.get(address, headers={"If-None-Match": tag})

    assert again.status_code == 200
    assert again["ETag"] != tag


def test_a_picture_made_while_somebody_marked_more_is_thrown_away():
    case = case_with_photo()
    act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)
    begun = file_of(case)
    act("cover-photo", case, make.dispatcher(), areas=[*LEFT_HALF, (600, 0, 800, 200)])

    files.blur_file(begun, at=make.NOW)

    assert not file_of(case).is_blurred


def test_a_photo_uploaded_again_is_not_shown_as_its_covered_twin_was_before():
    case = case_with_photo()
    act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)
    files.blur_next(at=make.NOW)

    other = case_with_photo()

    assert file_of(other).sha256 != file_of(case).sha256
    assert stored.picture_bytes(file_of(other)) != stored.picture_bytes(file_of(case))


def test_covering_a_withheld_photo_keeps_it_withheld(client):
    case = case_with_photo()
    act("withhold-photo", case, make.dispatcher())
    act("cover-photo", case, make.dispatcher(), areas=LEFT_HALF)
    files.blur_next(at=make.NOW)

    assert file_of(case).is_blurred
    assert shown(client, case) == "image/svg+xml"


def test_only_the_lead_takes_back_what_was_covered():
    case, dispatcher = case_with_photo(), make.dispatcher()
    act("cover-photo", case, dispatcher, areas=LEFT_HALF)

    with pytest.raises(PermissionDenied, match="只有中心负责人"):
        act("cover-photo", case, dispatcher, areas=[(0, 0, 100, 100)])
    act("cover-photo", case, make.lead(), areas=[])

    assert file_of(case).areas == []


@pytest.mark.parametrize(
    "areas",
    [[(0, 0, 1001, 10)], [(-1, 0, 10, 10)], [(0, 0, 2, 500)], [(0, 0, 10 + n, 10) for n in range(21)]],
)
def test_an_area_that_is_none_is_refused(areas):
    case = case_with_photo()

    with pytest.raises(BadInput) as refused:
        act("cover-photo", case, make.dispatcher(), areas=areas)

    assert refused.value.field == "areas"


@pytest.mark.parametrize(
    ("sent", "areas"),
    [
        ({"areas": "0,0,50,100; 10,20,30.5,40"}, [(0, 0, 500, 1000), (100, 200, 405, 600)]),
        ({"areas": ""}, []),
        ({"areas": "1,2,3"}, None),
        ({"areas": "a,b,c,d"}, None),
        ({"areas": "nan,0,1,1"}, None),
        ({"areas": "inf,0,1,1"}, None),
    ],
)
def test_programs_write_areas_as_one_text_in_percent(sent, areas):
    form = CoverPhoto({"reason": WHY, **sent})

    assert (form.cleaned_data["areas"] if form.is_valid() else None) == areas


def test_the_page_sends_an_area_a_row_without_any_script(client):
    case = case_with_photo()
    client.force_login(make.dispatcher())
    address = reverse("cases:photo_act", args=[case.number, key_of(case), "cover-photo"])
    page = client.get(address).content.decode()
    rows = {
        "areas-left": ["0", ""],
        "areas-top": ["0", ""],
        "areas-width": ["50", ""],
        "areas-height": ["100", ""],
    }

    sent = client.post(address, {**rows, "reason": WHY})

    assert page.count('name="areas-left"') == 3
    assert "data:image/jpeg;base64," in page
    assert sent.status_code == 302
    assert file_of(case).areas == [[0, 0, 500, 1000]]


def test_a_page_that_was_refused_keeps_what_was_filled_in(client):
    case = case_with_photo()
    client.force_login(make.dispatcher())
    address = reverse("cases:photo_act", args=[case.number, key_of(case), "cover-photo"])

    sent = client.post(
        address,
        {"areas-left": "90", "areas-top": "0", "areas-width": "30", "areas-height": "5", "reason": WHY},
    )

    assert sent.status_code == 422
    assert 'name="areas-left" min="0" max="100" step="0.1" value="90"' in sent.content.decode()


def test_somebody_without_an_account_says_what_a_public_photo_shows(client):
    case = case_with_photo()
    address = reverse("portal:doubt", args=[case.number])
    said = {"photo": key_of(case), "shows": "person", "text": "左边的人，电话13812345678"}

    first, second = client.post(address, said), client.post(address, said)

    assert (first.status_code, second.status_code) == (302, 302)
    remark = PhotoRemark.objects.get()
    assert (remark.shows, remark.times, remark.by) == ("person", 2, None)
    assert "13812345678" not in remark.text
    assert shown(client, case) == "image/jpeg"
    assert Entry.objects.filter(event="case.photo_doubted", about_id=case.pk).count() == 1


def test_of_photos_that_are_not_public_nothing_can_be_said(client):
    case = case_with_photo(State.REPORTED)

    sent = client.post(
        reverse("portal:doubt", args=[case.number]), {"photo": key_of(case), "shows": "person"}
    )

    assert sent.status_code == 422
    assert not PhotoRemark.objects.exists()


@pytest.mark.parametrize("verb", ["withhold-photo", "cover-photo", "leave-photo"])
def test_whatever_the_centre_does_answers_what_was_said(verb):
    case, dispatcher = case_with_photo(), make.dispatcher()
    services.doubt_public_photo(case.photos.get(), shows="plate", at=make.NOW)
    before = queries.doubt_count(dispatcher)

    act(verb, case, dispatcher, **({"areas": LEFT_HALF} if verb == "cover-photo" else {}))

    assert (before, queries.doubt_count(dispatcher)) == (1, 0)


def test_nothing_is_left_to_answer_when_nobody_has_said_anything():
    case = case_with_photo()

    with pytest.raises(BadInput):
        act("leave-photo", case, make.dispatcher())


def test_the_list_of_the_centre_asks_the_same_number_of_questions_for_one_and_three(client):
    client.force_login(make.dispatcher())
    services.doubt_public_photo(case_with_photo().photos.get(), shows="plate", at=make.NOW)
    address = reverse("cases:doubted")
    client.get(address)
    one = statements(client, address)
    for colour in ("red", "tan"):
        photo = case_with_photo(data=make.photo(colour)).photos.get()
        services.doubt_public_photo(photo, shows="plate", at=make.NOW)

    assert statements(client, address) == one
    assert client.get(address).content.decode().count("看得清车牌") == 3


def test_the_list_is_for_the_centre_only(client):
    client.force_login(make.clerk(make.unit("HW")))

    assert client.get(reverse("cases:doubted")).status_code == 403


def test_the_case_page_offers_what_the_person_may_do(client):
    case = case_with_photo()
    offered = {}
    for name, person in {"dispatcher": make.dispatcher(), "lead": make.lead()}.items():
        client.force_login(person)
        page = client.get(reverse("cases:case", args=[case.number])).content.decode()
        offered[name] = [verb for verb in PHOTO_VERBS if f"/{verb}/" in page]

    assert offered == {
        "dispatcher": ["cover-photo", "withhold-photo"],
        "lead": ["cover-photo", "withhold-photo"],
    }
    act("withhold-photo", case, make.lead())
    assert "/show-photo/" in client.get(reverse("cases:case", args=[case.number])).content.decode()


def test_a_program_withholds_and_covers_and_shows_again():
    case, client = case_with_photo(), Client()
    token = {"authorization": f"Bearer {make_token(make.lead(), label='x', at=make.NOW)}"}

    def post(verb: str, **body: str) -> dict[str, object]:
        address = f"/api/v1/cases/{case.number}/photos/{key_of(case)}/{verb}"
        answer = client.post(address, json.dumps(body), "application/json", headers=token)
        assert answer.status_code == 200, answer.content
        photo: dict[str, object] = answer.json()["photos"][0]
        return photo

    withheld = post("withhold-photo", reason=WHY)
    covered = post("cover-photo", reason=WHY, areas="0,0,50,100")
    bare = post("cover-photo", reason="不需要遮挡")  # no areas are none
    again = post("show-photo", reason="已经遮好了")

    assert (withheld["is_withheld"], withheld["verbs"]) == (True, ["cover-photo", "show-photo"])
    assert (covered["is_withheld"], covered["is_blurred"]) == (True, False)
    assert bare["is_withheld"] is True
    assert again["is_withheld"] is False


def test_every_verb_of_a_photo_has_a_rule_a_form_a_service_and_an_event():
    verbs = {verb for step in PHOTO_TRANSITIONS.values() for verb in step}

    assert verbs == set(PHOTO_VERBS) == set(PHOTO_FORMS) == set(services.PHOTO_ACTS) == set(PHOTO_EVENTS)
    assert verbs <= set(OTHER_RULES)
