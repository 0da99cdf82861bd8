"""The words in which boards say that their sensor does not work, or that it measures the room.

Sketches speak their maker's language, so the words are data, language by language; they count
wherever they stand in a line.
"""

from __future__ import annotations

import re
from types import MappingProxyType

_FAULTS = MappingProxyType(
    {
        "English": (
            r"error|fail|wiring|acknowledge|missing|disconnect|unable|broken|invalid"
            r"|\btime(?:d )?[ -]?out|connection lost|lost connection"
            r"|\b(?:not|never|no) (?:be )?(?:found|connect|detected|respon|ready|sensor)"
            r"|\b(?:can|could|did|does)(?:n'?t| ?not) (?:\w+ )?(?:read|find|connect|detect|respond"
            r"|get|reach|communicate|init|start)"
            r"|check (?:the |your )?(?:wire|cable|connection|sensor)"
        ),
        "Indonesian and Malay": (
            r"gagal|galat|kesalahan|ralat|rusak|rosak|putus"
            r"|\b(?:tidak|tak|tdk|gak|ga|belum) (?:\w+ )?(?:terdetek|terhubung|terbaca|tersambung"
            r"|terpasang|terkone|ditemu|dijumpa|dikenal|dikesan|dibaca|baca|hubung|sambung|konek"
            r"|respon|merespon|menjawab|membaca|mendetek|menemu|berfungsi|bekerja|berhasil|berjaya"
            r"|ada (?:sensor|respon|jawab|koneksi|data|sambung))"
            r"|\b(?:cek|periksa|semak) (?:kabel|koneksi|sambungan|rangkaian|sensor|pendawaian)"
        ),
        "Spanish and Portuguese": (
            r"\berro\b|falha|\bfall[ao]|desconectad|desligad|sin respuesta|sem resposta|averiad"
            r"|\bn(?:o|ão|ao) (?:se |foi |fue )?(?:\w+ )?(?:pud|pode|poss|pôde|encontr|detect"
            r"|conect|respond|l[eê]r\b|leer|hay sensor|há sensor)"
            r"|\b(?:revis|verifi)\w+ (?:\w\w? |las |los )?(?:conex|cable|cabo|sensor|liga)"
        ),
        "French": (
            r"erreur|[eé]chec|introuvable|impossible|d[eé]connect|en panne"
            r"|\b(?:non|pas|aucun\w*) (?:de )?(?:r[eé]pon|trouv|d[eé]tect|connect|branch|capteur)"
        ),
        "German": (
            r"fehler|fehlgeschlagen|defekt|getrennt"
            r"|\bnicht (?:gefunden|verbunden|erkannt|erreich|angeschlossen|gelesen|lesbar)"
            r"|\bkein(?:e|en)? (?:sensor|antwort|verbindung)"
        ),
        "Italian and Dutch": (
            r"errore|guasto|\bnon (?:trovat|rilevat|conness|collegat|rispond)"
            r"|\bfout|mislukt|\bniet (?:gevonden|verbonden|aangesloten)|\bgeen (?:sensor|antwoord)"
        ),
        "Turkish and Polish": (
            r"\bhata|bulunamad|okunamad|yanıt yok"
            r"|\bb[lł][aą]d\b|\bnie (?:znaleziono|wykryto|po[lł][aą]cz)|\bbrak (?:czujnik|po[lł])"
        ),
        "Russian": "ошибк|не найден|не отвеча|не подключ|неисправ|нет связи|нет ответа",
        "Vietnamese": (
            r"\blỗi\b|\bloi\b|thất bại|that bai|mất kết nối|mat ket noi"
            r"|\b(?:không|khong) (?:thể |the |có |co )?(?:tìm|tim|kết|ket|phát|phat|phản|phan|đọc"
            r"|doc)\b"
        ),
        "Thai": "ผิดพลาด|ล้มเหลว|ไม่พบ|ไม่สามารถ|ไม่ได้เชื่อมต่อ|ไม่เชื่อมต่อ|ขัดข้อง|ไม่ตอบสนอง",
        "Chinese": (
            "错误|錯誤|失败|失敗|故障|异常|異常|超时|超時|断开|斷開|无法|無法"
            "|(?:未|没有|沒有|不)能?(?:检测|檢測|侦测|偵測|找到|连接|連接|响应|響應|读|讀)"
            "|(?:没有|沒有|找不到)(?:传感|感测|感測|傳感)"
        ),
        "Japanese and Korean": (
            "エラー|失敗|見つかりません|接続されていません|応答がありません|오류|에러|실패"
        ),
    }
)
_FAULT = re.compile("|".join(_FAULTS.values()), re.IGNORECASE)
# Where a line names the sensor or its line, a word of trouble or a plain *not* is enough.
_SENSOR = re.compile(
    r"\b(?:sens[eo]r\w*|capteurs?|mlx\w*|gy[ -]?906|i2c|twi|thermom\w+|term[oó]m\w+|bus|wires?"
    r"|device|kabel|perangkat|peranti|modul\w*|pembacaan|bacaan|sambungan|koneksi|crc|pec|checksum)\b"
    "|cảm biến|датчик|センサ|传感|傳感|感测|感測|센서|เซ็นเซอร์|सेंसर|সেন্সর",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:tidak|tak|tdk|gak?|gk|ng?gak?|enggak|belum|(?:ber)?masalah|lepas|mati|hilang|longgar|lemah"
    r"|kosong|offline|unplugged|absent|fault\w*|malfunction\w*|mismatch|stuck|nack|not|nan|lost|dead"
    r"|problem|trouble|no (?:ack|i2c|device)|walang|hindi|kein\w*|nicht|aucun\w*|n[aã]o|sin|sem)\b"
    r"|\b(?:comprueb|v[eé]rifi|überprüf)|prüfen|нет|провер|检查|檢查|確認|없|नहीं|যায়নি|যায়নি",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"\b(?:no ack|nack|E(?:NODEV|NXIO|TIMEDOUT)|EIO|traceback|brownout)\b"
    r"|\bdata (?:tidak|tak|tdk|belum|not|in) ?(?:valid|sah|lengkap|tersedia|available|ready)"
    r"|\b(?:comprueb|v[eé]rifi|überprüf)\w* .*(?:cabl|câbl|conex|connex)|verkabelung|подключение"
    "|接线|接線|配線|連線|连线",
    re.IGNORECASE,
)
# A board has other parts, and they fail too; that is not the thermometer's trouble.
_OTHER_PART = re.compile(
    r"\b(?:wi-?fi|wlan|ssid|mqtt|https?|server|ntp|rtc|lcd|oled|display|layar|rfid|rc522|sd ?card"
    r"|kartu sd|telegram|whatsapp|blynk|firebase|thingspeak|internet|router|database|api|gsm"
    r"|sim ?[89]00\w?|bluetooth|ble|servo|buzzer|relay|speaker|dfplayer|eeprom|spiffs|littlefs|ota"
    r"|dns|gps|camera|kamera|printer|e-?mail|sms|cloud|ethernet|lan|broker|clock)\b",
    re.IGNORECASE,
)
_OTHER_SENSOR = re.compile(
    r"\b(?:ultras\w+|hc-?sr ?04|pir|vl53\w*|gas|mq-?\d+|max3010\d"
    r"|(?:DHT|BM[EP]|AHT|SHT|HTU|HDC|AM23|SI70|LM)[ -]?\d{0,3})\b",
    re.IGNORECASE,
)
_THERMOMETER = r"(?i:mlx|gy[ -]?906|i2c|infra|\bir\b|thermo|term[oó]m|suhu|temperat)"
_ITSELF = re.compile(
    rf"{_THERMOMETER}|(?i:sens[eo]r|capteur)|датчик|センサ|传感|傳感|感测|感測|센서"
)
# ``Objek tidak terdeteksi`` says that nobody is there. It takes one of the plainest words to make
# a fault of a line that names what stands before a sensor.
_BEFORE_THE_SENSOR = re.compile(
    r"\b(?:obj|obyek|orang|wajah|tangan|benda|masker|manusia|pengunjung|kartu|person|people|nobody"
    r"|face|hand|mask|card|visitor|target|gesicht|visage|rostro|rosto|pessoa|gerak|motion|người)"
    "|物体|人",
    re.IGNORECASE,
)
_PLAIN_FAULT = re.compile(
    r"error|erro\b|fail|gagal|galat|kesalahan|falha|fallo|fehler|erreur|échec|wiring|kabel|cable"
    "|错误|失败|故障|ошибк|lỗi",
    re.IGNORECASE,
)
_ENCODINGS = ("utf-8", "gbk", "latin-1")

_HUMIDITY_WORDS = (
    "humidity|humid|kelemba[bp]an|lembab|humedad|umidade|humidade|umidit(?:\u00e0|a)"
    "|humidit(?:\u00e9|e)|(?:luft)?feucht(?:e|igkeit)|vochtigheid|wilgotno\u015b\u0107"
    "|\u0432\u043b\u0430\u0436\u043d\u043e\u0441\u0442\u044c|\u0111\u1ed9 \u1ea9m|do am"
    "|\u6e7f\u5ea6|\u6fd5\u5ea6|\u0e04\u0e27\u0e32\u0e21\u0e0a\u0e37\u0e49\u0e19|\uc2b5\ub3c4"
)
_PRESSURE_WORDS = (
    "(?:tekanan|pressure|druck|presi(?:\u00f3|o)n|press(?:\u00e3|a)o|pression|pressione)"
)
_PERCENT = "[ \t]*(?:%|\uff05|(?:pct|persen|percent|rh)\\b)"
_BEFORE_A_NUMBER = (
    "(?:[ _](?:udara|relatif|relative|ruang|ruangan|air|level))?"
    "[ \t]*(?:[(\\[][^)\\]]{1,4}[)\\]])?[ \t]*[=:\uff1a]?[ \t]*"
)
_A_NUMBER = "(?:[+-]?\\d+(?:[.,]\\d+)?|nan\\b)"
_HUMIDITY = re.compile(
    f"(?<![A-Za-z])(?:(?:{_HUMIDITY_WORDS}){_BEFORE_A_NUMBER}{_A_NUMBER}(?:{_PERCENT})*"
    f"|(?:h|hum|rh|nem){_BEFORE_A_NUMBER}{_A_NUMBER}(?:{_PERCENT})+"
    f"|{_PRESSURE_WORDS}{_BEFORE_A_NUMBER}{_A_NUMBER}[ \t]*(?:[hk]?pa|m?bar|mmhg)\\b)",
    re.IGNORECASE,
)
_ROOM_SENSOR = re.compile(
    r"(?<![A-Za-z])(?:DHT|BM[EP]|AHT|SHT|HTU|HDC|AM23|SI70|LM)[ -]?\d{1,3}(?![A-Za-z0-9])[:=]?",
    re.IGNORECASE,
)


def is_complaint(line: bytes) -> bool:
    """Whether a line without a measurement says that the sensor does not work."""
    return any(_complains(line.decode(encoding, "replace")) for encoding in _ENCODINGS)


def without_room_sensor(line: bytes) -> bytes | None:
    """The line without what it tells of humidity, air pressure and which sensor measures it.

    None where it tells neither: then a bare *Suhu* is not the room's.
    """
    for encoding in _ENCODINGS:
        try:
            text = line.decode(encoding)
        except UnicodeDecodeError:
            continue
        rest = _ROOM_SENSOR.sub(" ", _HUMIDITY.sub(" ", text))
        if rest != text:
            return rest.encode(encoding)
    return None


def _complains(text: str) -> bool:
    if _is_of_another_part(text):
        return False
    is_told = _SENSOR.search(text) is not None and _TROUBLE.search(text) is not None
    if not is_told and _FAULT.search(text) is None and _ANYWHERE.search(text) is None:
        return False
    return _BEFORE_THE_SENSOR.search(text) is None or _PLAIN_FAULT.search(text) is not None


def _is_of_another_part(text: str) -> bool:
    named = _OTHER_SENSOR.sub("", text)
    if named != text:
        return re.search(_THERMOMETER, named) is None
    return _OTHER_PART.search(text) is not None and _ITSELF.search(text) is None
