"""How the simulated world behaves: everything that a test or the demo may change while it runs."""

from decimal import Decimal
from typing import Literal

import msgspec

from bot.simulator.kotani.jsjson import stringify


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Durations are world seconds, percents are percents of the amount.

    The reference leaves several of these open; each such choice has its switch here, so that a client meets both
    answers.
    """

    # who may call
    api_keys: list[str] = msgspec.field(default_factory=lambda: ["test-key"])
    environment: Literal["sandbox", "production"] = "sandbox"  # magic numbers are the sandbox's alone
    secure: bool = False
    api_secret: str = ""
    rate_limit: int | None = None
    disabled_services: list[str] = msgspec.field(default_factory=list)
    disabled_countries: list[str] = msgspec.field(default_factory=list)  # "GH", or for one service "GH:WITHDRAW"

    # what the customer's phone and bank do
    auto_approve: bool = False
    auto_approve_delay: float = 1.0
    prompt_ttl: float = 120.0
    checkout_ttl: float = 900.0
    initiate_delay: float = 0.3
    settle_delay: float = 0.5

    # what the chain and the payout rails do
    auto_deliver: bool = True
    auto_payout: bool = True
    onchain_start_delay: float = 1.0
    onchain_finish_delay: float = 2.0
    payout_delay: float = 1.0
    offramp_ttl: float = 1800.0
    refund_delay: float = 300.0
    refund_run: float = 5.0
    fail_deliveries: int = 0
    fail_withdrawals: int = 0
    fail_refunds: int = 0

    # money
    quote_ttl: float = 60.0
    fee_percent: Decimal = Decimal("2.5")
    withdrawal_fee_percent: Decimal = Decimal(1)
    rates: dict[str, Decimal] = msgspec.field(default_factory=dict)
    maximum: dict[str, Decimal] = msgspec.field(default_factory=lambda: {"KES": Decimal(250_000)})

    # where the provider's documentation is silent
    duplicate_reference: Literal["refuse", "record", "accept"] = "refuse"
    duplicate_customer: Literal["return", "refuse"] = "return"

    # callbacks
    integrator: str = "4440cb6a-f7c7-11ed-b67e-0242ac120002"
    webhook_url: str = ""
    webhook_secret: str = ""
    webhook_events: list[str] = msgspec.field(default_factory=list)
    disable_webhooks: bool = False
    callback_mode: Literal["normal", "none", "hold"] = "normal"
    callback_on: Literal["every_change", "terminal"] = "every_change"
    callback_duplicates: int = 0
    callback_retry: float = 10.0
    callback_give_up: float = 86_400.0
    callback_timeout: float = 5.0


def apply(settings: Settings, changes: object) -> None:
    """Change the named settings in place. Raises `ValueError` for an unknown name or a value of the wrong kind."""
    if not isinstance(changes, dict):
        raise ValueError("settings are an object of names and values")
    merged = {name: getattr(settings, name) for name in settings.__struct_fields__} | changes
    text = stringify({name: _plain(value) for name, value in merged.items()})
    try:
        checked = msgspec.json.decode(text, type=Settings)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    for name in changes:
        setattr(settings, name, getattr(checked, name))


def shown(settings: Settings) -> dict[str, object]:
    """The settings as plain values, secrets and keys left out."""
    values: dict[str, object] = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return {
        name: _plain(value)
        for name, value in values.items()
        if name not in ("api_keys", "api_secret", "webhook_secret")
    }


def _plain(value: object) -> object:
    return Decimal(str(value)) if isinstance(value, float) else value
