"""What stands around the content of a page: words by which menus, share buttons and signatures are known."""

from __future__ import annotations

import re

# Elements that are never the content, and words in the names of others (class, id, role) that are not.
FRAME_TAGS = ("nav", "footer", "aside", "form")
AROUND = re.compile(
    r"(?<![a-z])(?:nav|navbar|navigation|menu|breadcrumbs?|footer|social|share|sharing|sharedaddy|sidebar|signature"
    r"|unsubscribe|cookies?|related(?:posts)?|author|byline|entry-meta|widget(?:-area)?|subscribe|comments?|pagination"
    r"|banner|masthead|preheader|preview[- ]?text|colophon)(?![a-z])",
    re.IGNORECASE,
)
# What a page is about, in names of its parts: "tag-sharing", "category-social".
LABEL = re.compile(r"(?:tag|category|topic|post|type|status|format|term)-", re.IGNORECASE)
SOCIAL = re.compile(
    r"^(?:www\.|m\.)?(?:facebook|twitter|x|instagram|threads|pinterest|tiktok|bsky|whatsapp|t)\.(?:com|net|me|app|co)/"
    r"|^(?:www\.)?linkedin\.com/(?!pulse/|posts/)|^(?:www\.)?youtube\.com/(?:user|channel|c|@)|mastodon\."
    r"|/sharer|addtoany",
    re.IGNORECASE,
)
CHORES = re.compile(
    r"unsubscribe|opt.?out|(?:email|mail|update|manage|your).{0,12}preferences|(?:view|read|open).{0,20}(?:in|as)"
    r".{0,12}(?:browser|web ?page)|forward (?:this|to)|privacy (?:policy|notice)|^privacy$|terms (?:of|and)"
    r"|cookie|copyright"
    r"|^(?:log|sign) ?in$|^register$|^subscribe\b|^contact(?: us)?$|^about(?: us)?$|^home(?:page)?$|^donate|^search$"
    r"|^menu$|^skip to|^print\b|^(?:share|tweet|email|pin|like|follow)\b.{0,20}$"
    r"|^(?:next|previous|older|newer)(?: post)?s?$",
    re.IGNORECASE,
)
MORE = re.compile(
    r"^(?:to )?(?:learn|read|find out|discover) more\b.{0,60}$|^more (?:from|resources from|information|about)\b"
    r"|^about (?:the )?(?:author|us|this)|^follow us|^stay (?:connected|in touch|informed)|^tell a friend\b.{0,30}$"
    r"|^share\b.{0,30}$|^related\b.{0,30}$|^subscribe|^contact(?: us)?:?$"
    r"|^(?:join|get) (?:us|involved|in touch)|^you (?:may|might) also"
    r"|^recent posts|^categories|^archives|^tags?:|^leave a (?:comment|reply)|^comments?$|^chime in|^sponsor",
    re.IGNORECASE,
)
SIGNATURE = re.compile(
    r"^(?:-- ?|_{5,}|(?:best|kind|warm)?(?:est)? ?(?:regards|wishes)|best|sincerely|cheers|many thanks|thanks|thank you"
    r"|yours(?: truly| sincerely)?|respectfully|in partnership|warmly)[\s,.!–—-]*$",
    re.IGNORECASE,
)
SAYS_NOTHING = re.compile(
    r"^(?:(?:click |read |see |view |get |find )?(?:it )?here|(?:read|learn|see|find out|view) more.{0,20}|more"
    r"|link|this|this link|website|web ?page|page|pdf|download|read|view|source|article|report|details"
    r"|continue reading"
    r"|full (?:text|story|report))"
    r"[\s.!»›>→…]*$",
    re.IGNORECASE,
)
# What programs for mail put above a letter when it is copied as text.
MAIL_HEADER = re.compile(r"(From|To|Cc|Bcc|Date|Sent|Reply-To|Subject): +(\S.*)", re.IGNORECASE)
