"""The checker is checked: a page that it lets through wrongly would go unnoticed."""

import pytest

from tests.support.html import faults

PAGE = "<!doctype html><html lang='en'><head><title>A page</title></head><body>{}</body></html>"


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("<p>One<div>Two</p></div>", "Broken HTML"),
        ("<b><i>crossed</b></i>", "Broken HTML"),
        ("<p id='a'>One<p id='a'>Two", "used 2 times"),
        ("<input name='title'>", "'title' has no label"),
        ("<label for='other'>Title</label><input id='title'><i id='other'></i>", "'title' has no label"),
        ("<select name='kind'></select>", "'kind' has no label"),
        ("<label for='gone'>Title</label>", "for='gone'"),
        ("<p aria-describedby='here gone'><i id='here'></i></p>", "aria-describedby='gone'"),
        ("<a href='#gone'>Skip</a>", "#gone"),
        ("<template><input name='row'></template>", "'row' has no label"),
        ("<template><div><tr></tr></div></template>", "Broken HTML"),
    ],
)
def test_a_fault_is_found(body, fault):
    assert fault in "\n".join(faults(PAGE.format(body)))


@pytest.mark.parametrize(
    "body",
    [
        "<a href='#main'>Skip</a><main id='main'><p>Text &amp; more</p></main>",
        "<label for='title'>Title</label><input id='title' name='title'>",
        "<label>Title <input name='title'></label>",
        "<input name='q' aria-label='Search'><input type='hidden' name='token'><button>Go</button>",
        "<h2 id='costs'>Costs</h2><textarea aria-labelledby='costs'></textarea>",
        "<table><tbody></tbody></table><template><tr><td>Row</td></tr></template>",
        "<svg viewBox='0 0 1 1'><path d='M0 0'/></svg><dialog><p>Sure?</p></dialog>",
        "<a href='#user-content-fn:1'>1</a>",
    ],
)
def test_a_sound_page_has_none(body):
    assert faults(PAGE.format(body)) == []


def test_a_part_of_a_page_may_point_to_what_is_outside_of_it():
    assert faults("<p aria-describedby='elsewhere'>Saved</p>") == []
    assert faults("<tr><td>A row</td></tr>") == []
    assert "Broken HTML" in faults("<p>Open <b>bold</p>")[0]
