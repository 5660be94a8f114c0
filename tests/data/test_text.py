"""Bytes become text in the encoding that they were written in, or a message says why not."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.data._text import decoded, text_of

FILE = Path("t.csv")
WESTERN = "name,town\nJürgen,Köln\nRenée,Besançon\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "utf-8"),
        (WESTERN, "utf-8-sig"),
        (WESTERN, "utf-16"),
        (WESTERN, "cp1252"),
        (WESTERN, "latin-1"),
        ("text,label\nonly £5 today,spam\n", "cp1252"),
        ("text,label\n‘free’ – call now,spam\n", "cp1252"),
        ("a,b\n" + "plain,1\n" * 20_000 + "café,2\n", "cp1252"),
        ("zażółć,gęślą\njaźń,1\n", "cp1250"),
        ("имя,город\nИван,Москва\nПётр,Казань\n", "cp1251"),  # noqa: RUF001
        ("текст,метка\n" + "привет мир,1\n" * 20, "cp1251"),
        ("όνομα,πόλη\nΓιώργος,Αθήνα\n", "cp1253"),  # noqa: RUF001
        ("名前,市\n田中,東京\n鈴木,大阪\n", "cp932"),
        ("姓名,城市\n张伟,北京\n", "gb18030"),
        ("이름,도시\n김철수,서울\n", "euc_kr"),
    ],
)
def test_the_encoding_is_found_out(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding), FILE) == text


def test_gzip(tmp_path: Path) -> None:
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(WESTERN.encode()))
    assert text_of(tmp_path / "t.csv.gz") == WESTERN
    for damaged in (b"\x1f\x8b\x08broken", gzip.compress(WESTERN.encode())[:-12]):
        (tmp_path / "t.csv.gz").write_bytes(damaged)
        with pytest.raises(DataError, match="its gzip stream is damaged"):
            text_of(tmp_path / "t.csv.gz")


def test_utf_8_that_is_spoiled_is_told_with_its_line() -> None:
    with pytest.raises(DataError, match=r"line 4 of t.csv holds the byte 0xe9, which is not UTF-8[\s\S]*save the file"):
        decoded(WESTERN.encode() + "é,x\n".encode("cp1252"), FILE)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"a,b\n1,\x002\n", "it holds NUL bytes"),
        (b"\xff\xfea\x00,", "it is not utf-16"),
        (b"\xff\xfea\x00\x00\x00", "it holds NUL characters"),
        (bytes(range(1, 256)) * 4, "text in no encoding"),
    ],
)
def test_what_is_no_text_is_told(content: bytes, why: str) -> None:
    with pytest.raises(DataError, match=f"{why}[\\s\\S]*save it as UTF-8"):
        decoded(content, FILE)


@given(st.binary(max_size=80))
def test_any_bytes_give_text_or_a_message(content: bytes) -> None:
    try:
        assert "\x00" not in decoded(content, FILE)
    except DataError as error:
        assert "Next:" in str(error)
