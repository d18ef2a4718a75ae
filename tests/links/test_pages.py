"""What pages say of themselves: read from where they say it, as plain text, and bounded."""

from io import BytesIO

import pytest
from pypdf import PdfWriter

from forum.core.http import Fetched
from forum.links.pages import PageFacts, is_too_deep, read_page

GRAPH = """{"@graph": [{"@type": "WebSite", "name": "Alder"}, {"@type": "NewsArticle", "headline": "A vote",
"datePublished": "2020", "publisher": {"name": "The Post"}, "author": ["B. Poe"]}]}"""


def page(
    body: str | bytes, content_type: str = "text/html", url: str = "https://example.org/page"
) -> Fetched:
    content = body.encode() if isinstance(body, str) else body
    return Fetched(url, status=200, headers={"content-type": content_type}, body=content)


def test_citation_data_goes_before_open_graph_before_json_ld_before_the_title() -> None:
    head = "<title>Title of the tab</title><h1>Heading</h1>"
    json_ld = '<script type="application/ld+json">{"headline": "From JSON-LD", "author": {"name": "J. Doe"}}</script>'
    open_graph = (
        '<meta property="og:title" content="From Open Graph"><meta property="og:site_name" content="Alder">'
    )
    citation = '<meta name="citation_title" content="From the citation"><meta name="citation_author" content="A. Roe">'
    assert read_page(page(head)).title == "Title of the tab"
    assert read_page(page(head + json_ld)).title == "From JSON-LD"
    assert read_page(page(head + json_ld + open_graph)).title == "From Open Graph"
    everything = read_page(page(head + json_ld + open_graph + citation))
    assert (everything.title, everything.author, everything.publisher) == (
        "From the citation",
        "A. Roe",
        "Alder",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h1>Only a <b>heading</b></h1>", PageFacts(title="Only a heading")),
        ('<title>A handbook | Alder</title><meta property="og:site_name" content="Alder">',
         PageFacts(title="A handbook", publisher="Alder", kind="toolkit_or_handbook")),
        ("<title>Sharing &amp; caring &#8211; now</title>", PageFacts(title="Sharing & caring – now")),
        ("<title>&lt;b&gt;bold&lt;/b&gt;</title>", PageFacts(title="<b>bold</b>")),
        ('<title>A page</title><meta property="article:published_time" content="2019-05-01T00:00:00Z">',
         PageFacts(title="A page", year=2019)),
        ('<title>A page</title><meta name="date" content="soon">', PageFacts(title="A page")),
        (f'<script type="application/ld+json">{GRAPH}</script>',
         PageFacts(title="A vote", publisher="The Post", author="B. Poe", year=2020, kind="news_item")),
        ('<title>A page</title><meta name="author" content="https://facebook.example/x">', PageFacts(title="A page")),
        ('<title>Cost calculator</title>', PageFacts(title="Cost calculator", kind="calculator")),
        ("", PageFacts()),
        ("<title></title>", PageFacts()),
        ('<script type="application/ld+json">{not json</script><title>A page</title>', PageFacts(title="A page")),
        ('<script type="application/ld+json">[[[[1]]]]</script><title>A page</title>', PageFacts(title="A page")),
    ],
)  # fmt: skip
def test_pages_of_many_kinds(body: str, expected: PageFacts) -> None:
    assert read_page(page(body)) == expected


def test_letters_of_other_encodings() -> None:
    latin = "<title>Café</title>".encode("latin-1")
    assert read_page(page(latin, "text/html; charset=iso-8859-1")).title == "Café"
    assert read_page(page(b'<meta charset="windows-1252">' + latin)).title == "Café"
    assert read_page(page(latin, "text/html; charset=no-such")).title.startswith("Caf")


def pdf(**facts: str) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({f"/{name}": value for name, value in facts.items()})
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def test_a_pdf_says_it_in_its_metadata_or_by_its_name() -> None:
    body = pdf(Title="Sample agreement for a shared chief", Author="County", CreationDate="D:20180405120000")
    expected = PageFacts(
        "Sample agreement for a shared chief", author="County", year=2018, kind="sample_agreement"
    )
    assert read_page(page(body, "application/pdf")) == expected
    url = "https://example.org/files/Shared_Chief-2020.pdf"
    for unnamed in (pdf(Title="Microsoft Word - final3.docx"), body[:300], b"%PDF-1.7 garbage"):
        assert read_page(page(unnamed, "application/pdf", url)).title == "Shared Chief 2020"


@pytest.mark.parametrize("media", ["image/png", "application/zip", "text/plain"])
def test_what_is_no_page_says_nothing(media: str) -> None:
    assert read_page(page("<title>x</title>", media)) == PageFacts()


def test_long_titles_are_cut() -> None:
    assert len(read_page(page(f"<title>{'word ' * 1000}</title>")).title) <= 300


@pytest.mark.parametrize(
    "body",
    ["<div>" * 60_000, "<div></span>" * 25_000, "<!--" * 70_000, "<meta " * 50_000, "<title>" * 40_000,
     "<script type=application/ld+json>" + "[" * 100_000, '<meta name="a" content="' + "&" * 200_000],
)  # fmt: skip
def test_hostile_pages_are_read_or_left(body: str) -> None:
    assert read_page(page(body)).publisher == ""


def test_depth_is_counted_by_what_stays_open() -> None:
    assert is_too_deep("<div>" * 3000)
    assert is_too_deep("<div></span>" * 3000)
    assert not is_too_deep("<p>text<br><li>" * 30_000 + "<div></div>" * 30_000)
