"""Texts that are too long are cut where people would cut them; errors are read for what they mean."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TelegramError, TimedOut

from bot.simulator.telegram.markup_html import read_html
from bot.telegram.errors import Meaning, read_failure
from bot.telegram.words import cut_html, cut_plain, plain, units


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("short", 5, "short"),
        ("abcdef", 4, "abc…"),
        ("<b>abc</b>", 3, "<b>abc</b>"),
        ("<b>a<i>bcdef</i></b>", 4, "<b>a<i>bc…</i></b>"),
        ("a&amp;b&lt;c", 4, "a&amp;b…"),
        ('<a href="https://x">abcd</a>ef', 3, '<a href="https://x">ab…</a>'),
        ("ab😀cd", 4, "ab…"),
        ("abe\u0301d", 4, "ab…"),
        ("a👨\u200d👩\u200d👧b", 6, "a…"),
    ],
)
def test_cutting(text: str, most: int, cut: str) -> None:
    assert cut_html(text, most) == cut


PIECES = ["a", "é", "😀", "&amp;", "&lt;", "<b>", "</b>", "<i>", "</i>", "\u0301", "\u200d", "\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.integers(2, 20))
def test_a_cut_fits_and_what_was_well_formed_stays_so(pieces: list[str], most: int) -> None:
    opened: list[str] = []
    text = ""
    for piece in pieces:
        if piece.startswith("</"):
            if not opened or opened[-1] != piece[2]:
                continue
            opened.pop()
        elif piece.startswith("<"):
            opened.append(piece[1])
        text += piece
    text += "".join(f"</{name}>" for name in reversed(opened))
    cut = cut_html(text, most)
    assert units(plain(cut)) <= most
    read_html(cut)  # the emulator is as strict as Telegram
    assert units(cut_plain(plain(text), most)) <= most


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (caused(NetworkError("x"), httpx.ConnectError("x")), Meaning.NOT_SENT),
        (caused(TimedOut(), httpx.ConnectTimeout("x")), Meaning.NOT_SENT),
        (caused(TimedOut(), httpx.PoolTimeout("x")), Meaning.NOT_SENT),
        (caused(TimedOut(), httpx.ReadTimeout("x")), Meaning.UNCLEAR),
        (caused(NetworkError("x"), httpx.ReadError("x")), Meaning.UNCLEAR),
        (caused(NetworkError("x"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "x")), Meaning.REFUSED),
        (NetworkError("Bad Gateway"), Meaning.UNCLEAR),
        (TelegramError("Invalid server response"), Meaning.UNCLEAR),
        (Conflict("x"), Meaning.UNCLEAR),
        (Forbidden("bot was blocked by the user"), Meaning.NOBODY),
        (InvalidToken("x"), Meaning.TOKEN),
        (BadRequest("Chat not found"), Meaning.NOBODY),
        (BadRequest("Message is not modified: specified new message content"), Meaning.SAME),
        (BadRequest("Message to edit not found"), Meaning.NO_MESSAGE),
        (BadRequest("Can't parse entities: unsupported start tag"), Meaning.UNREADABLE),
        (BadRequest("Button_data_invalid"), Meaning.REFUSED),
    ],
)
def test_what_an_error_means(error: TelegramError, meaning: Meaning) -> None:
    assert read_failure(error).meaning is meaning
