"""The part of the client that is about our account: wallets, customers, lookups, payment links, webhook settings."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, TypeVar

from bot.kotani import wire_account
from bot.kotani.calls import Call
from bot.kotani.customers import ensure_customer
from bot.kotani.links import LinkRequest
from bot.kotani.requests import CustomerChange, CustomerRequest
from bot.kotani.results import (
    Bank,
    Created,
    Customer,
    Health,
    PaymentLink,
    SupportedCountry,
    Wallet,
    WebhookSettings,
)
from bot.kotani.wallets import WalletFinder

T = TypeVar("T")

LINK_PAGES: Final = "https://pay.kotanipay.com/l"


class Account(ABC):
    """Methods about the account; whoever inherits them makes the calls. Each raises a `KotaniError`."""

    def __init__(self, link_pages: str) -> None:
        self._link_pages = link_pages
        self._wallets = WalletFinder(self._do)

    @abstractmethod
    async def _do(self, call: Call[T], /) -> T:
        """Make one call."""

    async def health(self) -> Health:
        """Whether the provider says that it is well."""
        return await self._do(wire_account.health())

    async def wallets(self) -> tuple[Wallet, ...]:
        """All fiat wallets, with fresh balances."""
        return await self._do(wire_account.wallets())

    async def wallet(self, wallet_id: str) -> Wallet:
        """One fiat wallet. Raises `NotFound`."""
        return await self._do(wire_account.wallet(wallet_id))

    async def wallet_for(self, currency: str, country: str | None = None) -> Wallet:
        """The wallet for payouts in a currency (XOF, XAF and USD have one for each country), its balances always
        fresh.
        """
        return await self._wallets.find(currency, country)

    async def create_wallet(self, name: str, currency: str, country: str | None = None) -> Wallet:
        """A new fiat wallet."""
        return await self._do(wire_account.create_wallet(name, currency, country))

    async def transfer_deposit_balance(self, wallet_id: str, amount: Decimal | None = None) -> None:
        """Move collected money into the payout balance: for operators only, never repeated by itself."""
        await self._do(wire_account.transfer_deposit_balance(wallet_id, amount))

    async def customers(self) -> tuple[Customer, ...]:
        """All mobile-money customers."""
        return await self._do(wire_account.customers())

    async def customer(self, key: str) -> Customer:
        """One mobile-money customer. Raises `NotFound`."""
        return await self._do(wire_account.customer(key))

    async def customer_of_phone(self, phone: str) -> Customer:
        """The mobile-money customer with this phone. Raises `NotFound`."""
        return await self._do(wire_account.customer_of_phone(phone))

    async def create_customer(self, request: CustomerRequest) -> Customer:
        """A new mobile-money customer."""
        return await self._do(wire_account.create_customer(request))

    async def update_customer(self, key: str, change: CustomerChange) -> Customer:
        """Change a customer; the phone stays."""
        return await self._do(wire_account.update_customer(key, change))

    async def ensure_customer(self, *, phone: str, country: str, network: str | None, name: str) -> Customer:
        """The customer with this phone, made when there is none; its network is set to the one asked for."""
        return await ensure_customer(
            self._do, CustomerRequest(phone=phone, country=country, network=network, account_name=name)
        )

    async def countries(self, service: wire_account.ServiceType) -> tuple[SupportedCountry, ...]:
        """Where the provider collects (DEPOSIT) or pays out (WITHDRAW), and what is enabled for our account."""
        return await self._do(wire_account.countries(service))

    async def networks(self, country: str) -> tuple[str, ...]:
        """The networks of a country."""
        return await self._do(wire_account.networks(country))

    async def banks(self, currency: str | None = None) -> tuple[Bank, ...]:
        """The banks that can be paid out to."""
        return await self._do(wire_account.banks(currency))

    async def webhook(self) -> WebhookSettings:
        """Where callbacks go and which are sent, as set at the provider; not every key may read it."""
        return await self._do(wire_account.webhook())

    async def update_webhook(
        self,
        *,
        url: str | None = None,
        secret: str | None = None,
        events: Sequence[str] = (),
        disabled: bool | None = None,
    ) -> WebhookSettings:
        """Set where callbacks go, how they are signed and which are sent."""
        return await self._do(wire_account.update_webhook(url=url, secret=secret, events=events, disabled=disabled))

    # payment links

    async def create_link(self, request: LinkRequest) -> PaymentLink:
        """A page where anybody can pay. Raises `ServiceNotEnabled` where the account has none."""
        return await self._do(wire_account.create_link(request, self._link_pages))

    async def payment_links(self) -> tuple[PaymentLink, ...]:
        """All payment links."""
        return await self._do(wire_account.payment_links(self._link_pages))

    async def payment_link(self, link_id: str) -> PaymentLink:
        """One payment link. Raises `NotFound`."""
        return await self._do(wire_account.payment_link(link_id, self._link_pages))

    async def link_payments(self, link_id: str) -> tuple[Created, ...]:
        """The deposits that were made on a link, each with the customer who paid."""
        return await self._do(wire_account.link_payments(link_id))

    async def close_link(self, link_id: str) -> PaymentLink:
        """Take no more payments on a link."""
        return await self._do(wire_account.close_link(link_id, self._link_pages))
