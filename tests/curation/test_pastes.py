"""Pasted pages: bullets become links with their sentences, what stands around them does not."""
# ruff: noqa: E501  # pages are written as they come

import pytest

from forum.curation import pastes
from forum.curation.pastes import Pasted, read_paste

SENTENCES = [
    (
        "Sharing a fire chief",
        "https://alder.example/fire-chief",
        "Three towns tell how they split one salary.",
    ),
    (
        "Interlocal agreement, annotated",
        "https://county.example/ila.pdf",
        "A signed text with notes in the margin.",
    ),
    ("What a shared court costs", "https://study.example/court", "A study of nine courts over six years."),
    (
        "The joint dispatch handbook",
        "https://dispatch.example/handbook",
        "Worksheets for the first four talks.",
    ),
    ("Who owns the snowplow?", "https://roads.example/plow", "A short story about a plow and two villages."),
    ("Exit clauses that worked", "https://law.example/exit", "Five clauses, and when each of them was used."),
    ("Measuring a merger", "https://numbers.example/merger", "What to count before you begin, and after."),
]
INTRO = (
    "Every week a manager asks us how others share what they cannot pay for alone. Here are seven readings that we send "
    "most often, with a word on why."
)
PAGE = f"""<!doctype html><html><head><title>Seven readings | Alder Center</title><style>a{{color:red}}</style></head><body>
<header class="site-header"><nav class="main-nav"><ul><li><a href="/">Home</a></li>
<li><a href="https://alder.example/about">About us</a></li><li><a href="https://alder.example/join">Membership</a></li></ul></nav></header>
<article><h1>Seven readings on sharing services</h1>
<p>{INTRO} We <a href="https://alder.example/last-year">did this last year</a> too.</p>
<ul>{"".join(f'<li><p><a href="{url}?utm_source=blog"><b>{title}</b></a> &ndash; {says}</p></li>' for title, url, says in SENTENCES)}</ul>
<h3>Learn more</h3><p>Read the <a href="https://alder.example/blog">rest of our blog</a> or
<a href="https://alder.example/newsletter">get our newsletter</a>.</p>
<p>Best,</p><p>Ana Ruiz<br><a href="https://alder.example/people/ana">Director, Alder Center</a></p></article>
<div class="share-buttons"><a href="https://www.facebook.com/sharer.php?u=x">Share</a>
<a href="https://www.linkedin.com/company/alder">LinkedIn</a></div>
<footer><a href="https://alder.example/privacy">Privacy policy</a><a href="https://mail.example/unsubscribe?u=1">Unsubscribe</a></footer>
<script>document.write('<a href="https://evil.example/">x</a>')</script></body></html>"""

MARKDOWN = (
    f"""# Seven readings on sharing services

{INTRO} We [did this last year](https://alder.example/last-year) too.

"""
    + "\n".join(f"- [{title}]({url}): {says}" for title, url, says in SENTENCES)
    + """

## Learn more
Read the [rest of our blog](https://alder.example/blog).

--
Ana Ruiz, https://alder.example/people/ana
"""
)

PLAIN = (
    f"""Seven readings on sharing services

{INTRO}

"""
    + "\n".join(f"• {title}: {says} {url}" for title, url, says in SENTENCES)
    + """

Learn more:
https://alder.example/blog

Best regards,
Ana Ruiz
https://alder.example/people/ana
"""
)

WRAP = "https://nam02.safelinks.protection.outlook.com/?url={}&data=05"
MAIL = (
    f"""<div><span style="font-size:20px">Seven readings on sharing services</span></div><div>{INTRO}</div><br>
"""
    + "".join(
        f'<p class="MsoListParagraph" style="text-indent:-.25in"><span>·<span>&nbsp;&nbsp;&nbsp; </span></span>'
        f'<span><a href="{WRAP.format(url.replace(":", "%3A").replace("/", "%2F"))}">{title}</a>. {says}</span><o:p></o:p></p>'
        for title, url, says in SENTENCES
    )
    + """<p>Thanks,</p><p>Ana <a href="https://alder.example/people/ana">Alder Center</a></p>
<table><tr><td style="font-size:9px"><a href="https://list.example/x">View this email in your browser</a>
<a href="https://list.example/prefs">Update your preferences</a></td></tr></table>"""
)


def chosen(pasted: Pasted) -> list[tuple[str, str, str]]:
    return [(link.title, link.url, link.note) for link in pasted.links if not link.frame]


@pytest.mark.parametrize("page", [PAGE, MARKDOWN, PLAIN, MAIL], ids=["html", "markdown", "plain", "mail"])
def test_seven_bullets_are_seven_links_in_order_and_the_frame_is_not(page: str) -> None:
    pasted = read_paste(page)
    assert chosen(pasted) == SENTENCES_OUT
    assert pasted.title == "Seven readings on sharing services"
    assert pasted.intro.startswith("Every week a manager asks us")
    assert not any("evil" in link.url for link in pasted.links)


SENTENCES_OUT = [(title, url, says) for title, url, says in SENTENCES]


def test_what_is_left_out_is_there_to_be_chosen_after_all() -> None:
    frames = {link.url: link.frame for link in read_paste(PAGE).links if link.frame}
    assert frames["https://alder.example/last-year"] == "opening"
    assert frames["https://alder.example/blog"] == "more"
    assert frames["https://alder.example/people/ana"] == "signature"
    assert frames["https://alder.example/about"] == "around"
    assert "https://alder.example/newsletter" in frames


def test_a_link_around_a_heading_is_called_by_it() -> None:
    page = """<div><a href="https://a.example/1"><h3>Sharing a library</h3><p>Two cities, one card.</p></a></div>
    <div><a href="https://a.example/2"><h3>Sharing a pool</h3></a><p>Who mows the lawn.</p></div>
    <div><h3><a href="https://a.example/3">Sharing a road</a></h3><p>It has two ends.</p><a href="https://a.example/3">Read more</a></div>"""
    assert chosen(read_paste(page)) == [
        ("Sharing a library", "https://a.example/1", "Two cities, one card."),
        ("Sharing a pool", "https://a.example/2", "Who mows the lawn."),
        ("Sharing a road", "https://a.example/3", "It has two ends."),
    ]


def test_a_link_that_says_here_is_called_by_the_words_before_it() -> None:
    page = """<ul><li><b>The dispatch handbook:</b> worksheets for four talks. Get it <a href="https://a.example/1">here</a>.</li>
    <li>A study of courts <a href="https://a.example/2">https://a.example/2</a></li></ul>"""
    first, second = chosen(read_paste(page))
    assert first[0] == "The dispatch handbook"
    assert "worksheets for four talks" in first[2].lower()
    assert second[0] == "A study of courts"


def test_a_link_inside_a_sentence_takes_the_sentence_along() -> None:
    page = """<p>In 2019 <a href="https://a.example/1">three towns in Ohio</a> shared a building inspector. It went well.
    A year later <a href="https://a.example/2">a county</a> joined them.</p>"""
    assert chosen(read_paste(page)) == [
        (
            "three towns in Ohio",
            "https://a.example/1",
            "In 2019 three towns in Ohio shared a building inspector.",
        ),
        ("a county", "https://a.example/2", "A year later a county joined them."),
    ]


def test_headings_become_sections_and_cells_belong_to_their_row() -> None:
    page = """<h2>Money</h2><table><tr><td><a href="https://a.example/1">Cost splits</a></td><td>Six ways.</td></tr></table>
    <h2>Law</h2><table><tr><td><a href="https://a.example/2">Statutes</a></td><td>By state.</td></tr></table>"""
    links = read_paste("<h1>All about it</h1>" + page).links
    assert [(link.section, link.note) for link in links] == [("Money", "Six ways."), ("Law", "By state.")]


def test_a_page_twice_is_one_link_and_has_the_best_words() -> None:
    page = """<nav><a href="https://a.example/1">One</a></nav><ul><li><a href="https://a.example/0">Zero</a> First.</li>
    <li><a href="http://a.example/1/?utm_source=x">One</a> The long story.</li></ul>"""
    assert chosen(read_paste(page)) == [
        ("Zero", "https://a.example/0", "First."),
        ("One", "http://a.example/1/", "The long story."),
    ]


@pytest.mark.parametrize(
    "text", ["", "No links at all.", "<p>", "<a href='javascript:alert(1)'>x</a>", "](", "[a](b)"]
)
def test_a_page_without_links_has_none(text: str) -> None:
    assert read_paste(text).links == ()


@pytest.mark.parametrize("text", ["x" * (pastes.LONGEST + 1), "<div>" * 5000])
def test_what_would_take_too_long_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too"):
        read_paste(text)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "<a href=https://a.example/1>" * 5000, "- [a](https://a.example/1) " * 5000, "**" * 100_000,
             "&#x20;" * 50_000, "* " * 100_000, "https://a.example/(((" * 5000, "<p><!--" * 20_000],
)  # fmt: skip
def test_what_is_strange_is_read_all_the_same(text: str) -> None:
    read_paste(text)


# --- Pages as programs make them

BLOG = """<div id="page"><header id="masthead"><ul id="primary-menu"><li class="menu-item"><a href="https://b.example/about">Who we are</a></li></ul></header>
<main><article class="post-1 type-post tag-sharing category-related"><header class="entry-header"><h1>Working together cuts costs</h1>
<div class="entry-meta">By <a class="author" href="https://b.example/jo">Jo</a></div></header>
<div class="entry-content"><p>The <a href="https://c.example/center">community center</a> is one example of what two bodies can do who agree on who pays for what.</p>
<ul class="wp-block-list"><li>White paper: <a href="https://a.example/paper.pdf">What Every Manager Should Know</a>, which looks at forms of agreement.</li>
<li><a href="https://a.example/survey">Survey results</a> [<a href="https://a.example/survey.pdf">PDF</a>] on how many share police.</li>
<li><strong><a href="https://a.example/book">The book</a></strong><br>Nine chapters and an index.</li></ul>
<p><strong>Learn more:</strong> <a href="https://b.example/conf">Come to our conference</a>.</p>
<div class="sharedaddy sd-sharing-enabled"><ul><li><a href="https://b.example/?share=x">X</a></li></ul></div></div>
<footer class="entry-footer"><a href="https://b.example/cat">News</a></footer></article>
<div id="comments"><ol><li><a href="https://d.example/">mine</a></li></ol></div></main>
<aside id="secondary"><ul><li><a href="https://b.example/r1">Recent</a></li></ul></aside></div>"""


def test_a_page_as_blog_programs_make_it() -> None:
    pasted = read_paste(BLOG)
    assert chosen(pasted) == [
        (
            "What Every Manager Should Know",
            "https://a.example/paper.pdf",
            "Which looks at forms of agreement.",
        ),
        ("Survey results", "https://a.example/survey", "[PDF] on how many share police."),
        ("The book", "https://a.example/book", "Nine chapters and an index."),
    ]
    assert pasted.title == "Working together cuts costs"
    frames = {link.url.removeprefix("https://"): link.frame for link in pasted.links if link.frame}
    assert frames["c.example/center"] == "opening"
    assert frames["a.example/survey.pdf"] == "beside"
    assert frames["b.example/conf"] == "more"


def test_names_of_parts_can_mislead() -> None:
    readings = "".join(f"<p><a href='https://a.example/{n}'>Reading {n}</a> says {n}.</p>" for n in range(3))
    page = f"<div class='social-share'>{readings}<nav><a href='https://b.example/'>Home page</a></nav></div>"
    assert [title for title, _url, _note in chosen(read_paste(page))] == [
        "Reading 0",
        "Reading 1",
        "Reading 2",
    ]


def test_addresses_under_their_titles() -> None:
    page = """READINGS

1. Cost sharing made simple
https://a.example/cost
A short guide with tables.

2. A court for three towns (https://a.example/court), which we like.

To unsubscribe: https://a.example/unsubscribe"""
    assert chosen(read_paste(page)) == [
        ("Cost sharing made simple", "https://a.example/cost", "A short guide with tables."),
        ("A court for three towns", "https://a.example/court", "Which we like."),
    ]


def test_a_page_is_not_called_by_what_follows_its_links() -> None:
    page = "<p>Hello.</p><ul><li><a href='https://alder.example/a'>One</a> tells of costs.</li></ul><h2>Learn more</h2>"
    assert not read_paste(page).title


def test_how_to_read_it_elsewhere_is_no_opening_and_a_short_one_is() -> None:
    cells = "".join(
        f'<tr><td><a href="https://site{n}.example.org/">A report on fire</a><br>What {n} towns pay for it.</td></tr>'
        for n in range(4)
    )
    opening = "Dear reader, this week we read four reports so that you need not."
    letter = f"""<table><tr><td><a href="https://mailer.example/view">View in browser</a></td></tr>
        <tr><td><h1>Shared fire services</h1><p>{opening}</p></td></tr>{cells}</table>"""
    assert read_paste(letter).intro == opening
    text = "# Before you sign\n\nWe asked members what helped.\n\n" + "".join(
        f"* [Primer {n}](https://a.example.org/{n}) - explains the law.\n" for n in range(4)
    )
    assert read_paste(text).intro == "We asked members what helped."


def test_what_leads_on_to_an_address_is_not_in_its_title() -> None:
    lines = (
        "- Washington keeps sample agreements at http://mrsc.example.org/sample/",
        "- Two towns tell how they ended theirs, see https://example.net/ending.",
    )
    titles = [link.title for link in read_paste("\n".join(lines)).links]
    assert titles == [
        "Washington keeps sample agreements",
        "Two towns tell how they ended theirs",
    ]
