"""What each kind of answer means: the statuses, envelopes and sentences of the provider, and those of things in between."""

from decimal import Decimal
from inspect import getmembers, isclass
from typing import Any

import httpx
import pytest

from bot.kotani import errors
from bot.kotani.errors import (
    CustomerSuspended,
    DuplicateReference,
    Forbidden,
    InsufficientFunds,
    KotaniError,
    NotFound,
    RateExpired,
    RateLimited,
    Refused,
    ServiceNotEnabled,
    Unanswered,
    Unauthorised,
    Unknown,
)
from bot.kotani.requests import CustomerRequest, MobileMoneyPayer, OnrampRequest, WithdrawalRequest

PAYER = MobileMoneyPayer("+254712345678", "Jane", "MPESA")
ONRAMP = OnrampRequest(PAYER, Decimal(1000), "KES", "BASE", "USDC", "0xbeef", "bot-1", "https://bot.example", "q-1")
WITHDRAWAL = WithdrawalRequest("c-1", Decimal(10), "w-1", "bot-2", "https://bot.example")
SUSPENDED = "Customer c-1 is temporarily suspended until 2025-01-01 12:00:00 UTC and cannot initiate transactions."


def no(message: str, status: int = 400, **data: object) -> dict[str, object]:
    return {"success": False, "message": message, "error_code": status, "data": data}


# (status, answer) → what a create call makes of it
CREATES: list[tuple[int, Any, type[KotaniError]]] = [
    (400, no("Bad Request"), Refused),
    (422, no("Unprocessable"), Refused),
    (200, {"success": False, "message": "Amount is too small"}, Refused),
    (200, {"success": "false", "message": "No"}, Refused),
    (400, {"statusCode": 400, "message": ["amount must be a number"], "error": "Bad Request"}, Refused),
    (400, no("Rate Expired"), RateExpired),
    (400, no("The rate has expired, please request a new quote"), RateExpired),
    (404, no("Rate not found", 404), RateExpired),
    (200, {"success": False, "message": "Rate Expired"}, RateExpired),
    (400, no("Rate has already been used"), DuplicateReference),
    (400, no("Duplicate reference: a transaction with reference bot-1 already exists"), DuplicateReference),
    (409, no("Reference Id already exists"), DuplicateReference),
    (409, no("Conflict"), DuplicateReference),  # with what, is asked by the reference
    (400, no("Transaction already processed"), DuplicateReference),
    (200, {"success": True, "message": "Duplicate", "data": {"id": "1", "status": "DUPLICATE"}}, DuplicateReference),
    (400, no("Insufficient Funds"), InsufficientFunds),
    (400, no("Sorry") | {"error_code": "INSUFFICIENT_BALANCE"}, InsufficientFunds),
    (400, no("The transaction limit is reached"), Refused),
    (400, no("Exchange rate not available"), Refused),
    (403, no(SUSPENDED, 403), CustomerSuspended),
    (403, no("Forbidden resource", 403), Forbidden),
    (403, "<html>blocked</html>", Forbidden),
    (403, no("Service onramp is not enabled for your account", 403, service="onramp"), ServiceNotEnabled),
    (400, no("No", integratorEnabled=False, service="onramp"), ServiceNotEnabled),
    (400, no("ONRAMP is not available in this country"), ServiceNotEnabled),
    (404, {"statusCode": 404, "message": "Cannot POST /api/v3/onramp", "error": "Not Found"}, ServiceNotEnabled),
    (401, no("Unauthorized", 401), Unauthorised),
    (401, "", Unauthorised),
    (400, no("No") | {"error_code": "INVALID_API_KEY"}, Unauthorised),
    (404, no("Customer not found.", 404), NotFound),
    (429, no("Too many requests", 429, retryAfter=7), RateLimited),
    (429, "slow down", RateLimited),
    (500, no("Internal server error", 500), Unknown),
    (502, "<html>Bad Gateway</html>", Unknown),
    (503, no("maintenance", 503), Unknown),
    (200, {"success": False, "message": "Internal", "error_code": 500}, Unknown),
    (200, "", Unknown),
    (200, '{"success":true,"data":{"id":"o-', Unknown),
    (200, "<html>welcome</html>", Unknown),
    (200, "[]", Unknown),
    (200, {}, Unknown),
    (200, {"data": {"id": "o-1"}}, Unknown),
    (200, {"success": True}, Unknown),
    (200, {"success": True, "data": {}}, Unknown),
    (200, {"success": True, "data": {"id": ""}}, Unknown),
    (200, {"success": True, "data": {"id": "string", "referenceId": "bot-1"}}, Unknown),
    (200, {"success": True, "data": ["o-1"]}, Unknown),
    (204, "", Unknown),
    (301, "", Unknown),
    (302, no("Refused"), Unknown),
    (400, "<html>Bad Request</html>", Unknown),
    (404, "<html>nginx</html>", Unknown),
    (404, {"message": "Not Found"}, Unknown),
    (408, no("Request Timeout", 408), Unknown),
]


def answering(status: int, answer: Any) -> Any:
    def respond(request: httpx.Request) -> httpx.Response:
        headers = {"location": "https://elsewhere.example/"} if 300 <= status < 400 else None
        if isinstance(answer, str):
            return httpx.Response(status, text=answer, headers=headers)
        return httpx.Response(status, json=answer, headers=headers)

    return respond


@pytest.mark.parametrize(("status", "answer", "expected"), CREATES)
async def test_what_an_answer_to_a_create_means(answered, status: int, answer: Any, expected: type) -> None:
    with pytest.raises(KotaniError) as raised:
        await answered(answering(status, answer)).create_onramp(ONRAMP)

    assert type(raised.value) is expected
    assert raised.value.operation == "onramp.create"


async def test_a_customer_that_exists_is_no_duplicate_payment(answered) -> None:
    answer = no("Customer with this phone number already exists")

    with pytest.raises(Refused):
        await answered(answering(400, answer)).create_customer(CustomerRequest("+254712345678", "KE"))
    with pytest.raises(Refused):
        await answered(answering(400, answer)).create_withdrawal(WITHDRAWAL)


async def test_a_rate_has_nothing_to_do_with_a_payout(answered) -> None:
    with pytest.raises(KotaniError) as raised:
        await answered(answering(400, no("Rate Expired"))).create_withdrawal(WITHDRAWAL)

    assert type(raised.value) is Refused


async def test_what_the_provider_complains_about_is_kept_word_for_word(answered) -> None:
    listed = ["amount must be a positive number", "customerKey should not be empty"]
    answer = no("Validation failed: amount must be a positive number, ...", errors=listed)

    with pytest.raises(Refused) as refused:
        await answered(answering(400, answer)).create_withdrawal(WITHDRAWAL)

    assert refused.value.reasons == tuple(listed)
    assert refused.value.message.startswith("Validation failed")
    assert refused.value.code == "400"


async def test_a_service_that_is_not_enabled_is_named(answered) -> None:
    answer = no("Service deposits is not enabled for your account", 403, service="deposits", integratorEnabled=False)

    with pytest.raises(ServiceNotEnabled) as raised:
        await answered(answering(403, answer)).create_withdrawal(WITHDRAWAL)

    assert raised.value.service == "deposits"


@pytest.mark.parametrize(("status", "answer"), [(404, no("Not Found", 404)), (200, no("Not Found", 404))])
async def test_absence_is_what_the_provider_itself_says(answered, status: int, answer: Any) -> None:
    with pytest.raises(NotFound):
        await answered(answering(status, answer)).onramp("bot-1")


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (404, "<html>nginx</html>"),
        (404, {"message": "Not Found"}),
        (404, {"success": False, "message": "Cannot GET /api/v3/onramp/bot-1"}),
        (404, ""),
        (200, {"success": True, "data": {}}),
        (200, {"success": True, "data": {"fiatAmount": 5}}),
        (500, no("Not Found", 404)),
    ],
)
async def test_nothing_else_proves_that_a_transaction_is_absent_or_there(answered, status: int, answer: Any) -> None:
    with pytest.raises(KotaniError) as raised:
        await answered(answering(status, answer)).onramp("bot-1")

    assert not isinstance(raised.value, NotFound)


async def test_a_read_without_an_answer_moved_nothing(answered) -> None:
    with pytest.raises(Unanswered) as raised:
        await answered(answering(500, "")).onramp("bot-1")

    assert (raised.value.money_may_have_moved, raised.value.retry_safe) == (False, True)


@pytest.mark.parametrize(
    ("header", "body", "wait"),
    [
        ("7", None, 7),
        (None, 9, 9),
        ("7", 9, 9),
        (None, "12", 12),
        (None, None, 15),
        ("soon", None, 15),
        ("-5", 0, 15),
        ("0.2", None, 1),
        ("99999999", None, 300),
        (None, Decimal("1e30"), 300),
        ("Wed, 21 Oct 2015 07:28:00 GMT", None, 15),
        ("Fri, 31 Dec 9999 23:59:59 GMT", None, 300),
        ("NaN", "Infinity", 15),
    ],
)
async def test_the_wait_that_was_asked_for_has_limits(answered, header: str | None, body: Any, wait: float) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        data = {} if body is None else {"retryAfter": float(body) if isinstance(body, Decimal) else body}
        return httpx.Response(
            429, json=no("Too many requests", 429, **data), headers={} if header is None else {"retry-after": header}
        )

    with pytest.raises(RateLimited) as limited:
        await answered(respond).create_onramp(ONRAMP)

    assert limited.value.retry_after == wait


def test_every_error_answers_the_three_questions() -> None:
    kinds = [kind for _, kind in getmembers(errors, isclass) if issubclass(kind, KotaniError)]

    for kind in kinds:
        assert kind.__doc__
        assert kind.text_key.startswith("error.")
        # whatever may have moved money is not simply done again
        assert not (kind.money_may_have_moved and kind.retry_safe)
    moved = {kind for kind in kinds if kind.money_may_have_moved}
    assert moved == {KotaniError, Unknown, DuplicateReference}
