"""Sentences by key: languages, values, plurals; and foreign text that may not do any harm."""

import pytest

from bot.screens.foreign import Html, cleaned, escaped, quoted
from bot.screens.texts import UnknownTextError, catalogue


@pytest.mark.parametrize(
    ("code", "language"),
    [("sw", "sw"), ("fr-CA", "fr"), ("FR", "fr"), ("en_GB", "en"), ("zz", "en"), ("", "en"), (None, "en")],
)
def test_a_language_code_of_telegram_finds_its_catalogue(code: str | None, language: str) -> None:
    assert catalogue(code).language == language


def test_a_key_that_english_lacks_is_an_error() -> None:
    for language in ("en", "fr"):
        with pytest.raises(UnknownTextError):
            catalogue(language)("no.such_key")
        assert "no.such_key" not in catalogue(language)


def test_a_placeholder_needs_its_value() -> None:
    with pytest.raises(KeyError):
        catalogue("en")("review.pay")


def test_values_are_escaped_and_markup_of_ours_is_not() -> None:
    texts = catalogue("en")
    assert texts("review.pay", amount="<b>1</b> & 2") == "You pay <b>&lt;b&gt;1&lt;/b&gt; &amp; 2</b>"
    assert texts("review.until", time=Html("<b>now</b>")) == "⏳ Price ends: <b>now</b>"


def test_placeholders_inside_values_stay_as_they_are() -> None:
    assert "{amount}" in catalogue("en")("welcome.hello", name="{amount}")


def test_plain_texts_take_no_markup() -> None:
    texts = catalogue("en")
    assert texts.plain("receipt.on_chain", address="a & <b>", chain="Base") == "a & <b> on Base"
    with pytest.raises(TypeError):
        texts.plain("receipt.on_chain", address=Html("<b>x</b>"), chain="Base")


@pytest.mark.parametrize(
    ("language", "one", "none"),
    [("en", "Your last payment", "0 payments"), ("fr", "Votre dernier paiement", "Votre dernier paiement")],
)
def test_plurals_follow_the_language(language: str, one: str, none: str) -> None:
    texts = catalogue(language)
    assert one in texts.many("history.title", 1)
    assert none in texts.many("history.title", 0)
    assert "5" in texts.many("history.title", 5)


def test_a_float_is_never_shown() -> None:
    with pytest.raises(TypeError):
        escaped(0.1)
    with pytest.raises(TypeError):
        catalogue("en").plain("review.pay", amount=0.1)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Jane\u202e 000,1 SEK", "Jane 000,1 SEK"),
        ("a\u200bb\u2066c\ufeffd\x00e\x1b[31m", "abcde[31m"),
        ("two\nlines\r\n\tand   more ", "two lines and more"),
        ("e" + "\u0301" * 40 + "x", "e\u0301\u0301x"),
        ("\u0301\u0301Jane", "Jane"),
        ("😀 Zoë", "😀 Zoë"),
        ("1\u00a0500\u00a0KES", "1\u00a0500\u00a0KES"),
        ("\ud800", ""),
    ],
)
def test_what_hides_or_reorders_is_taken_out(typed: str, shown: str) -> None:
    assert cleaned(typed) == shown


def test_long_values_are_cut_between_characters() -> None:
    assert cleaned("x" * 5000) == "x" * 199 + "…"
    accents = cleaned("e\u0301" * 5000)
    assert len(accents) <= 200
    assert accents.endswith("e\u0301…")
    assert cleaned("👍" * 300, longest=10) == "👍" * 9 + "…"


@pytest.mark.parametrize(
    "typed",
    ["evil.example/pay", "https://evil.example", "@admin", "pay #1", "/start", "($USD)", "a@b.example", "t.me/evil"],
)
def test_foreign_text_becomes_no_link_mention_or_command(typed: str) -> None:
    shown = escaped(typed)
    assert shown != typed
    assert shown.replace("\u2060", "") == typed


def test_what_is_copied_is_exact_and_still_harmless() -> None:
    """Telegram makes no links of what stands in `<code>`."""
    said = catalogue("en")("ops.audit_target", target="evil.example/<b>")
    assert said == "on <code>evil.example/&lt;b&gt;</code>"
    assert "evil.\u2060example" in catalogue("en")("ops.audit_reason", reason="evil.example")


@pytest.mark.parametrize("typed", ["1,500.00 KES", "500/=", "J. Wanjiru", "0.0.1234", "M-Pesa (Airtel)", "N°4, +254"])
def test_ordinary_text_is_left_alone(typed: str) -> None:
    assert escaped(typed) == typed


def test_a_quotation_is_recognisable() -> None:
    assert quoted("Pay <now> at evil.example") == "<blockquote>Pay &lt;now&gt; at evil.\u2060example</blockquote>"
