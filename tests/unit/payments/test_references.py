"""References, tokens and codes: unguessable, unique, and readable where people must read them."""

import re

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from bot.payments.references import (
    new_callback_token,
    new_payment_code,
    new_reference,
    read_payment_code,
    reference_in,
)


def test_references_fit_the_providers_fields_and_differ() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) == 2000
    for reference in made:
        assert re.fullmatch(r"bot-[0-9A-HJKMNP-TV-Z]{26}", reference)
        assert re.fullmatch(r"[A-Za-z0-9_-]{8,64}", reference)


def test_references_sort_by_time() -> None:
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        earlier = new_reference()
    with time_machine.travel("2026-01-01T00:00:01Z", tick=False):
        later = new_reference()
    assert earlier < later


def test_two_references_of_one_moment_share_only_the_time() -> None:
    with time_machine.travel("2026-01-01T00:00:00Z", tick=False):
        first, second = new_reference(), new_reference()
    assert first[:14] == second[:14]
    assert first != second


def test_callback_tokens_are_url_safe_and_long_enough() -> None:
    made = {new_callback_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", token) for token in made)


def test_payment_codes_have_no_letters_that_are_misread() -> None:
    made = [new_payment_code() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", code) for code in made)
    assert len({char for code in made for char in code} - {"-"}) == 32


@pytest.mark.parametrize("typed", ["K0F1-9QX2", "k0f19qx2", " KOFI 9qx2 ", "kofl-9QX2", "K0F1\u20139QX2"])
def test_a_typed_code_is_read_as_it_was_meant(typed: str) -> None:
    assert read_payment_code(typed) == "K0F1-9QX2"


@pytest.mark.parametrize("typed", ["", "K0F1", "K0F1-9QX2-1", "U0F1-9QX2", "K0F1/9QX2", "x" * 500, "K0F1-9QXß"])
def test_what_is_no_code_is_not_read(typed: str) -> None:
    assert read_payment_code(typed) is None


@given(st.text(max_size=40))
def test_reading_a_code_never_raises_and_is_stable(text: str) -> None:
    code = read_payment_code(text)
    if code is not None:
        assert read_payment_code(code) == code


def test_every_code_that_is_made_can_be_read() -> None:
    for _ in range(200):
        code = new_payment_code()
        assert read_payment_code(code.lower().replace("-", "")) == code


def test_a_reference_is_found_wherever_it_stands() -> None:
    reference = new_reference()
    for around in ('{"referenceId":"%s"}', "%s", '{"a":"bot-","reference_id": "x%s"}', '{"é":"bot-short bot-%%%s"}'):
        assert reference_in((around % reference).encode()) == reference.encode()


def test_bytes_without_a_reference_have_none() -> None:
    for body in (b"", b"bot-", new_reference()[:-1].encode(), new_reference().lower().encode(), b"\xff\x00"):
        assert reference_in(body) == b""
