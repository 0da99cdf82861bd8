"""Codes as chats, mail, spreadsheets and paper leave them; what is read is what was issued."""

from __future__ import annotations

import quopri
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import base45
import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.receipts.codes import FoundCodes, find_codes
from screening.receipts.number import ALPHABET, parse_number, show_number
from screening.receipts.token import MAX_CODE_CHARACTERS, sign
from tests.screening.receipts.builders import OURS, claims

NUMBER = "97KRZGVPRV"
SHOWN = "97KRZ-GVPRV"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def with_check(symbols: str) -> str:
    return next(number for number in (symbols + one for one in ALPHABET) if parse_number(number))


numbers = st.text(ALPHABET, min_size=9, max_size=9).map(with_check)
tokens = st.builds(
    lambda number, token_id: sign(claims(number=number, token_id=token_id), OURS),
    numbers,
    st.binary(min_size=16, max_size=16),
)


def wrap(text: str, width: int, end: str) -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width))


NUMBERS = {
    "bold": "*97KRZ-GVPRV*",
    "italic": "_97KRZ-GVPRV_",
    "struck": "~97KRZ-GVPRV~",
    "code": "`97KRZ-GVPRV`",
    "code block": "```\n97KRZ-GVPRV\n```",
    "bold and italic": "*_97KRZ-GVPRV_*",
    "half bold": "*97KRZ*-GVPRV",
    "escaped for Markdown": r"97KRZ\-GVPRV",
    "straight quotes": '"97KRZ-GVPRV"',
    "curly quotes": "\u201c97KRZ-GVPRV\u201d",
    "low quotes": "\u201e97KRZ-GVPRV\u201c",
    "guillemets": "\u00ab97KRZ-GVPRV\u00bb",
    "brackets": "[97KRZ-GVPRV]",
    "angle brackets": "<97KRZ-GVPRV>",
    "parentheses": "(97KRZ-GVPRV)",
    "hyphen": "97KRZ\u2010GVPRV",
    "non-breaking hyphen": "97KRZ\u2011GVPRV",
    "figure dash": "97KRZ\u2012GVPRV",
    "en dash": "97KRZ\u2013GVPRV",
    "em dash": "97KRZ \u2014 GVPRV",
    "minus": "97KRZ\u2212GVPRV",
    "full-width hyphen": "97KRZ\uff0dGVPRV",
    "soft hyphen": "97KRZ\u00ad-GVPRV",
    "no-break space": "\u00a097KRZ\u00a0GVPRV\u00a0",
    "zero-width space": "97KRZ\u200b-\u200bGVPRV",
    "byte-order mark": "\ufeff97KRZ-GVPRV",
    "direction marks": "\u202a97KRZ-GVPRV\u202c",
    "word joiner": "97\u2060KRZ-GVPRV",
    "full width": "97KRZ-GVPRV".translate(FULL_WIDTH),
    "mathematical bold": "\U0001d7d7\U0001d7d5\U0001d40a\U0001d411\U0001d419-GVPRV",
    "lower case": "97krz-gvprv",
    "spaced": "9 7 K R Z - G V P R V",
    "two lines": "97KRZ-\nGVPRV",
    "cut in a group": "97KR\r\nZ-GVPRV",
    "quoted mail": "> 97KRZ-\n> GVPRV",
    "quoted twice": ">> Nomor: 97KRZ-\n>> GVPRV",
    "quoted-printable": "Nomor: 97KRZ-=\nGVPRV",
    "quoted-printable blanks": "Nomor:=20=\r\n97KRZ-GVPRV=20",
    "quoted-printable dash": "97KRZ=E2=80=93GVPRV",
    "HTML": "<p>Nomor:&nbsp;<b>97KRZ</b>&#45;GVPRV<br></p>",
    "sentence": "Nomor: 97KRZ-GVPRV.",
    "longer sentence": "Halo Bu, nomor saya 97krz-gvprv, untuk dua orang ya! Terima kasih",
    "with a date and a telephone": "30-11-2026 08:15, HP 0812-3456-7890: 97KRZ-GVPRV",
    "list item": "- 97KRZ-GVPRV",
    "address": "https://antre.example.go.id/r/97KRZ-GVPRV",
    "address without hyphen": "http://192.168.10.20:8000/r/97KRZGVPRV?lang=id#qr",
    "address with a key": "https://antre.example.go.id/r/97KRZ-GVPRV/ABCDE-FGHJK",
    "bold address": "*antre.example.go.id/r/97krz-gvprv*.",
    "spreadsheet text": "'97KRZ-GVPRV",
    "spreadsheet formula": '="97KRZ-GVPRV"',
    "spreadsheet cell of a CSV": '"=""97KRZ-GVPRV"""',
    "twice": "97KRZ-GVPRV / 97KRZGVPRV",
    "a label and a tab": "No.\t97KRZ-GVPRV\t2 orang",
    "GS before": "\x1d97KRZ-GVPRV",
    "slash for the hyphen": "97KRZ/GVPRV",
    "bullet for the hyphen": "97KRZ \u2022 GVPRV",
    "drawn line for the hyphen": "97KRZ\u2500GVPRV",
    "a sign that was lost": "97KRZ\ufffdGVPRV",
    "UTF-8 read as Latin-1": "Nomor 97KRZ\u00e2\u20ac\u201cGVPRV ya",
    "comma in a sentence": "nomornya 97krz,gvprv ya bu",
    "escaped for an address": "https://wa.me/?text=Nomor%3A%2097KRZ%2DGVPRV%0AKantor",
    "escaped en dash": "97KRZ%E2%80%93GVPRV",
    "escaped for JSON": r'{"text": "Nomor: 97KRZ\u2011GVPRV\nKantor"}',
    "escaped for a calendar": r"DESCRIPTION:Nomor\: 97KRZ-GVPRV\nKantor",
    "HTML in HTML": "97KRZ&amp;#45;GVPRV",
    "underlined letter by letter": "\u0332".join("97KRZ-GVPRV") + "\u0332",
    "struck letter by letter": "\u0336".join("97KRZ-GVPRV") + "\u0336",
    "small capitals": "97\u1d0b\u0280\u1d22-\u0262\u1d20\u1d18\u0280\u1d20",
    "white on black letters": "97\U0001f17a\U0001f181\U0001f189-GVPRV",
    "Arabic digits": "\u0669\u0667KRZ-GVPRV",
    "Cyrillic look-alikes": "97\u041aRZ-GV\u0420RV",
    "Cyrillic small look-alikes": "97\u043arz-gv\u0440rv",
    "Greek look-alikes": "97\u039aR\u0396-GV\u03a1RV",
    "a group in Greek letters": "97\u039aR\u0396 GV\u03a1RV",
    "Cyrillic letters around": "\u041d\u043e\u043c\u0435\u0440 97\u041aRZ-GVPRV \u0434\u043b\u044f",
    "parts of an SMS": "(1/2) Kantor Dukcapil: nomor Anda 97KR(2/2)Z-GVPRV. Terima kasih",
    "parts of an SMS on lines": "[1/2] Nomor Anda 97KRZ-\n[2/2] GVPRV",
    "emoji beside": "\u2705 97KRZ-GVPRV \U0001f64f\U0001f3fd",
}


@pytest.mark.parametrize("text", NUMBERS.values(), ids=NUMBERS)
def test_a_number_is_read_out_of_what_surrounds_it(text: str) -> None:
    assert find_codes(text) == FoundCodes(numbers=(NUMBER,))
    assert parse_number(text) == NUMBER


@given(numbers, st.sampled_from(["Bapak Ibu, nomor saya {}.", "{}", "Re: *{}*", "no {} ya"]))
def test_every_number_is_read_out_of_a_sentence(number: str, sentence: str) -> None:
    read = find_codes(sentence.format(show_number(number).lower())).numbers
    assert number in read
    assert len(read) == 1


@given(numbers, st.data())
def test_letters_taken_for_digits_are_read_in_a_sentence_too(
    number: str, data: st.DataObject
) -> None:
    looks = {"0": "0Oo", "1": "1IiLl"}
    typed = "".join(data.draw(st.sampled_from(looks.get(one, one))) for one in number)
    assert find_codes(f"Nomor: {show_number(typed)}!").numbers == (number,)


@given(numbers, st.integers(0, 9), st.sampled_from(ALPHABET))
def test_a_wrong_symbol_is_told_whatever_surrounds_it(
    number: str, position: int, symbol: str
) -> None:
    wrong = number[:position] + symbol + number[position + 1 :]
    expected = (number,) if wrong == number else ()
    assert find_codes(f"*{show_number(wrong)}*").numbers == expected


@given(numbers, numbers)
def test_two_numbers_in_one_text_are_two(one: str, other: str) -> None:
    both = find_codes(f"{show_number(one)} dan {show_number(other)}").numbers
    assert set(both) == {one, other}
    assert parse_number(f"{show_number(one)}, {show_number(other)}") is None or one == other


WRAPS: dict[str, Callable[[str], str]] = {
    "as it is": lambda token: token,
    "lower case": str.lower,
    "bold": lambda token: f"*{token}*",
    "code": lambda token: f"`{token}`",
    "curly quotes": lambda token: f"\u201c{token}\u201d",
    "sentence": lambda token: f"Ini kodenya: {token}. Terima kasih, sampai jumpa!",
    "capitals around": lambda token: f"KODE {token} UNTUK KTP",
    "a scanner's prefix": lambda token: f"*{token}",
    "twice": lambda token: f"{token}{token}",
    "twice on two lines": lambda token: f"{token}\n{token}",
    "wrapped at 76": lambda token: wrap(token, 76, "\n"),
    "wrapped at 40 and quoted": lambda token: "> " + wrap(token, 40, "\r\n> "),
    "wrapped at every 13": lambda token: wrap(token, 13, "\n"),
    "quoted-printable": lambda token: quopri.encodestring(token.encode()).decode(),
    "blanks that became ends of lines": lambda token: token.replace(" ", "\n"),
    "wrapped after blanks": lambda token: token.replace(" ", " \n"),
    "no-break spaces": lambda token: token.replace(" ", "\u00a0"),
    "two blanks shown as one": lambda token: re.sub(" +", " ", token),
    "ends of lines that became blanks": lambda token: wrap(token, 76, " "),
    "full width": lambda token: token.translate(FULL_WIDTH),
    "zero-width spaces": lambda token: wrap(token, 20, "\u200b"),
    "smart hyphens": lambda token: token.replace("-", "\u2011"),
    "long dashes": lambda token: token.replace("--", "\u2014"),
    "in an address": lambda token: f"https://antre.example/k?code={quote(token, safe='')}",
    "in a form's address": lambda token: f"https://antre.example/k?code={quote_plus(token)}&b=1",
    "in a bar's address": lambda token: "x?k=" + quote(token, safe=":/$*+"),
    "in JSON": lambda token: f'{{"code": "{token}\\n"}}',
    "parts of an SMS": lambda token: (
        "".join(f"({at + 1}/3){token[at * 100 : (at + 1) * 100]}" for at in range(3)) + token[300:]
    ),
    "parts of an SMS on lines": lambda token: f"(1/2) {token[:120]}\n(2/2) {token[120:]}",
    "Cyrillic capitals": lambda token: (
        token[:4]
        + token[4:].translate(
            str.maketrans(
                "ABEKMHOPCTX", "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
            )
        )
    ),
    "the number beside it": lambda token: f"{token}\nKantor Dukcapil",
}


@pytest.mark.parametrize("way", WRAPS.values(), ids=WRAPS)
@settings(max_examples=15)
@given(token=tokens)
def test_a_token_is_read_out_of_what_was_done_to_it(way: Callable[[str], str], token: str) -> None:
    found = find_codes(way(token))
    assert len(found.tokens) == 1
    assert token in found.tokens[0]
    assert found.numbers == ()


@settings(max_examples=30)
@given(tokens, numbers)
def test_a_token_and_a_number_are_both_found(token: str, number: str) -> None:
    found = find_codes(f"Nomor: {show_number(number)}\nKode: {token}")
    assert ([readings[0] for readings in found.tokens], found.numbers) == ([token], (number,))
    after = find_codes(f"{token}\nNomor: {show_number(number)}")
    assert after.numbers == (number,)
    assert token in after.tokens[0]


@settings(max_examples=30)
@given(tokens, tokens)
def test_two_tokens_in_one_text_are_two(one: str, other: str) -> None:
    found = find_codes(f"{one}\n{other}")
    assert len(found.tokens) == len({one, other})


@settings(max_examples=30)
@given(tokens, st.integers(20, 200))
def test_no_number_is_read_out_of_a_damaged_token(token: str, place: int) -> None:
    torn = token[:place] + token[place + 9 :]
    assert find_codes(torn).numbers == ()
    assert find_codes(f"{torn}\n{torn}, nomor 97KRZ-GVPRV").numbers == (NUMBER,)


def test_a_torn_token_that_looks_whole_by_chance_is_no_token() -> None:
    signed = sign(claims(), OURS)[len("GB1:") :]
    protected, unprotected, payload, signature = cbor2.loads(base45.b45decode(signed)).value
    parts = [protected, unprotected, payload, signature[:7]]
    short = base45.b45encode(cbor2.dumps(cbor2.CBORTag(18, parts))).decode()
    found = find_codes(f"GB1:{short}{signed[-60:]} {NUMBER}/FE9$1Z64*4COVOV")
    assert found == FoundCodes()


@given(st.text(max_size=1200))
def test_no_text_makes_it_fail(text: str) -> None:
    find_codes(text)
    find_codes("GB1:" + text)


@given(st.text(alphabet="0 \n-\u2014", max_size=1000))
def test_a_text_made_to_be_read_in_many_ways_is_given_up(text: str) -> None:
    assert find_codes("GB1:" + text).tokens == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "GB1:",
        "Kantor buka jam 08.00-15.00",
        "WIFI:S:KANTOR;T:WPA;P:rahasia12;;",
        "x" * (MAX_CODE_CHARACTERS + 1),
        "97KRZ-GVPRW",
        "3271012345678901",
    ],
)
def test_what_has_no_code_has_none(text: str) -> None:
    assert find_codes(text) == FoundCodes()
