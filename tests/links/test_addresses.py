"""Addresses: what means the same is written the same, and is found wherever it stands."""

import pytest

from forum.links.addresses import (
    archived,
    configure,
    in_record,
    key_of,
    normalize,
    replaced,
    same_page,
    unwrapped,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("HTTPS://Example.ORG:443", "https://example.org/"),
        ("http://example.org.:80/A?b=C", "http://example.org/A?b=C"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org/a?utm_source=x&b=1&fbclid=2&UTM_Campaign=3&gclid", "https://example.org/a?b=1"),
        ("https://example.org/a?mc_cid=1&mc_eid=2", "https://example.org/a"),
        ("https://example.org/a#section", "https://example.org/a"),
        ("https://example.org/a.pdf#page=12", "https://example.org/a.pdf#page=12"),
        ("https://example.org/#!/a", "https://example.org/#!/a"),
        ("https://example.org/%7euser/%c3%a9%2f", "https://example.org/~user/%C3%A9%2F"),
        ("https://example.org/é?q=ü", "https://example.org/%C3%A9?q=%C3%BC"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/a/../b/./c/..", "https://example.org/b/"),
        ("https://example.org/../../a", "https://example.org/a"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://example.org?a=1", "https://example.org/?a=1"),
        ("  https://example.org/a  ", "https://example.org/a"),
    ],
)
def test_one_spelling(typed: str, kept: str) -> None:
    assert normalize(typed) == kept
    assert normalize(kept) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "example.org", "ftp://example.org/", "javascript:alert(1)", "http://", "http://u:p@example.org/",
     "http://exa mple.org/", "http://example.org:99999/", "http://[::1", "https://example.org/" + "a" * 1000],
)  # fmt: skip
def test_what_is_no_address(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whatever is wrong with it
        normalize(typed)


def test_the_same_page_has_one_key() -> None:
    assert (
        key_of("http://example.org/a/")
        == key_of("https://EXAMPLE.org/a?utm_medium=email#top")
        == "example.org/a"
    )
    assert same_page("https://example.org/a/?b=1", "http://example.org/a?b=1")
    assert same_page("https://example.org/a.pdf#page=2", "http://example.org/a.pdf")
    assert not same_page("https://example.org/a", "https://example.org/A")
    assert not same_page("https://example.org/a?b=1", "https://example.org/a?b=2")
    assert not same_page("https://example.org/a", "nothing")


@pytest.mark.parametrize(
    "wrapped",
    [
        "https://nam02.safelinks.protection.outlook.com/?url=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&data=05%7C01&reserved=0",
        "https://www.google.com/url?q=https://example.org/a?b%3D1&sa=D&source=editors",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fa%3Fb%3D1&h=AT0",
        "https://urldefense.com/v3/__https://example.org/a?b=1__;!!abc!def$",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__example.org_a-3Fb-3D1&d=DwM&c=x",
        "https://www.google.com/url?q=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fexample.org%252Fa%253Fb%253D1",
        "https://example.org/a?b=1",
    ],
)
def test_what_mail_programs_wrap_is_unwrapped(wrapped: str) -> None:
    assert unwrapped(wrapped) == "https://example.org/a?b=1"


def test_a_wrapper_around_nothing_stays() -> None:
    url = "https://www.google.com/url?sa=t"
    assert unwrapped(url) == url
    assert unwrapped("https://www.google.com/url?q=javascript:alert(1)").startswith("https://www.google.com")


RECORD = {
    "url": "https://example.org/a",
    "items": [
        {
            "ref": "resource:https://example.org/a",
            "note": "See [it](https://example.org/a), not (http://b.org).",
        }
    ],
    "body": "https://en.wikipedia.org/wiki/A_(b) and https://example.org/ab.",
    "year": 2020,
}


def test_addresses_are_found_in_fields_references_and_texts() -> None:
    assert list(in_record(RECORD)) == [
        ("url", "https://example.org/a"),
        ("items-0-ref", "https://example.org/a"),
        ("items-0-note", "https://example.org/a"),
        ("items-0-note", "http://b.org"),
        ("body", "https://en.wikipedia.org/wiki/A_(b)"),
        ("body", "https://example.org/ab"),
    ]


def test_an_address_is_replaced_wherever_it_stands_and_no_longer_one() -> None:
    new = "https://new.example/x"
    changed = replaced(RECORD, lambda url: new if same_page(url, "http://example.org/a/") else url)
    assert changed["url"] == new
    assert changed["items"][0] == {"ref": f"resource:{new}", "note": f"See [it]({new}), not (http://b.org)."}
    assert changed["body"] == RECORD["body"]
    assert changed["year"] == 2020


def test_an_archive_keeps_copies_where_it_is_set() -> None:
    configure("https://archive.example/2/{url}")
    assert archived("https://a.org/b?c=d") == "https://archive.example/2/https://a.org/b?c=d"
    configure("")
    assert archived("https://a.org/") == ""
