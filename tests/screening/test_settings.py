"""Configuration: file, environment and keywords; every problem is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.decision import Check
from screening.errors import SettingsError
from screening.settings import Settings, load_settings

FILE = """
[site]
code = "BDG"

[policy]
preset = "own"
first_threshold_celsius = 37.5
second_threshold_celsius = 37.8

[[gates]]
name = "utama"
checks = ["receipt"]

[gates.thermometer]
model = "gy-mcu90614"
usb = "1a86:7523"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gerbang.toml"
    path.write_text(FILE)
    return path


def test_reads_a_file(file: Path) -> None:
    settings = load_settings(file)
    assert settings.site.code == "BDG"
    assert settings.gates[0].checks == (Check.RECEIPT,)
    assert settings.gates[0].thermometer is not None
    assert settings.gates[0].thermometer.usb == "1a86:7523"


def test_the_environment_wins_over_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GERBANG_SITE__CODE", "JKT")
    monkeypatch.setenv("GERBANG_DATA", "/somewhere")
    settings = load_settings(file)
    assert settings.site.code == "JKT"
    assert settings.data == Path("/somewhere")


def test_what_the_command_line_gives_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GERBANG_DATA", "/somewhere")
    assert load_settings(None, data=Path("/else")).data == Path("/else")


def test_tells_every_problem_at_once(tmp_path: Path) -> None:
    path = tmp_path / "gerbang.toml"
    path.write_text('colour = "red"\n[site]\ntimezone = "Mars/Base"\n[web]\nport = 99999\n')
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    told = "\n".join(caught.value.problems)
    assert "colour" in told
    assert "Mars/Base" in told
    assert "web.port" in told


@pytest.mark.parametrize(
    ("model", "numbers", "problem"),
    [
        ("senxor", "[80.0, 0, -0.5, 0, 62.0, -0.5]", None),
        ("gy-mcu90640", "[-31.0, 0.4, 31, 0, 25, -2.0]", None),
        ("gy-mcu90614", "[32.0, 0, 0, 0, 24.0, 0]", "face_mapping is for gy-mcu90640, senxor"),
        ("senxor", "[80.0, 0, 0, 160.0, 0, 0]", "maps to no plane"),
        ("senxor", "[80.0, 0, nan, 0, 62.0, 0]", "maps to no plane"),
        ("senxor", "[80.0, 0, 0]", "face_mapping"),
    ],
)
def test_a_mapping_of_the_face_is_for_an_array_and_must_map(
    tmp_path: Path, model: str, numbers: str, problem: str | None
) -> None:
    path = tmp_path / "gerbang.toml"
    path.write_text(
        f'[[gates]]\nname = "utama"\n[gates.thermometer]\nmodel = "{model}"\nport = "/dev/null"\n'
        f"face_mapping = {numbers}\n"
    )
    if problem is None:
        thermometer = load_settings(path).gates[0].thermometer
        assert thermometer is not None
        assert thermometer.face_mapping is not None
    else:
        with pytest.raises(SettingsError, match=problem):
            load_settings(path)


def test_a_file_that_is_not_toml_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "gerbang.toml"
    path.write_text("[site\n")
    with pytest.raises(SettingsError, match=r"gerbang\.toml"):
        load_settings(path)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no such"):
        load_settings(tmp_path / "absent.toml")


def test_a_second_threshold_below_the_first_is_refused() -> None:
    with pytest.raises(ValueError, match="below"):
        Settings.model_validate(
            {"policy": {"first_threshold_celsius": 38, "second_threshold_celsius": 37}}
        )


def test_certificate_and_key_go_together() -> None:
    with pytest.raises(ValueError, match="go together"):
        Settings.model_validate({"web": {"tls_certificate": "site.pem"}})


def test_gate_names_must_differ() -> None:
    with pytest.raises(ValueError, match="same name"):
        Settings.model_validate({"gates": [{"name": "utama"}, {"name": "utama"}]})


TABLE = {
    "model": "gy-mcu90614",
    "face_fills_picture_cm": 15.0,
    "distance_table": [[40, -0.2], [50, 0], [80, 0.6]],
}
CAMERA = {"source": "0"}


def test_a_site_may_give_its_own_distance_table() -> None:
    gate = {"name": "utama", "thermometer": TABLE, "camera": CAMERA}
    thermometer = Settings(gates=[gate]).gates[0].thermometer
    assert thermometer is not None
    assert thermometer.distances is not None
    assert thermometer.distances.reference_cm == 50.0
    assert thermometer.distances.correction_celsius(65.0) == 0.3


@pytest.mark.parametrize(
    ("thermometer", "camera", "problem"),
    [
        ({**TABLE, "face_fills_picture_cm": None}, CAMERA, "go together"),
        ({**TABLE, "distance_table": [[50, 0], [40, 0.2]]}, CAMERA, "rise"),
        ({**TABLE, "distance_table": [[30, 1.36], [50, 2.41]]}, CAMERA, "adds 0"),
        (TABLE, None, "needs a camera"),
    ],
)
def test_a_distance_table_that_cannot_work_is_refused(
    thermometer: dict[str, object], camera: dict[str, object] | None, problem: str
) -> None:
    gate = {"name": "utama", "thermometer": thermometer, "camera": camera}
    with pytest.raises(SettingsError, match=problem):
        load_settings(None, gates=[gate])


def two_gates(*thermometers: str) -> str:
    return "".join(
        f'[[gates]]\nname = "gate-{number}"\n[gates.thermometer]\n{thermometer}\n'
        for number, thermometer in enumerate(thermometers)
    )


GY = 'model = "gy-mcu90614"\n'


@pytest.mark.parametrize(
    ("written", "may_swap"),
    [
        ((GY + 'port = "/dev/ttyUSB0"', GY + 'port = "/dev/ttyUSB1"'), True),
        ((GY + 'port = "/dev/ttyACM0"\nusb = "1a86:7523"', GY + 'port = "/dev/ttyACM1"'), True),
        ((GY + 'port = "/dev/ttyUSB0"',), False),
        ((GY + 'port = "/dev/ttyUSB0"', 'model = "optris"\nport = "/dev/ttyUSB1"'), False),
        (
            (
                GY + 'port = "/dev/ttyUSB0"\nusb = "0403:6001:A50285BI"',
                GY + 'port = "/dev/ttyUSB1"\nusb = "0403:6001:A50285BJ"',
            ),
            False,
        ),
        (
            (
                GY + 'port = "/dev/serial/by-path/pci-0:1"',
                GY + 'port = "/dev/serial/by-path/pci-0:2"',
            ),
            False,
        ),
    ],
    ids=["numbered", "no serial", "one gate", "two models", "serials", "sockets"],
)
def test_thermometers_that_may_change_places_are_known(
    tmp_path: Path, written: tuple[str, ...], may_swap: bool
) -> None:
    path = tmp_path / "gerbang.toml"
    path.write_text(two_gates(*written))
    settings = load_settings(path)
    assert bool(settings.gates_that_may_swap) is may_swap


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://gate.example:8443", "https://gate.example:8443"),
        ("http://192.168.1.5:8000/", "http://192.168.1.5:8000"),
        ("https://[fd00::1]:8443", "https://[fd00::1]:8443"),
        ("gate.example:8443", None),
        ("ftp://gate.example", None),
        ("https://", None),
        ("https://gate.example/pages", None),
        ("https://gate.example?x=1", None),
        ("https://rina:secret@gate.example", None),
        ("https://gate.example:99999", None),
    ],
)
def test_a_process_tells_an_address_without_a_path(written: str, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(SettingsError, match=r"web\.public_url"):
            load_settings(None, web={"public_url": written})
    else:
        assert load_settings(None, web={"public_url": written}).web.public_url == kept


def told(file: Path, text: str | bytes) -> str:
    """Every problem of a file with this content."""
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(SettingsError) as caught:
        load_settings(file)
    return "\n".join(caught.value.problems)


def test_a_byte_order_mark_is_passed_over(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.encode())
    assert load_settings(file).site.code == "BDG"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_saved_as_utf_16_is_told_how_to_save(file: Path, encoding: str) -> None:
    said = told(file, FILE.encode(encoding))
    assert "UTF-16" in said
    assert "save it as UTF-8" in said


def test_a_letter_in_another_encoding_is_told_by_its_line(file: Path) -> None:
    said = told(file, '[site]\nname = "Kantor \u00c9"\n'.encode("latin-1"))
    assert "line 2" in said
    assert "save it as UTF-8" in said


UTAMA = '[[gates]]\nname = "timur"\n[[gates]]\nname = "utama"\n'
MESSAGES = {
    "a key with a slip": (
        "[policy]\noffset_celcius = 2.6\n",
        ["policy.offset_celcius: unknown key; did you mean offset_celsius?"],
    ),
    "a hyphen in a key": ("[site]\ntime-zone = 'x'\n", ["did you mean timezone?"]),
    "a key of another table": ("port = 8000\n", ["unknown key; did you mean web.port?"]),
    "one gate in brackets": ('[[gate]]\nname = "utama"\n', ["did you mean [[gates]]?"]),
    "a table with a slip": ("[polisy]\nchecks = []\n", ["did you mean [policy]?"]),
    "single brackets": ('[gates]\nname = "utama"\n', ["write [[gates]]"]),
    "a key of a gate": (
        UTAMA + '[gates.scanner]\nmodel = "gm65"\npart = "/dev/ttyS0"\n',
        ["gate utama, scanner.part: unknown key; did you mean port?"],
    ),
    "a gate without a name": (
        '[[gates]]\nchecks = ["masks"]\n',
        ["gates.0.name: is missing", "gate number 1, checks", "'masks'; did you mean mask?"],
    ),
    "text for a number": ('[web]\nport = "delapan"\n', ["web.port", "not 'delapan'"]),
    "a number out of range": ("[web]\nport = 99999\n", ["web.port", "65535", "not 99999"]),
    "a comma in quotes": ('[policy]\noffset_celsius = "2,6"\n', ["write a decimal point, 2.6"]),
    "a comma": ("[policy]\noffset_celsius = 2,6\n", ["line 2", "write a decimal point: 2.6"]),
    "curly quotes": ("[site]\ncode = \u201cBDG\u201d\n", ["line 2", "write straight quotation"]),
    "curly single quotes": ("[site]\ncode = \u2018BDG\u2019\n", ["write straight quotation"]),
    "no quotes": ("[site]\nname = Kantor Kota\n", ['in quotation marks: "Kantor Kota"']),
    "an open quote": ('[site]\nname = "Kantor\n', ["line 2", "a quotation mark is missing"]),
    "no value": ("[web]\nport =\n", ["line 2", "a value is missing behind ="]),
    "a colon": ("[web]\nport: 8000\n", ["line 2", "write = behind port"]),
    "no equals sign": ("[web]\nport 8000\n", ["line 2", "write = behind port"]),
    "yes": ("[policy]\nchecks = ya\n", ["line 2", "write true"]),
    "a path of Windows": ('data = "C:\\Users\\x"\n', ["line 1", "or put the text in single"]),
    "a key twice": ("[web]\nport = 1\nport = 2\n", ["line 3", "this key stands there already"]),
    "a table twice": ("[web]\n[web]\n", ["line 2", "[web] stands in the file already"]),
    "a remark with slashes": ("// pintu\n", ["line 1", "a remark begins with #"]),
    "a semicolon at the end": ("[web]\nport = 8000;\n", ["write the number alone: 8000"]),
    "a unit": ("[policy]\noffset_celsius = 2.6 C\n", ["write the number alone: 2.6"]),
    "a dash for a minus": ("[policy]\noffset_celsius = \u20130.5\n", ["alone: -0.5"]),
    "a zero in front": ("[web]\nport = 08000\n", ["write the number alone: 8000"]),
    "an address without quotes": ("[web]\nhost = 0.0.0.0\n", ['in quotation marks: "0.0.0.0"']),
    "words of a list": ("[policy]\nchecks = [mask, hands]\n", ["each text of a list in"]),
    "an open list": ('[policy]\nchecks = ["mask",\n\n', ["line 2", "is not closed"]),
    "quotes in a text": ('[site]\nname = "Kantor "A" B"\n', ["put ' before and behind"]),
    "an apostrophe": ("[site]\nname = 'Ma'ruf'\n", ['put " before and behind']),
    "a blank that looks like one": ("[web]\nport\u00a0= 1\n", ["type the line anew"]),
    "a part before its gate": (
        "[gates.scanner]\nmodel = 'gm65'\n[[gates]]\nname = 'a'\n", ["put that table below"],
    ),
    "two brackets for a part": (UTAMA + "[[gates.scanner]]\n", ["[gates.scanner] with one"]),
    "a gate by its name": ("gates = ['utama']\n", ["write [[gates]]"]),
    "a name with a blank": ("[[gates]]\nname = 'Pintu Utama'\n", ["small letters, digits"]),
    "a point between thousands": ("[room]\ncapacity = 1.000\n", ["room.capacity", "never 1.000"]),
    "true for a number": ("[web]\nport = true\n", ["web.port: a number is needed, not True"]),
    "one of a list": ("[policy]\nchecks = 'mask'\n", ["a list is needed", "not 'mask'"]),
    "a zone's usual name": ("[site]\ntimezone = 'WITA'\n", ["did you mean Asia/Makassar?"]),
    "a sensor's name": (
        UTAMA + "[gates.thermometer]\nmodel = 'MLX90614'\n", ["not 'MLX90614'; did you mean"],
    ),
    "no network": ("[web]\nproxies = ['sepuluh']\n", ["web.proxies.0: an address, or a network"]),
    "another value of a list": ('[policy]\npreset = "kmk"\n', ["policy.preset", "not 'kmk'"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), MESSAGES.values(), ids=MESSAGES)
def test_a_slip_is_told_with_what_to_write(file: Path, text: str, words: list[str]) -> None:
    said = told(file, text)
    for word in words:
        assert word in said
    assert "gerbang.toml" not in said or "line" in said


@pytest.mark.parametrize(
    "password",
    ["rahasia@kantor", "rahasia/kantor", "rahasia#kantor", "rahasia?kantor", "9%rahasia"],
)
def test_a_password_that_hides_the_host_is_told_and_never_printed(
    file: Path, password: str
) -> None:
    said = told(file, f'database_url = "postgresql+psycopg://gerbang:{password}@db/gerbang"\n')
    assert "percent-encoded" in said
    assert "rahasia" not in said
    assert "kantor" not in said


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://gerbang:rahasia%40kantor%2F@db:5432/gerbang?connect_timeout=3",
        "postgresql+psycopg:///gerbang?host=/var/run/postgresql",
        "postgresql://gerbang:a:b@[fd00::1]/gerbang",
    ],
)
def test_an_address_that_can_be_read_is_taken_as_it_is(url: str) -> None:
    found = load_settings(None, database_url=url).database_url
    assert found is not None
    assert found.get_secret_value() == url
