"""Join, sign in, sign out, settings."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    current_app,
    flash,
    jsonify,
    make_response,
    redirect,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, login_user, logout_user

from forum.accounts import actions, queries
from forum.accounts.forms import (
    AddressShape,
    ForgotShape,
    JoinShape,
    NewPasswordShape,
    PasswordShape,
    ProfileShape,
    SignInShape,
)
from forum.accounts.models import ORGANISATION_KINDS, SETTINGS, Person
from forum.core.errors import Invalid, NotFound
from forum.core.format import number
from forum.core.i18n import gettext as _
from forum.core.i18n import ngettext
from forum.core.roles import Role
from forum.places.queries import countries, region_name
from forum.web import limits
from forum.web.access import actor, opens_to, signed_in
from forum.web.forms import Form
from forum.web.memberpages import ANYBODY, Anybody
from forum.web.render import page
from forum.web.security import by_secret_address, safe_next

blueprint = Blueprint("accounts", __name__)


def install(app: Flask) -> None:
    """Teach Flask-Login who holds a session."""
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)
    # Our own cookie flags and token stand for a session; nothing more is compared between requests.
    manager.session_protection = None

    @manager.user_loader
    def _load(token: str) -> Person | None:
        person = queries.by_session(token)
        if person is None or not person.is_active or not _known_here(person):
            return None
        return person

    @manager.request_loader
    def _load_anybody(made_for: Request) -> Anybody | None:
        if ANYBODY not in made_for.environ:
            return None
        organisation_id = made_for.environ[ANYBODY]
        return Anybody(organisation_id, organisation_id and queries.organisation_by_id(organisation_id))


def _known_here(person: Person) -> bool:
    """Demo accounts exist in the demo alone."""
    return not person.demo or _mode() != "production"


def _mode() -> str:
    return str(current_app.extensions["interlocal"].mode)


def _begin_session(person: Person) -> None:
    """A session of its own for who has just proved who they are; nothing of the one before is kept."""
    session.clear()
    login_user(person)
    session.permanent = True


@blueprint.route("/join", methods=["GET", "POST"])
@opens_to(Role.VISITOR)
def join() -> ResponseReturnValue:
    """Make an account."""
    if signed_in():
        return redirect("/", 303)
    form = Form.read(JoinShape())
    back_to = safe_next(request.values.get("next"))
    if form.ready():
        limits.spend_network("join network")
        with form.showing_faults():
            person = actions.join(**form.data)
            _begin_session(person)
            flash(_("Welcome. Your account is ready."))
            return redirect(back_to, 303)
    return page("accounts/join.html", form=form, next=back_to), form.status


@blueprint.route("/sign-in", methods=["GET", "POST"])
@opens_to(Role.VISITOR)
def sign_in() -> ResponseReturnValue:
    """Prove who one is."""
    back_to = safe_next(request.values.get("next"))
    if signed_in():
        return redirect(back_to, 303)
    form = Form.read(SignInShape())
    if form.ready():
        email = form.data["email"].lower()
        limits.spend_network("sign-in network")
        limits.spend("sign-in account", email)
        person = actions.check_password(email, form.data["password"])
        if person is None or not _known_here(person):
            form.faults.append(("password", _("The address and the password do not go together.")))
        elif not person.is_active:
            form.faults.append(
                ("", _("This account is suspended: %(reason)s") % {"reason": person.suspended_reason})
            )
        else:
            limits.forgive("sign-in account", email)
            _begin_session(person)
            return redirect(back_to, 303)
    done = request.args.get("done")
    return page(
        "accounts/sign_in.html", form=form, next=back_to, demo=_mode() == "demo", done=done
    ), form.status


@blueprint.post("/sign-out")
@opens_to(Role.MEMBER)
def sign_out() -> ResponseReturnValue:
    """End this session."""
    logout_user()
    session.clear()
    return redirect("/", 303)


@blueprint.post("/sign-out/everywhere")
@opens_to(Role.MEMBER)
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of this account, on whatever machine it was begun."""
    actions.end_sessions(actor())
    logout_user()
    session.clear()
    return redirect("/sign-in", 303)


def _profile_record(person: Person) -> dict[str, Any]:
    record: dict[str, Any] = {"name": person.name, "job_title": person.job_title, "bio": person.bio}
    if body := person.organisation:
        record |= {"organisation": body.name, "organisation_kind": body.kind}
        record |= {field: getattr(body, field) for field in actions.ORGANISATION_FACTS if field != "place_id"}
    return record


@blueprint.route("/settings", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def settings() -> ResponseReturnValue:
    """What others see of one, and where one works."""
    form = Form.read(ProfileShape(), _profile_record(actor()))
    if form.ready():
        with form.showing_faults():
            actions.update_profile(actor(), form.data)
            flash(_("Your profile is saved."))
            return redirect("/settings", 303)
    return (
        page(
            "accounts/settings.html",
            form=form,
            kinds=ORGANISATION_KINDS.choices(),
            settings=SETTINGS.choices(),
            countries=list(countries().items()),
        ),
        form.status,
    )


@blueprint.route("/settings/password", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def password() -> ResponseReturnValue:
    """Change one's password."""
    form = Form.read(PasswordShape())
    if form.ready():
        limits.spend("sign-in account", actor().email)
        with form.showing_faults():
            actions.change_password(actor(), form.data["current_password"], form.data["new_password"])
            limits.forgive("sign-in account", actor().email)
            _begin_session(actor())
            flash(_("Your password is changed. You are signed out everywhere else."))
            return redirect("/settings", 303)
    return page("accounts/password.html", form=form), form.status


# --- By mail


@blueprint.route("/forgot", methods=["GET", "POST"])
@opens_to(Role.VISITOR)
def forgot() -> ResponseReturnValue:
    """Ask for a new password. The answer is the same whether there is such an account."""
    form = Form.read(ForgotShape())
    if form.ready():
        with form.showing_faults():
            email = actions.normal_email(form.data["email"])
            limits.spend_network("forgot network")
            limits.spend("forgot account", email)
            actions.ask_to_reset(email)
            return redirect("/forgot?sent=yes", 303)
    return page("accounts/forgot.html", form=form, sent="sent" in request.args), form.status


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@opens_to(Role.VISITOR)
@by_secret_address
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password, having got the mail."""
    form = Form.read(NewPasswordShape())
    try:
        if form.ready():
            with form.showing_faults():
                actions.reset_password(token, form.data["new_password"])
                return redirect("/sign-in?done=password", 303)
        found = queries.mailed_token(token, "password")
        if found is None:
            raise NotFound
    except NotFound:
        return _ended("password")
    return _secret(page("accounts/reset.html", form=form, email=found.person.email), form.status)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@opens_to(Role.VISITOR)
@by_secret_address
def confirm(token: str) -> ResponseReturnValue:
    """Confirm an address, having got the mail. Reading this page does nothing: programs that check mail do that too."""
    found = queries.mailed_token(token, "address")
    if found is None:
        return _ended("address")
    email, fault = found.email, ""
    if request.method == "POST":
        try:
            actions.confirm_address(token)
        except NotFound:
            return _ended("address")
        except Invalid as invalid:
            fault = invalid.faults["email"]
        else:
            if signed_in() is None:
                return redirect("/sign-in?done=address", 303)
            flash(_("Thank you. Your address is confirmed."))
            return redirect("/settings", 303)
    return _secret(page("accounts/confirm.html", email=email, fault=fault), 422 if fault else 200)


@blueprint.post("/settings/address/confirm")
@opens_to(Role.MEMBER)
def ask_again() -> ResponseReturnValue:
    """Have the mail that confirms one's address sent again."""
    if actor().email_confirmed_at is None:
        limits.spend("mail account", actor().id)
        actions.ask_to_confirm(actor())
        flash(_("A mail is on its way to %(email)s.") % {"email": actor().email})
    return redirect(safe_next(request.form.get("next"), "/settings"), 303)


@blueprint.route("/settings/address", methods=["GET", "POST"])
@opens_to(Role.MEMBER)
def address() -> ResponseReturnValue:
    """Change one's address: it counts once the mail that goes there has come back."""
    form = Form.read(AddressShape())
    if form.ready():
        limits.spend("sign-in account", actor().email)
        with form.showing_faults():
            actions.ask_for_address(actor(), form.data["current_password"], form.data["email"])
            limits.forgive("sign-in account", actor().email)
            limits.spend("mail account", actor().id)
            flash(_("A mail is on its way. The address changes when you follow the link in it."), "plain")
            return redirect("/settings", 303)
    return page("accounts/address.html", form=form), form.status


def _ended(purpose: str) -> Response:
    """The page of a link that no longer works, or never did: both look the same."""
    return _secret(page("accounts/ended.html", purpose=purpose), 404)


def _secret(text: str, status: int) -> Response:
    """A page whose address is a secret: kept by nobody. (No page of ours tells another site its address.)"""
    response = make_response(text, status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/organisations/suggest")
@opens_to(Role.MEMBER)
def suggest_organisations() -> ResponseReturnValue:
    """Organisations for a combobox."""
    found = queries.suggest_organisations(request.args.get("q", ""))
    return jsonify(
        [
            {
                "value": body.name,
                "label": body.name,
                "hint": " · ".join(
                    part
                    for part in (
                        ORGANISATION_KINDS.label(body.kind),
                        body.region,
                        ngettext("%(n)s person", "%(n)s people", body.population)
                        % {"n": number(body.population)}
                        if body.population
                        else "",
                    )
                    if part
                ),
                # A row of parties asks for its kind and population. The settings ask for more: with its place an
                # organisation is told from another of the same name.
                "fields": {
                    "kind": body.kind,
                    "organisation_kind": body.kind,
                    "population": str(body.population or ""),
                    "place_name": body.place_name,
                    "region": body.region or region_name(body.region_code),
                    "region_code": body.region_code,
                    "country": body.country,
                },
            }
            for body in found
        ]
    )
