"""Keys, the envelope, validation, wallets, customers and lookups."""

import hashlib
import hmac
import time
import uuid
from typing import Any

import httpx
import pytest

NUMBER = "must be a number conforming to the specified constraints"


async def test_health_needs_no_key(caller: Any) -> None:
    answer = await caller.http.get("/health", headers={"Authorization": ""})

    assert answer.text == '{"success":true,"message":"Health check","data":{"status":"ok"}}'


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        ("", "Unauthorized"),
        ("Bearer", "Unauthorized"),
        ("Bearer other", "Invalid API Key"),
        ("Basic test-key", "Unauthorized"),
    ],
)
async def test_a_missing_or_wrong_key_is_refused(caller: Any, authorization: str, message: str) -> None:
    answer = await caller.http.get("/api/v3/wallet/fiat", headers={"Authorization": authorization})

    assert answer.status_code == 401
    assert answer.json() == {"success": False, "message": message, "error_code": 401, "data": {}}


async def test_an_unknown_path_answers_in_the_envelope(caller: Any) -> None:
    answer = await caller.http.get("/api/v3/rates/onramp-rate")

    assert (answer.status_code, answer.json()["message"]) == (404, "Cannot GET /api/v3/rates/onramp-rate")


async def test_an_unknown_field_and_a_text_for_an_amount_are_named(caller: Any) -> None:
    body = caller.onramp_body("ref-00001", fiatAmount="1000", amount=5)
    del body["token"]

    answer = await caller.http.post("/api/v3/onramp", json=body)

    errors = ["property amount should not exist", f"fiatAmount {NUMBER}", "token should not be empty"]
    assert answer.status_code == 400
    assert answer.json() == {
        "success": False,
        "message": "Validation failed: " + ", ".join(errors),
        "error_code": 400,
        "data": {"errors": errors},
    }
    assert caller.world.transaction("ref-00001") is None


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"fiatAmount": -5}, "fiatAmount must be a positive number"),
        ({"fiatAmount": True}, f"fiatAmount {NUMBER}"),
        ({"callbackUrl": "javascript:alert(1)"}, "callbackUrl must be a URL address"),
        ({"referenceId": 17}, "referenceId must be a string"),
        ({"mobileMoney": "me"}, "mobileMoney must be an object"),
        (
            {"mobileMoney": {"phoneNumber": "0712345678", "accountName": "J", "providerNetwork": "MPESA"}},
            "mobileMoney.phoneNumber must be a valid phone number",
        ),
        (
            {"mobileMoney": {"phoneNumber": "+254712345678", "accountName": "J", "networkProvider": "MPESA"}},
            "property mobileMoney.networkProvider should not exist",
        ),
    ],
)
async def test_wrong_values_are_named(caller: Any, changes: dict[str, object], error: str) -> None:
    answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001", **changes))

    assert answer.status_code == 400
    assert error in answer.json()["data"]["errors"]


@pytest.mark.parametrize("raw", [b"{", b"[]", b'"text"', b"\xff"])
async def test_a_body_that_is_no_object_is_refused(caller: Any, raw: bytes) -> None:
    answer = await caller.http.post("/api/v3/rate/onramp", content=raw, headers={"Content-Type": "application/json"})

    assert answer.status_code == 400
    assert "Unexpected token" in answer.json()["message"]


async def test_letters_beyond_ascii_travel_as_they_are(caller: Any) -> None:
    body = {"phone_number": "+22507000000", "country_code": "CI", "network": "WAVE", "account_name": "Aïssatou Koné"}

    answer = await caller.http.post("/api/v3/customer/mobile-money", json=body)

    assert "Aïssatou Koné".encode() in answer.content


async def test_every_market_has_a_funded_wallet(caller: Any) -> None:
    wallets = (await caller.http.get("/api/v3/wallet/fiat")).json()["data"]

    assert {"KES", "GHS", "UGX", "TZS", "ZMW", "RWF", "XAF", "XOF", "CDF", "ZAR", "NGN"} <= {
        w["currency"] for w in wallets
    }
    assert {w["balance"] for w in wallets} == {10_000_000}
    ivorian = (await caller.http.get("/api/v3/wallet/fiat/currency/XOF", params={"country": "CI"})).json()["data"]
    assert ivorian["country"] == "CI"
    assert (await caller.http.get("/api/v3/wallet/fiat/currency/SSP")).json()["message"] == "Wallet Not Found"


async def test_a_wallet_is_created_read_and_locked(caller: Any) -> None:
    made = await caller.post("/api/v3/wallet/fiat", {"name": "Till", "currency": "KES", "country": "KEN"})
    path = f"/api/v3/wallet/fiat/{made['id']}"

    assert (made["balance"], made["deposit_balance"], made["country"]) == (0, 0, "KE")
    answer = await caller.http.patch(path, json={"name": "Shop", "locked": True})
    assert answer.json()["data"]["status"] == "inactive"
    assert (await caller.get(path))["name"] == "Shop"


async def test_a_customer_is_found_by_key_and_by_phone(caller: Any) -> None:
    key = await caller.customer()

    assert (await caller.get(f"/api/v3/customer/mobile-money/{key}"))["phone_number"] == "+254712345678"
    assert (await caller.get("/api/v3/customer/mobile-money/phone/%2B254712345678"))["customer_key"] == key
    stranger = await caller.http.get("/api/v3/customer/mobile-money/phone/%2B254799999999")
    assert (stranger.status_code, stranger.json()["message"]) == (404, "Customer not found.")
    await caller.http.patch(f"/api/v3/customer/mobile-money/{key}", json={"account_name": "Jane B"})
    everybody = (await caller.http.get("/api/v3/customer/mobile-money")).json()["data"]
    assert [customer["account_name"] for customer in everybody] == ["Jane B"]


async def test_a_second_create_returns_the_customer_or_refuses_as_set(caller: Any) -> None:
    key = await caller.customer()
    assert await caller.customer() == key

    caller.world.configure(duplicate_customer="refuse")

    body = {"phone_number": "+254712345678", "country_code": "KE"}
    assert (await caller.http.post("/api/v3/customer/mobile-money", json=body)).status_code == 400


async def test_a_suspended_customer_cannot_pay(caller: Any) -> None:
    key = await caller.customer()
    await caller.http.patch(f"/api/v3/customer/mobile-money/{key}", json={"status": "suspended"})

    answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"))

    assert answer.status_code == 403
    assert "suspended" in answer.json()["message"]


async def test_lookups_name_countries_networks_banks_and_chains(caller: Any) -> None:
    caller.world.configure(disabled_countries=["GH"])
    path = "/api/v3/customer/support/countries"
    countries = (await caller.http.get(path, params={"serviceType": "DEPOSIT"})).json()["data"]

    by_code = {country["countryCode"]: country for country in countries}
    assert by_code["KE"]["availableNetworks"] == ["MPESA", "AIRTEL"]
    assert (by_code["GH"]["isActive"], by_code["GH"]["isEnabled"]) == (True, False)
    assert (await caller.http.get(path)).status_code == 400
    assert (await caller.http.get("/api/v3/customer/support/networks/UG")).json()["data"] == ["MTN", "AIRTEL"]
    banks = (await caller.http.get("/api/v3/withdraw/v2/bank/supporting-banks/ZAR")).json()["data"]
    assert {bank["currency"] for bank in banks} == {"ZAR"}
    chains = (await caller.http.get("/api/v3/onramp/supported-chains")).json()["data"]
    assert {"chain": "BASE", "tokens": ["USDC"]} in chains
    providers = await caller.http.post("/api/v3/providers", json={"currency": "UGX", "paymentMethod": "mobile_money"})
    assert (providers.status_code, providers.json()["data"]) == (201, [{"name": "AIRTEL"}, {"name": "MTN"}])


async def test_a_service_that_is_not_enabled_is_refused(caller: Any) -> None:
    caller.world.configure(disabled_services=["onramp"])

    answer = await caller.http.post("/api/v3/onramp", json=caller.onramp_body("ref-00001"))

    assert answer.status_code == 403
    assert answer.json()["message"] == "Service onramp is not enabled for your account"
    assert answer.json()["data"] == {"service": "onramp", "integratorEnabled": False}


async def test_the_rate_limit_opens_again_after_a_minute(caller: Any) -> None:
    caller.world.configure(rate_limit=2)
    statuses = [(await caller.http.get("/api/v3/rate")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]

    blocked = (await caller.http.get("/api/v3/rate")).json()
    assert 0 < blocked["data"]["retryAfter"] <= 60
    assert blocked["message"].startswith("Too many requests. You have exceeded the limit of 2 requests per 60 seconds.")

    await caller.world.advance(61)
    assert (await caller.http.get("/api/v3/rate")).status_code == 200


def _signed(
    text: str, *, secret: str = "api-secret", moment: int | None = None, nonce: str | None = None
) -> dict[str, str]:
    stamp, nonce = str(int(time.time()) if moment is None else moment), nonce or str(uuid.uuid4())
    signature = hmac.new(secret.encode(), f"{stamp}.{nonce}.{text}".encode(), hashlib.sha256).hexdigest()
    return {"x-timestamp": stamp, "x-nonce": nonce, "x-signature": signature, "Content-Type": "application/json"}


class TestSecureMode:
    """Signed requests, as an account with a secure key must send them."""

    BODY = '{"from":"KES","to":"USDC","fiatAmount":1000}'

    @pytest.fixture
    def secure(self, caller: Any) -> Any:
        caller.world.configure(secure=True, api_secret="api-secret")
        return caller

    async def send(self, secure: Any, headers: dict[str, str], body: str = BODY) -> httpx.Response:
        answer: httpx.Response = await secure.http.post("/api/v3/rate/onramp", content=body, headers=headers)
        return answer

    async def test_a_signed_call_passes_once(self, secure: Any) -> None:
        headers = _signed(self.BODY)

        assert (await self.send(secure, headers)).status_code == 200
        replayed = await self.send(secure, headers)
        assert (replayed.status_code, replayed.json()["message"]) == (401, "Nonce has already been used")

    async def test_a_get_signs_its_last_path_segment(self, secure: Any) -> None:
        path = "/api/v3/wallet/fiat/currency/KES"

        assert (await secure.http.get(path, headers=_signed("KES"))).status_code == 200
        assert (await secure.http.get(path, headers=_signed("GHS"))).status_code == 401

    async def test_missing_stale_and_foreign_signatures_are_refused(self, secure: Any) -> None:
        assert (await self.send(secure, {"Content-Type": "application/json"})).status_code == 401
        assert (await self.send(secure, _signed(self.BODY, moment=int(time.time()) - 400))).status_code == 401
        assert (await self.send(secure, _signed(self.BODY, secret="other"))).status_code == 401

    async def test_a_body_is_signed_as_javascript_prints_it(self, secure: Any) -> None:
        python_like = self.BODY.replace("1000", "1000.0")

        assert (await self.send(secure, _signed(python_like), python_like)).status_code == 401
        assert (await self.send(secure, _signed(self.BODY), python_like)).status_code == 200
