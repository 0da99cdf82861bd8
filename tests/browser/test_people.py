"""Somebody is invited, chooses a password and logs in with a code, by keyboard alone."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from dashboard.web.invitations import invite
from dashboard.web.second_factor import new_recovery_codes, recovery_hash
from screening.accounts import Passkey, Role, Scope, SystemKey
from screening.office.facts import SecondFactor
from screening.office.issuers import with_issuer_key
from tests.browser.conftest import Site, Visit
from tests.browser.test_accessibility import CUT_OFF, look_at
from tests.dashboard.fakes import NOON
from tests.dashboard.fakes import PASSWORD as KNOWN
from tests.screening.receipts.builders import THEIRS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PASSWORD = "sepeda biru di atap"
NARROW = ((360, 740), (180, 370))


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_a_manager_is_invited_and_gets_in_with_a_code(visit: Visit, site: Site) -> None:
    site.fake.record.facts.put(second_factor=SecondFactor.REQUIRED)
    admin = visit("/admin/people", user="admin", language="en")
    admin.get_by_label("Log-in name").focus()
    admin.keyboard.type("tono")
    press(admin, "Tab", "Space", "ArrowDown", "ArrowDown", "Tab", "Enter")
    link = admin.locator(".admin-secret").inner_text()
    person = visit("/login", language="en", expected="40[14]")
    person.goto(link)
    expect(person.get_by_text("tono, Manager")).to_be_visible()
    person.keyboard.type(PASSWORD)
    press(person, "Tab")
    person.keyboard.type(PASSWORD)
    press(person, "Enter")
    expect(person).to_have_url(f"{site.address}/login")
    expect(person.locator("[name=name]")).to_be_focused()
    person.keyboard.type("tono")
    press(person, "Tab")
    person.keyboard.type(PASSWORD)
    press(person, "Enter")
    expect(person.locator(".account-qr")).to_be_visible()
    look_at(person, [person.url])
    secret = re.sub(r"\s", "", person.locator(".account-secret").inner_text())
    person.locator("#code").focus()
    person.keyboard.type(pyotp.TOTP(secret).at(site.fake.clock.now()))
    press(person, "Enter")
    expect(person.locator(".account-codes li")).to_have_count(10)
    look_at(person, [person.url])
    recovery = person.locator(".account-codes li").first.inner_text()
    press(person, "Escape")
    person.get_by_role("link", name="I have kept them").focus()
    press(person, "Enter")
    expect(person).to_have_url(f"{site.address}/dashboard")
    person.context.clear_cookies()
    person.goto(f"{site.address}/login")
    expect(person.locator("[name=name]")).to_be_focused()
    person.keyboard.type("tono")
    press(person, "Tab")
    person.keyboard.type(PASSWORD)
    press(person, "Enter")
    expect(person.get_by_role("heading", name="Kode")).to_be_visible()
    look_at(person, [person.url])
    expect(person.locator("[name=code]")).to_be_focused()
    person.keyboard.type(recovery)
    press(person, "Enter")
    expect(person).to_have_url(f"{site.address}/dashboard")


def with_authenticator(page: Page) -> CDPSession:
    """Plug a security key of Chromium's own into the page's browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools


def test_a_manager_makes_a_passkey_and_gets_in_with_it(visit: Visit, site: Site) -> None:
    by_name = site.address.replace("127.0.0.1", "localhost")
    page = visit("/login", language="en")
    page.goto(f"{site.address}/login")
    devtools = with_authenticator(page)
    page.goto(f"{by_name}/preferences?language=en&back=/login")
    log_in_by_keyboard(page)
    expect(page).to_have_url(f"{by_name}/dashboard")
    page.goto(f"{by_name}/account")
    page.get_by_label("What you call it").fill("Laptop")
    press(page, "Tab")
    page.keyboard.type(KNOWN)
    press(page, "Enter")
    make = page.get_by_role("button", name="Make the passkey")
    expect(make).to_be_focused()
    look_at(page, [page.url])
    press(page, "Enter")
    expect(page.locator(".account-codes li")).to_have_count(10)
    page.get_by_role("link", name="I have kept them").focus()
    press(page, "Enter")
    expect(page.get_by_text("Laptop", exact=True)).to_be_visible()
    look_at(page, [page.url])
    page.context.clear_cookies()
    page.goto(f"{by_name}/preferences?language=en&back=/login")
    log_in_by_keyboard(page)
    use = page.get_by_role("button", name="Use your passkey")
    expect(use).to_be_focused()
    look_at(page, [page.url])
    for width, height in NARROW:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(CUT_OFF) == [], width
    press(page, "Enter")
    expect(page).to_have_url(f"{by_name}/dashboard")
    (kept,) = site.fake.record.accounts.passkeys("dewi")
    assert (kept.label, kept.site_name, kept.sign_count > 0) == ("Laptop", "localhost", True)
    # On another device the browser finds none.
    page.goto("about:blank")  # whatever the dashboard asks for is over
    page.context.clear_cookies()
    devtools.send("WebAuthn.disable")
    with_authenticator(page)
    page.goto(f"{by_name}/preferences?language=en&back=/login")
    log_in_by_keyboard(page)
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("Nothing came of it")).to_be_visible()
    expect(page.get_by_role("button", name="Use your passkey")).to_be_enabled()


def log_in_by_keyboard(page: Page) -> None:
    page.locator("#name").focus()
    page.keyboard.type("dewi")
    page.locator("#password").focus()
    page.keyboard.type(KNOWN)
    press(page, "Enter")


def test_without_scripts_a_recovery_code_is_asked_for(visit: Visit, site: Site) -> None:
    by_name = site.address.replace("127.0.0.1", "localhost")
    key = Passkey(
        user="dewi",
        credential_id="b2xk",
        public_key=b"",
        label="Phone",
        site_name="localhost",
        created_at=NOON,
    )
    site.fake.record.accounts.add_passkey(key, at=NOON)
    page = visit("/login", has_scripts=False)
    page.goto(f"{by_name}/preferences?language=en&back=/login")
    page.locator("#name").fill("dewi")
    page.locator("#password").fill(KNOWN)
    page.locator("#password").press("Enter")
    expect(page.get_by_text("switched off in this browser")).to_be_visible()
    expect(page.get_by_role("button", name="Use your passkey")).to_be_hidden()
    expect(page.get_by_label("Recovery code")).to_be_visible()


def test_axe_finds_nothing_where_much_stands_and_all_of_it_reads_on_a_phone(
    visit: Visit, site: Site
) -> None:
    accounts = site.fake.record.accounts
    codes = [recovery_hash("dewi", code) for code in new_recovery_codes()]
    accounts.set_code_secret("dewi", "JBSWY3DPEHPK3PXP", codes, operator="dewi", at=NOON)
    accounts.set_locked("budi", is_locked=True, operator="admin", at=NOON)
    join = invite(accounts, "tono", Role.OFFICER, operator="admin", at=NOON)
    key = SystemKey(name="portal", scopes=frozenset(Scope), key_hash="ab" * 32, created_at=NOON)
    accounts.add_key(key, operator="admin")
    site.fake.record.facts.change(with_issuer_key(THEIRS.trusted()), operator="admin", at=NOON)
    page = visit("/login", user="admin", expected="404")
    paths = (
        "/admin/people",
        "/admin/people/person?name=budi",
        "/admin/people/person?name=dewi",
        "/admin/people/person?name=admin",
        "/admin/keys",
        "/account",
        "/account/second-factor",
        join,
        "/join/lost",
    )
    look_at(page, [site.address + path for path in paths])
    for path in paths:
        page.goto(site.address + path)
        # The list of pages is moved sideways on a phone.
        page.locator(".admin-places").evaluate_all("(all) => all.forEach((one) => one.remove())")
        page.locator("details").evaluate_all("(all) => all.forEach((one) => { one.open = true; })")
        # Days are typed on a real screen: no browser makes their field as narrow as half a phone.
        for width, height in NARROW[:1] if path == "/admin/keys" else NARROW:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(CUT_OFF) == [], (path, width)
