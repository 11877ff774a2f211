"""Where money goes: escrow addresses that wallets take, payouts that fail, are slow or come back, closed countries, and
links that are paid by several at once or at the bank."""

from decimal import Decimal
from typing import Any

import pytest

from bot.payments.addresses import Address, check_address
from bot.simulator.kotani.catalogue import SERVED

from .conftest import PHONE

FAILS = "+254700000010"
LINK = {
    "title": "Lunch",
    "pricingType": "FIXED",
    "currency": "KES",
    "amount": 500,
    "paymentMethods": ["MOBILE_MONEY"],
    "usageType": "MULTIPLE_USE",
    "maxUses": 3,
}


@pytest.mark.parametrize("chain", [chain for chain in SERVED if chain != "LIGHTNING"])
async def test_escrow_addresses_are_right_for_their_chain(caller: Any, chain: str) -> None:
    made = await caller.offramp("ref-00001", chain=chain, token=SERVED[chain][0], senderAddress=None)

    assert isinstance(check_address(str(made["escrowAddress"]), chain), Address)


async def balance(caller: Any) -> object:
    return (await caller.wallet())["balance"]


async def test_a_payout_that_the_network_takes_back_is_credited(caller: Any) -> None:
    before = await balance(caller)
    await caller.withdraw("ref-00001")
    await caller.world.advance(10)
    assert caller.status("ref-00001")["status"] == "SUCCESSFUL"

    await caller.control("/transactions/ref-00001/reverse")

    status = await caller.get("/api/v3/withdraw/status/ref-00001")
    assert (status["status"], await balance(caller)) == ("REVERSED", before)
    again = await caller.http.post("/_control/kotani/transactions/ref-00001/reverse")
    assert again.status_code == 409


async def test_a_collection_that_is_taken_back_leaves_the_balance(caller: Any) -> None:
    await caller.deposit("ref-00001")
    caller.world.approve("ref-00001")
    await caller.world.advance(10)
    assert (await caller.wallet())["deposit_balance"] == 975

    caller.world.reverse("ref-00001")

    assert caller.status("ref-00001")["status"] == "REVERSED"
    assert (await caller.wallet())["deposit_balance"] == 0


async def test_payouts_wait_until_somebody_settles_them(caller: Any) -> None:
    caller.world.configure(auto_payout=False)
    await caller.withdraw("ref-00001")
    await caller.offramp("ref-00002")
    caller.world.send_crypto("ref-00002")
    await caller.world.advance(3600)
    assert [caller.status(one)["status"] for one in ("ref-00001", "ref-00002")] == ["IN_PROGRESS", "IN_PROGRESS"]

    caller.world.settle("ref-00001")
    caller.world.settle("ref-00002", succeed=False)

    assert [caller.status(one)["status"] for one in ("ref-00001", "ref-00002")] == ["SUCCESSFUL", "FAILED"]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("bank", {"bankDetails": {"account_bank": "01", "account_name": "J", "account_number": "12345678",
                                  "phone_number": FAILS}}),
        ("lipa-na-mpesa", {"lipaNaMpesaDetails": {"businessShortcode": "174379", "phoneNumber": FAILS}}),
        ("paybill", {"paybillDetails": {"paybillNumber": "400200", "accountNumber": "A1", "phoneNumber": FAILS}}),
    ],
)  # fmt: skip
async def test_magic_numbers_fail_every_kind_of_payout_and_restore_the_debit(
    caller: Any, path: str, part: dict[str, object]
) -> None:
    wallet = await caller.wallet()
    body = {"walletId": wallet["id"], "amount": 1000, "referenceId": "ref-00001"} | part
    if path == "bank":
        body["customer_key"] = await caller.customer()
    await caller.post(f"/api/v3/withdraw/{path}", body)
    assert await balance(caller) == Decimal(10_000_000 - 1010)
    await caller.world.advance(10)

    status = await caller.get("/api/v3/withdraw/status/ref-00001")
    assert (status["status"], status["errorMessage"]) == ("FAILED", "Insufficient funds in the customer's account")
    assert await balance(caller) == wallet["balance"]


async def test_banks_are_listed_by_currency(caller: Any) -> None:
    listed = (await caller.http.get("/api/v3/customer/support/banks", params={"currency": "ZAR"})).json()["data"]

    assert {bank["currency"] for bank in listed} == {"ZAR"}


async def test_a_country_is_closed_for_one_service_alone(caller: Any) -> None:
    caller.world.configure(disabled_countries=["KE:WITHDRAW"])

    async def enabled(service: str) -> bool:
        answer = await caller.http.get("/api/v3/customer/support/countries", params={"serviceType": service})
        return next(bool(one["isEnabled"]) for one in answer.json()["data"] if one["countryCode"] == "KE")

    assert (await enabled("DEPOSIT"), await enabled("WITHDRAW")) == (True, False)
    await caller.deposit("ref-00001")
    refused = [
        await caller.withdraw("ref-00002"),
        await caller.http.post("/api/v3/offramp", json=caller.offramp_body("ref-00003")),
    ]
    assert [answer.status_code for answer in refused] == [403, 403]
    assert refused[0].json()["message"] == "Service withdrawals is not enabled for your account in KE"
    assert refused[0].json()["data"]["integratorEnabled"] is False
    assert caller.world.creates("ref-00002").accepted == 0


async def test_whoever_has_begun_to_pay_a_link_may_finish(caller: Any, listener: Any) -> None:
    link = await caller.post("/api/v3/payment-links", LINK | {"callbackUrl": caller.callback_url})
    phones = [f"+25471200000{number}" for number in range(5)]
    for phone in phones:
        await caller.http.post(link["url"], data={"phone": phone, "name": "Payer"})
    for phone in phones:
        caller.world.approve(caller.world.prompts(phone)[0].id)
    await caller.world.advance(5)

    shown = await caller.get(f"/api/v3/payment-links/{link['id']}")
    assert (shown["status"], shown["uses"]) == ("COMPLETED", 5)
    told = [body["paymentLinkId"] for body in listener.bodies() if body["status"] == "SUCCESSFUL"]
    assert told == [link["id"]] * 5
    late = await caller.http.post(link["url"], data={"phone": PHONE})
    assert "no longer active" in late.text


async def test_where_there_is_no_mobile_money_a_link_is_paid_at_the_bank(caller: Any) -> None:
    link = await caller.post(
        "/api/v3/payment-links", LINK | {"currency": "ZAR", "paymentMethods": ["MOBILE_MONEY", "BANK"]}
    )
    page = await caller.http.post(link["url"], data={"phone": "+27821234567", "name": "Thandi"})
    assert page.status_code == 303
    assert "/checkout/" in page.headers["location"]
    await caller.http.post(f"{page.headers['location']}/pay")
    await caller.world.advance(5)

    assert (await caller.get(f"/api/v3/payment-links/{link['id']}"))["uses"] == 1
