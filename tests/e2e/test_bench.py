"""What the bench measures is what a station would see, of an office that is its own."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dashboard.commands import bench_http, bench_registrations, bench_screens
from dashboard.commands.bench_http import Target, own_configuration, scan_all
from dashboard.commands.bench_siege import ATTACKS, OF_HANDSHAKES, OF_REQUESTS, too_slow
from screening.errors import ScreeningError
from tests.e2e.command import Gerbang


@contextmanager
def answering(answer: bytes) -> Iterator[Target]:
    """A server that gives every request this answer."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=reply, args=(connection,), daemon=True).start()

    def reply(connection: socket.socket) -> None:
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while connection.recv(4096):
                for byte in range(0, len(answer), 40):
                    connection.sendall(answer[byte : byte + 40])

    threading.Thread(target=serve, daemon=True).start()
    with listening:
        yield Target(listening.getsockname()[1], "/scans")
        listening.shutdown(socket.SHUT_RDWR)


def test_every_scan_of_all_clients_is_counted() -> None:
    with answering(b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}') as target:
        timed = asyncio.run(scan_all(target, ["code"] * 50, clients=8))
    assert len(timed.durations_ms) == 50
    assert timed.per_second == 50 / timed.whole_s


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b'HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{"status":"refused"}', "refused"),
        (b"HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n", "503"),
    ],
    ids=["refused", "trouble"],
)
def test_nothing_but_an_admission_counts(answer: bytes, told: str) -> None:
    with answering(answer) as target, pytest.raises(ScreeningError, match=told):
        asyncio.run(scan_all(target, ["code"], clients=1))


def test_the_environment_s_office_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERBANG_DATABASE_URL", "postgresql://real/office")
    with own_configuration():
        assert "GERBANG_DATABASE_URL" not in os.environ
    assert os.environ["GERBANG_DATABASE_URL"] == "postgresql://real/office"


def test_figures_of_both_servers_and_of_pictures_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"ROUNDS": 1, "SINGLE": 20, "TOGETHER": 40, "PACED": 20}.items():
        monkeypatch.setattr(bench_http, name, value)
    told: list[str] = []
    found = bench_http.measure_http(tmp_path, postgresql=None, told=told.append)
    assert 0 < found["http_scan_p50_ms"] <= found["http_scan_p95_ms"]
    assert found["http_scans_per_second"] > 0
    assert found["bare_scans_per_second"] > 0
    assert found["statements_per_admission"] <= 8
    assert found["statements_per_refusal"] <= 5
    assert found["pictures_beside_per_second"] > 2
    assert found["http_scan_p95_beside_pictures_ms"] > 0


def test_a_server_that_does_not_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    with (
        pytest.raises(ScreeningError, match=r"did not start: .*no such configuration file"),
        bench_http._served(["serve", "--config", str(tmp_path / "none.toml")], {}),
    ):
        pass


def test_only_a_postgresql_can_be_named(gerbang: Gerbang) -> None:
    outcome = gerbang("bench", "--postgresql", "sqlite:///x")
    assert (outcome.status, "--postgresql" in outcome.err) == (2, True)
    assert outcome.err.count("\n") == 1


class TestRegistrations:
    def test_are_counted_beside_scans(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bench_registrations, "SCANS", 10)
        monkeypatch.setattr(bench_registrations, "BESIDE_S", 2.0)
        told: list[str] = []
        found = bench_registrations.measure_registrations(tmp_path, told=told.append)
        assert found["registrations_per_second"] > 1
        assert 0 < found["reloads_per_second"] < 90
        assert found["scan_p95_beside_registrations_ms"] > 0

    def test_fail_where_one_machine_bears_less_than_it_must(self) -> None:
        found = {
            "registrations_per_second": 100.0,
            "scan_p95_alone_ms": 30.0,
            "scan_p95_beside_registrations_ms": 60.0,
            "scan_p95_beside_reloads_ms": 5.0,
        }
        assert bench_registrations.too_slow(found) == []
        slow = found | {"scan_p95_alone_ms": 10.0}
        assert bench_registrations.too_slow(slow) == ["scan_p95_beside_registrations_ms"]
        few = found | {"registrations_per_second": 99.0}
        assert bench_registrations.too_slow(few) == ["registrations_per_second"]

    def test_stop_at_a_booking_that_is_refused(self) -> None:
        answer = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{"slots":[]}'
        with answering(answer) as target, pytest.raises(ScreeningError, match="nothing is free"):
            asyncio.run(bench_registrations.work(target.port, "book", "key", 1.0))


class TestScreens:
    def test_show_every_call_beside_scans(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bench_screens, "SCANS", 20)
        monkeypatch.setattr(bench_screens, "BESIDE_S", 4.0)
        found = bench_screens.measure_screens(tmp_path, told=lambda _: None, displays=20, phones=10)
        assert found["screens"] == 30
        assert found["calls"] >= 1
        assert 0 < found["call_p50_ms"] <= found["call_p95_ms"]
        assert found["phones"] == 10
        assert found["phone_call_p95_ms"] > 0
        assert found["phone_page_p95_ms"] > 0
        assert "server_ms_per_call" in found
        assert found["scan_p95_beside_screens_ms"] > 0

    def test_fail_where_a_call_or_a_scan_takes_too_long(self) -> None:
        found = {
            "call_p95_ms": 250.0,
            "phone_call_p95_ms": 250.0,
            "scan_p95_alone_ms": 30.0,
            "scan_p95_beside_screens_ms": 60.0,
        }
        assert bench_screens.too_slow(found) == []
        assert bench_screens.too_slow(found | {"call_p95_ms": 251.0}) == ["call_p95_ms"]
        slow = found | {"scan_p95_alone_ms": 10.0}
        assert bench_screens.too_slow(slow) == ["scan_p95_beside_screens_ms"]


class TestTheSiege:
    def test_fails_where_a_scan_takes_more_than_twice_its_time(self) -> None:
        names = list(OF_REQUESTS)
        found = {"siege_before_p95_ms": 30.0}
        found |= {f"siege_{name}_p95_ms": 10.0 for name in names}
        assert too_slow(found) == []
        assert too_slow(found | {f"siege_{names[0]}_p95_ms": 59.0}) == []
        assert too_slow(found | {f"siege_{names[0]}_p95_ms": 61.0}) == [names[0]]

    def test_lets_a_quick_scan_become_slower(self) -> None:
        name = next(iter(ATTACKS))
        found = {"siege_before_p95_ms": 3.0, f"siege_{name}_p95_ms": 49.0}
        assert too_slow(found) == []
        assert too_slow(found | {f"siege_{name}_p95_ms": 51.0}) == [name]

    def test_compares_handshakes_with_scans_over_tls(self) -> None:
        name = next(iter(OF_HANDSHAKES))
        found = {"siege_before_p95_ms": 3.0, "siege_tls_before_p95_ms": 40.0}
        assert too_slow(found | {f"siege_{name}_p95_ms": 79.0}) == []
        assert too_slow(found | {f"siege_{name}_p95_ms": 81.0}) == [name]

    @pytest.mark.parametrize("name", ATTACKS)
    def test_s_attackers_reach_the_server(self, name: str) -> None:
        async def scenario() -> bytes:
            came: asyncio.Queue[bytes] = asyncio.Queue()

            async def see(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                begun = b"" if name.startswith("silent") else await reader.read(100)
                came.put_nowait(begun)
                writer.close()

            server = await asyncio.start_server(see, "127.0.0.1", 0)
            _, act = ATTACKS[name]
            acting = asyncio.create_task(act(server.sockets[0].getsockname()[1]))
            begun = await asyncio.wait_for(came.get(), 30)
            acting.cancel()
            server.close()
            return begun

        begun = asyncio.run(scenario())
        if name in OF_HANDSHAKES and not name.startswith("silent"):
            assert begun.startswith(b"\x16")
        elif not name.startswith("silent"):
            assert b"HTTP/1.1" in begun
