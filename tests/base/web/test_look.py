"""Type size, theme, density and shortcuts live in one cookie and work without JavaScript."""

from __future__ import annotations

from django.test import Client


def test_large_type_is_kept_and_drawn(client: Client):
    answer = client.post("/look/", {"type": "large", "next": "/styleguide/portal/"})

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/styleguide/portal/"
    assert 'data-type="large"' in client.get("/styleguide/portal/").content.decode()


def test_one_choice_leaves_the_others_alone(client: Client):
    client.post("/look/", {"type": "large"})
    client.post("/look/", {"theme": "dark"})
    text = client.get("/styleguide/").content.decode()

    assert 'data-type="large"' in text
    assert 'data-theme="dark"' in text
    assert 'data-density="normal"' in text


def test_unknown_choices_are_ignored(client: Client):
    client.post("/look/", {"type": '"><script>', "colour": "pink"})
    text = client.get("/styleguide/").content.decode()

    assert 'data-type="normal"' in text
    assert "pink" not in text


def test_a_forged_cookie_does_no_harm(client: Client):
    client.cookies["look"] = "type=%22%3E%3Cscript%3E&theme=dark"
    text = client.get("/styleguide/").content.decode()

    assert 'data-type="normal" data-theme="dark"' in text


def test_the_way_back_never_leaves_the_house(client: Client):
    for next_ in ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""]:
        assert client.post("/look/", {"next": next_}).headers["Location"] == "/"


def test_looking_is_not_changing(client: Client):
    assert client.get("/look/").status_code == 405


def test_language_switch_speaks_english(client: Client):
    client.post("/language/", {"language": "en", "next": "/styleguide/"})
    text = client.get("/styleguide/").content.decode()

    assert '<html lang="en"' in text
    assert "Skip to the content" in text


def test_styleguide_is_hidden_in_production(client: Client, settings: object):
    settings.STYLEGUIDE = False  # type: ignore[attr-defined]
    settings.DEBUG = False  # type: ignore[attr-defined]

    assert client.get("/styleguide/").status_code == 404
