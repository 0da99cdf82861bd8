"""The gerbang command as people and scripts use it: answers, exit status, one-line errors."""

from __future__ import annotations

import csv
import io
import re
import sqlite3
import time
import unicodedata
from contextlib import closing
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp

from dashboard.web.spreadsheets import harmless_cell
from drivers.simulated.portrait import draw_visitor
from drivers.simulated.relay import SimulatedRelay
from drivers.thermometer import gy_mcu90640
from drivers.thermometer.frames import DecodedArray, DecodedTemperature
from drivers.thermometer.gy_mcu90614 import encode
from tests.e2e.command import Gerbang


class TestReceipts:
    def test_a_receipt_is_good_from_the_day_after_issue_for_seven_days(
        self, gerbang: Gerbang
    ) -> None:
        issued = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti Aminah",
            "--issued", "2026-11-24", "--json",
        ).json  # fmt: skip
        assert issued["valid_from"] == "2026-11-25T00:00:00+07:00"
        assert issued["expires"] == "2026-12-02T00:00:00+07:00"
        verdicts = {
            at: gerbang("receipt", "verify", issued["token"], "--at", at, "--json")
            for at in (
                "2026-11-24T23:59:59",
                "2026-11-25T00:00:00",
                "2026-12-01T23:59:59",
                "2026-12-02T00:00:00",
            )
        }
        assert [(v.json["valid"], v.json["reason"], v.status) for v in verdicts.values()] == [
            (False, "not_yet_valid", 1),
            (True, None, 0),
            (True, None, 0),
            (False, "expired", 1),
        ]

    def test_verifying_does_not_redeem(self, gerbang: Gerbang) -> None:
        token = gerbang(
            "receipt", "issue", "--service", "KK", "--name", "Budi", "--issued", "2026-11-24",
            "--json",
        ).json["token"]  # fmt: skip
        for _ in range(2):
            assert gerbang("receipt", "verify", token, "--at", "2026-11-26", "--json").json["valid"]

    def test_the_qr_holds_the_token(self, gerbang: Gerbang, tmp_path: Path) -> None:
        issued = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti", "--qr", "r.png", "--json"
        ).json
        picture = cv2.imread(str(tmp_path / "r.png"))
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [issued["token"]]

    def test_a_receipt_s_page_has_an_address_of_its_own(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        issue = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--json")
        issued = gerbang(*issue).json
        assert re.fullmatch(rf"/r/{issued['number']}/[a-z2-7]{{26}}", issued["link"])
        (listed,) = gerbang("receipt", "list", "--json").lines
        assert listed["link"] == issued["link"]
        config = tmp_path / "with-address.toml"
        config.write_text('[web]\npublic_url = "https://antre.example.go.id"\n', "utf-8")
        (listed,) = gerbang("receipt", "list", "--json", "--config", str(config)).lines
        assert listed["link"] == f"https://antre.example.go.id{issued['link']}"
        exported = gerbang("log", "export", "--json").out + gerbang("office", "show", "--json").out
        assert issued["link"].rsplit("/", 1)[1] not in exported

    def test_a_typed_number_leads_to_the_same_receipt(self, gerbang: Gerbang) -> None:
        issued = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", "2026-11-24",
            "--json",
        ).json  # fmt: skip
        typed = issued["number"].lower()
        found = gerbang("receipt", "verify", typed, "--at", "2026-11-26", "--json").json
        assert (found["valid"], found["claims"]["number"]) == (True, issued["number"])

    def test_a_forged_receipt_and_another_offices_are_refused(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        issue = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--json")
        token = gerbang(*issue).json["token"]
        forged = token[:-1] + ("0" if token[-1] != "0" else "1")
        other = gerbang(*issue, "--data", str(tmp_path / "other")).json["token"]
        assert gerbang("receipt", "verify", forged, "--json").json["reason"] in (
            "bad_signature",
            "receipt_unreadable",
        )
        assert gerbang("receipt", "verify", other, "--json").json["valid"] is False

    def test_a_revoked_receipt_is_refused_and_the_log_says_so(self, gerbang: Gerbang) -> None:
        issued = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", "2026-11-24",
            "--json",
        ).json  # fmt: skip
        revoke = ("receipt", "revoke", issued["number"], "--reason", "twice", "--operator", "rina")
        assert gerbang(*revoke).status == 0
        verdict = gerbang("receipt", "verify", issued["token"], "--at", "2026-11-26", "--json")
        assert verdict.json["reason"] == "revoked"
        assert [row["kind"] for row in gerbang("log", "export", "--json").lines] == ["revoke"]

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            ("NOPE", "this is not a receipt of ours: neither its code nor its number"),
            ("97KRZ-GVPRW", "this is not a receipt of ours: neither its code nor its number"),
            ("00000-00000", "no receipt with this number was issued here"),
        ],
        ids=["word", "wrong check symbol", "never issued"],
    )
    def test_what_is_no_receipt_is_told_in_a_sentence(
        self, gerbang: Gerbang, typed: str, told: str
    ) -> None:
        revoke = ("receipt", "revoke", typed, "--reason", "twice", "--operator", "rina")
        assert f"{typed}: {told}" in gerbang(*revoke).err
        verdict = gerbang("receipt", "verify", typed)
        assert (verdict.status, verdict.out.startswith(f"refused: {told}")) == (1, True)

    def test_a_refusal_tells_the_days(self, gerbang: Gerbang) -> None:
        issue = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", "2026-11-24")
        token = gerbang(*issue, "--json").json["token"]
        early = gerbang("receipt", "verify", token, "--at", "2026-11-24").out
        late = gerbang("receipt", "verify", token, "--at", "2026-12-24").out
        assert "good from 2026-11-25T00:00:00+07:00 (not_yet_valid)" in early
        assert "good until 2026-12-02T00:00:00+07:00 (expired)" in late

    @pytest.mark.parametrize(
        ("arguments", "status", "told"),
        [
            (("--service", "XYZ", "--name", "Siti"), 1, "XYZ"),
            (("--service", "REKAM", "--name", "Siti"), 1, "closed"),
            (("--service", "KTP", "--name", "  "), 1, "name"),
            (("--service", "KTP", "--name", "Siti", "--party", "0"), 1, "party"),
            (("--service", "KTP", "--name", "Siti", "--issued", "tomorrow"), 2, "tomorrow"),
            (("--service", "KTP"), 2, "--name"),
        ],
        ids=["unknown", "closed", "nameless", "nobody", "no-date", "missing"],
    )
    def test_what_cannot_be_issued_is_told_in_one_line(
        self, gerbang: Gerbang, arguments: tuple[str, ...], status: int, told: str
    ) -> None:
        outcome = gerbang("receipt", "issue", *arguments)
        assert outcome.status == status
        assert outcome.out == ""
        assert told in outcome.err
        assert outcome.err.count("\n") == 1


FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1", "\uff1d1+1", " =1+1", "salah;=1+1",
    "salah; =1+1", 'salah;"=1+1"', "salah,@A1", "baris\n=1+1", "a\t-1", ";;+1", '";=1+1',
)  # fmt: skip


class TestExport:
    """The log in spreadsheets: of an Indonesian Excel too, which separates by semicolons."""

    def revoke(self, gerbang: Gerbang, reason: str) -> None:
        number = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti", "--json"
        ).json["number"]  # fmt: skip
        revoke = ("receipt", "revoke", number, "--operator", "rina", f"--reason={reason}")
        assert gerbang(*revoke).status == 0

    @pytest.mark.parametrize("formula", FORMULAS)
    @pytest.mark.parametrize("written", [",", ";"], ids=["plain", "excel"])
    def test_no_cell_is_a_formula_by_any_separator(self, formula: str, written: str) -> None:
        file = io.StringIO()
        csv.writer(file, delimiter=written).writerow([1, harmless_cell(formula), "rina"])
        for separator in (",", ";", "\t"):
            lines = re.split(r"[\r\n]+", file.getvalue())
            for cell in chain.from_iterable(csv.reader(lines, delimiter=separator)):
                bare = unicodedata.normalize("NFKC", cell.strip().strip('"').strip())
                assert not bare.startswith(("=", "+", "-", "@")), (separator, cell)
                assert not cell.startswith(("\t", "\r")), (separator, cell)

    @pytest.mark.parametrize("option", [(), ("--excel",)], ids=["plain", "excel"])
    def test_a_remark_is_no_formula_in_the_exported_log(
        self, gerbang: Gerbang, option: tuple[str, ...]
    ) -> None:
        self.revoke(gerbang, "salah;=1+1")
        assert "salah;'=1+1" in gerbang("log", "export", *option).out

    def test_the_plain_file_has_commas_and_the_one_for_excel_a_mark_and_semicolons(
        self, gerbang: Gerbang
    ) -> None:
        self.revoke(gerbang, "dobel, minta lagi; Agustín")
        plain = gerbang("log", "export").out
        excel = gerbang("log", "export", "--excel").out
        assert plain.startswith("entry,at,kind,gate,decision,reason,receipt,service,operator,")
        assert excel.startswith(
            "\ufeffentry;at;kind;gate;decision;reason;receipt;service;operator;"
        )
        rows = [
            list(csv.DictReader(io.StringIO(text), delimiter=separator))
            for text, separator in ((plain, ","), (excel.removeprefix("\ufeff"), ";"))
        ]
        assert rows[0] == rows[1]
        assert rows[0][0]["remark"] == "dobel, minta lagi; Agustín"

    def test_excel_and_json_are_two_kinds_of_file(self, gerbang: Gerbang) -> None:
        outcome = gerbang("log", "export", "--excel", "--json")
        assert (outcome.status, outcome.out) == (2, "")


class TestLostFiles:
    """A power cut or a slip of the hand takes the signing key or the database."""

    KEY, DATABASE = Path("data/keys/issuer.pem"), Path("data/gerbang.sqlite3")
    ISSUE = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--json")

    @pytest.fixture
    def token(self, gerbang: Gerbang) -> str:
        """Of a receipt that was issued before."""
        issued = gerbang(*self.ISSUE, "--issued", "2026-11-24").json["token"]
        assert gerbang("config", "check").status == 0
        return str(issued)

    @pytest.mark.parametrize("content", [None, "", "-----BEGIN PRIVATE KEY-----\nMC4CAQ"])
    @pytest.mark.parametrize("with_public_key", [True, False])
    def test_a_lost_key_is_told_and_not_replaced(
        self, gerbang: Gerbang, token: str, content: str | None, with_public_key: bool
    ) -> None:
        lose(self.KEY, content)
        if not with_public_key:
            self.KEY.with_suffix(".pub").unlink()
        checked = gerbang("config", "check", "--json")
        assert checked.status == 1
        (problem,) = checked.json["problems"]
        assert "issuer.pem" in problem
        assert "gerbang receipt new-key" in problem
        for command in (self.ISSUE, ("serve", "--port", "0"), ("receipt", "verify", token)):
            outcome = gerbang(*command)
            assert (outcome.status, outcome.out) == (1, "")
            assert outcome.err == f"gerbang: {problem}\n"
        assert (self.KEY.read_text() if self.KEY.exists() else None) == content

    @pytest.mark.parametrize("content", [None, "", "half a key"])
    def test_a_new_key_is_made_by_name_and_printed_receipts_stay_good(
        self, gerbang: Gerbang, token: str, content: str | None
    ) -> None:
        lose(self.KEY, content)
        made = gerbang("receipt", "new-key", "--operator", "rina", "--json").json
        assert made["retired"] is not None
        assert made["kid"] != made["retired"]
        assert gerbang("receipt", "verify", token, "--at", "2026-11-26").status == 0
        assert gerbang("config", "check").status == 0
        (row,) = gerbang("log", "export", "--json").lines
        assert (row["kind"], row["operator"]) == ("office_changed", "rina")
        assert row["remark"] == f"signing_key: {made['retired']} → {made['kid']}"
        assert gerbang("log", "verify").status == 0

    def test_what_is_lost_for_good_is_asked_for(self, gerbang: Gerbang, token: str) -> None:
        lose(self.KEY, None)
        self.KEY.with_suffix(".pub").unlink()
        refused = gerbang("receipt", "new-key")
        assert (refused.status, "--yes" in refused.err) == (2, True)
        assert not self.KEY.exists()
        made = gerbang("receipt", "new-key", "--yes", "--json").json
        assert made["retired"] is None
        verdict = gerbang("receipt", "verify", token, "--at", "2026-11-26", "--json")
        assert verdict.json["reason"] == "unknown_issuer"

    def test_a_key_that_is_there_can_be_replaced_too(self, gerbang: Gerbang, token: str) -> None:
        assert gerbang("receipt", "new-key").status == 0
        assert gerbang("receipt", "verify", token, "--at", "2026-11-26").status == 0
        assert gerbang(*self.ISSUE).status == 0

    @pytest.mark.parametrize("content", [None, "", "PK, a packed backup"])
    def test_a_lost_database_is_told_and_not_replaced(
        self, gerbang: Gerbang, token: str, content: str | None
    ) -> None:
        lose(self.DATABASE, content)
        checked = gerbang("config", "check", "--json")
        assert checked.status == 1
        (problem,) = checked.json["problems"]
        assert "gerbang.sqlite3" in problem
        for command in (
            ("log", "verify"),
            ("serve", "--port", "0"),
            ("demo", "--port", "0"),
            ("user", "add", "siti", "--role", "guard", "--password-stdin"),
            self.ISSUE,
        ):
            outcome = gerbang(*command, stdin=b"a long password\n")
            assert (outcome.status, outcome.out) == (1, "")
            assert "gerbang log new" in outcome.err
            assert outcome.err.count("\n") == 1
        assert (self.DATABASE.read_text() if self.DATABASE.exists() else None) == content

    def test_newer_rows_beside_an_emptied_database_are_kept(
        self, gerbang: Gerbang, token: str
    ) -> None:
        lose(self.DATABASE, "")
        newer = self.DATABASE.with_name("gerbang.sqlite3-wal")
        newer.write_bytes(b"the newest rows")
        assert gerbang("config", "check").status == 1
        assert gerbang("log", "verify").status == 1
        assert newer.read_bytes() == b"the newest rows"

    @pytest.mark.parametrize("content", [None, ""])
    def test_an_empty_record_begins_by_name(
        self, gerbang: Gerbang, token: str, content: str | None
    ) -> None:
        lose(self.DATABASE, content)
        assert gerbang("log", "new").status == 2
        assert gerbang("log", "new", "--operator", "rina", "--yes").status == 0
        (row,) = gerbang("log", "export", "--json").lines
        assert (row["kind"], row["operator"]) == ("office_changed", "rina")
        assert gerbang("config", "check").status == 0
        assert gerbang("receipt", "verify", token, "--at", "2026-11-26").status == 0

    def test_a_record_that_is_there_is_never_replaced(self, gerbang: Gerbang, token: str) -> None:
        outcome = gerbang("log", "new", "--yes")
        assert (outcome.status, "nothing was done" in outcome.err) == (1, True)
        assert gerbang("receipt", "list", "--json").out

    def test_a_new_office_starts_without_questions(self, gerbang: Gerbang) -> None:
        assert gerbang("config", "check").status == 0
        add = ("user", "add", "siti", "--role", "guard", "--password-stdin")
        assert gerbang(*add, stdin=b"a long password\n").status == 0
        assert gerbang("config", "check").status == 0
        assert gerbang(*self.ISSUE).status == 0


def lose(file: Path, content: str | None) -> None:
    """Remove it, or leave something else in its place."""
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    if content is not None:
        file.write_text(content)


class TestAccounts:
    def test_a_user_is_added_once(self, gerbang: Gerbang) -> None:
        add = ("user", "add", "siti", "--role", "guard", "--password-stdin")
        assert gerbang(*add, stdin=b"a long password\n").status == 0
        again = gerbang(*add, stdin=b"a long password\n")
        assert (again.status, "siti" in again.err) == (1, True)
        (listed,) = gerbang("user", "list", "--json").lines
        assert listed == {
            "user": "siti",
            "role": "guard",
            "locked": False,
            "invited": False,
            "second_factor": False,
            "last_login": None,
        }

    def test_the_password_is_not_kept_in_clear(self, gerbang: Gerbang, tmp_path: Path) -> None:
        secret = b"correct horse battery"
        gerbang("user", "add", "siti", "--role", "guard", "--password-stdin", stdin=secret)
        files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
        assert files
        assert not any(secret in path.read_bytes() for path in files)

    @pytest.mark.parametrize(
        ("arguments", "stdin"),
        [
            (("siti", "--role", "guard", "--password-stdin"), b"short\n"),
            (("siti", "--role", "king", "--password-stdin"), b"a long password\n"),
            ((" ", "--role", "guard", "--password-stdin"), b"a long password\n"),
        ],
        ids=["short-password", "unknown-role", "no-name"],
    )
    def test_bad_users_are_refused(
        self, gerbang: Gerbang, arguments: tuple[str, ...], stdin: bytes
    ) -> None:
        outcome = gerbang("user", "add", *arguments, stdin=stdin)
        assert (outcome.status, outcome.err.count("\n")) == (2, 1)

    def test_a_password_is_changed_and_a_person_removed(self, gerbang: Gerbang) -> None:
        add = ("user", "add", "rina", "--role", "administrator", "--password-stdin")
        gerbang(*add, stdin=b"a long password\n")
        change = ("user", "password", "rina", "--password-stdin")
        assert gerbang(*change, stdin=b"another long password\n").status == 0
        assert gerbang(*change, stdin=b"short\n").status == 2
        stays = gerbang("user", "remove", "rina")
        assert (stays.status, "only administrator" in stays.err) == (1, True)
        gerbang("user", "add", "dewi", *add[3:], stdin=b"a long password\n")
        assert gerbang("user", "remove", "rina", "--json").json == {"user": "rina"}
        assert [one["user"] for one in gerbang("user", "list", "--json").lines] == ["dewi"]

    def test_a_person_is_invited_locked_and_reset(self, gerbang: Gerbang) -> None:
        told = gerbang("user", "invite", "siti", "--role", "guard", "--operator", "rina", "--json")
        link = told.json["link"]
        assert "/join/" in link
        gerbang("user", "lock", "siti", "--operator", "rina")
        gerbang("user", "role", "siti", "officer", "--operator", "rina")
        (listed,) = gerbang("user", "list", "--json").lines
        assert (listed["role"], listed["locked"], listed["invited"]) == ("officer", True, True)
        assert gerbang("user", "unlock", "siti", "--operator", "dewi").status == 0
        again = gerbang("user", "reset", "siti", "--operator", "dewi", "--json").json["link"]
        assert again != link
        assert gerbang("user", "no-code", "siti", "--operator", "dewi").status == 0
        rows = gerbang("log", "export", "--json").lines
        assert [row["operator"] for row in rows] == ["rina"] * 4 + ["dewi"] * 3
        assert link.rpartition("/")[2] not in repr(rows)

    @pytest.mark.parametrize("act", ["password", "remove", "reset", "lock", "unlock", "no-code"])
    def test_nobody_unknown_is_changed(self, gerbang: Gerbang, act: str) -> None:
        refused = gerbang("user", act, "siti", stdin=b"")
        assert (refused.status, refused.out) == (1, "")
        assert refused.err.count("\n") == 1

    def test_a_gate_gets_a_token_and_only_known_checks(self, gerbang: Gerbang) -> None:
        added = gerbang("gate", "add", "utama", "--checks", "receipt,mask", "--json").json
        assert added["gate"] == "utama"
        assert len(added["token"]) >= 32
        assert gerbang("gate", "add", "utama").status == 1
        renewed = gerbang("gate", "token", "utama", "--json").json
        assert renewed["token"] != added["token"]
        assert gerbang("gate", "token", "absent").status == 1
        assert gerbang("gate", "add", "dua", "--checks", "receipt,blood").status == 2
        assert gerbang("gate", "add", "Pintu Dua").status == 2


class TestThermometer:
    def test_decodes_a_capture_and_tells_what_is_malformed(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        good = encode(DecodedTemperature(31.92, 33.53))
        bad = good[:-1] + bytes([good[-1] ^ 1])
        (tmp_path / "capture.bin").write_bytes(b"\x00\x01" + good + bad + good)
        lines = gerbang(
            "thermometer", "decode", "--model", "gy-mcu90614", "capture.bin", "--json"
        ).lines
        readings = [line for line in lines if line["kind"] == "reading"]
        assert (
            readings == [{"kind": "reading", "object_celsius": 31.92, "ambient_celsius": 33.53}] * 2
        )
        malformed = [line for line in lines if line["kind"] == "malformed"]
        assert malformed
        assert all(set(line) == {"kind", "reason", "bytes"} for line in malformed)

    def test_decodes_the_pictures_of_an_array(self, gerbang: Gerbang, tmp_path: Path) -> None:
        celsius = np.full((24, 32), 25.0, np.float32)
        celsius[3, 4], celsius[5, 6] = 36.55, -2.5
        wire = gy_mcu90640.encode(DecodedArray(celsius, 31.25))
        (tmp_path / "capture.bin").write_bytes(bytes.fromhex("5A5A5F13") + wire[:700] + wire)
        command = ("thermometer", "decode", "--model", "gy-mcu90640", "capture.bin")
        reading = {
            "kind": "reading",
            "rows": 24,
            "columns": 32,
            "min_celsius": -2.5,
            "max_celsius": 36.55,
            "ambient_celsius": 31.25,
        }
        assert gerbang(*command, "--json").lines[-1] == reading
        told = gerbang(*command).out.splitlines()[-1]
        assert told == "24 x 32 pixels, -2.5 to 36.55 degC, sensor 31.25 degC"

    def test_reads_standard_input(self, gerbang: Gerbang) -> None:
        wire = b"Ambient = 23.45*C\tObject = 36.12*C\r\n"
        outcome = gerbang(
            "thermometer", "decode", "--model", "arduino-mlx90614", "-", "--json", stdin=wire
        )
        assert outcome.lines == [
            {"kind": "reading", "object_celsius": 36.12, "ambient_celsius": 23.45}
        ]

    def test_unknown_models_and_files_are_wrong_usage(self, gerbang: Gerbang) -> None:
        assert gerbang("thermometer", "decode", "--model", "abacus", "-").status == 2
        assert gerbang("thermometer", "decode", "--model", "gy-mcu90614", "absent").status == 2
        assert gerbang("thermometer", "watch").status == 2


class TestMask:
    def test_judges_pictures_and_goes_on_after_a_bad_one(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        picture = draw_visitor("mask", rng=np.random.default_rng(5))
        cv2.imwrite(str(tmp_path / "a.png"), picture)
        (tmp_path / "b.png").write_bytes(b"not a picture")
        outcome = gerbang("mask", "check", "b.png", "a.png", "absent.png", "--json")
        assert outcome.status == 1
        (line,) = outcome.lines
        assert line["image"] == "a.png"
        face = max(line["faces"], key=lambda face: face["box"][2])
        assert face["label"] == "mask"
        assert 0 <= face["confidence"] <= 1
        assert outcome.err.count("\n") == 2

    def test_a_folder_without_faces_is_evaluated(self, gerbang: Gerbang, tmp_path: Path) -> None:
        folder = tmp_path / "empty"
        folder.mkdir()
        cv2.imwrite(str(folder / "wall.png"), np.full((240, 320, 3), 90, np.uint8))
        result = gerbang("mask", "evaluate", str(folder), "--json").json
        assert (result["n"], result["missed"], result["false_faces"]) == (0, 0, 0)

    def test_the_stages_are_timed_alone_where_no_peer_is_at_hand(self, gerbang: Gerbang) -> None:
        result = gerbang("mask", "benchmark", "--rounds", "3", "--json").json
        assert (result["picture"], result["threads"], result["rounds"]) == ("640x480", 1, 3)
        assert result["whole_ms"] > result["find_faces_ms"] > 0
        assert result["judge_mask_ms"] > 0
        assert (result["ratio_to_yunet"], "yunet_ms" in result) == (None, False)

    def test_a_peer_that_cannot_be_loaded_is_wrong_usage(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        (tmp_path / "broken.onnx").write_bytes(b"not a model")
        for name in ("broken.onnx", "absent.onnx"):
            outcome = gerbang("mask", "benchmark", "--yunet", name)
            assert (outcome.status, name in outcome.err) == (2, True)

    def test_a_missing_folder_is_told(self, gerbang: Gerbang) -> None:
        outcome = gerbang("mask", "evaluate", "absent", "--json")
        assert (outcome.status, "absent" in outcome.err) == (1, True)


class TestLog:
    def test_an_empty_log_is_intact(self, gerbang: Gerbang) -> None:
        outcome = gerbang("log", "verify", "--json")
        assert (outcome.status, outcome.json["intact"], outcome.json["entries"]) == (0, True, 0)

    def test_export_has_a_header_also_when_empty(self, gerbang: Gerbang) -> None:
        assert gerbang("log", "export").out.startswith("entry,at,kind,")

    def test_a_noted_head_must_be_well_formed(self, gerbang: Gerbang) -> None:
        assert gerbang("log", "verify", "--expect", "banana").status == 2

    @pytest.mark.parametrize(
        "object_name", ["receipts", "sqlite_autoindex_receipts_1", "details", "users", "entries"]
    )
    def test_a_damaged_page_is_found_wherever_it_is(
        self, gerbang: Gerbang, object_name: str
    ) -> None:
        issue = ("receipt", "issue", "--service", "KTP", "--name", "Siti", "--json")
        number = gerbang(*issue, "--count", "60").lines[0]["number"]
        gerbang("receipt", "revoke", number, "--reason", "twice", "--operator", "rina")
        gerbang("user", "add", "siti", "--role", "guard", "--password-stdin", stdin="long enough\n")
        assert gerbang("log", "verify").status == 0
        damage_page(Path("data/gerbang.sqlite3"), object_name)
        outcome = gerbang("log", "verify", "--json")
        assert (outcome.status, outcome.json["intact"]) == (1, False)
        assert "damaged" in outcome.json["problem"]


def damage_page(database: Path, object_name: str) -> None:
    """Write over the middle of a table's or an index's first page, as a dying disk would."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        found = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [object_name]
        )
        (page,) = found.fetchone()
    content = bytearray(database.read_bytes())
    start = (page - 1) * size
    content[start + 8 : start + 64] = bytes([0xA5]) * 56
    database.write_bytes(content)


class TestConfiguration:
    @pytest.mark.parametrize("command", ["serve", "demo"])
    @pytest.mark.parametrize("port", ["65536", "99999", "-1"])
    def test_a_port_that_cannot_be_is_not_taken_for_another(
        self, gerbang: Gerbang, command: str, port: str
    ) -> None:
        outcome = gerbang(command, "--port", port)
        assert outcome.status == 2
        assert "--port" in outcome.err

    def test_tells_every_problem_and_exits_with_1(self, gerbang: Gerbang, tmp_path: Path) -> None:
        (tmp_path / "gerbang.toml").write_text(
            '[site]\ncode = "bogor"\n[[gates]]\nname = "A B"\n[gates.camera]\nlens = 1\n'
        )
        outcome = gerbang("config", "check", "--json")
        told = " ".join(outcome.json["problems"])
        assert outcome.status == 1
        assert all(key in told for key in ("site.code", "gates.0.name", "camera.source", "lens"))

    def test_what_fails_later_fails_the_check(self, gerbang: Gerbang, tmp_path: Path) -> None:
        gates = (
            f'[[gates]]\nname = "{name}"\n[gates.thermometer]\nmodel = "gy-mcu90614"\n'
            'port = "/dev/ttyS99"\n[gates.camera]\nsource = "/no/pictures"\n'
            for name in ("timur", "utama")
        )
        room = "[room]\ncapacity = 900\n"
        text = f'[web]\nhost = "0.0.0.0"\n{room}{"".join(gates)}'
        (tmp_path / "gerbang.toml").write_text(text, "utf-8-sig")
        outcome = gerbang("config", "check", "--json")
        assert outcome.status == 1
        told = "\n".join(outcome.json["problems"])
        assert "the thermometer of gate timur and the thermometer of gate utama" in told
        assert "without a certificate" in told
        assert "room.capacity 900" in told
        assert told.count("/no/pictures does not exist") == 2

    @pytest.mark.parametrize(
        ("checks", "told"),
        [
            ('["receipt"]', ["scanner", "barrier"]),
            ('["receipt", "temperature"]', ["thermometer", "scanner", "barrier"]),
            ('["mask"]', ["camera", "barrier"]),
        ],
    )
    def test_only_devices_that_a_gate_needs_are_missed(
        self, gerbang: Gerbang, tmp_path: Path, checks: str, told: list[str]
    ) -> None:
        (tmp_path / "gerbang.toml").write_text(f'[[gates]]\nname = "utama"\nchecks = {checks}\n')
        advice = gerbang("config", "check", "--json").json["advice"]
        assert [line for line in advice if "configured" in line] == [
            f"gate utama: no {device} configured, the guard does its work" for device in told
        ]

    def test_a_missing_device_is_a_problem(self, gerbang: Gerbang, tmp_path: Path) -> None:
        (tmp_path / "gerbang.toml").write_text(
            '[[gates]]\nname = "utama"\n[gates.thermometer]\nmodel = "gy-mcu90614"\n'
            'port = "/dev/no-such-port"\n'
        )
        outcome = gerbang("config", "check", "--json")
        assert outcome.status == 1
        assert "/dev/no-such-port" in outcome.json["problems"][0]

    def test_an_adapter_that_echoes_before_a_dead_relay_is_a_problem(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        with SimulatedRelay(time.monotonic) as relay:
            relay.has_echo = relay.is_mute = True
            (tmp_path / "gerbang.toml").write_text(
                '[[gates]]\nname = "utama"\n[gates.barrier]\nmodel = "modbus-relay"\n'
                f'port = "{relay.path}"\n'
            )
            outcome = gerbang("config", "check", "--json")
            assert outcome.status == 1
            (problem,) = outcome.json["problems"]
            assert problem.startswith("gate utama, barrier: the adapter echoes what is sent")
            relay.is_mute = False
            outcome = gerbang("config", "check", "--json")
            assert outcome.status == 0
            assert "the adapter echoes what is sent" in " ".join(outcome.json["advice"])

    @pytest.mark.parametrize(
        ("configured", "told"),
        [
            ('[web]\ntls_certificate = "no.pem"\ntls_key = "no.key"\n', "no.pem"),
            ('[web]\ntls_certificate = "gerbang.toml"\ntls_key = "gerbang.toml"\n', "certificate"),
            ('database_url = "postgresql://nobody@127.0.0.1:1/none"\n', "database"),
            ('database_url = "mysql://nobody@127.0.0.1/none"\n', "mysql"),
        ],
        ids=["no file", "no certificate", "no server", "another database"],
    )
    def test_what_the_office_cannot_start_with_is_a_problem(
        self, gerbang: Gerbang, tmp_path: Path, configured: str, told: str
    ) -> None:
        (tmp_path / "gerbang.toml").write_text(configured)
        outcome = gerbang("config", "check", "--json", "--config", str(tmp_path / "gerbang.toml"))
        assert outcome.status == 1
        assert told in " ".join(outcome.json["problems"])

    @pytest.mark.parametrize(
        ("stated", "is_told"),
        [
            ("", True),
            ("[policy]\noffset_celsius = 0\n", False),
            ('[policy]\nchecks = ["receipt"]\n', False),
        ],
        ids=["no offset", "a stated one", "a gate that does not measure"],
    )
    def test_a_thermometer_without_an_offset_is_to_be_commissioned(
        self, gerbang: Gerbang, tmp_path: Path, stated: str, is_told: bool
    ) -> None:
        (tmp_path / "gerbang.toml").write_text(
            f'{stated}[[gates]]\nname = "utama"\n[gates.thermometer]\nmodel = "gy-mcu90614"\n'
        )
        advice = " ".join(gerbang("config", "check", "--json").json["advice"])
        assert ("thermometer commission --gate utama" in advice) is is_told

    def test_two_thermometers_that_may_change_places_are_told(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        gates = (
            f'[[gates]]\nname = "{name}"\n[gates.thermometer]\nmodel = "gy-mcu90614"\n'
            f'port = "/dev/ttyUSB{number}"\n'
            for number, name in enumerate(("utama", "dua"))
        )
        (tmp_path / "gerbang.toml").write_text("".join(gates))
        advice = " ".join(gerbang("config", "check", "--json").json["advice"])
        assert "gates utama, dua: after a start" in advice

    def test_nothing_configured_is_fine_and_says_what_to_set_up(self, gerbang: Gerbang) -> None:
        outcome = gerbang("config", "check")
        assert (outcome.status, "manual" in outcome.out) == (0, True)

    def test_a_folder_that_cannot_be_made_is_told(self, gerbang: Gerbang, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        outcome = gerbang("log", "verify", "--data", str(tmp_path / "file" / "data"))
        assert (outcome.status, outcome.err.count("\n")) == (1, 1)

    def test_the_readme_lists_every_key(self, gerbang: Gerbang) -> None:
        readme = (Path(__file__).parents[2] / "README.md").read_text()
        table = readme.split("<!-- settings -->\n")[1].split("<!-- /settings -->")[0]
        assert gerbang("config", "keys").out == table


def test_without_a_sub_command_the_help_is_shown(gerbang: Gerbang) -> None:
    outcome = gerbang()
    assert outcome.status == 2
    assert "receipt" in outcome.err


@pytest.mark.parametrize(
    "command",
    [
        ("demo",), ("serve",), ("bench",), ("config", "check"), ("user", "add"), ("gate", "add"),
        ("receipt", "issue"), ("receipt", "verify"), ("receipt", "revoke"), ("mask", "check"),
        ("mask", "evaluate"), ("mask", "benchmark"), ("mask", "collect"), ("mask", "tune"),
        ("mask", "forget"), ("thermometer", "decode"), ("thermometer", "watch"),
        ("log", "verify"), ("log", "export"), ("log", "new"), ("receipt", "new-key"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_every_command_has_help_with_an_example(gerbang: Gerbang, command: tuple[str, ...]) -> None:
    outcome = gerbang(*command, "--help")
    assert outcome.status == 0
    assert f"gerbang {' '.join(command)}" in outcome.out.partition("Example: ")[2]


class TestPlan:
    def test_it_proposes_the_seats_that_stay_open(self, gerbang: Gerbang, tmp_path: Path) -> None:
        told = gerbang(
            "plan", "seats", "--rows", "2", "--columns", "3", "--pitch-x", "0.6",
            "--pitch-y", "1", "--distance", "1", "--pin", "b2", "--json",
        ).json  # fmt: skip
        assert told.pop("seconds") <= 2.5
        assert told == {"open": ["A1", "A3", "B2"], "count": 3, "optimal": True, "bound": 3}
        table = tmp_path / "seats.csv"
        table.write_text("label,x,y\nA1,0,0\nA2,0.6,0\n")
        told = gerbang("plan", "seats", "--csv", str(table), "--distance", "1", "--json").json
        assert told["count"] == 1

    def test_what_cannot_be_meant_is_told_in_one_line(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        table = tmp_path / "seats.csv"
        table.write_text("label,x,y\nA1,0,left\n")
        for arguments, words in (
            (("--rows", "3"), "--columns"),
            (("--rows", "3", "--columns", "3", "--pin", "Z9"), "no seat Z9"),
            (("--rows", "3", "--columns", "3", "--distance", "nan"), "--distance"),
            (("--csv", str(table)), "line 2: y: 'left' is no number of metres"),
            (("--csv", str(tmp_path / "none.csv")), "cannot be read"),
            (("--rows", "3", "--columns", "3", "--family", "A1,Z9"), "no seat Z9"),
        ):
            told = gerbang("plan", "seats", *arguments)
            assert (told.status, told.err.count("\n")) == (2, 1)
            assert words in told.err

    def test_the_office_takes_a_plan_over_and_prints_it(
        self, gerbang: Gerbang, tmp_path: Path
    ) -> None:
        arguments = (
            "plan", "seats", "--rows", "2", "--columns", "4", "--pitch-x", "0.6", "--pitch-y", "1",
            "--distance", "1", "--family", "a1,a2", "--wheelchair", "B4", "--take-over",
            "--operator", "rina",
        )  # fmt: skip
        refused = gerbang(*arguments, stdin="")
        assert (refused.status, refused.out) == (2, "")
        assert "8 instead of 60 people" in refused.err
        told = gerbang(*arguments, "--yes", "--json").json
        assert (told["open"], told["changed"]) == (["A1", "A2", "A4", "B1", "B4"], True)
        assert gerbang(*arguments, "--yes", "--json").json["changed"] is False
        assert gerbang("office", "show", "--json").json["seat_plan"] == {
            "rows": 2, "columns": 4, "sealed": "none", "sealed_in_outbreak": "chosen",
            "distance_m": 1.0, "rooms": [""], "seats": 8, "open_seats": 8,
        }  # fmt: skip
        changed = gerbang("office", "set", "mode=outbreak", "--yes", "--json").json
        assert (changed["capacity"], changed["seat_plan"]["open_seats"]) == (5, 5)
        assert "8 as measured, 5 open" in gerbang("office", "show").out
        assert gerbang("office", "set", "rows=3").status == 1
        (first, _) = gerbang("log", "export", "--json").lines
        assert first["operator"] == "rina"
        assert "seats.open: – → A1 A2 A4 B1 B4; " in first["remark"]
        file = tmp_path / "seats.pdf"
        assert gerbang("plan", "print", str(file), "--json").json == {"file": str(file), "seats": 8}
        assert file.read_bytes().startswith(b"%PDF-")
        assert gerbang("plan", "print", str(tmp_path / "no" / "seats.pdf")).status == 1


class TestKeys:
    def test_a_key_is_shown_once_and_never_again(self, gerbang: Gerbang) -> None:
        made = gerbang(
            "key", "add", "portal", "--scope", "registrations,status", "--operator", "rina",
            "--json",
        ).json  # fmt: skip
        assert set(made) == {"name", "key"}
        assert made["name"] == "portal"
        assert len(made["key"]) > 43  # 256 random bits
        (listed,) = gerbang("key", "list", "--json").lines
        assert (listed["name"], listed["scopes"], listed["used"]) == (
            "portal", ["registrations", "status"], None,
        )  # fmt: skip
        told = gerbang("log", "export", "--json").out + gerbang("key", "list").out
        assert made["key"] not in told
        assert "keys.portal: – → registrations+status" in told
        assert gerbang("key", "add", "portal", "--scope", "status").status == 1
        assert gerbang("key", "revoke", "portal").status == 0
        assert gerbang("key", "list").out == ""
        assert gerbang("key", "revoke", "portal").status == 1
        assert gerbang("log", "verify").status == 0

    @pytest.mark.parametrize("scope", ["", "everything", "status,everything"])
    def test_a_scope_that_is_not_there_is_told(self, gerbang: Gerbang, scope: str) -> None:
        outcome = gerbang("key", "add", "portal", "--scope", scope)
        assert outcome.status == 2
        assert "registrations, status, queue, figures" in outcome.err


LIST = "nomor;layanan;nama;tanggal\r\n470/1/2026;KTP;Siti Aminah;{day}\r\n"


class TestOtherIssuers:
    @pytest.fixture
    def key(self, gerbang: Gerbang) -> Path:
        """The public key of an office elsewhere."""
        gerbang("receipt", "issue", "--service", "KTP", "--name", "Siti", "--data", "elsewhere")
        return Path("elsewhere/keys/issuer.pub")

    def test_an_issuer_s_key_is_added_limited_listed_and_removed(
        self, gerbang: Gerbang, key: Path
    ) -> None:
        added = gerbang("issuer", "add", "PORTAL", "--key", str(key), "--json").json
        assert (added["issuer"], added["algorithm"], added["until"]) == ("PORTAL", "EdDSA", None)
        again = gerbang("issuer", "add", "PORTAL", "--key", str(key))
        assert (again.status, "already" in again.err) == (1, True)
        ended = gerbang(
            "issuer", "set", "PORTAL", "until=2026-01-31", "--kid", added["kid"], "--json"
        ).json
        assert (ended["until"], ended["state"]) == ("2026-01-31T00:00:00+07:00", "over")
        own, other = gerbang("issuer", "list", "--json").lines
        assert (own["source"], other["source"], other["kid"]) == ("office", "record", added["kid"])
        asked = gerbang("issuer", "remove", "PORTAL")
        assert (asked.status, "--yes" in asked.err) == (2, True)
        assert gerbang("issuer", "remove", "PORTAL", "--yes").status == 0
        assert len(gerbang("issuer", "list", "--json").lines) == 1
        remarks = [row["remark"] for row in gerbang("log", "export", "--json").lines]
        assert [remark.partition(":")[0] for remark in remarks] == [
            f"issuers.PORTAL.{added['kid']}"
        ] * 3
        assert gerbang("log", "verify").status == 0

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (("add", "PORTAL", "--key", "nowhere"), "cannot be read"),
            (("add", "PORTAL", "--key", "elsewhere/keys/issuer.pem"), "private key"),
            (("add", "X" * 17, "--key", "elsewhere/keys/issuer.pub"), "16"),
            (("set", "PORTAL", "since=2026-01-01"), "from, until"),
            (("set", "PORTAL", "until=soon"), "not a time"),
            (("remove", "PORTAL", "--kid", "xyz", "--yes"), "hexadecimal"),
        ],
    )
    def test_wrong_usage_is_told(
        self, gerbang: Gerbang, key: Path, arguments: tuple[str, ...], told: str
    ) -> None:
        outcome = gerbang("issuer", *arguments)
        assert outcome.status == 2
        assert told in outcome.err

    def test_a_list_is_looked_at_imported_and_revoked_from(self, gerbang: Gerbang) -> None:
        Path("list.csv").write_text(LIST.format(day="31/12/2099"), encoding="cp1252")
        command = ("receipt", "import", "list.csv", "--issuer", "PORTAL")
        shown = gerbang(*command, "--preview")
        assert (shown.status, "1 receipt: 1 KTP" in shown.out) == (0, True)
        asked = gerbang(*command)
        assert (asked.status, "--yes" in asked.err) == (2, True)
        assert gerbang("receipt", "verify", "470/1/2026").status == 1
        done = gerbang(*command, "--yes", "--json").json
        assert (done["imported"], done["receipts"], done["problems"]) == (True, 1, [])
        verdict = gerbang("receipt", "verify", "470/1/2026", "--at", "2099-12-31T09:00", "--json")
        assert verdict.json["valid"]
        (again,) = gerbang(*command, "--yes", "--json").json["problems"]
        assert (again["line"], again["column"]) == (2, "number")
        assert again["what"] == "470/1/2026 is known already"
        other = gerbang("receipt", "import", "list.csv", "--issuer", "LAIN", "--yes", "--json")
        assert [problem["line"] for problem in other.json["problems"]] == [2]
        revoked = gerbang("receipt", "revoke", "470/1/2026", "--reason", "x", "--operator", "ani")
        assert revoked.status == 0
        assert gerbang("log", "verify").status == 0

    def test_one_bad_line_keeps_all_of_a_list_out(self, gerbang: Gerbang) -> None:
        text = LIST.format(day="31/12/2099") + "470/2/2026;PASPOR;=Budi;soon\r\n"
        Path("list.csv").write_text(text, encoding="utf-8")
        refused = gerbang("receipt", "import", "list.csv", "--issuer", "PORTAL", "--yes")
        assert refused.status == 1
        lines = refused.out.splitlines()
        assert [line.partition(":")[0] for line in lines[:3]] == [
            "line 3, service", "line 3, name", "line 3, valid_from",
        ]  # fmt: skip
        assert lines[-1] == "nothing was imported"
        assert gerbang("receipt", "list").out == ""

    def test_the_old_key_of_the_office_may_have_an_end(self, gerbang: Gerbang) -> None:
        token = gerbang(
            "receipt", "issue", "--service", "KTP", "--name", "Siti", "--issued", "2026-11-24",
            "--json",
        ).json["token"]  # fmt: skip
        assert gerbang("receipt", "new-key", "--old-until", "2026-11-26").status == 0
        assert gerbang("receipt", "verify", token, "--at", "2026-11-25T12:00").status == 0
        verdict = gerbang("receipt", "verify", token, "--at", "2026-11-26T12:00", "--json")
        assert verdict.json["reason"] == "issuer_key_expired"
        told = gerbang("receipt", "verify", token, "--at", "2026-11-26T12:00").out
        assert "it is genuine, but the key that signed it is trusted no more" in told

    def test_what_is_no_receipt_is_none_of_ours(self, gerbang: Gerbang) -> None:
        told = gerbang("receipt", "verify", "WIFI:T:WPA;S:Kantor Tamu;P:selamat-datang;;")
        assert told.status == 1
        assert "this is not a receipt of ours" in told.out
