"""Fiat wallets with two balances, and the customers that collections and payouts name.

Kotani docs, wallets: `balance` is what payouts spend, `deposit_balance` is where collections land; one wallet per
currency, and per country where several countries share a currency.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from bot.simulator.kotani.catalogue import COUNTRIES, Country, country, country_of_phone
from bot.simulator.kotani.core import Core
from bot.simulator.kotani.refusals import Refused, missing, refused

FLOAT = Decimal(10_000_000)


@dataclass(slots=True)
class Wallet:
    """A fiat wallet; amounts are in its `currency`."""

    id: str
    name: str
    currency: str
    country: str
    balance: Decimal = Decimal(0)
    deposit_balance: Decimal = Decimal(0)
    locked: bool = False


class Wallets:
    """All fiat wallets of the integrator; every market has one with a payout float from the start."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.all: dict[str, Wallet] = {}
        for market in COUNTRIES:
            self.create(f"{market.iso2} wallet", market.currency, market.iso2).balance = FLOAT
        self.create("Dollar wallet", "USD", "US").balance = FLOAT

    def create(self, name: str, currency: str, iso2: str) -> Wallet:
        wallet = Wallet(self._core.ids.uuid(), name, currency, iso2)
        self.all[wallet.id] = wallet
        return wallet

    def get(self, wallet_id: str) -> Wallet:
        """The wallet, or the 404 refusal."""
        if wallet_id not in self.all:
            raise missing("Wallet Not Found")
        return self.all[wallet_id]

    def of_currency(self, currency: str, iso2: str | None = None) -> Wallet:
        """The wallet of a currency (and country where one is named), or the 404 refusal."""
        for wallet in self.all.values():
            if wallet.currency == currency and iso2 in (None, wallet.country):
                return wallet
        raise missing("Wallet Not Found")

    def usable(self, wallet_id: str) -> Wallet:
        """The wallet for a transaction: it must exist and not be locked."""
        wallet = self.get(wallet_id)
        if wallet.locked:
            raise refused("Wallet is locked")
        return wallet

    def debit(self, wallet: Wallet, amount: Decimal) -> None:
        """Take from the payout balance. Raises the "Insufficient Funds" refusal."""
        if wallet.balance < amount:
            raise refused("Insufficient Funds")
        wallet.balance -= amount
        self._core.pulse.beat()

    def credit(self, wallet: Wallet, amount: Decimal) -> None:
        """Add to the payout balance."""
        wallet.balance += amount
        self._core.pulse.beat()

    def collect(self, wallet: Wallet, amount: Decimal) -> None:
        """Add to the deposit balance."""
        wallet.deposit_balance += amount
        self._core.pulse.beat()

    def transfer(self, wallet_id: str, amount: Decimal | None) -> Wallet:
        """Move from the deposit to the payout balance; no amount means all of it."""
        wallet = self.usable(wallet_id)
        moved = wallet.deposit_balance if amount is None else amount
        if moved > wallet.deposit_balance or moved <= 0:
            raise refused("Insufficient Funds")
        wallet.deposit_balance -= moved
        wallet.balance += moved
        self._core.pulse.beat()
        return wallet


@dataclass(slots=True)
class Customer:
    """A person with a phone; `details` are the biographical fields as they were sent."""

    id: str
    key: str
    phone: str
    country: str
    network: str | None
    account_name: str | None
    status: str = "active"
    details: dict[str, object] = field(default_factory=dict)


class Customers:
    """Mobile-money customers, one per phone number."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.all: dict[str, Customer] = {}

    def create(self, phone: str, code: str, network: str | None, account_name: str | None) -> Customer:
        """A new customer; a known phone gives the known record or a refusal, as the settings say."""
        market = country(code)
        if market is None:
            raise refused("country_code is not supported")
        if not phone.startswith(f"+{market.dial}"):
            raise refused(f"Invalid phone number for {market.iso2}")
        if network is not None and network not in market.networks:
            raise refused(f"Network {network} is not supported in {market.iso2}")
        known = self.of_phone(phone)
        if known is not None:
            if self._core.settings.duplicate_customer == "refuse":
                raise refused("Customer with this phone number already exists")
            return known
        customer = Customer(self._core.ids.uuid(), self._core.ids.uuid(), phone, market.iso2, network, account_name)
        self.all[customer.key] = customer
        return customer

    def find_or_create(self, phone: str, account_name: str, network: str) -> Customer:
        """The customer behind an order that names a phone instead of a key."""
        known = self.of_phone(phone)
        if known is not None:
            self.able(known)
            return known
        market = country_of_phone(phone)
        if market is None:
            raise refused("Invalid phone number")
        return self.create(phone, market.iso2, network, account_name)

    def of_phone(self, phone: str) -> Customer | None:
        return next((customer for customer in self.all.values() if customer.phone == phone), None)

    def get(self, key: str) -> Customer:
        """The customer, or the 404 refusal."""
        if key not in self.all:
            raise missing("Customer not found.")
        return self.all[key]

    def able(self, customer: Customer) -> Customer:
        """The customer again, or the 403 refusal when it is suspended."""
        if customer.status == "suspended":
            raise Refused(
                403,
                f"Customer {customer.key} is temporarily suspended and cannot initiate transactions. Please contact "
                "support to resolve the customer's status.",
            )
        return customer


def market_of(phone: str, currency: str, network: str | None) -> Country:
    """The country of a phone, after checking that the currency and the network are used there. Raises 400 refusals."""
    market = country_of_phone(phone)
    if market is None or not (market.currency == currency or (market.dollars and currency == "USD")):
        raise refused(f"Invalid phone number for {currency}")
    if network is not None and network not in market.networks:
        raise refused(f"Network {network} is not supported in {market.iso2}")
    return market
