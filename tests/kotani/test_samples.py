"""Answers and callbacks as the provider's pages show them, each version of them, read into what we work with."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.kotani.callbacks import UnreadableCallback, read_callback
from bot.kotani.errors import KotaniError
from bot.kotani.reading import NAMES, report
from bot.kotani.requests import (
    CheckoutRequest,
    DepositRequest,
    MobileMoneyPayer,
    MobileMoneyReceiver,
    OfframpRequest,
    OnrampRequest,
)

SAMPLES = Path(__file__).with_name("samples")
PHONE, URL, AMOUNT = "+254712345678", "https://bot.example/kotani", Decimal(1000)
ARGUMENTS: dict[str, tuple[tuple[object, ...], dict[str, object]]] = {
    "quote_onramp": ((), {"currency": "KES", "token": "USDC", "fiat_amount": AMOUNT}),
    "quote_offramp": ((), {"currency": "KES", "token": "USDC", "crypto_amount": Decimal(10)}),
    "quote_fiat": ((), {"source": "KES", "target": "GHS", "amount": AMOUNT}),
    "create_onramp": (
        (OnrampRequest(MobileMoneyPayer(PHONE, "J", "MPESA"), AMOUNT, "KES", "BASE", "USDC", "0xbeef", "bot-1", URL),),
        {},
    ),
    "create_offramp": (
        (
            OfframpRequest(
                MobileMoneyReceiver(PHONE, "J", "MPESA"), AMOUNT, "KES", "BASE", "USDC", "bot-1", "0xbeef", URL
            ),
        ),
        {},
    ),
    "create_deposit": ((DepositRequest("c-1", AMOUNT, "w-1", "bot-1", URL),), {}),
    "create_checkout": ((CheckoutRequest("J", PHONE, "CARD", "ZAR", AMOUNT, "bot-1", URL),), {}),
    "health": ((), {}),
    "countries": (("DEPOSIT",), {}),
    "networks": (("KE",), {}),
    "banks": ((), {}),
    "update_webhook": ((), {"url": URL}),
}
_BY_ID: tuple[tuple[object, ...], dict[str, object]] = (("bot-1",), {})


def names(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json"))


def at(value: Any, path: str) -> object:
    """A fact of a result, amounts as plain text: "report.gross", "0.code", "len"."""
    for name in path.split("."):
        if name == "len":
            return len(value)
        value = value[int(name)] if name.isdigit() else getattr(value, name)
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return list(value) if isinstance(value, tuple) else value


def load(path: Path) -> dict[str, Any]:
    sample: dict[str, Any] = json.loads(path.read_text())
    return sample


@pytest.mark.parametrize("name", names(SAMPLES))
async def test_an_answer_is_read(answered, name: str) -> None:
    sample = load(SAMPLES / f"{name}.json")
    raw = json.dumps(sample["answer"])
    arguments, options = ARGUMENTS.get(sample["read"], _BY_ID)

    async with answered(lambda request: httpx.Response(sample["status"], text=raw)) as kotani:
        result = await getattr(kotani, sample["read"])(*arguments, **options)

    assert {path: at(result, path) for path in sample["expect"]} == sample["expect"]


@pytest.mark.parametrize("name", names(SAMPLES / "callbacks"))
def test_a_callback_is_read(name: str) -> None:
    sample = load(SAMPLES / "callbacks" / f"{name}.json")

    facts = read_callback(json.dumps(sample["body"]).encode())

    assert {path: at(facts, path) for path in sample["expect"]} == sample["expect"]
    assert facts.report.reference == facts.reference


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"{", b'{"event":"e","data":[]}', b'{"event":"e"}', b"[" * 100_000, b"\xff"]
)
def test_a_callback_that_is_none(body: bytes) -> None:
    with pytest.raises(UnreadableCallback):
        read_callback(body)


def test_numbers_keep_every_digit() -> None:
    facts = read_callback(b'{"referenceId":"r","amount":1000000000000000.01,"transactionCost":1e-7}')

    assert (facts.report.gross, facts.report.fee) == (Decimal("1000000000000000.01"), Decimal("1E-7"))


strange = st.recursive(
    st.none()
    | st.booleans()
    | st.decimals()
    | st.text(max_size=8)
    | st.sampled_from(["string", "NaN", "1e999", "-0", "9" * 500, "https://x\n", "SUCCESSFUL"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["message", "code", "id"]), inner),
    max_leaves=4,
)
FIELDS = sorted({name.partition(".")[0] for names in NAMES.values() for name in names} | {"message"})


@given(st.dictionaries(st.sampled_from(FIELDS), strange))
def test_reading_never_fails_and_keeps_only_what_can_be_stored(data: dict[str, object]) -> None:
    said = report(data)

    for name in said.__slots__:
        value = getattr(said, name)
        if isinstance(value, str):
            assert value == value.encode().decode()
            assert "\0" not in value
            assert len(value) <= 2048
        elif value is not None and not isinstance(value, bool):
            assert value.is_finite()
            assert abs(value.adjusted()) < 100


async def test_an_answer_about_something_else_is_no_quote(answered) -> None:
    document = {
        "success": True,
        "data": {
            "id": "1",
            "from": "KES",
            "to": "USDT",
            "fiatAmount": 1,
            "cryptoAmount": 1,
            "transactionAmount": 1,
            "fee": 0,
        },
    }

    with pytest.raises(KotaniError):
        await answered(lambda request: httpx.Response(200, json=document)).quote_onramp(
            currency="KES", token="USDC", fiat_amount=AMOUNT
        )
