"""The provider's words and sentences: known ones mean something, unknown ones are kept and end nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.reasons import NO_REASON, PROMPT_EXPIRED, PROVIDER_SAID, reason_for
from bot.payments.words import Meaning, meaning_of

FINAL = {Meaning.SUCCESS, Meaning.FAILURE, Meaning.EXPIRED, Meaning.REVERSED}


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        (None, Meaning.ABSENT),
        ("", Meaning.ABSENT),
        ("  ", Meaning.ABSENT),
        ("SUCCESSFUL", Meaning.SUCCESS),
        (" successful ", Meaning.SUCCESS),
        ("Completed", Meaning.SUCCESS),
        ("FAILED", Meaning.FAILURE),
        ("CANCELLED", Meaning.FAILURE),
        ("CANCELED", Meaning.FAILURE),
        ("EXPIRED", Meaning.EXPIRED),
        ("REVERSED", Meaning.REVERSED),
        ("PENDING", Meaning.WAITING),
        ("CRYPTO_RECEIVED", Meaning.WORKING),
        ("DUPLICATE", Meaning.REVIEW),
        ("SUCCESSFULLY_FAILED", Meaning.UNFAMILIAR),
        ("SUCCESS.", Meaning.UNFAMILIAR),
        ("0", Meaning.UNFAMILIAR),
    ],
)
def test_a_status_word_is_matched_whole(word: str | None, meaning: Meaning) -> None:
    assert meaning_of(word) is meaning


@given(st.text(max_size=30))
def test_a_word_that_nobody_knows_never_ends_anything(word: str) -> None:
    if meaning_of(word) in FINAL:
        assert word.strip().upper().isascii()
        assert meaning_of(word.strip().upper()) is meaning_of(word)
    else:
        assert meaning_of(word + "_X") not in FINAL


@pytest.mark.parametrize(
    ("sentence", "key"),
    [
        (None, NO_REASON),
        ("  ", NO_REASON),
        ("The balance is insufficient for the transaction", "reason.insufficient_funds"),
        ("Request cancelled by user", "reason.declined_by_you"),
        ("Wrong PIN entered", "reason.wrong_pin"),
        ("Customer account suspended", "reason.suspended"),
        ("Daily limit exceeded", "reason.limit"),
        ("Transfer limits reached", "reason.limit"),
        ("DS timeout user cannot be reached", PROMPT_EXPIRED),
        ("Transaction expired", PROMPT_EXPIRED),
    ],
)
def test_a_known_sentence_becomes_a_text_of_ours(sentence: str | None, key: str) -> None:
    assert reason_for(sentence) == (key, None)


@pytest.mark.parametrize("sentence", ["Declined at Example Limited", "Unexpired token", "¿?", "<b>x</b>"])
def test_another_sentence_is_quoted(sentence: str) -> None:
    assert reason_for(f" {sentence} ") == (PROVIDER_SAID, sentence)


@given(st.text())
def test_a_quotation_is_short(sentence: str) -> None:
    _, quoted = reason_for(sentence)
    assert quoted is None or 0 < len(quoted) <= 200
