"""Mail: written into the outbox in the transaction that causes it, and sent by a worker.

The outbox is a job for each mail. A key is mailed once, for ever. A worker may be killed at any moment: nobody is
left out, and twice could get a mail only who gets the one whose acceptance by the server was not yet written down,
a matter of a millisecond. It would carry the same Message-ID, by which many mailboxes show it once.
"""

from __future__ import annotations

import hashlib
import logging
import re
import smtplib
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from forum.config import Settings
from forum.core import clock
from forum.core.db import Model, write
from forum.core.jobs import Hopeless, Later, TryAgain, enqueue
from forum.core.rows import insert_once

# Seconds that the server may take for each answer.
TIMEOUT = 30
# After it could not be reached, other mail waits this long before the next try.
RESPITE = timedelta(minutes=1)
# Ours to set.
RESERVED = {
    "auto-submitted", "bcc", "cc", "content-type", "date", "from", "message-id", "mime-version", "sender", "subject",
    "to",
}  # fmt: skip
# An address in a header that is longer than a line would be put into words of RFC 2047, which programs that
# unsubscribe cannot read. What a line may hold at most is 998 characters.
HEADERS = SMTP.clone(max_line_length=998)
_NAME = re.compile(r"[A-Za-z][A-Za-z-]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")

log = logging.getLogger("interlocal.mail")


class Posted(Model):
    """The key of a mail that was written. Kept for ever, so that nobody gets the same one again."""

    __tablename__ = "posted"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    posted_at: Mapped[datetime]


def post(
    to: str,
    subject: str,
    text: str,
    html: str = "",
    *,
    key: str,
    headers: Mapping[str, str] | None = None,
    until: datetime | None = None,
) -> bool:
    """Mail this to one address, if the write that is going on commits; whether the key (200 characters) is new.

    `headers` are more of them, such as List-Unsubscribe. After `until` it is not sent any more: for what holds a
    secret that has ended. Raises ValueError for anything that would add a header or a recipient.
    """
    now = clock.now()
    _check(to, subject, headers or {})
    with write():
        if not insert_once(Posted, key=key, posted_at=now):
            return False
        letter = {
            "text": text,
            "html": html,
            "headers": dict(headers or {}),
            "key": key,
            "date": now.isoformat(),
            "until": until.isoformat() if until else None,
        }
        # An administrator sees the address and the subject of what failed, and not what stands in it.
        enqueue("mail", {"to": to, "subject": subject, "letter": letter})
        return True


def _check(to: str, subject: str, headers: Mapping[str, str]) -> None:
    if bad := next((text for text in (to, subject, *headers.values()) if _CONTROL.search(text)), None):
        raise ValueError(f"a header of one line cannot be {bad!r}")
    if wrong := [name for name in headers if not _NAME.fullmatch(name) or name.lower() in RESERVED]:
        raise ValueError(f"not headers to be set: {wrong}")
    try:
        Address(addr_spec=to).domain.encode("idna")
    except (HeaderParseError, ValueError, IndexError):
        raise ValueError(f"not one address: {to!r}") from None


def compose(payload: Mapping[str, Any], sender: str) -> EmailMessage:
    """The mail of a job, each time the same to the byte but for the boundary between its parts."""
    letter = payload["letter"]
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    name, _, domain = payload["to"].rpartition("@")
    message["To"] = f"{name}@{domain.encode('idna').decode()}"
    message["Subject"] = payload["subject"]
    message["Date"] = format_datetime(datetime.fromisoformat(letter["date"]))
    name = hashlib.sha256(letter["key"].encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    # No holiday replies: the second is what Outlook's server understands.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    for name, value in letter["headers"].items():
        message[name] = value
    message.set_content(letter["text"])
    if letter["html"]:
        message.add_alternative(letter["html"], subtype="html")
    message.policy = HEADERS
    return message


# --- Sending it


class Postman(threading.local):
    """Takes mail to the server; in each thread over one connection, as long as there is mail."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._smtp: smtplib.SMTP | None = None
        self._down_until: datetime | None = None

    def send(self, message: EmailMessage) -> None:
        """Send one mail, or write it into a file where no server is known. Raises as a job does."""
        if not self.settings.smtp_host:
            self._keep(message)
            return
        if self._down_until and (wait := self._down_until - clock.now()) > timedelta():
            raise Later(wait)
        line = self._line()
        try:
            line.send_message(message)
        except smtplib.SMTPRecipientsRefused as refused:
            code, answer = next(iter(refused.recipients.values()))
            self._after(code, answer, refused)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            self._after(refused.smtp_code, refused.smtp_error, refused)
        except smtplib.SMTPNotSupportedError as error:
            raise Hopeless(str(error)) from error
        except OSError as error:
            self.hang_up()
            raise TryAgain(f"The mail server went away: {error}") from error

    def _after(self, code: int, answer: bytes | str, error: Exception) -> None:
        text = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
        if code == 421:  # it is about to hang up itself
            self.hang_up()
        raise (Hopeless if 500 <= code < 600 else TryAgain)(f"The mail server said {code}: {text}") from error

    def _line(self) -> smtplib.SMTP:
        """A connection that is open; the one of the mail before, if it still is."""
        if self._smtp is not None:
            try:
                if self._smtp.noop()[0] == 250:
                    return self._smtp
            except OSError:
                pass
            self.hang_up()
        try:
            self._smtp = _connected(self.settings)
        except (
            OSError
        ) as error:  # what is wrong here is wrong with our settings or their server, not with the mail
            self._down_until = clock.now() + RESPITE
            raise TryAgain(f"The mail server cannot be reached: {error}") from error
        return self._smtp

    def hang_up(self) -> None:
        """End the connection, if there is one."""
        line, self._smtp = self._smtp, None
        if line is not None:
            with suppress(OSError):
                line.quit()
            line.close()

    def _keep(self, message: EmailMessage) -> None:
        folder = self.settings.data / "outbox"
        folder.mkdir(mode=0o700, exist_ok=True)
        # Named by what stays the same: one that is sent again is the same file.
        date = message["Date"].datetime
        file = folder / f"{date:%Y%m%d-%H%M%S}-{message['Message-ID'][1:13]}.eml"
        file.write_bytes(message.as_bytes())
        log.info("No mail server is set: a mail to %s is in %s", message["To"], file)


def _connected(settings: Settings) -> smtplib.SMTP:
    """A connection to the server of the settings, encrypted and signed in as they say. Raises OSError."""
    trust = ssl.create_default_context()
    line: smtplib.SMTP
    if settings.smtp_tls == "tls":
        line = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT, context=trust)
    else:
        line = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=TIMEOUT)
    try:
        if settings.smtp_tls == "starttls":
            line.starttls(context=trust)
        if settings.smtp_user:
            line.login(settings.smtp_user, settings.smtp_password)
    except BaseException:
        line.close()
        raise
    return line


_postman: Postman | None = None


def connect(settings: Settings) -> None:
    """Send by these settings from now on."""
    global _postman  # noqa: PLW0603  # one process sends one site's mail; jobs know nothing of applications
    _postman = Postman(settings)


def deliver(payload: Mapping[str, Any]) -> None:
    """The handler that sends one mail."""
    assert _postman is not None, "connect comes first"  # noqa: S101
    until = payload["letter"]["until"]
    if until and datetime.fromisoformat(until) <= clock.now():
        log.info("A mail to %s came too late, and is not sent", payload["to"])
        return
    _postman.send(compose(payload, _postman.settings.mail_from))


def hang_up() -> None:
    """Nothing is to be sent for now."""
    if _postman is not None:
        _postman.hang_up()
