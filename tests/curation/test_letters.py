"""Pages as they come: a newsletter from a mail program, and a list in a plain letter."""

from forum.curation.pastes import Pasted, read_paste

TRACKED = "utm_source=newsletter&amp;utm_medium=email&amp;mc_cid=8a1"
LIST = "https://countynews.us7.list-manage.com"
READ = [
    (
        "https://example.org/reports/shared-clerk.pdf",
        "Four townships, one clerk: the second year",
        "What it cost, who supervises, and the line in the agreement that they would write otherwise.",
    ),
    (
        "https://journal.example.net/fire/regional-authority",
        "Why the regional fire authority vote failed",
        "An honest account by the consultant. The tax rate was not the problem; the station names were.",
    ),
    (
        "https://league.example.com/library/model",
        "Model interlocal agreement, 2026 edition",
        "Fourteen pages with notes. The clause on indemnification is new.",
    ),
]


def row(url: str, title: str, note: str) -> str:
    """Words beside a picture, both links, with a button below, as programs for mail lay them out."""
    link = f'<a href="{url}?{TRACKED}" target="_blank"'
    return f"""<table role="presentation" width="100%" class="mcnTextBlock"><tbody><tr>
<td width="140" class="mcnImage">{link}><img src="https://img.example.com/1.png" width="132" alt=""></a></td>
<td class="mcnTextContent" style="padding:0 18px"><h3>{link} style="color:#0a5">{title}</a></h3><p>{note}</p>
<table class="btn"><tr><td>{link} class="mcnButton">Read more</a></td></tr></table></td></tr></tbody></table>"""


NEWSLETTER = f"""<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>County &amp; Town Brief, October</title>
<style type="text/css">.mcnTextContent{{font-size:16px}} @media only screen{{.btn{{width:100%}}}}</style></head>
<body><span class="mcnPreviewText" style="display:none">Four townships, one clerk; a vote that failed; and a model
agreement to start from.&#8199;&#847; &#8199;&#847; &#8199;&#847;</span>
<center><table id="bodyTable" width="100%"><tr><td align="center" id="bodyCell">
<table id="templatePreheader"><tr><td><a href="{LIST}/track/click?u=3f0a&amp;id=1">View this email in your browser</a>
</td></tr></table>
<table class="templateTop"><tr><td><a href="https://www.counties.example.org/?{TRACKED}"><img alt="Counties"></a></td>
</tr></table><table class="templateBody"><tr><td class="mcnTextContent"><h1>County &amp; Town Brief</h1>
<p>Dear colleagues,</p><p>October is budget month, and three of you asked us the same thing: what do others share, and
what does it cost them? Here is what we have read for you.</p></td></tr>
<tr><td>{"".join(row(*read) for read in READ)}</td></tr>
<tr><td class="mcnTextContent"><p>Warmly,<br>Dana Whitfield<br>Program Manager<br>
<a href="mailto:dana@counties.example.org">dana@counties.example.org</a> |
<a href="https://www.counties.example.org">counties.example.org</a></p></td></tr></table>
<table id="templateFooter"><tr><td><a href="https://www.facebook.com/counties"><img alt="Facebook"></a></td></tr>
<tr><td>Copyright &copy; 2026 Counties. You can <a href="{LIST}/profile?u=3f">update your preferences</a> or
<a href="{LIST}/unsubscribe?u=3f">unsubscribe from this list</a>.</td></tr></table>
</td></tr></table></center><img src="https://click.example.com/open.gif" width="1" height="1"></body></html>"""

LETTER = """From: Lou Marsh
Subject: Re: reading list from Thursday's roundtable

Hi all,

as promised, the things that people mentioned on Thursday. Not checked by me; if one is dead, tell me.

1) Feasibility study for the joint police department (2024), 80 pages, skip to chapter 5
   https://www.example.org/docs/police-feasibility.pdf
2) The city's own page on the merger
   www.lakecity.example.gov/police-merger
3) https://example.com/articles/who-owns-the-ladder-truck?utm_source=share&fbclid=IwAR0 - short
4) State auditor's guide to shared services: https://auditor.example.gov/guide/ (the checklist is good)
5) Nora's slides
   <https://slides.example.com/d/1abc/edit?usp=sharing>

Also worth a look
* Podcast: two mayors on sharing a finance director
  https://audio.example.com/ep/41
* https://example.org/mutual-aid-template.docx

Next roundtable is December 4. Register: https://events.example.com/rt-dec

Thanks,
Lou

--
Lou Marsh | Town of Fenwick | 555-0137
https://www.fenwick.example.gov
https://twitter.com/loumarsh
"""


def chosen(pasted: Pasted) -> list[tuple[str, str, str]]:
    return [(link.url, link.title, link.note) for link in pasted.links if not link.frame]


def test_a_newsletter_is_its_items_without_what_follows_readers_around() -> None:
    pasted = read_paste(NEWSLETTER)
    assert pasted.title == "County & Town Brief"
    assert pasted.intro.startswith("October is budget month"), (
        "not what mail programs show beside the subject"
    )
    assert chosen(pasted) == READ
    assert {link.frame for link in pasted.links if "counties.example.org" in link.url} == {"signature"}


def test_a_list_in_a_letter_has_bare_addresses_and_two_parts() -> None:
    pasted = read_paste(LETTER)
    assert pasted.title == "Reading list from Thursday's roundtable"
    assert pasted.intro.startswith("as promised")
    parts = [(link.section, link.title, link.note) for link in pasted.links if not link.frame]
    assert parts == [
        ("", "Feasibility study for the joint police department (2024), 80 pages, skip to chapter 5", ""),
        ("", "The city's own page on the merger", ""),
        ("", "Who owns the ladder truck", "Short"),
        ("", "State auditor's guide to shared services", "The checklist is good"),
        ("", "Nora's slides", ""),
        ("Also worth a look", "Podcast: two mayors on sharing a finance director", ""),
        ("Also worth a look", "Mutual aid template", ""),
    ]
    assert pasted.links[1].url == "https://www.lakecity.example.gov/police-merger"
    assert "fbclid" not in pasted.links[2].url
    assert {link.frame for link in pasted.links if "events" in link.url or "fenwick" in link.url} == {
        "after",
        "signature",
    }
