"""The simulated provider on a real port, a caller with a key, and a listener for its callbacks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator.kotani import KotaniWorld, Settings, create_app
from bot.simulator.serving import served

PHONE = "+254712345678"
RECEIVER = "0x000000000000000000000000000000000000beef"


@dataclass
class Listener:
    """What arrived as callbacks; `answers` are the statuses to give, 200 when there is none left."""

    url: str = ""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        self.calls.append((dict(request.headers), await request.body()))
        return Response(status_code=self.answers.pop(0) if self.answers else 200)

    def bodies(self) -> list[dict[str, object]]:
        return [msgspec.json.decode(body, type=dict[str, object]) for _, body in self.calls]


class Caller:
    """An integrator: calls that return the envelope's data, and fail the test when refused."""

    def __init__(self, http: httpx.AsyncClient, world: KotaniWorld, callback_url: str) -> None:
        self.http = http
        self.world = world
        self.callback_url = callback_url

    async def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
        answer = await self.http.post(path, json=body)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json()["data"])

    async def get(self, path: str) -> dict[str, object]:
        answer = await self.http.get(path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["data"])

    async def control(self, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
        answer = await self.http.post(f"/_control/kotani{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def onramp_body(self, reference: str, **changes: object) -> dict[str, object]:
        return {
            "mobileMoney": {"phoneNumber": PHONE, "accountName": "Jane Doe", "providerNetwork": "MPESA"},
            "fiatAmount": 1000,
            "currency": "KES",
            "chain": "BASE",
            "token": "USDC",
            "receiverAddress": RECEIVER,
            "referenceId": reference,
            "callbackUrl": self.callback_url,
        } | changes

    async def onramp(self, reference: str, **changes: object) -> dict[str, object]:
        return await self.post("/api/v3/onramp", self.onramp_body(reference, **changes))

    def offramp_body(self, reference: str, **changes: object) -> dict[str, object]:
        return {
            "mobileMoneyReceiver": {"phoneNumber": PHONE, "accountName": "Jane Doe", "networkProvider": "MPESA"},
            "cryptoAmount": 10,
            "currency": "KES",
            "chain": "BASE",
            "token": "USDC",
            "referenceId": reference,
            "senderAddress": RECEIVER,
            "callbackUrl": self.callback_url,
        } | changes

    async def offramp(self, reference: str, **changes: object) -> dict[str, object]:
        return await self.post("/api/v3/offramp", self.offramp_body(reference, **changes))

    async def customer(self, phone: str = PHONE) -> str:
        body: dict[str, object] = {
            "phone_number": phone,
            "country_code": "KE",
            "network": "MPESA",
            "account_name": "Jane",
        }
        return str((await self.post("/api/v3/customer/mobile-money", body))["customer_key"])

    async def wallet(self, currency: str = "KES") -> dict[str, object]:
        return await self.get(f"/api/v3/wallet/fiat/currency/{currency}")

    async def deposit(self, reference: str, amount: int = 1000, phone: str = PHONE) -> dict[str, object]:
        wallet = await self.wallet()
        return await self.post(
            "/api/v3/deposit/mobile-money",
            {
                "customer_key": await self.customer(phone),
                "amount": amount,
                "wallet_id": wallet["id"],
                "reference_id": reference,
                "callback_url": self.callback_url,
            },
        )

    async def withdraw(self, reference: str, amount: int = 1000, phone: str = PHONE) -> httpx.Response:
        wallet = await self.wallet()
        return await self.http.post(
            "/api/v3/withdraw/mobile-money",
            json={
                "customer_key": await self.customer(phone),
                "amount": amount,
                "walletId": wallet["id"],
                "referenceId": reference,
                "callbackUrl": self.callback_url,
            },
        )

    def status(self, reference: str) -> dict[str, str]:
        """The status words of a transaction, read from the world itself."""
        tx = self.world.transaction(reference)
        assert tx is not None
        return tx.statuses()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    listener = Listener()
    async with served(Starlette(routes=[Route("/callbacks", listener.hear, methods=["POST"])])) as address:
        listener.url = f"{address}/callbacks"
        yield listener


@pytest.fixture
def world() -> KotaniWorld:
    return KotaniWorld(settings=Settings())


@pytest.fixture
async def caller(world: KotaniWorld, listener: Listener) -> AsyncIterator[Caller]:
    """Calls the provider over HTTP; time passes by `world.advance` and, slowly, by itself."""
    headers = {"Authorization": "Bearer test-key"}
    async with (
        served(create_app(world)) as address,
        httpx.AsyncClient(base_url=address, headers=headers, timeout=5, trust_env=False, verify=False) as http,
    ):
        yield Caller(http, world, listener.url)
