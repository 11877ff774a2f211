"""What the provider's answers, and its silence, mean: one class per thing that a caller can do about it.

```
PaymentError
└── KotaniError
    ├── NotSent               the request provably never left: the same call may be made again
    ├── Unknown               it may have been carried out: ask for the reference before anything else
    │   └── Unanswered        ... of a call that moves nothing: asking again is safe
    ├── RateLimited           refused for now: wait `retry_after` seconds
    ├── DuplicateReference    a transaction under this reference (or made from this quote) is there already: ask for it
    ├── NotFound              the provider itself says that it has no such thing
    ├── Unauthorised          the key or its signature is not accepted: nothing works until an operator mends it
    ├── Forbidden             the key may not do this
    │   ├── ServiceNotEnabled     the provider must enable a service for our account
    │   └── CustomerSuspended     the provider does not serve this customer now
    └── Refused               this request will never be accepted as it is: `reasons` and `message` say why
        ├── RateExpired           the quote cannot be used any more: ask for a new one
        └── InsufficientFunds     our wallet, or the payer's, does not hold enough
```

The texts of these errors go into logs: they name the operation and quote nothing, neither the request nor the answer.
What the provider said stands in attributes, for those who may show it.
"""

from typing import ClassVar

from bot.payments.errors import PaymentError


class KotaniError(PaymentError):
    """Anything but a usable answer. `operation` is the name of the call, such as "onramp.create"."""

    text_key: ClassVar[str] = "error.provider_unexpected"

    def __init__(self, operation: str = "", detail: str = "") -> None:
        super().__init__(": ".join(part for part in (operation, detail) if part))
        self.operation = operation


class NotSent(KotaniError):
    """No connection was made, so the provider knows nothing of the request."""

    text_key: ClassVar[str] = "error.provider_unreachable"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True


class Unknown(KotaniError):
    """The request was sent and no usable answer came: a time-out, a 5xx, a cut or unreadable answer, a redirect.

    `passing` is false when the answer was whole and only said nothing that could be used: the next one would too.
    """

    text_key: ClassVar[str] = "error.provider_unknown"
    money_may_have_moved: ClassVar[bool] = True
    retry_safe: ClassVar[bool] = False

    def __init__(self, operation: str = "", detail: str = "", *, passing: bool = True) -> None:
        super().__init__(operation, detail)
        self.passing = passing


class Unanswered(Unknown):
    """A call that moves nothing had no usable answer."""

    text_key: ClassVar[str] = "error.provider_unreachable"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True


class RateLimited(KotaniError):
    """Too many requests (HTTP 429). `retry_after` is in seconds, between 1 and the client's cap."""

    text_key: ClassVar[str] = "error.provider_busy"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True

    def __init__(self, operation: str = "", *, retry_after: float) -> None:
        super().__init__(operation, f"asked to wait {retry_after:g} s")
        self.retry_after = retry_after


class DuplicateReference(KotaniError):
    """The reference, or the quote, was used before: an earlier attempt may well have gone through."""

    text_key: ClassVar[str] = "error.provider_unknown"
    money_may_have_moved: ClassVar[bool] = True
    retry_safe: ClassVar[bool] = False


class NotFound(KotaniError):
    """HTTP 404 in the provider's own envelope: proof of absence, unlike a 404 from something in between."""

    text_key: ClassVar[str] = "error.provider_not_found"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True


class Unauthorised(KotaniError):
    """HTTP 401: the key is wrong, revoked or of the other environment, or the request's signature was not accepted."""

    text_key: ClassVar[str] = "error.provider_closed"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = True


class Forbidden(KotaniError):
    """HTTP 403: the key has no permission. `message` is the provider's sentence."""

    text_key: ClassVar[str] = "error.provider_closed"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = False

    def __init__(self, operation: str = "", *, message: str = "") -> None:
        super().__init__(operation)
        self.message = message


class ServiceNotEnabled(Forbidden):
    """Kotani enables countries and services for each account. `service` is its name where the answer gives it."""

    text_key: ClassVar[str] = "error.service_not_enabled"

    def __init__(self, operation: str = "", *, message: str = "", service: str | None = None) -> None:
        super().__init__(operation, message=message)
        self.service = service


class CustomerSuspended(Forbidden):
    """HTTP 403: "Customer ... is temporarily suspended"."""

    text_key: ClassVar[str] = "error.customer_suspended"


class Refused(KotaniError):
    """A refusal of this very request (HTTP 400, 409, 422, or `success: false`); nothing was done.

    `reasons` are the provider's single complaints, word for word; `message` its sentence; `code` its own code, if any.
    """

    text_key: ClassVar[str] = "error.provider_refused"
    money_may_have_moved: ClassVar[bool] = False
    retry_safe: ClassVar[bool] = False

    def __init__(
        self, operation: str = "", *, message: str = "", reasons: tuple[str, ...] = (), code: str | None = None
    ) -> None:
        super().__init__(operation)
        self.message = message
        self.reasons = reasons
        self.code = code


class RateExpired(Refused):
    """HTTP 400 "Rate Expired": the quote's 60 seconds are over."""

    text_key: ClassVar[str] = "error.quote_expired"


class InsufficientFunds(Refused):
    """HTTP 400 "Insufficient Funds"."""

    text_key: ClassVar[str] = "error.insufficient_funds"
