"""Settings, read from the environment once.

Every variable is `INTERLOCAL_*`; each default is right for one machine. Production differs from the
other modes in what it refuses: no secret key, no start.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Mode = Literal["production", "demo", "test"]
Tls = Literal["starttls", "tls", "none"]
SMTP_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class SettingsError(Exception):
    """A setting is missing or makes no sense; the message is a sentence that says what to do."""


def default_data_folder(environ: Mapping[str, str]) -> Path:
    """`INTERLOCAL_DATA`, or a folder of the person who runs us (XDG base directories)."""
    if chosen := environ.get("INTERLOCAL_DATA"):
        return Path(chosen).expanduser().resolve()
    base = environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "interlocal"


@dataclass(frozen=True)
class Settings:
    """What differs between installations. Sizes are bytes unless the name says otherwise."""

    data: Path
    database_url: str = ""
    secret_key: str = ""
    mode: Mode = "production"
    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    # How many proxies before us set X-Forwarded-*; 0 means that those headers are not believed.
    proxy_hops: int = 0
    # How many processes answer, and how many requests at once in each.
    processes: int = 1
    threads: int = 8
    # Whether `serve` also does the work that waits; where it does not, `interlocal worker` has to.
    worker: bool = True
    # The server that takes our mail; without one, mail is written into files in `data`/outbox.
    smtp_host: str = ""
    # 0: the usual one of `smtp_tls`.
    smtp_port: int = 0
    # How it is encrypted: from a plain greeting on, from the first byte on, or not at all.
    smtp_tls: Tls = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    # Empty: Interlocal <no-reply@...>, with the host of `base_url`.
    mail_from: str = ""
    max_body: int = 2 * 1024 * 1024
    # Memory of each server process for pages that visitors have read; 0 keeps none.
    kept_bytes: int = 64 * 1024 * 1024
    # "host:port" that may be fetched although they are on a private network, or at another port than 80 and 443.
    fetch_allowed: tuple[str, ...] = ()
    # Where a web archive keeps its copy of a page: {url} stands for the address. Empty: none is offered.
    archive: str = "https://web.archive.org/web/2/{url}"
    # Attempts allowed in a period; a test sets them low or high, nobody else needs to.
    limits: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        url = self.database_url or f"sqlite:///{self.data / 'interlocal.db'}"
        # SQLAlchemy 2.0 reads a bare postgresql:// as psycopg2, 2.1 as psycopg 3: say which.
        for bare in ("postgres://", "postgresql://"):
            if url.startswith(bare):
                url = "postgresql+psycopg://" + url.removeprefix(bare)
        object.__setattr__(self, "database_url", url)
        if self.mode != "production" and not self.secret_key:
            object.__setattr__(self, "secret_key", secrets.token_urlsafe(32))
        if not self.smtp_port:
            object.__setattr__(self, "smtp_port", SMTP_PORTS[self.smtp_tls])
        if not self.mail_from:
            host = urlsplit(self.base_url).hostname
            object.__setattr__(self, "mail_from", f"Interlocal <no-reply@{host}>")

    @property
    def secure(self) -> bool:
        """Whether readers reach us by https: decides Secure cookies, their prefix, and HSTS."""
        return self.base_url.startswith("https://")

    def require_secret(self) -> None:
        """Raise SettingsError where cookies could not be signed safely."""
        if len(self.secret_key) < 16:
            raise SettingsError(
                "Set INTERLOCAL_SECRET_KEY to at least 16 random characters before serving in production "
                "(python3 -c 'import secrets; print(secrets.token_urlsafe(32))' makes one), "
                "or start the demo with: interlocal demo"
            )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None, **override: object) -> Settings:
        """Read `INTERLOCAL_*`. Raises SettingsError with a sentence for a value that cannot be used."""
        env = os.environ if environ is None else environ
        values: dict[str, object] = {
            "data": default_data_folder(env),
            "database_url": env.get("INTERLOCAL_DATABASE_URL", ""),
            "secret_key": env.get("INTERLOCAL_SECRET_KEY", ""),
            "mode": env.get("INTERLOCAL_MODE", "production"),
            "base_url": env.get("INTERLOCAL_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
            "trusted_hosts": tuple(h for h in env.get("INTERLOCAL_TRUSTED_HOSTS", "").split(",") if h),
            "proxy_hops": _whole(env, "INTERLOCAL_PROXY_HOPS", 0),
            "processes": max(1, _whole(env, "INTERLOCAL_PROCESSES", 1)),
            "threads": _whole(env, "INTERLOCAL_THREADS", 8),
            "worker": _yes(env, "INTERLOCAL_WORKER", default=True),
            "smtp_host": env.get("INTERLOCAL_SMTP_HOST", ""),
            "smtp_port": _whole(env, "INTERLOCAL_SMTP_PORT", 0),
            "smtp_tls": env.get("INTERLOCAL_SMTP_TLS", "starttls"),
            "smtp_user": env.get("INTERLOCAL_SMTP_USER", ""),
            "smtp_password": env.get("INTERLOCAL_SMTP_PASSWORD", ""),
            "mail_from": env.get("INTERLOCAL_MAIL_FROM", ""),
            "max_body": _whole(env, "INTERLOCAL_MAX_BODY", 2 * 1024 * 1024),
            "fetch_allowed": tuple(h for h in env.get("INTERLOCAL_FETCH_ALLOWED", "").split(",") if h),
            "archive": env.get("INTERLOCAL_ARCHIVE", cls.archive),
            "kept_bytes": _whole(env, "INTERLOCAL_KEPT_BYTES", 64 * 1024 * 1024),
        }
        values |= override
        if values["mode"] not in ("production", "demo", "test"):
            raise SettingsError(f"INTERLOCAL_MODE is {values['mode']!r}; it can be production, demo or test.")
        if values["smtp_tls"] not in SMTP_PORTS:
            raise SettingsError(
                f"INTERLOCAL_SMTP_TLS is {values['smtp_tls']!r}; it can be starttls, tls or none."
            )
        if values["mail_from"] and "@" not in parseaddr(str(values["mail_from"]))[1]:
            raise SettingsError(
                f"INTERLOCAL_MAIL_FROM is {values['mail_from']!r}; it takes an address, such as "
                "Interlocal <interlocal@example.org>."
            )
        return cls(**values)  # type: ignore[arg-type]  # one dict of mixed types, checked by the dataclass's users


def _whole(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    if not text.isdigit():
        raise SettingsError(f"{name} is {text!r}; it takes a whole number.")
    return int(text)


def _yes(env: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = env.get(name, "").lower() or ("yes" if default else "no")
    if text not in ("yes", "no"):
        raise SettingsError(f"{name} is {text!r}; it can be yes or no.")
    return text == "yes"
