"""What is counted, under which name. Numbers only: no customer, no reference, no address is ever a label."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from storage.counts import Backlog


class Measures:
    """The metrics of one process, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.callbacks = Counter(
            "assistant_callbacks", "Callbacks received, by outcome.", ["outcome"], registry=self.registry
        )
        self.webhook = Counter(
            "assistant_telegram_webhook", "Webhook calls received, by outcome.", ["outcome"], registry=self.registry
        )
        self._provider = Histogram(
            "assistant_provider_seconds",
            "Calls to the provider, by operation and outcome.",
            ["operation", "outcome"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25),
            registry=self.registry,
        )
        self._waiting = Gauge("assistant_waiting", "Rows that wait to be worked on.", ["what"], registry=self.registry)
        self._attention = Gauge("assistant_attention_open", "Cases that wait for a person.", registry=self.registry)

    def provider_called(self, operation: str, outcome: str, seconds: float) -> None:
        """Count one call to the provider."""
        self._provider.labels(operation=operation, outcome=outcome).observe(seconds)

    def backlog(self, backlog: Backlog) -> None:
        """Show what waits."""
        self._attention.set(backlog.open_cases)
        for what, count in (
            ("legs_open", backlog.open_legs),
            ("legs_due", backlog.due_legs),
            ("notices", backlog.waiting_notices),
            ("updates", backlog.waiting_updates),
            ("callbacks", backlog.waiting_callbacks),
        ):
            self._waiting.labels(what=what).set(count)
