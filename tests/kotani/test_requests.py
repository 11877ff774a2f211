"""Every request that the client can make, held against the provider's own description of it (`schemas.json`)."""

import contextlib
import inspect
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.kotani.client import Kotani
from bot.kotani.errors import KotaniError, Refused
from bot.kotani.links import FIELDS, LinkRequest
from bot.kotani.requests import (
    BankAccount,
    BankCheckout,
    BankPayout,
    BankReceiver,
    CheckoutRequest,
    CustomerChange,
    CustomerRequest,
    DepositRequest,
    MobileMoneyPayer,
    MobileMoneyReceiver,
    OfframpRequest,
    OnrampRequest,
    PaybillPayout,
    PaybillReceiver,
    RefundInvoice,
    SouthAfricanPayout,
    TillPayout,
    TillReceiver,
    WithdrawalRequest,
)

SCHEMAS = json.loads(Path(__file__).with_name("schemas.json").read_text())
PHONE, NAME, REF, URL = "+254712345678", "Jane Ñandú", "bot-01ABCDEF", "https://bot.example/kotani/callbacks/t"
ADDRESS = "0x000000000000000000000000000000000000beef"
MOBILE = MobileMoneyPayer(PHONE, NAME, "MPESA")
BANK = BankReceiver(NAME, "1 Long Street", "+27712345678", "2500", "62000000", "ZA")
TILL = TillReceiver("174379", "ORDER123", "lunch", PHONE)
PAYBILL = PaybillReceiver("400200", "ACC123456", PHONE, "rent")
AMOUNT = Decimal("1000.50")


def onramp(payer: MobileMoneyPayer | BankCheckout, rate_id: str | None = "q-1") -> OnrampRequest:
    return OnrampRequest(payer, AMOUNT, "KES", "BASE", "USDC", ADDRESS, REF, URL, rate_id, "w-1" if rate_id else None)


def offramp(receiver: MobileMoneyReceiver | BankReceiver | TillReceiver | PaybillReceiver) -> OfframpRequest:
    return OfframpRequest(
        receiver, Decimal("10.5"), "KES", "BASE", "USDC", REF, ADDRESS, URL, rate_id="q-1", refund_address=ADDRESS
    )


def link(pricing: Any, **given: Any) -> LinkRequest:
    return LinkRequest(title="Lunch", currency="KES", callback_url=URL, pricing=pricing, **given)


CALLS: dict[str, list[Callable[[Kotani], Awaitable[object]]]] = {
    "health": [lambda k: k.health()],
    "wallets": [lambda k: k.wallets()],
    "wallet": [lambda k: k.wallet("w-1")],
    "wallet_for": [lambda k: k.wallet_for("XOF", "CI"), lambda k: k.wallet_for("KES")],
    "create_wallet": [lambda k: k.create_wallet("Main", "KES"), lambda k: k.create_wallet("Main", "XOF", "CI")],
    "transfer_deposit_balance": [
        lambda k: k.transfer_deposit_balance("w-1"),
        lambda k: k.transfer_deposit_balance("w-1", AMOUNT),
    ],
    "customers": [lambda k: k.customers()],
    "customer": [lambda k: k.customer("c-1")],
    "customer_of_phone": [lambda k: k.customer_of_phone(PHONE)],
    "create_customer": [
        lambda k: k.create_customer(CustomerRequest(PHONE, "KE")),
        lambda k: k.create_customer(CustomerRequest(PHONE, "KE", "MPESA", NAME)),
    ],
    "update_customer": [lambda k: k.update_customer("c-1", CustomerChange("MTN", NAME, "Jane", "Doe"))],
    "ensure_customer": [lambda k: k.ensure_customer(phone=PHONE, country="KE", network="MPESA", name=NAME)],
    "countries": [lambda k: k.countries("DEPOSIT"), lambda k: k.countries("WITHDRAW")],
    "networks": [lambda k: k.networks("KE")],
    "banks": [lambda k: k.banks(), lambda k: k.banks("ZAR")],
    "webhook": [lambda k: k.webhook()],
    "update_webhook": [
        lambda k: k.update_webhook(url=URL, secret="0123456789abcdef", events=["refund.failed"]),
        lambda k: k.update_webhook(disabled=True),
    ],
    "quote_onramp": [
        lambda k: k.quote_onramp(currency="KES", token="USDC", fiat_amount=AMOUNT),
        lambda k: k.quote_onramp(currency="KES", token="USDC", crypto_amount=Decimal(20)),
    ],
    "quote_offramp": [
        lambda k: k.quote_offramp(token="USDC", currency="KES", crypto_amount=Decimal(20)),
        lambda k: k.quote_offramp(token="USDC", currency="KES", fiat_amount=AMOUNT),
    ],
    "quote_fiat": [lambda k: k.quote_fiat(source="KES", target="GHS", amount=AMOUNT)],
    "rate": [lambda k: k.rate("USD", "KES")],
    "create_onramp": [
        lambda k: k.create_onramp(onramp(MOBILE)),
        lambda k: k.create_onramp(onramp(BankCheckout(NAME, PHONE, "CARD"), None)),
        lambda k: k.create_onramp(onramp(BankCheckout(NAME, PHONE))),
    ],
    "onramp": [lambda k: k.onramp(REF)],
    "create_offramp": [
        lambda k: k.create_offramp(offramp(MobileMoneyReceiver(PHONE, NAME, "MPESA"))),
        lambda k: k.create_offramp(offramp(BANK)),
        lambda k: k.create_offramp(offramp(TILL)),
        lambda k: k.create_offramp(offramp(PAYBILL)),
    ],
    "offramp": [lambda k: k.offramp(REF)],
    "cancel_offramp": [lambda k: k.cancel_offramp(REF)],
    "refund_status": [lambda k: k.refund_status(REF)],
    "retry_refund": [lambda k: k.retry_refund(REF)],
    "submit_refund_invoice": [
        lambda k: k.submit_refund_invoice(REF, RefundInvoice("lnbc1", Decimal(5000), "00ff", "2026-12-01T00:00:00Z"))
    ],
    "create_deposit": [
        lambda k: k.create_deposit(DepositRequest("c-1", AMOUNT, "w-1", REF, URL)),
        lambda k: k.create_deposit(DepositRequest("c-1", AMOUNT, "w-1", REF, URL, "USD")),
    ],
    "deposit": [lambda k: k.deposit(REF)],
    "create_checkout": [
        lambda k: k.create_checkout(CheckoutRequest(NAME, PHONE, "CARD", "ZAR", AMOUNT, REF, URL, "https://t.me/bot"))
    ],
    "checkout": [lambda k: k.checkout(REF)],
    "create_withdrawal": [
        lambda k: k.create_withdrawal(WithdrawalRequest("c-1", AMOUNT, "w-1", REF, URL)),
        lambda k: k.create_withdrawal(WithdrawalRequest("c-1", AMOUNT, "w-1", REF, URL, "USD")),
        lambda k: k.create_withdrawal(
            BankPayout("c-1", AMOUNT, "w-1", BankAccount("ABSA", NAME, "1", "001", "KCBLKENX", PHONE), REF, URL)
        ),
        lambda k: k.create_withdrawal(SouthAfricanPayout(BANK, "ZAR", AMOUNT, REF, URL)),
        lambda k: k.create_withdrawal(TillPayout(TILL, AMOUNT, "w-1", REF, URL)),
        lambda k: k.create_withdrawal(PaybillPayout(PAYBILL, AMOUNT, "w-1", REF, URL)),
    ],
    "withdrawal": [lambda k: k.withdrawal(REF), lambda k: k.withdrawal(REF, version=2)],
    "create_link": [
        lambda k: k.create_link(link("FIXED", amount=AMOUNT, payer_fields={"phone": "REQUIRED"})),
        lambda k: k.create_link(link("VARIABLE", least=Decimal(1), most=Decimal(9), usage="MULTIPLE_USE", most_uses=3)),
        lambda k: k.create_link(
            link(
                "PACKAGE",
                packages=(("Small", Decimal(5)), ("Large", Decimal("7.5"))),
                methods=("MOBILE_MONEY", "CARD"),
                expires_at=datetime(2026, 12, 1, tzinfo=UTC),
                description="With rice",
            )
        ),
    ],
    "payment_links": [lambda k: k.payment_links()],
    "payment_link": [lambda k: k.payment_link("l-1")],
    "link_payments": [lambda k: k.link_payments("l-1")],
    "close_link": [lambda k: k.close_link("l-1")],
}
EXAMPLES = [(name, number) for name, calls in CALLS.items() for number in range(len(calls))]
# answers that lead the calls which consist of several requests through all of them
_ABSENT = {"success": False, "message": "Customer not found.", "error_code": 404}
_ANSWERS = {
    "GET /api/v3/customer/mobile-money/phone/{phone_number}": (404, _ABSENT),
    "POST /api/v3/customer/mobile-money": (200, {"success": True, "data": {"customer_key": "c-1", "network": "MTN"}}),
}


async def requests_of(
    make: Callable[[Kotani], Awaitable[object]], answered: Callable[..., Kotani]
) -> list[httpx.Request]:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        status, document = _ANSWERS.get(template(request) or "", (200, {"success": True, "data": []}))
        return httpx.Response(status, json=document)

    async with answered(answer) as kotani:
        with contextlib.suppress(KotaniError):  # the answers are beside the point here
            await make(kotani)
    return seen


def template(request: httpx.Request) -> str | None:
    """The described path that a request is for; the more literal one where several fit."""
    asked = f"{request.method} {request.url.raw_path.decode().partition('?')[0]}"
    known = [*SCHEMAS["snapshot"], *SCHEMAS["newer_paths"]]
    fitting = [path for path in known if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), asked)]
    return min(fitting, key=lambda path: path.count("{"), default=None)


def complaints(value: object, schema: Any, newer: dict[str, Any], where: str = "") -> list[str]:
    """What is wrong with a value; `newer` names what may be there although the snapshot does not know it."""
    match schema:
        case {"fields": fields, "required": required}:
            if not isinstance(value, dict):
                return [f"{where} is no object"]
            missing = [f"{where}{name} is missing" for name in required.split() if name not in value]
            wrong = [
                complaint
                for name, member in value.items()
                for complaint in (
                    complaints(member, fields.get(name, newer.get(name)), {}, f"{where}{name}.")
                    if name in fields or name in newer
                    else [f"{where}{name} should not exist"]
                )
            ]
            return missing + wrong
        case [member_schema]:
            members = value if isinstance(value, list) else [None]
            return [found for member in members for found in complaints(member, member_schema, {}, where)]
        case "number":
            right = isinstance(value, int | Decimal) and not isinstance(value, bool)
        case "string":
            right = isinstance(value, str) and value != ""
        case "boolean":
            right = isinstance(value, bool)
        case str():
            right = value in schema.removeprefix("one of ").split()
        case _:
            right = False
    return [] if right else [f"{where} is {value!r}, not {schema}"]


def test_every_method_of_the_client_has_an_example() -> None:
    methods = {name for name, _ in inspect.getmembers(Kotani, inspect.iscoroutinefunction) if name[0] != "_"}

    assert methods - {"aclose"} == set(CALLS)


@pytest.mark.parametrize(("name", "number"), EXAMPLES)
async def test_requests_are_as_the_provider_describes_them(answered, name: str, number: int) -> None:
    for request in await requests_of(CALLS[name][number], answered):
        path = template(request)
        assert path is not None, f"{request.method} {request.url.path} is described nowhere"
        schema = SCHEMAS["snapshot"].get(path) or SCHEMAS["newer_paths"].get(path)
        if schema is None:
            assert request.content == b""
            continue
        assert request.headers["content-type"] == "application/json"
        body = json.loads(request.content, parse_float=Decimal)
        assert complaints(body, schema, SCHEMAS["newer"].get(path, {})) == []


async def test_every_described_request_is_made(answered) -> None:
    made = {
        template(request) for calls in CALLS.values() for make in calls for request in await requests_of(make, answered)
    }

    assert made == {*SCHEMAS["snapshot"], *SCHEMAS["newer_paths"]}


def test_the_check_itself_finds_mistakes() -> None:
    schema = SCHEMAS["snapshot"]["POST /api/v3/withdraw/mobile-money"]

    assert complaints({"customer_key": "", "amount": "10", "wallet_id": "w"}, schema, {}) == [
        "walletId is missing",
        "customer_key. is '', not string",
        "amount. is '10', not number",
        "wallet_id should not exist",
    ]


async def test_amounts_are_numbers_as_javascript_prints_them(answered) -> None:
    [request] = await requests_of(CALLS["create_onramp"][0], answered)

    assert b'"fiatAmount":1000.5,' in request.content
    assert '"accountName":"Jane Ñandú"'.encode() in request.content


async def test_an_amount_that_javascript_would_change_is_not_sent(answered) -> None:
    precise = WithdrawalRequest("c-1", Decimal("1000000000000000.01"), "w-1", REF, URL)

    with pytest.raises(Refused) as refused:
        await answered(lambda request: httpx.Response(500)).create_withdrawal(precise)

    assert refused.value.money_may_have_moved is False
    assert "digits" in refused.value.reasons[0]


async def test_what_goes_into_a_path_stays_in_its_segment(answered) -> None:
    [request] = await requests_of(lambda k: k.onramp("../wallet?x=1#y/é"), answered)

    assert request.url.raw_path == b"/api/v3/onramp/..%2Fwallet%3Fx%3D1%23y%2F%C3%A9"
    with pytest.raises(ValueError, match="segment"):
        await answered(lambda request: httpx.Response(500)).onramp("..")


async def test_a_phone_in_a_path_keeps_its_plus(answered) -> None:
    [request] = await requests_of(CALLS["customer_of_phone"][0], answered)

    assert request.url.raw_path == b"/api/v3/customer/mobile-money/phone/%2B254712345678"


def test_an_offramp_names_who_sends() -> None:
    request = OfframpRequest(BANK, AMOUNT, "ZAR", "BASE", "USDC", REF, "", URL)

    with pytest.raises(ValueError, match="own wallet"):
        request.fields()


def test_a_bank_code_goes_as_a_number_unless_that_would_change_it() -> None:
    def code(given: str) -> object:
        return BankReceiver(NAME, "", PHONE, given, "1", "ZA").fields()["bankCode"]

    assert (code("2500"), code("01"), code("ABSA")) == (Decimal(2500), "01", "ABSA")


@pytest.mark.parametrize("request_object", [MOBILE, BANK, TILL, PAYBILL, onramp(MOBILE), CustomerRequest(PHONE, "KE")])
def test_no_request_shows_a_phone(request_object: object) -> None:
    assert PHONE[1:] not in f"{request_object!r} {request_object}"


def test_all_names_of_payment_links_stand_in_one_table() -> None:
    sent = link("PACKAGE", packages=(("A", AMOUNT),), payer_fields={"name": "HIDDEN"}).fields()

    assert set(sent) <= set(FIELDS.values())
