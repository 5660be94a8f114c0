"""From the bytes of a file to its text: unpacked, and in whatever encoding it was written."""

import re
import zlib
from gzip import decompress
from pathlib import Path

from assay.core.errors import DataError

_SAMPLE = 64_000
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b"))
_LATIN = ("cp1252", "cp1250", "cp1254")
_OTHERS = ("cp1251", "cp1253", "cp932", "euc_jp", "gb18030", "big5", "euc_kr")


def text_of(path: Path) -> str:
    """The text of a file, gzipped or not.

    UTF-8 (with or without mark) and UTF-16 (with mark) are certain; otherwise the most probable of the common older
    encodings is taken.

    Raises:
        DataError: Not text, damaged, or in UTF-8 but for a few bytes.
    """
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        try:
            content = decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise not_text(path, f"its gzip stream is damaged: {error}") from error
    return decoded(content, path)


def decoded(content: bytes, path: Path) -> str:
    """Bytes as text; ``path`` is for messages.

    Raises:
        DataError: See `text_of`.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf_16(content, path)
    if b"\x00" in content:
        raise not_text(path, "it holds NUL bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse_spoiled(content, path, error.start)
        return _guessed(content, path)


def not_text(path: Path, why: str) -> DataError:
    """The error for a file that is no table of text."""
    return DataError(
        f"not a table that can be read: {path} ({why})",
        expected="a text file in UTF-8, UTF-16 or a common 8-bit encoding, with a header and rows",
        fix="save it as UTF-8 CSV, or give it the suffix of what it is (.parquet, .xlsx, .jsonl, .feather)",
    )


def _utf_16(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-16")
    except UnicodeDecodeError as error:
        raise not_text(path, f"it is not utf-16: {error.reason} at byte {error.start:,}") from error
    if "\x00" in text:
        raise not_text(path, "it holds NUL characters")
    return text


def _refuse_spoiled(content: bytes, path: Path, start: int) -> None:
    """A file that is UTF-8 but for a few bytes is damaged, not in another encoding."""
    text = content.decode("utf-8", "replace")
    strange = sum(not letter.isascii() for letter in text)
    spoiled = text.count("\ufffd")
    if strange < 3 * spoiled:
        return
    raise DataError(
        f"line {content.count(10, 0, start) + 1:,} of {path} holds the byte {content[start]:#x}, which is not UTF-8 as "
        f"the rest of the file is ({spoiled:,} such places)",
        expected="one encoding in the whole file",
        fix="save the file as UTF-8 (parts of it seem to come from another file)",
    )


def _guessed(content: bytes, path: Path) -> str:
    from charset_normalizer import from_bytes

    if content[:_SAMPLE].translate(None, _CONTROLS) != content[:_SAMPLE]:
        raise not_text(path, "its bytes are text in no encoding that could be found out")
    telling = _beyond_ascii(content)
    found = from_bytes(telling, cp_isolation=list(_LATIN if _looks_latin(telling) else _OTHERS))
    possible = [encoding for match in found for encoding in match.could_be_from_charset]
    # The Western encoding is by far the most frequent; it yields only to a script or language that it cannot write.
    western = not possible or (possible[0] in _LATIN and "cp1252" in possible)
    for encoding in ("cp1252" if western else possible[0], "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise not_text(path, "its bytes are text in no encoding that could be found out")


def _beyond_ascii(content: bytes) -> bytes:
    """The lines that tell encodings apart, as many as are needed."""
    return b"\n".join(line for line in content.splitlines() if not line.isascii())[:_SAMPLE]


def _looks_latin(content: bytes) -> bool:
    """Whether letters beyond ASCII stand alone, or in words that are ASCII for the most part."""
    runs = re.findall(rb"[\x80-\xff]+", content)
    words = b"".join(re.findall(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*", content))
    plain = sum(letter < 128 for letter in words)
    return sum(len(run) == 1 for run in runs) > 0.7 * len(runs) or plain > 0.3 * len(words)
