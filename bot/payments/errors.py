"""The root of all errors that say something to a person.

Every such error answers three questions: what to tell the person (`text_key`, a key of the message catalogue), whether
money may have moved, and whether doing the same thing again is safe. The tree:

```
PaymentError
├── KotaniError …     bot.kotani.errors: what the provider's answers mean
├── QuoteUnusable     bot.engine.quotes: a quote that does not add up
└── …                 one class per thing that a caller can do about it
```
"""

from typing import ClassVar


class PaymentError(Exception):
    """Something that kept a payment from going on. Subclasses set the three answers."""

    text_key: ClassVar[str] = "error.unexpected"
    money_may_have_moved: ClassVar[bool] = True
    retry_safe: ClassVar[bool] = False
