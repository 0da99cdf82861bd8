from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from drivers.thermometer.arduino_mlx90614 import ArduinoMlx90614Decoder, encode
from drivers.thermometer.frames import Decoded, DecodedTemperature, MalformedFrame
from screening.readings import FaultReason

BOTH = DecodedTemperature(36.12, 23.45)


def decode(*chunks: bytes) -> list[Decoded]:
    decoder = ArduinoMlx90614Decoder()
    return [item for chunk in chunks for item in decoder.feed(chunk)] + decoder.flush()


LINES = [
    pytest.param(b"Ambient = 23.45*C\tObject = 36.12*C\r\n", BOTH, id="adafruit-celsius"),
    pytest.param(b"Ambient = 74.21*F\tObject = 97.02*F\r\n", BOTH, id="adafruit-fahrenheit"),
    pytest.param(b"Object: 97.02\xb0F\r\nAmbient: 74.21\xb0F\r\n\r\n", BOTH, id="sparkfun"),
    pytest.param("Object: 97.02°F\nAmbient: 74.21°F\n\n".encode(), BOTH, id="degree-sign-in-utf-8"),
    pytest.param(b"Object: 97.02F\nAmbient: 74.21F\n\n", BOTH, id="no-degree-sign"),
    pytest.param(b"Ambiente = 23,45\xbaC\tObjeto = 36,12\xbaC\r\n", BOTH, id="decimal-comma"),
    pytest.param(
        b"Ambient:\t23.45\xb0C\t74.21\xb0F\r\nObject:\t36.12\xb0C\t97.02\xb0F\r\n\r\n",
        BOTH,
        id="both-units",
    ),
    pytest.param(b"Suhu Objek: 36.12 C, Suhu Lingkungan: 23.45 C\n", BOTH, id="indonesian"),
    pytest.param(b"TO: 36.12C TA: 23.45C\n", BOTH, id="short-labels"),
    pytest.param(
        b"Suhu objek: 36,12 derajat Celcius, suhu kamar: 23,45 derajat Celcius\n",
        BOTH,
        id="indonesian-words",
    ),
    pytest.param(b"Ambien = 23.45*C\tObjek = 36.12*C\r\n", BOTH, id="ambien"),
    pytest.param(
        b"Suhu tubuh Anda adalah 36.12 C\n", DecodedTemperature(36.12, None), id="to-a-visitor"
    ),
    pytest.param(
        "Object: 97.02Â°F\r\nAmbient: 74.21Â°F\r\n\r\n".encode(), BOTH, id="sign-encoded-twice"
    ),
    pytest.param(b"Object: 97.02\xc2F\nAmbient: 74.21\xc2F\n\n", BOTH, id="half-a-sign"),
    pytest.param("Object: 97.02\ufffdF\nAmbient: 74.21\ufffdF\n\n".encode(), BOTH, id="no-sign"),
    pytest.param("Ambient = 23.45℃\tObject = 36.12℃\r\n".encode(), BOTH, id="one-character"),
    pytest.param("Ambient = 74.21℉\tObject = 97.02℉\r\n".encode(), BOTH, id="one-for-fahrenheit"),
    pytest.param(b"Ambient: 23.45 &deg;C Object: 36.12 &deg;C\n", BOTH, id="sign-of-a-web-page"),
    pytest.param(b"Object = 309.27 K Ambient = 296.60 K\n", BOTH, id="kelvin"),
    pytest.param(b"Ambient = 23.45*C\tObject = 36.12*C\r", BOTH, id="ends-in-carriage-return"),
    pytest.param(b"Suhu: 36.12 C\n", DecodedTemperature(36.12, None), id="object-only"),
    pytest.param(
        "体温：36.12℃ 环境温度：23.45℃\n".encode(),
        BOTH,
        id="chinese",
    ),
    pytest.param("物体温度:36.12℃，室温:23.45℃\r\n".encode("gbk"), BOTH, id="in-gbk"),
    pytest.param("体温: 36.12°C\n".encode(), DecodedTemperature(36.12, None), id="body-alone"),
    pytest.param(
        "Temperatura do objeto: 36,12 °C Temperatura do ambiente: 23,45 °C\n".encode(),
        BOTH,
        id="portuguese",
    ),
    pytest.param(
        "Objekttemperatur: 36,12 °C; Umgebungstemperatur: 23,45 °C\n".encode(),
        BOTH,
        id="german",
    ),
    pytest.param(b"Suhu kulit: 36.12C suhu udara: 23.45C\n", BOTH, id="skin-and-air"),
    pytest.param(b"objTemp: -3.5 degC\n", DecodedTemperature(-3.5, None), id="negative"),
    pytest.param(b"Object = 380*C\n", DecodedTemperature(380.0, None), id="hottest"),
]


@pytest.mark.parametrize(("wire", "frame"), LINES)
class TestEveryDialect:
    def test_is_decoded_whole(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(wire) == [frame]

    def test_is_decoded_byte_by_byte(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(*(bytes((byte,)) for byte in wire)) == [frame]

    def test_is_decoded_twice_from_one_chunk(self, wire: bytes, frame: DecodedTemperature) -> None:
        assert decode(wire + wire) == [frame, frame]

    def test_is_decoded_without_its_last_line_end(
        self, wire: bytes, frame: DecodedTemperature
    ) -> None:
        assert decode(wire.rstrip(b"\r\n")) == [frame]

    def test_is_decoded_after_noise_on_the_same_line(
        self, wire: bytes, frame: DecodedTemperature
    ) -> None:
        noise = b"\xff\x00\x12"
        assert decode(noise + wire) == [MalformedFrame(FaultReason.UNPARSABLE, noise), frame]

    def test_is_decoded_between_other_dialects(
        self, wire: bytes, frame: DecodedTemperature
    ) -> None:
        sparkfun = b"Object: 97.02\xb0F\r\nAmbient: 74.21\xb0F\r\n\r\n"
        assert decode(sparkfun + wire + sparkfun) == [BOTH, frame, BOTH]


@pytest.mark.parametrize(
    "line",
    [
        b"Adafruit MLX90614 test",
        b"Emissivity = 0.98",
        b"================================================",
        b"",
        b"   ",
        b"Qwiic Infrared Thermometer Example",
        "Sensor suhu siap – tekan tombol".encode(),
    ],
)
def test_passes_over_lines_that_measure_nothing(line: bytes) -> None:
    assert decode(line + b"\r\n") == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b"6.12*C", FaultReason.UNPARSABLE, id="no-label"),
        pytest.param(b"ect = 36.12*C", FaultReason.UNPARSABLE, id="half-a-label"),
        pytest.param(b"Object = 36.12", FaultReason.UNPARSABLE, id="no-unit"),
        pytest.param(b"Object (C): 36.12", FaultReason.UNPARSABLE, id="unit-elsewhere"),
        pytest.param(b"Object = 3#.12*C", FaultReason.UNPARSABLE, id="damaged-digit"),
        pytest.param(b"Object = 36.1.2*C", FaultReason.UNPARSABLE, id="two-points"),
        pytest.param(b"Object = *C", FaultReason.UNPARSABLE, id="no-number"),
        pytest.param(b"Chip temp = 45.0*C", FaultReason.UNPARSABLE, id="unknown-label"),
        pytest.param(b"Temp: 36.12 C", FaultReason.UNPARSABLE, id="of-what"),
        pytest.param(b"bient = 23.45*C", FaultReason.UNPARSABLE, id="half-an-ambient"),
        pytest.param(b"Max Object = 40.0*C", FaultReason.UNPARSABLE, id="another-quantity"),
        pytest.param(b"MaxObject = 40.0*C", FaultReason.UNPARSABLE, id="another-in-one-word"),
        pytest.param(b"Max of Object = 40.0*C", FaultReason.UNPARSABLE, id="another-in-words"),
        pytest.param(b"Chip body: 45.0*C", FaultReason.UNPARSABLE, id="body-of-the-chip"),
        pytest.param(b"Photo: 36.12 C", FaultReason.UNPARSABLE, id="ends-like-a-short-label"),
        pytest.param(
            b"Object = 23.45*C\tObject = 36.12*C",
            FaultReason.UNPARSABLE,
            id="labels-contradict-each-other",
        ),
        pytest.param(
            b"Object: 36.12 C 99.02 F", FaultReason.UNPARSABLE, id="units-contradict-each-other"
        ),
        pytest.param(b"36.12", FaultReason.UNPARSABLE, id="bare-number"),
        pytest.param(
            b'{"object":36.12,"ambient":23.45}', FaultReason.UNPARSABLE, id="names-without-unit"
        ),
        pytest.param(
            "体温: nan 环境温度: 23.45C".encode(), FaultReason.NOT_A_NUMBER, id="chinese-nan"
        ),
        pytest.param(b"\x00\x80\xfe\xc3", FaultReason.UNPARSABLE, id="binary"),
        pytest.param(b"caf\xe9 ola", FaultReason.UNPARSABLE, id="high-byte-noise"),
        pytest.param(
            b"Ambient = nan*C\tObject = nan*C", FaultReason.NOT_A_NUMBER, id="not-a-number"
        ),
        pytest.param(
            b"Ambient = nan*C\tObject = 36.12*C", FaultReason.NOT_A_NUMBER, id="dead-ambient"
        ),
        pytest.param(b"Object: inf", FaultReason.NOT_A_NUMBER, id="infinite"),
        pytest.param(b"Object = ovf*C", FaultReason.NOT_A_NUMBER, id="overflow-of-the-board"),
        pytest.param(b"Object = 1037.55*C", FaultReason.SENSOR_ERROR, id="raw-ffff"),
        pytest.param(b"Object = 1899.59*F", FaultReason.SENSOR_ERROR, id="raw-ffff-in-fahrenheit"),
        pytest.param(
            b"Error connecting to MLX sensor. Check wiring.",
            FaultReason.SENSOR_ERROR,
            id="adafruit-complains",
        ),
        pytest.param(b"Object = 380.01*C", FaultReason.OUT_OF_DEVICE_RANGE, id="too-hot"),
        pytest.param(b"Object = -70.01*C", FaultReason.OUT_OF_DEVICE_RANGE, id="too-cold"),
        pytest.param(
            b"Ambient = 126*C\tObject = 36*C", FaultReason.OUT_OF_DEVICE_RANGE, id="ambient-too-hot"
        ),
    ],
)
def test_reports_what_is_not_a_temperature_with_its_line(line: bytes, reason: FaultReason) -> None:
    assert decode(line + b"\r\n") == [MalformedFrame(reason, line)]


@pytest.mark.parametrize(
    "line",
    [
        b"Ambient = 23.45*C\tObject = 36.1",
        b"Ambient = 23.45*C\tObj",
        b"Ambient = 23.45*C\t",
        b"Object = 36.",
        b"Obj",
    ],
)
def test_reports_a_measurement_that_the_end_of_the_stream_cut_off(line: bytes) -> None:
    assert decode(line) == [MalformedFrame(FaultReason.TRUNCATED, line)]


LINE = b"Ambient = 23.45*C\tObject = 36.12*C"
OBJECT_ALONE = DecodedTemperature(36.12, None)


@pytest.mark.parametrize(
    ("noise", "good", "frame"),
    [
        pytest.param(b"Ambient = 23.", LINE, BOTH, id="cut-in-the-number"),
        pytest.param(b"Ambient = 23.45*", LINE, BOTH, id="cut-before-the-unit"),
        pytest.param(b"Ambient = ", LINE, BOTH, id="cut-before-the-number"),
        pytest.param(b"Ambi", LINE, BOTH, id="cut-in-the-label"),
        pytest.param(b"Amb", b"Object: 97.02F", OBJECT_ALONE, id="cut-in-the-other-label"),
        pytest.param(b"Ambient = 23.45*C\tObj", LINE, BOTH, id="cut-in-the-second-label"),
        pytest.param(b"Ambient = 25.45*C\tObj", LINE, BOTH, id="another-ambient-before"),
        pytest.param(b"Ambient = 23.45*C\tObject = 36.1", LINE, BOTH, id="cut-near-the-end"),
        pytest.param(b"Object = 36.1", LINE, BOTH, id="cut-at-both-ends"),
        pytest.param(b"A", LINE, BOTH, id="one-letter"),
        pytest.param(b"x ", LINE, BOTH, id="one-letter-and-a-blank"),
        pytest.param(b"\xf0\x9eh", LINE, BOTH, id="binary-and-a-letter"),
        pytest.param(b"q" * 60, LINE, BOTH, id="many-letters"),
        pytest.param(b"Object = 3", b"Object = 36.12*C", OBJECT_ALONE, id="cut-in-the-object"),
        pytest.param(b"Object = 37.5*C", b"Object = 36.12*C", OBJECT_ALONE, id="lost-line-end"),
        pytest.param(
            b"bient = 23.45*C\t", b"Object = 36.12*C", OBJECT_ALONE, id="first-half-is-cut"
        ),
        pytest.param(
            b"Ambient = 23.45*C\tObject = 36.1ient = 23.45*C\t",
            b"Object = 36.12*C",
            OBJECT_ALONE,
            id="bytes-lost-in-the-middle",
        ),
        pytest.param(b"TO: 36.1", b"TO: 36.12C TA: 23.45C", BOTH, id="short-labels"),
        pytest.param(
            b"Suhu Ob",
            b"Suhu Objek: 36.12 C, Suhu Lingkungan: 23.45 C",
            BOTH,
            id="label-of-two-words",
        ),
    ],
)
def test_reads_the_good_line_glued_behind_noise_or_a_cut_line(
    noise: bytes, good: bytes, frame: DecodedTemperature
) -> None:
    expected = [MalformedFrame(FaultReason.UNPARSABLE, noise), frame]
    assert decode(noise + good + b"\r\n") == expected
    assert decode(noise + good) == expected


@pytest.mark.parametrize("kept", range(1, len(LINE)))
def test_a_line_cut_anywhere_costs_the_good_line_behind_it_nothing(kept: int) -> None:
    decoded = decode(LINE[:kept] + LINE + b"\r\n")
    assert [item for item in decoded if isinstance(item, DecodedTemperature)] == [BOTH]


_WORD_BEFORE = re.compile(
    rb"(?:[a-z]{3,}[ _./-]+(?:[a-z]{1,2}[ _./-]+)*"
    rb"|(?:min|max|avg|mean|average|set|chip|cpu|board|raw|delta|diff|offset|last|limit|alarm)"
    rb"[ _./-]*)$",
    re.IGNORECASE,
)
"""It makes of the label behind it that of another quantity: nobody can tell that it is noise."""


@settings(deadline=None)
@given(
    st.binary(max_size=300).map(lambda wire: wire.translate(None, b"\r\n")),
    st.integers(0, 6000),
    st.integers(0, 6000),
)
def test_reads_the_first_line_behind_any_noise(noise: bytes, found: int, ambient: int) -> None:
    assume(_WORD_BEFORE.search(noise) is None)
    frame = DecodedTemperature(found / 100, ambient / 100)
    assert decode(noise + encode(frame))[-1] == frame


def test_reads_the_line_behind_endless_noise() -> None:
    assert decode(b"\xf0x" * 500 + LINE + b"\n")[-1] == BOTH


def test_reports_an_endless_line_once_and_reads_the_next() -> None:
    assert decode(b"x" * 5000 + b"\nSuhu: 36.1 C\n") == [
        MalformedFrame(FaultReason.OVERFLOW, b"x" * 129),
        DecodedTemperature(36.1, None),
    ]


PAIRS = [
    pytest.param(
        b"Object: 36.1C\nAmbient: 21C\n\nObject: 36.2C\n\nObject: 36.3C\nAmbient: 23C\n\n",
        [(36.1, 21.0), (36.2, None), (36.3, 23.0)],
        id="sparkfun-lost-an-ambient",
    ),
    pytest.param(
        b"Object: 36.1C\nAmbient: 21C\nObject: 36.2C\nObject: 36.3C\nAmbient: 23C\n",
        [(36.1, 21.0), (36.2, None), (36.3, 23.0)],
        id="object-first-without-blank-lines-lost-an-ambient",
    ),
    pytest.param(
        b"Ambient: 21C\n\nObject: 36.2C\nAmbient: 22C\n",
        [(36.2, 22.0)],
        id="sparkfun-joined-in-the-middle",
    ),
    pytest.param(
        b"Ambient: 21C\nObject: 36.1C\nObject: 36.2C\nAmbient: 23C\nObject: 36.3C\n",
        [(36.1, 21.0), (36.2, None), (36.3, 23.0)],
        id="ambient-first-lost-an-ambient",
    ),
    pytest.param(
        b"Ambient: 21C\nAmbient: 22C\nObject: 36.2C\n",
        [(36.2, 22.0)],
        id="ambient-first-lost-an-object",
    ),
]


@pytest.mark.parametrize(("wire", "pairs"), PAIRS)
def test_pairs_each_object_with_its_own_ambient(
    wire: bytes, pairs: list[tuple[float, float | None]]
) -> None:
    assert decode(wire) == [DecodedTemperature(*pair) for pair in pairs]


def test_a_broken_object_line_does_not_shift_the_pairs_behind_it() -> None:
    wire = b"Object: 36.1C\nAmbient: 21C\nObject: 3#C\nAmbient: 22C\nObject: 36.3C\nAmbient: 23C\n"
    assert decode(wire) == [
        DecodedTemperature(36.1, 21.0),
        MalformedFrame(FaultReason.UNPARSABLE, b"Object: 3#C"),
        DecodedTemperature(36.3, 23.0),
    ]


def test_an_object_whose_ambient_does_not_follow_at_once_is_not_held_back() -> None:
    decoder = ArduinoMlx90614Decoder()
    assert decoder.feed(b"Object: 36.1C\n") == []
    assert decoder.idle() == [DecodedTemperature(36.1, None)]
    assert decoder.feed(b"Ambient: 21C\nObject: 36.2C\nAmbient: 22C\n") == [
        DecodedTemperature(36.2, 22.0)
    ]


def test_reads_a_saved_log_of_the_arduino_monitor() -> None:
    assert decode(b"10:02:11.123 -> Ambient = 23.45*C\tObject = 36.12*C\r\n") == [BOTH]


@pytest.mark.parametrize("unit", [b"\xa1\xc6", b"\xc2\x84\x83", b"\xc2\x84\x89"])
def test_a_sign_with_one_bit_wrong_is_noise_and_the_next_line_is_read(unit: bytes) -> None:
    line = b"Object: 36.5" + unit
    assert decode(line + b"\r\n" + CELSIUS) == [
        MalformedFrame(FaultReason.UNPARSABLE, line),
        BOTH,
    ]


CELSIUS = b"Ambient = 23.45*C\tObject = 36.12*C\r\n"
FAHRENHEIT = b"Ambient = 74.21*F\tObject = 97.02*F\r\n"


@pytest.mark.parametrize("between", [b"", b"\r\n"])
def test_a_measurement_printed_in_both_units_is_one_reading(between: bytes) -> None:
    banner = b"Adafruit MLX90614 test\r\nEmissivity = 0.98\r\n=====\r\n"
    wire = CELSIUS + FAHRENHEIT + between
    assert decode(banner + wire * 3) == [BOTH] * 3


def test_a_fahrenheit_line_of_another_measurement_is_a_reading() -> None:
    warmer = b"Ambient = 74.21*F\tObject = 98.02*F\r\n"
    assert decode(CELSIUS + warmer) == [BOTH, DecodedTemperature(36.68, 23.45)]
    assert decode(CELSIUS + b"\r\n" + FAHRENHEIT) == [BOTH, BOTH]
    assert decode(CELSIUS + CELSIUS + FAHRENHEIT + FAHRENHEIT) == [BOTH, BOTH, BOTH]


LINES_IN_BOTH_UNITS = [
    "Ambient: 23.45 *C\nObject: 36.12 *C\nAmbient: 74.21 *F\nObject: 97.02 *F\n",
    "Object: 36.12 *C\nObject: 97.02 *F\nAmbient: 23.45 *C\nAmbient: 74.21 *F\n",
    "Object: 36.12 *C\nAmbient: 23.45 *C\nObject: 97.02 *F\nAmbient: 74.21 *F\n",
    "Ambient: 23.45 *C\nAmbient: 74.21 *F\nObject: 36.12 *C\nObject: 97.02 *F\n",
    "Object: 97.02 *F\nAmbient: 74.21 *F\nObject: 36.12 *C\nAmbient: 23.45 *C\n",
    "Suhu Objek: 36,12 derajat Celcius\nSuhu Objek: 97,02 derajat Fahrenheit\n"
    "Suhu Ruangan: 23,45 derajat Celcius\nSuhu Ruangan: 74,21 derajat Fahrenheit\n",
    "Ambient = 23.45*C\tObject = 36.12*C\nAmbient = 74.21*F\tObject = 97.02*F\n",
]


@pytest.mark.parametrize("lines", LINES_IN_BOTH_UNITS)
@pytest.mark.parametrize("between", ["", "\n", "-----\n"], ids=["nothing", "blank", "ruler"])
def test_a_measurement_on_several_lines_in_both_units_is_one_reading(
    lines: str, between: str
) -> None:
    found = [
        one for one in decode((lines + between).encode() * 3) if isinstance(one, DecodedTemperature)
    ]
    assert [one.object_celsius for one in found] == [36.12] * 3
    assert found[-1].ambient_celsius == 23.45


def test_an_object_alone_in_both_units_is_one_reading() -> None:
    wire = b"Object: 36.12 *C\nObject: 97.02 *F\n"
    assert decode(wire * 3) == [DecodedTemperature(36.12, None)] * 3


@pytest.mark.parametrize(
    "line",
    [
        "Gagal terhubung dengan Sensor MLX90614.",
        "Sensor tidak terdeteksi",
        "Sensor MLX90614 tidak ditemukan, periksa kabel!",
        "Gagal membaca sensor",
        "Gagal membaca suhu objek",
        "Kesalahan sensor",
        "sensor gak terbaca",
        "Belum terhubung ke MLX90614",
        "Sensor tidak dijumpai",
        "Sensor not detected",
        "Could not find a valid MLX90614 sensor",
        "Couldn't read from sensor",
        "I2C timeout",
        "MLX90614 not responding",
        "Qwiic IR thermometer did not acknowledge! Freezing!",
        "No se pudo encontrar el sensor",
        "Sensor no detectado",
        "Falha ao iniciar o sensor",
        "Sensor não encontrado",
        "Não foi possível ler o sensor",
        "Sensor nicht gefunden",
        "Fehler beim Lesen",
        "Capteur introuvable",
        "Échec de la connexion au capteur",
        "Sensore non trovato",
        "Sensor bulunamadı",
        "Ошибка датчика",
        "Датчик не найден",
        "Không tìm thấy cảm biến",
        "Lỗi cảm biến MLX90614",
        "ไม่พบเซ็นเซอร์",
        "未检测到传感器",
        "传感器连接失败",
        "センサーエラー",
        "센서 오류",
        "Sensor bermasalah",
        "Tidak ada perangkat I2C",
        "Kabel sensor lepas",
        "mlx gk kebaca",
        "Data tidak valid",
        "I2C NACK",
        "No ACK from device 0x5A",
        "PEC mismatch",
        "sensor unplugged",
        "OSError: [Errno 19] ENODEV",
        "Compruebe el cableado",
        "Vérifiez le câblage",
        "Проверьте подключение",
        "检查接线",
        "센서를 찾을 수 없습니다",
        "सेंसर नहीं मिला",
        "Walang nakitang sensor",
        "MLX90614 dan DHT22 tidak terdeteksi",
        "Gagal membaca suhu dari sensor, data tidak dikirim ke server",
        "Suhu: 1037.55",
        "Suhu Tubuh: 1037.53°C",
        "Object = 1899.59*F",
        "Suhu: -127.00°C",
    ],
)
def test_a_board_that_complains_in_its_makers_language_tells_a_dead_sensor(line: str) -> None:
    wire = line.encode()
    assert decode(wire + b"\r\n") == [MalformedFrame(FaultReason.SENSOR_ERROR, wire)]


def test_a_board_that_complains_in_gbk_is_understood_as_well() -> None:
    wire = "传感器未连接".encode("gbk")
    assert decode(wire + b"\r\n") == [MalformedFrame(FaultReason.SENSOR_ERROR, wire)]


@pytest.mark.parametrize(
    "line",
    [
        "Objek tidak terdeteksi",
        "Sensor tidak mendeteksi orang",
        "Masker tidak terdeteksi",
        "Silakan mendekat",
        "Anda tidak diizinkan masuk",
        "Suhu tidak normal",
        "No person detected",
        "Persona no detectada",
        "Sensor siap",
        "Sensor terdeteksi",
        "Berhasil terhubung dengan sensor",
        "Gagal terhubung ke WiFi",
        "MQTT connect failed, rc=-2",
        "Koneksi internet hilang",
        "Kabel LAN lepas",
        "RFID reader not found",
        "Sensor ultrasonik tidak terdeteksi",
        "Failed to read from DHT sensor!",
        "Gagal membaca sensor DHT22",
        "Could not find a valid BME280 sensor, check wiring, address, sensor ID!",
    ],
)
def test_a_board_that_tells_of_its_visitor_or_that_all_is_well_complains_of_nothing(
    line: str,
) -> None:
    assert decode(line.encode() + b"\r\n") == []


@pytest.mark.parametrize(
    "wire",
    [
        "Kelembaban: 70.00%  Suhu: 28.00°C\n",
        "Suhu: 28.00°C  Kelembaban: 70.00%\n",
        "Kelembapan Udara = 70 %\tSuhu = 28 C\n",
        "Humidity: 45.00 %  Temperature: 24.00 *C 75.20 *F  Heat index: 24 *C 75 *F\n",
        "Humedad: 45 %  Temperatura: 24.0 °C\n",
        "Umidade: 45%  Temperatura: 24.0 C\n",
        "Luftfeuchtigkeit: 45 % Temperatura: 24.0 C\n",
        "Humidité : 45 % Temperatura: 24.0 C\n",
        "RH: 45% Suhu: 24.0 C\n",
        "Lembab: 70% Suhu: 28.0 C\n",
        "Tekanan: 1009 hPa Suhu: 28.0 C\n",
        "H: 45.0% Suhu: 24.0 C\n",
        "DHT22 suhu: 28.0C\n",
        "[DHT11] Suhu: 28.0 C\n",
        "BME280 Temperatura = 24.00 *C\n",
        "Suhu: 28.00 C\nKelembaban: 70%\n",
        "Kelembaban: 70%\nSuhu: 28.00 C\n",
        "湿度: 70% Suhu: 28.0 C\n",
        "Kelembaban: nan%  Suhu: 28.0 C\n",
    ],
)
def test_the_temperature_of_a_room_sensor_is_never_the_objects(wire: str) -> None:
    found = decode(wire.encode() * 2)
    assert not [one for one in found if isinstance(one, DecodedTemperature)]


@pytest.mark.parametrize(
    "wire",
    [
        "Kelembaban: 70.00%  Suhu: 28.00°C  Suhu Tubuh: 36.12°C\n",
        "Suhu: 28.00 C\nKelembaban: 70%\nSuhu Objek: 36.12 C\n",
        "Kelembaban: 70%\nSuhu: 28.00 C\nSuhu Objek: 36.12 C\n",
    ],
)
def test_what_is_labelled_as_the_object_is_read_beside_a_room_sensor(wire: str) -> None:
    found = decode(wire.encode() * 2)
    assert found == [DecodedTemperature(36.12, None)] * 2


PIECES = [
    b"Kelembaban: 70%",
    b"Ambient = 23.45*C",
    b"\tObject = 36.12*C",
    b"Object: 97.02\xb0F",
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"nan",
    b"36.1",
    b"C",
    b"=",
    b"Suhu",
    b"Error",
    b"x" * 130,
]
wires = st.lists(st.one_of(st.binary(max_size=6), st.sampled_from(PIECES)), max_size=25).map(
    b"".join
)


@settings(deadline=None)
@given(wires, st.lists(st.integers(0, 400)))
def test_result_does_not_depend_on_chunking(wire: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    pieces = [wire[a:b] for a, b in itertools.pairwise(edges)]
    assert decode(*pieces) == decode(wire)


@settings(deadline=None)
@given(
    st.integers(-7000, 38000),
    st.one_of(st.none(), st.integers(-4000, 12500)),
)
def test_round_trip(found: int, ambient: int | None) -> None:
    frame = DecodedTemperature(found / 100, None if ambient is None else ambient / 100)
    assert decode(encode(frame)) == [frame]


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 6000), st.integers(0, 6000))
def test_reads_the_second_line_behind_any_garbage(garbage: bytes, found: int, ambient: int) -> None:
    frame = DecodedTemperature(found / 100, ambient / 100)
    decoder = ArduinoMlx90614Decoder()
    decoder.feed(garbage + encode(frame))
    assert decoder.feed(encode(frame)) == [frame]


@settings(deadline=None)
@given(st.binary(max_size=2000).map(lambda wire: wire.translate(None, b"\r\n")))
def test_hoards_nothing(wire: bytes) -> None:
    decoder = ArduinoMlx90614Decoder()
    held = len(wire) - sum(
        len(item.raw) for item in decoder.feed(wire) if isinstance(item, MalformedFrame)
    )
    if len(wire) > 128:
        assert decoder.flush() == []
    else:
        assert held == len(wire)
