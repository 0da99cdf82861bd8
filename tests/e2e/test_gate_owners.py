"""Two processes of one office: a gate runs in one of them, and in the other when that one ends."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.e2e.served import START_S, Served, Station, call_gerbang, comes_true, gerbang, served
from tests.e2e.test_served_office import receipt

TAKEN_OVER_S = 5.0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def secret(data: Path) -> str:
    token: str = gerbang("gate", "add", "satu", "--checks", "receipt", data=data)["token"]
    return token


def mode(client: httpx2.Client) -> str:
    found: str = client.get("/readyz").json()["gates"]["satu"]["mode"]
    return found


def log_of(office: Served) -> str:
    return "".join(office.printed.get() for _ in range(office.printed.qsize()))


def config(folder: Path, address: str) -> str:
    file = folder / f"{address.rpartition('/')[2]}.toml"
    file.write_text(f'[web]\npublic_url = "{address}"\n')
    return str(file)


def test_the_second_process_takes_over_from_a_killed_one_within_five_seconds(
    data: Path, secret: str, tmp_path: Path
) -> None:
    first_config = config(tmp_path, "https://one.example")
    with (
        served(["serve", "--config", first_config], data=data) as first,
        served(["serve"], data=data) as second,
        httpx2.Client(base_url=first.base, timeout=START_S) as to_first,
        httpx2.Client(base_url=second.base, timeout=START_S) as to_second,
    ):
        here, there = Station(to_first, "satu", secret), Station(to_second, "satu", secret)
        assert here.scan(receipt(data)).json()["status"] == "ok"
        misdirected = there.scan(receipt(data))
        assert misdirected.status_code == 421
        assert misdirected.json()["owner"] == "https://one.example"
        assert mode(to_second) == "elsewhere"
        kiosk = to_second.get("/kiosk/satu")
        assert kiosk.status_code == 421
        assert "https://one.example/kiosk/satu" in kiosk.text
        token = receipt(data)
        first.kill()
        assert comes_true(lambda: there.scan(token, "n-1").status_code == 200, TAKEN_OVER_S)
        assert there.scan(token, "n-1").json()["status"] == "ok"
        said = log_of(second)
        assert said.count("https://one.example runs it") == 1
        assert said.count("this process runs it now") == 1
    assert gerbang("log", "verify", data=data)["intact"]


def test_a_process_that_is_stopped_hands_its_gates_over(data: Path, secret: str) -> None:
    with (
        served(["serve"], data=data) as first,
        served(["serve"], data=data) as second,
        httpx2.Client(base_url=second.base, timeout=START_S) as to_second,
    ):
        assert first.stop() == 0
        assert comes_true(lambda: mode(to_second) != "elsewhere", TAKEN_OVER_S)


def test_an_owner_whose_lock_is_taken_away_stops_and_the_two_never_act_both(
    data: Path, secret: str
) -> None:
    with (
        served(["serve"], data=data) as first,
        served(["serve"], data=data) as second,
        httpx2.Client(base_url=first.base, timeout=START_S) as to_first,
        httpx2.Client(base_url=second.base, timeout=START_S) as to_second,
    ):
        stations = [Station(to_first, "satu", secret), Station(to_second, "satu", secret)]
        token, lost = receipt(data), receipt(data)
        assert stations[0].scan(receipt(data)).status_code == 200
        for lock in (data / "gate-owners").iterdir():
            lock.unlink()
        assert stations[0].scan(lost).status_code in (200, 421, 503)  # 200: it has got it again

        def statuses() -> list[int]:
            return [station.scan(token, "n-1").status_code for station in stations]

        def is_settled() -> bool:
            found = sorted(statuses())
            assert found != [200, 200]
            return found == [200, 421]

        # Meanwhile one that was given up may say that it does not know.
        assert comes_true(is_settled, TAKEN_OVER_S)
        assert log_of(first).count("has lost it") == 1


def test_a_process_runs_the_gates_that_it_was_told(data: Path, secret: str) -> None:
    gerbang("gate", "add", "dua", "--checks", "receipt", data=data)
    with (
        served(["serve", "--gates", "none"], data=data) as web,
        served(["serve", "--gates", "satu"], data=data) as gate,
        httpx2.Client(base_url=web.base, timeout=START_S) as to_web,
        httpx2.Client(base_url=gate.base, timeout=START_S) as to_gate,
    ):
        modes = []
        for client in (to_web, to_gate):
            gates = client.get("/readyz").json()["gates"]
            modes.append({name: told["mode"] for name, told in gates.items()})
        assert modes[0] == {"dua": "elsewhere", "satu": "elsewhere"}
        assert modes[1]["dua"] == "elsewhere"
        assert modes[1]["satu"] != "elsewhere"
        page = to_web.get("/kiosk/dua")
        assert "Saat ini tidak ada komputer yang menjalankan gerbang dua." in page.text


@pytest.mark.parametrize(
    ("gates", "told"), [("satu,tiga", "tiga"), (" , ", "names")], ids=["unknown", "empty"]
)
def test_an_unknown_gate_is_wrong_usage(data: Path, secret: str, gates: str, told: str) -> None:
    done = call_gerbang("serve", "--gates", gates, "--port", "0", "--data", str(data))
    assert done.status == 2
    assert told in done.err
    assert done.err.count("\n") == 1
