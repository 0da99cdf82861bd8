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
    "humidity|humid|kelemba[bp]an|humedad|umidade|humidade|umidit(?:\u00e0|a)"
    "|humidit(?:\u00e9|e)|(?:luft)?feucht(?:e|igkeit)|vochtigheid|wilgotno\u015b\u0107"
    "|\u0432\u043b\u0430\u0436\u043d\u043e\u0441\u0442\u044c|\u0111\u1ed9 \u1ea9m|do am"
    "|\u6e7f\u5ea6|\u6fd5\u5ea6|\u0e04\u0e27\u0e32\u0e21\u0e0a\u0e37\u0e49\u0e19|\uc2b5\ub3c4"
)
_PERCENT = "[ \t]*(?:%|\uff05|(?:pct|persen|percent|rh)\\b)"
_BEFORE_A_NUMBER = (
    "(?:[ _](?:udara|relatif|relative|ruang|ruangan|air|level))?"
    "[ \t]*(?:[(\\[][^)\\]]{1,4}[)\\]])?[ \t]*[=:\uff1a]?[ \t]*"
)
_A_NUMBER = "(?:[+-]?\\d+(?:[.,]\\d+)?|nan\\b)"
_HUMIDITY = re.compile(
    f"(?<![A-Za-z])(?:(?:{_HUMIDITY_WORDS}){_BEFORE_A_NUMBER}{_A_NUMBER}(?:{_PERCENT})*"
    f"|(?:h|hum|rh|nem){_BEFORE_A_NUMBER}{_A_NUMBER}(?:{_PERCENT})+)",
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
    """The line without what it tells of humidity and of which sensor measures it.

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
    if _FAULT.search(text) is None:
        return False
    return _BEFORE_THE_SENSOR.search(text) is None or _PLAIN_FAULT.search(text) is not None
