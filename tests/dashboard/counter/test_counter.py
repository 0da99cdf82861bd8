"""An officer's page: whom the counter serves, who waits, and what may be done."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from screening.office.services import Channel, Question, Service
from screening.queue.tickets import Act
from screening.registration.bookings import Registration
from screening.visits import EntryKind
from tests.dashboard.conftest import Browse, send
from tests.dashboard.fakes import PASSWORD, FakeGateControl, FakeOffice
from tests.dashboard.tickets import act, come_in, go_out, open_counters, wait
from tests.dashboard.visitor.test_receipt import RECEIPT

LIVE = {"x-gerbang-live": "1"}


@pytest.fixture
def officer(logged_in: Browse) -> TestClient:
    return logged_in("rina")


def do(client: TestClient, path: str, counter: str = "1", **fields: str) -> Response:
    """Press a button of the counter's page."""
    return send(client, f"/counter/{counter}", f"/counter/{counter}/{path}", **fields)


def test_it_is_for_officers_and_managers(client: TestClient, logged_in: Browse) -> None:
    assert client.get("/counter/1").status_code == 303
    assert logged_in("budi").get("/counter").status_code == 403
    assert logged_in("dewi").get("/counter").status_code == 200
    assert logged_in("rina").get("/counter/loteng").status_code == 404


def test_the_only_counter_is_gone_to_at_once(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "Loket-1")
    answer = officer.get("/counter")
    assert answer.headers["location"] == "/counter/Loket-1"
    assert officer.get("/counter/loket-1").status_code == 200
    open_counters(fake, "2")
    assert "Loket 2" in officer.get("/counter").text


def test_one_person_from_the_call_to_the_end(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", "L-002", receipt=("BGR", "K7M2-9QXD"))
    assert do(officer, "call_next").status_code == 303
    page = officer.get("/counter/1")
    assert page.context["live"].person.label == "L-001"
    assert "K7M2-9QXD" in page.text
    assert [one.path for one in page.context["live"].acts] == [
        "arrived", "done", "recall", "missed", "park", "undo"
    ]  # fmt: skip
    do(officer, "recall", ticket="L-001")
    assert page.context["live"].person.calls == 1
    do(officer, "arrived", ticket="L-001")
    assert officer.get("/counter/1").context["live"].acts[0].path == "done"
    do(officer, "done", ticket="L-001", outcome="Berkas kurang")
    assert officer.get("/counter/1").context["live"].person is None
    rows = [one.operator for one in fake.record.visits.entries() if one.kind is EntryKind.QUEUE]
    assert rows == ["rina"] * 4


def test_an_act_is_for_the_number_that_the_page_showed(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", "L-002")
    act(fake, Act.CALL_NEXT, "1")
    officer.get("/counter/1")
    act(fake, Act.DONE, "1")
    act(fake, Act.CALL_NEXT, "1")  # by somebody else, at the same counter
    answer = do(officer, "done", ticket="L-001")
    assert answer.status_code == 409
    assert officer.get("/counter/1").context["live"].person.label == "L-002"


def test_refusals_are_told_in_words(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    assert "Tidak ada yang menunggu loket ini." in do(officer, "call_next").text
    come_in(fake, "L-001", "L-002")
    do(officer, "call_next")
    assert "Selesaikan dulu" in do(officer, "call_next").text
    do(officer, "done", ticket="L-001")
    go_out(fake, "L-002")
    assert "sudah tidak ada di dalam" in do(officer, "call", ticket="L-002").text
    assert do(officer, "teleport").status_code == 404


def test_parked_and_missed_come_back_and_a_slip_is_undone(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", "L-002", "L-003")
    do(officer, "call_next")
    do(officer, "park", ticket="L-001")
    do(officer, "call_next")
    do(officer, "missed", ticket="L-002")
    shown = officer.get("/counter/1").context["live"]
    assert [one.label for one in shown.parked] == ["L-001"]
    assert [one.label for one in shown.missed] == ["L-002"]
    do(officer, "take_back", ticket="L-002")
    assert officer.get("/counter/1").context["live"].waiting[0].label == "L-002"
    do(officer, "undo")
    assert [one.label for one in officer.get("/counter/1").context["live"].missed] == ["L-002"]
    do(officer, "call", ticket="L-001")
    assert officer.get("/counter/1").context["live"].person.label == "L-001"


def test_done_on_the_wrong_person_is_taken_back_while_the_next_one_stays(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1", "2")
    come_in(fake, "L-001", "L-002", "L-003", receipt=("BGR", "K7M2-9QXD"))
    do(officer, "call_next")
    do(officer, "done", ticket="L-001", outcome="Selesai")
    do(officer, "call_next")
    (line,) = officer.get("/counter/1").context["live"].handled
    assert (line.label, line.how, line.is_done) == ("L-001", "Selesai", True)
    assert officer.get("/counter/2").context["live"].handled == ()

    do(officer, "change_outcome", ticket="L-001", outcome="Berkas kurang")
    (line,) = officer.get("/counter/1").context["live"].handled
    assert line.how == "Berkas kurang"
    do(officer, "undo", of="L-001")
    shown = officer.get("/counter/1").context["live"]
    assert (shown.person.label, shown.handled) == ("L-002", ())
    assert [one.label for one in shown.waiting] == ["L-001", "L-003"]
    assert do(officer, "undo", of="L-001").status_code == 409
    do(officer, "undo")
    assert officer.get("/counter/1").context["live"].person is None


def test_whoever_was_sent_on_by_mistake_is_taken_back(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1", services=("KTP",))
    come_in(fake, "L-001", "L-002")
    do(officer, "call_next")
    do(officer, "forward", ticket="L-001", service="KK")
    do(officer, "call_next")
    (line,) = officer.get("/counter/1").context["live"].handled
    assert (line.label, line.is_done) == ("L-001", False)
    assert line.how == "diteruskan ke Kartu keluarga"
    do(officer, "undo", of="L-001")
    assert [one.label for one in officer.get("/counter/1").context["live"].waiting] == ["L-001"]


def test_who_waits_is_counted_by_letter_with_the_longest(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1", services=("KTP",))
    come_in(fake, "L-001", "L-002")
    come_in(fake, "K-001", service="KK", is_priority=True)
    shown = officer.get("/counter/1").context["live"]
    assert [(one.letter, one.count, one.longest.text) for one in shown.letters] == [
        ("K", 1, "12.00"),
        ("L", 2, "11.59"),
    ]
    assert shown.waiting_count == 2  # it does not take the other service
    do(officer, "call_ahead", ticket=shown.ahead)
    shown = officer.get("/counter/1").context["live"]
    assert shown.waiting[0].is_called_ahead
    assert shown.ahead == "L-002"


def test_a_visit_is_sent_on_and_shows_its_steps(officer: TestClient, fake: FakeOffice) -> None:
    steps = Service(
        code="FOTO",
        channel=Channel.WALK_IN,
        names={"id": "Foto"},
        letter="F",
        steps=("FOTO", "KTP"),
    )
    facts = fake.record.facts.current()
    fake.record.facts.put(services={**facts.services, "FOTO": steps})
    open_counters(fake, "1")
    come_in(fake, "F-001", service="FOTO")
    do(officer, "call_next")
    do(officer, "arrived", ticket="F-001")
    person = officer.get("/counter/1").context["live"].person
    assert [one.state for one in person.steps] == ["now", "later"]
    do(officer, "done", ticket="F-001", outcome="Foto jadi")
    do(officer, "call_next")
    page = officer.get("/counter/1")
    assert [one.state for one in page.context["live"].person.steps] == ["done", "now"]
    assert "Foto jadi" in page.text
    do(officer, "forward", ticket="F-001", service="KK")
    assert officer.get("/counter/1").context["live"].waiting[0].service == "Kartu keluarga"


@dataclass
class Registrations:
    """Who registered, by number."""

    known: dict[str, Registration]

    def registration(self, number: str) -> Registration | None:
        return self.known.get(number)


def test_the_name_is_the_holders_whole_one_and_only_of_our_own_receipts(
    officer: TestClient, fake: FakeOffice
) -> None:
    site = fake.office.settings.site.code
    registrations = Registrations(
        {
            RECEIPT.claims.number: Registration(
                claims=RECEIPT.claims, booking=None, name="Siti Rahmawati"
            )
        }
    )
    object.__setattr__(fake.office, "registrar", registrations)
    open_counters(fake, "1")
    come_in(fake, "L-001", receipt=(site, RECEIPT.claims.number))
    come_in(fake, "L-002", receipt=("OTHER", RECEIPT.claims.number))
    do(officer, "call", ticket="L-001")
    assert officer.get("/counter/1").context["live"].person.name == "Siti Rahmawati"
    do(officer, "done", ticket="L-001")
    do(officer, "call", ticket="L-002")
    assert officer.get("/counter/1").context["live"].person.name == ""


def test_what_was_answered_at_registering_is_told_who_serves(
    officer: TestClient, fake: FakeOffice
) -> None:
    ktp = fake.record.services.services()["KTP"]
    asked = Question(code="nomor", texts={"id": "Nomor pengajuan"})
    fake.record.services.put(replace(ktp, questions=(asked,)))
    number = RECEIPT.claims.number
    registration = Registration(
        claims=replace(RECEIPT.claims, service="KTP"),
        booking=None,
        name="Siti Rahmawati",
        contact="0812345678",
        answers={"nomor": "<b>17</b>", "gone": "x\u202ey"},
    )
    object.__setattr__(fake.office, "registrar", Registrations({number: registration}))
    open_counters(fake, "1")
    come_in(fake, "L-001", receipt=(fake.office.settings.site.code, number))
    do(officer, "call_next")
    page = officer.get("/counter/1")
    assert page.context["live"].person.answers == (
        ("Nomor pengajuan", "<b>17</b>"),
        ("gone", "xy"),
    )
    assert "&lt;b&gt;17" in page.text
    assert "0812345678" not in page.text


def test_priority_is_told_and_not_why(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001", is_priority=True)
    do(officer, "call_next")
    assert "Prioritas" in officer.get("/counter/1").text


def test_words_that_somebody_typed_are_no_html(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1", place="<b>Loket</b>")
    assert "<b>Loket</b>" not in officer.get("/counter/1").text


def test_it_closes_moves_and_says_which_services_it_takes(
    officer: TestClient, fake: FakeOffice
) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001")
    do(officer, "call_next")
    do(officer, "park", ticket="L-001")
    do(officer, "close")
    assert not fake.record.facts.current().counters["1"].is_open
    assert officer.get("/counter/1").context["live"].acts[0].path == "open"
    do(officer, "settings", place="Ruang Foto", room="atas", services="KTP")
    counter = fake.record.facts.current().counters["1"]
    assert (counter.place, counter.room, counter.services) == ("Ruang Foto", "atas", ("KTP",))
    do(officer, "settings", place="Ruang Foto")
    assert fake.record.facts.current().counters["1"].services == ()
    do(officer, "open")
    # Whoever was parked is not called because the officer moved.
    assert [one.label for one in officer.get("/counter/1").context["live"].parked] == ["L-001"]
    assert "tidak diubah" in do(officer, "settings", place="").text


def test_help_is_asked_for_and_switched_off_again(
    officer: TestClient, guard: TestClient, fake: FakeOffice, gate: FakeGateControl
) -> None:
    open_counters(fake, "1", "2")
    do(officer, "help", "1", wanted="yes")
    assert "Loket 1 minta bantuan." in officer.get("/counter/2").text
    assert "Loket 1 minta bantuan." in guard.get("/gate/utama").text
    do(officer, "help", "2", of="1", wanted="no")
    for client, page in ((officer, "/counter/2"), (officer, "/counter/1"), (guard, "/gate/utama")):
        assert "minta bantuan." not in client.get(page).text
    do(officer, "help", "1", wanted="yes")
    send(guard, "/gate/utama", "/gate/utama/helped", counter="1")
    assert not fake.record.facts.current().counters["1"].wants_help
    rows = [one.operator for one in fake.record.visits.entries()]
    assert rows[-1] == "budi"


def test_the_next_officer_takes_over(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001")
    do(officer, "call_next")
    assert do(officer, "hand-over", name="dewi", password="wrong").status_code == 403
    assert do(officer, "hand-over", name="budi", password=PASSWORD).status_code == 403
    assert do(officer, "hand-over", name="dewi", password=PASSWORD).status_code == 303
    page = officer.get("/counter/1")
    assert "dewi" in page.text
    assert page.context["live"].person.label == "L-001"
    last = fake.record.visits.entries()[-1]
    assert (last.kind, last.operator) == (EntryKind.HANDOVER, "dewi")


def test_a_script_gets_the_changing_part_or_one_line(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001")
    officer.headers.update(LIVE)
    assert do(officer, "call_next").text.startswith('<div id="live"')
    refused = do(officer, "call_next")
    assert (refused.status_code, refused.text) == (
        409, "Masih ada yang dipanggil ke sini. Selesaikan dulu."
    )  # fmt: skip


def test_a_form_of_another_site_does_nothing(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001")
    assert officer.post("/counter/1/call_next").status_code == 403
    assert officer.get("/counter/1").context["live"].person is None


def test_the_stream_ends_with_the_hub(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    fake.hub.close()
    answer = officer.get("/counter/1/events")
    assert answer.status_code == 200


def test_times_are_the_sites(officer: TestClient, fake: FakeOffice) -> None:
    open_counters(fake, "1")
    come_in(fake, "L-001")
    wait(fake, 120)
    do(officer, "call_next")
    person = officer.get("/counter/1").context["live"].person
    assert (person.came.text, person.since.text) == ("12.00", "12.02")
