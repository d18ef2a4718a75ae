"""Nobody is led to another site by a link to this one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.web.security import safe_next, sign_in_address


@pytest.mark.parametrize("target", ["/", "/cases/share?service=parks", "/questions/a-b?comments=x#comment-7"])
def test_a_path_of_this_site_is_followed(target: str) -> None:
    assert safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "cases/",
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/cases/\r\nSet-Cookie: a=b",
        "/a\\..\\..//evil.example",
        " /cases/",
        "javascript:alert(1)",
        "data:text/html,hello",
    ],
)
def test_anything_else_is_not(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


@given(st.text(alphabet="/\\:@.?#ehtpsxm \t\n%2fF", max_size=24))
def test_whatever_is_made_up_stays_here(target: str) -> None:
    followed = safe_next(target)
    assert followed.startswith("/")
    assert not followed.startswith(("//", "/\\"))
    assert followed.isprintable()


@given(st.text(max_size=40))
def test_the_way_to_sign_in_is_one_argument_that_leads_back(path: str) -> None:
    address = sign_in_address("/" + path)
    assert address.isascii()
    assert address.count("?") == address.count("=") == 1
