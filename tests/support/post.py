"""A mail server on this machine that takes mail, keeps it, and can be in a bad mood."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Step = Callable[[str], str | None]


class PostOffice:
    """What came in, and how it answers.

    `mood(step)` is asked at each "RCPT" and "DATA" (after the mail was sent), and at "TAKEN", when it was accepted but
    nobody was told. What it gives is the answer, None for the usual one.
    """

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.connections = 0
        self.mood: Step = lambda _step: None
        self.port = 0

    @property
    def recipients(self) -> list[str]:
        """Who got something, sorted; as often as they did."""
        return sorted(message["To"] for message in self.taken)

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Somebody has come."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Who it is for."""
        if refusal := self.mood("RCPT"):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """The mail itself."""
        if refusal := self.mood("DATA"):
            return refusal
        content = cast(bytes, envelope.content)
        self.taken.append(cast(EmailMessage, message_from_bytes(content, policy=default)))
        return self.mood("TAKEN") or "250 OK"


class _Door(Controller):
    """Opens a free port, and looks itself whether it is open."""

    def _trigger_server(self) -> None:
        self.port = cast(Any, self.server).sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def post_office(**options: Any) -> Iterator[PostOffice]:
    """A post office that is open, on a free port. `tls_context` offers STARTTLS."""
    office = PostOffice()
    controller = _Door(office, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        office.port = controller.port
        yield office
    finally:
        controller.stop()


def server_tls(certificate: str) -> SSLContext:
    """What a server needs to encrypt; the file holds the key too."""
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
