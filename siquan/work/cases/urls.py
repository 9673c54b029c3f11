"""Addresses of the cases, as staff see them."""

from __future__ import annotations

from django.urls import path

from siquan.work.cases.views import (
    acting,
    batch,
    contact,
    importing,
    learning,
    listing,
    originals,
    photos,
    placing,
    suggesting,
)

app_name = "cases"
urlpatterns = [
    path("", listing.case_list, name="list"),
    path("map.json", listing.map_points, name="map"),
    path("export.<slug:kind>", listing.export, name="export"),
    path("photos/", photos.doubted, name="doubted"),
    path("needs-place/", listing.needs_place, name="needs_place"),
    path("suggestions/", suggesting.record, name="suggestions"),
    path("suggestions/learn/", learning.learn, name="learn"),
    path("suggestions/<int:key>/", learning.show_learned, name="learned"),
    path("suggestions/<int:key>/<slug:verb>/", learning.choose, name="choose"),
    path("new/", placing.new_case, name="new"),
    path("import/", importing.take_in, name="import"),
    path("import/<int:key>/", importing.show_import, name="import_file"),
    path("import/<int:key>/result.csv", importing.result, name="import_result"),
    path("batch/", batch.preview, name="batch"),
    path("batch/dispatch/", batch.dispatch, name="batch_dispatch"),
    path("batch/<int:key>/", batch.result, name="batch_result"),
    path("<str:number>/", acting.show_case, name="case"),
    path("<str:number>/set-place/", placing.set_place, name="set_place"),
    path("<str:number>/contact/", contact.show_contact, name="contact"),
    path("<str:number>/photos/<slug:key>/original/", originals.show_original, name="original"),
    path("<str:number>/photos/<slug:key>/<slug:verb>/", photos.act, name="photo_act"),
    path("<str:number>/<slug:verb>/", acting.act, name="act"),
]
