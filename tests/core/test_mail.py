"""Mail: each key once, to a real server, however often the worker dies; or into files."""

import os
import signal
import subprocess
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from forum.config import Settings, SettingsError
from forum.core import clock, jobs, mail
from forum.core.db import write
from forum.core.jobs import Job
from tests.support.post import PostOffice, post_office, server_tls
from tests.support.worker import wait_until, working

READERS = [f"reader{n:03}@example.com" for n in range(200)]


@pytest.fixture
def office():
    with post_office() as office:
        yield office


@pytest.fixture
def posting(make_app, office):
    """An application context whose mail goes to the office."""
    app = make_app(smtp_host="127.0.0.1", smtp_port=office.port, smtp_tls="none")
    with app.app_context():
        yield app


def post(to: str = "ana@example.com", subject: str = "Hello", *, key: str = "one", **more: Any) -> bool:
    return mail.post(to, subject, "Line one.\n\nA naïve résumé.", "<p>Line one.</p>", key=key, **more)


def failed() -> list[str]:
    return [job.error for job in jobs.state().failed]


def attempts() -> list[int]:
    return [job.attempts for job in Job.query.filter(Job.ended_at.is_(None)).order_by(Job.id)]


# --- What is sent


def test_a_mail_says_what_it_is_as_text_and_as_html(posting, office):
    post(
        headers={
            "List-Unsubscribe": "<https://x.example/u/1>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    )
    jobs.run_due("mail")
    (message,) = office.taken
    assert message["From"] == "Interlocal <no-reply@localhost>"
    assert (message["To"], message["Subject"]) == ("ana@example.com", "Hello")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] == "<https://x.example/u/1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.get_body(["plain"]).get_content().splitlines() == ["Line one.", "", "A naïve résumé."]
    assert message.get_body(["html"]).get_content().strip() == "<p>Line one.</p>"


def test_a_key_is_mailed_once_for_ever(posting, office, clock):
    assert post()
    assert not post(subject="Again")
    jobs.run_due("mail")
    clock.shift(timedelta(days=400))
    jobs.prune({})
    assert not post()
    assert jobs.run_due("mail") == 0
    assert len(office.taken) == 1


def test_the_message_id_follows_from_the_key(posting):
    payload = {
        "to": "a@example.com",
        "subject": "s",
        "letter": {"text": "t", "html": "", "headers": {}, "key": "k"},
    }
    payload["letter"] |= {"date": clock.now().isoformat(), "until": None}
    ids = {mail.compose(payload, "Interlocal <no-reply@localhost>")["Message-ID"] for _ in range(2)}
    assert len(ids) == 1
    payload["letter"]["key"] = "other"
    assert mail.compose(payload, "Interlocal <no-reply@localhost>")["Message-ID"] not in ids


def test_a_long_address_in_a_header_stays_one_that_programs_can_follow(posting):
    address = f"<https://forum.example.org/digests/unsubscribe/{'x' * 43}-{'y' * 20}>"
    post(subject="Übergabe", headers={"List-Unsubscribe": address})
    message = mail.compose(Job.query.one().payload, "Interlocal <no-reply@localhost>")
    lines = message.as_bytes().decode().split("\r\n")
    assert f"List-Unsubscribe: {address}" in lines
    assert "Subject: =?utf-8?q?=C3=9Cbergabe?=" in lines


def test_a_domain_in_any_script_is_reached(posting, office):
    post("ana@bücher.example")
    jobs.run_due("mail")
    assert office.recipients == ["ana@xn--bcher-kva.example"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "Hello\r\nBcc: evil@example.com"},
        {"subject": "Hello\nX: y"},
        {"to": "ana@example.com\r\nBcc: evil@example.com"},
        {"to": "ana@example.com, evil@example.com"},
        {"to": "Ana <ana@example.com>"},
        {"to": "ana"},
        {"to": ""},
        {"headers": {"List-Id": "x\r\nBcc: evil@example.com"}},
        {"headers": {"X\r\nBcc": "evil@example.com"}},
        {"headers": {"Bcc": "evil@example.com"}},
        {"headers": {"From": "evil@example.com"}},
    ],
    ids=str,
)
def test_nobody_slips_in_a_header_or_a_recipient(posting, wrong):
    with pytest.raises(ValueError, match=r"header|address"):
        post(**wrong)
    assert jobs.state().waiting == 0


def test_what_has_ended_meanwhile_is_not_sent(posting, office, clock):
    post(until=jobs.clock.now() + timedelta(hours=1))
    clock.shift(timedelta(hours=2))
    assert jobs.run_due("mail") == 1
    assert office.taken == []


def test_what_a_mail_held_is_forgotten_once_it_is_sent(posting, office):
    post()
    jobs.run_due("mail")
    assert [job.payload for job in Job.query] == [{}]


def test_mail_goes_over_one_connection_as_long_as_there_is_some(posting, office):
    for n in range(5):
        post(key=str(n))
    jobs.run_due("mail")
    assert (len(office.taken), office.connections) == (5, 1)
    post(key="later")
    jobs.run_due("mail")
    assert office.connections == 2


# --- Without a server


def test_without_a_server_mail_is_kept_in_files(app, session, tmp_path, caplog):
    caplog.set_level("INFO")
    post()
    jobs.run_due("mail")
    (file,) = (tmp_path / "outbox").iterdir()
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert message["Subject"] == "Hello"
    assert str(file) in caplog.text
    assert "naïve" not in caplog.text


# --- A server in a bad mood


def test_a_server_that_says_later_is_asked_again_later(posting, office, clock):
    office.mood = lambda step: "451 Greylisted, come back" if step == "RCPT" else None
    post()
    jobs.run_due("mail")
    assert (office.taken, attempts(), failed()) == ([], [1], [])
    office.mood = lambda _step: None
    clock.shift(timedelta(minutes=1))
    jobs.run_due("mail")
    assert office.recipients == ["ana@example.com"]


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_server_that_says_never_is_not_asked_again(posting, office, step):
    office.mood = lambda at: "550 No such mailbox" if at == step else None
    post()
    post("bob@example.com", key="two")
    jobs.run_due("mail")
    assert failed() == ["The mail server said 550: No such mailbox"] * 2
    assert [job.about for job in jobs.state().failed] == ["bob@example.com, Hello", "ana@example.com, Hello"]
    assert jobs.run_due("mail") == 0


def test_a_server_that_is_away_is_not_tried_for_each_mail(make_app, office, clock):
    gone = make_app(smtp_host="127.0.0.1", smtp_port=1, smtp_tls="none")
    with gone.app_context():
        for n in range(3):
            post(key=str(n))
        jobs.run_due("mail")
        assert sorted(attempts()) == [0, 0, 1]
        mail.connect(
            Settings(Path(), mode="test", smtp_host="127.0.0.1", smtp_port=office.port, smtp_tls="none")
        )
        clock.shift(timedelta(minutes=2))
        jobs.run_due("mail")
        assert len(office.taken) == 3


def test_a_server_that_hangs_up_is_called_again(posting, office, clock):
    answers = iter(["421 Too many today, goodbye"])
    office.mood = lambda step: next(answers, None) if step == "DATA" else None
    post()
    post(key="two")
    jobs.run_due("mail")
    assert len(office.taken) == 1
    clock.shift(timedelta(minutes=1))
    jobs.run_due("mail")
    assert len(office.taken) == 2


# --- Encryption


def make_certificate(key: Path, certificate: Path) -> None:
    """One for 127.0.0.1, that nobody vouches for."""
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=post"
    files = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", "req", *options.split(), *files], check=True, capture_output=True)


def test_mail_is_given_only_to_who_it_is_meant_for(make_app, tmp_path, monkeypatch, clock):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make_certificate(key, certificate)
    pair = tmp_path / "pair.pem"
    pair.write_text(key.read_text() + certificate.read_text())
    with post_office(tls_context=server_tls(str(pair)), require_starttls=True) as office:
        app = make_app(smtp_host="127.0.0.1", smtp_port=office.port)
        with app.app_context():
            post()
            jobs.run_due("mail")
            assert office.taken == []
            (job,) = Job.query
            assert "certificate verify failed" in job.error
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            clock.shift(timedelta(minutes=2))
            jobs.run_due("mail")
            assert len(office.taken) == 1


def test_nothing_is_sent_in_the_clear_unless_the_settings_say_so(make_app, office):
    app = make_app(smtp_host="127.0.0.1", smtp_port=office.port)
    with app.app_context():
        post()
        jobs.run_due("mail")
        assert office.taken == []
        assert "STARTTLS" in Job.query.one().error


@pytest.mark.parametrize(
    ("name", "value"), [("INTERLOCAL_SMTP_TLS", "yes"), ("INTERLOCAL_MAIL_FROM", "Interlocal")]
)
def test_a_setting_that_cannot_be_is_told(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


# --- Workers that die


def sending(data: Path, database_url: str, office: PostOffice):
    settings = {"INTERLOCAL_SMTP_HOST": "127.0.0.1", "INTERLOCAL_SMTP_PORT": str(office.port)}
    return working(
        data, database_url, INTERLOCAL_SMTP_TLS="none", INTERLOCAL_BASE_URL="http://localhost", **settings
    )


def killing(process: "subprocess.Popen[bytes]", at: str, nth: int) -> Callable[[str], str | None]:
    """Kills the worker when it has come to this step for the nth time."""
    seen = []

    def mood(step: str) -> str | None:
        seen.append(step)
        if step == at and seen.count(at) == nth:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            return "451 Whoever sent this is gone" if step != "TAKEN" else None
        return None

    return mood


def let_leases_run_out() -> None:
    with write() as session:
        session.execute(update(Job).where(Job.lease.is_not(None)).values(run_at=clock.now()))


@pytest.mark.parametrize("moment", ["RCPT", "DATA"])
def test_killed_half_way_nobody_is_left_out_and_nobody_gets_it_twice(
    posting, office, tmp_path, database_url, moment
):
    with write():
        for reader in READERS:
            mail.post(reader, "Issue 7", "What is new.", key=f"issue 7: {reader}")
    with sending(tmp_path, database_url, office) as process:
        office.mood = killing(process, moment, 100)
        process.wait(timeout=60)
    assert len(office.taken) == 99
    let_leases_run_out()
    with sending(tmp_path, database_url, office):
        wait_until(lambda: len(office.taken) >= len(READERS))
        wait_until(lambda: jobs.state().due == 0)
    assert office.recipients == READERS


def test_killed_before_it_could_note_that_a_mail_was_taken_a_worker_sends_it_again_under_the_same_id(
    posting, office, tmp_path, database_url
):
    with write():
        for reader in READERS[:10]:
            mail.post(reader, "Issue 7", "What is new.", key=f"issue 7: {reader}")
    with sending(tmp_path, database_url, office) as process:
        office.mood = killing(process, "TAKEN", 5)
        process.wait(timeout=60)
    let_leases_run_out()
    jobs.run_due("mail")
    assert len(office.taken) == 11
    assert len({message["Message-ID"] for message in office.taken}) == 10
    assert set(office.recipients) == set(READERS[:10])
