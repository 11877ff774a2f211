"""The walk through the open questions against a simulated sandbox: what it learns, what it hides, whom it refuses."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.probe.command import run
from bot.probe.hearing import Heard, listening
from bot.probe.questions import Learned
from bot.probe.writing import Pen
from bot.redaction import Redactor
from bot.settings import Settings, SettingsRefused

from .conftest import KEYS, Place


async def walked(settings: Settings, folder: Path) -> tuple[list[dict[str, Any]], str]:
    """The questions as they were written, and both files' whole text."""
    assert await run(settings, folder, callback_seconds=1.5, quote_seconds=0.3, between=0) == 0
    read, written = files(folder)
    assert (read.stat().st_mode | written.stat().st_mode) & 0o077 == 0
    return json.loads(read.read_text())["questions"], read.read_text() + written.read_text()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("probe-*"))


async def test_what_the_sandbox_answers_is_written_down(place: Place, tmp_path: Path) -> None:
    settings = place.live()
    assert settings.kotani_webhook_secret is not None
    secret = settings.kotani_webhook_secret.get_secret_value()
    place.sandbox.configure(webhook_secret=secret, quote_ttl=0.2, duplicate_customer="return")
    place.sandbox.clock.speed = 20  # its numbers that pay by themselves take five seconds
    questions, text = await walked(settings, tmp_path)
    learned = [" ".join(one["learned"]) for one in questions]
    assert [one["number"] for one in questions] == list(range(1, 9))
    assert "answers /health with HTTP 200" in learned[0]
    assert "KES KE" in learned[0]
    assert "An onramp from a quote 0.3 s old: HTTP 400" in learned[1]
    assert "the number is the crypto to be received" in learned[1]
    assert "gives the same key" in learned[2]
    assert "the transaction's own callback_url" in learned[3]
    assert "the signature is right over the text called cut" in learned[3]
    assert "A second deposit under the same reference: HTTP 400" in learned[4]
    assert "its status is then CANCELLED" in learned[5]
    assert "it asks for: title" in learned[6]
    assert "A callback answered 500 came" in learned[7]
    for hidden in (KEYS["sandbox"], secret, "254700000001", "700000001", 'customer_key":"c'):
        assert hidden not in text, hidden


async def test_other_answers_are_learned_as_they_are(place: Place, tmp_path: Path) -> None:
    place.sandbox.configure(duplicate_customer="refuse", duplicate_reference="record")
    place.sandbox.clock.speed = 20
    questions, _ = await walked(place.live(kotani_webhook_secret=None), tmp_path / "not there" / "yet")
    in_the_way = tmp_path / "a file"
    in_the_way.touch()
    with pytest.raises(SettingsRefused, match="--out: this folder cannot be made"):
        await run(place.live(kotani_webhook_secret=None), in_the_way, callback_seconds=0, between=0)
    learned = [" ".join(one["learned"]) for one in questions]
    assert "gives HTTP 400" in learned[2]
    assert "unsigned" in learned[3]
    assert "HTTP 200" in learned[4]
    assert "DUPLICATE" in learned[4]


async def test_production_is_never_asked(place: Place, tmp_path: Path) -> None:
    asked = len(place.production.requests)
    for settings in (
        place.live(environment="production"),
        place.live(kotani_base_url="https://api.kotanipay.com"),
        place.live(kotani_base_url="https://proxy.example.com"),
    ):
        with pytest.raises(SettingsRefused, match="sandbox"):
            await run(settings, tmp_path, callback_seconds=0, between=0)
    assert len(place.production.requests) == asked
    assert files(tmp_path) == []


async def test_it_does_not_walk_deaf_where_the_assistant_runs_on_its_port(place: Place, tmp_path: Path) -> None:
    async with listening("127.0.0.1", 0, None) as there:
        assert there is not None
        settings = place.live(port=int(there.base.rpartition(":")[2]))
        with pytest.raises(SettingsRefused, match=r"PORT: .* stop the assistant"):
            await run(settings, tmp_path, callback_seconds=0.1)
    assert files(tmp_path) == []


async def test_a_key_that_is_refused_ends_the_walk(place: Place, tmp_path: Path) -> None:
    refused = place.live(kotani_api_key=SecretStr("a-wrong-key"))
    assert await run(refused, tmp_path, callback_seconds=0, between=0) == 1
    assert {one.operation for one in place.sandbox.requests} == {"wallet.list"}


def test_a_body_without_an_end_is_written_down_in_good_time() -> None:
    """What is heard may be as long as a callback, and anybody can send it."""
    pen = Pen(Redactor(), at="now", host="here", version="1")
    heard = Heard("/kotani/callbacks/probe", {}, b"a." * 100_000, 200, 0.0)
    began = time.monotonic()
    pen.markdown([Learned(1, "What comes?", callbacks=[heard])])
    assert time.monotonic() - began < 5
    kept = Heard("/kotani/callbacks/probe", {}, b"to jane.doe@mail.example.com", 200, 0.0)
    assert "jane" not in pen.markdown([Learned(1, "What comes?", callbacks=[kept])])
