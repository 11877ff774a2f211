"""Sealed values open only unchanged, in their own place, under a known key; settings fail by name, never by value."""

import base64
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.crypto import Keyring
from storage.errors import SealRefused, StorageMisconfigured, UnknownKey

DIGEST = base64.b64encode(b"d" * 32).decode()


def key(letter: str) -> str:
    """A key that nobody could take for a real one."""
    return base64.b64encode(letter.encode() * 32).decode()


def keyring(setting: str) -> Keyring:
    return Keyring.from_setting(setting, digest_key=DIGEST)


OLD = keyring(f"k0:{key('a')}")
BOTH = keyring(f"k1:{key('b')}, k0:{key('a')}")
NEW = keyring(f"k1:{key('b')}")

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.text(st.characters(codec="utf-8")))
def test_sealed_text_opens_to_itself_and_never_seals_the_same_twice(text: str) -> None:
    first, second = BOTH.seal(text, context="customer.phone"), BOTH.seal(text, context="customer.phone")
    assert first != second
    assert BOTH.open(first, context="customer.phone") == text
    if len(text.encode()) > 3:
        assert text.encode() not in first


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=4))
def test_sealed_objects_open_to_themselves(value: dict[str, object]) -> None:
    assert BOTH.open_json(BOTH.seal_json(value, context="leg.details"), context="leg.details") == value


@pytest.mark.parametrize("wrong", [1.5, Decimal("1.5"), float("nan"), b"x", ("a",), {1: "x"}, 2**63, {"deep": [0.1]}])
def test_objects_with_floats_decimals_and_other_types_are_refused(wrong: object) -> None:
    with pytest.raises(TypeError):
        BOTH.seal_json({"value": wrong}, context="leg.details")


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(SealRefused):
        BOTH.open(BOTH.seal("+254712345678", context="customer.phone"), context="customer.name")


def test_every_changed_byte_is_noticed() -> None:
    blob = BOTH.seal("Wanjiku", context="customer.name")
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        with pytest.raises(SealRefused):
            BOTH.open(bytes(changed), context="customer.name")


@pytest.mark.parametrize("length", range(40))
def test_what_is_cut_short_is_refused(length: int) -> None:
    blob = BOTH.seal("Wanjiku", context="customer.name")
    with pytest.raises(SealRefused):
        BOTH.open(blob[: min(length, len(blob) - 1)], context="customer.name")


def test_rotation_opens_old_values_and_tells_which_need_resealing() -> None:
    old = OLD.seal("0712", context="customer.phone")
    assert BOTH.open(old, context="customer.phone") == "0712"
    assert BOTH.needs_resealing(old)
    again = BOTH.seal(BOTH.open(old, context="customer.phone"), context="customer.phone")
    assert not BOTH.needs_resealing(again)
    assert NEW.open(again, context="customer.phone") == "0712"
    with pytest.raises(UnknownKey):
        NEW.open(old, context="customer.phone")


def test_a_key_id_that_begins_like_the_current_one_still_needs_resealing() -> None:
    long, short = keyring(f"k10:{key('a')}"), keyring(f"k1:{key('b')}")
    assert short.needs_resealing(long.seal("x", context="c"))


def test_digests_are_stable_over_rotation_and_differ_by_value_context_and_key() -> None:
    assert OLD.digest("0712") == NEW.digest("0712")
    assert len(OLD.digest("0712")) == 64
    other = Keyring.from_setting(f"k0:{key('a')}", digest_key=key("e"))
    assert len({OLD.digest("0712"), OLD.digest("0713"), OLD.digest("0712", context="phone"), other.digest("0712")}) == 4


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("", "entry 1"),
        ("k1", "entry 1"),
        (f"k1:{key('a')},", "entry 2"),
        (f"k1:{key('a')},k1:{key('b')}", "entry 2"),
        ("k1:canary!", "base64"),
        ("k1:" + base64.b64encode(b"canary").decode(), "32 bytes"),
        (f":{key('a')}", "name"),
        (f"kä:{key('a')}", "name"),
        (f"{'k' * 33}:{key('a')}", "name"),
    ],
)
def test_a_bad_setting_is_named_and_its_value_is_not_shown(setting: str, says: str) -> None:
    with pytest.raises(StorageMisconfigured, match=says) as refused:
        Keyring.from_setting(setting, digest_key=DIGEST, keys_setting="MY_KEYS")
    assert "MY_KEYS" in str(refused.value)
    for part in ("canary", base64.b64encode(b"canary").decode(), key("a")):
        assert part not in str(refused.value)


def test_a_bad_digest_key_is_named() -> None:
    with pytest.raises(StorageMisconfigured, match="DIGEST_KEY"):
        Keyring.from_setting(f"k0:{key('a')}", digest_key="short")


def test_a_keyring_prints_no_key() -> None:
    assert repr(BOTH) == "Keyring(***)"
