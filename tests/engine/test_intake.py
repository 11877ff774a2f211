"""What a stored callback is known by."""

import time

from bot.engine.intake import digest_of
from bot.payments.references import new_reference


def body(reference: str, status: str = "PENDING") -> bytes:
    return f'{{"event":"transaction.onramp.status.updated","data":{{"referenceId":"{reference}","status":"{status}"}}}}'.encode()


def test_what_arrives_later_is_filed_behind() -> None:
    filed = []
    for _ in range(20):
        filed.append(digest_of(body(new_reference())))
        time.sleep(0.002)
    assert filed == sorted(filed)


def test_every_byte_counts_whether_it_names_a_reference_or_not() -> None:
    reference = new_reference()
    bodies = [
        body(reference),
        body(reference, "FAILED"),
        body(reference) + b" ",
        body(""),
        b"",
        b"\xff",
        reference.encode(),
    ]
    assert len({digest_of(one) for one in bodies}) == len(bodies)
    assert digest_of(body(reference)) == digest_of(body(reference))
