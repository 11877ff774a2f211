"""The cards of /check, for the preview page."""

from collections.abc import Iterator
from typing import Final

from bot.engine.operators.check_results import Finding, doubtful, well, wrong
from bot.screens.checks import checking_screen, checks_screen, sure_to_set_webhook, webhook_screen
from bot.screens.preview_orders import Sample
from bot.screens.texts import Texts

_URL: Final = "https://pay.example.com/kotani/callbacks/webhook"
_FOUND: Final[tuple[Finding, ...]] = (
    well("token", "check.token_ok", bot="example_bot"),
    wrong("key", "check.key_other", "check.key_other_do", other="production", environment="sandbox"),
    doubtful("services", "check.services_closed", "check.ask_provider_do", services="offramp, payment links"),
    well("countries", "check.countries_ok", collecting="KE, UG", paying="KE"),
    wrong("wallets", "check.wallets_missing", "check.wallets_missing_do", wallets="UGX"),
    doubtful("balances", "check.balances_empty", "check.balances_empty_do", wallets="KES"),
    doubtful("certificate", "check.certificate_soon", "check.certificate_bad_do", days=9),
    doubtful("webhook_secret", "check.secret_unproven", "check.secret_set_do"),
    well("callback", "check.callback_ok", milliseconds=112),
    doubtful("clock", "check.clock_off", "check.clock_off_do", seconds=14),
    well("disk", "check.disk_free", free="24,310", folder="/data"),
    well("backups", "check.backups", "check.backups_postgresql_do"),
)


def check_samples(texts: Texts) -> Iterator[Sample]:
    """The checks while they run, what they found, and setting the webhook."""
    yield Sample("operators: checking", checking_screen(texts))
    yield Sample("operators: checked", checks_screen(texts, _FOUND, may_set=True))
    yield Sample("operators: all is well", checks_screen(texts, (_FOUND[0], _FOUND[3]), may_set=False))
    yield Sample("operators: sure to set the webhook", sure_to_set_webhook(texts, "0" * 32, _URL))
    yield Sample(
        "operators: the webhook is set", webhook_screen(texts, well("webhook_secret", "check.secret_set", url=_URL))
    )
