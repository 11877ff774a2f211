"""The checks as operators and the command line ask for them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from bot.__main__ import main
from bot.checks import command
from bot.settings import Settings, fresh_keys
from bot.simulator.telegram import Message

from .conftest import Place, rows

OWNER = 1001  # the first person who arrives in a simulated world


async def test_an_owner_checks_in_the_chat_and_sets_the_webhook(place: Place) -> None:
    settings = place.live()
    async with place.running(settings) as (assistant, address):
        olu = await place.person()
        assert olu.id == OWNER
        await olu.says("/check now")
        await olu.sees("This is how: /check")
        await olu.says("/check")
        await olu.sees("Check of the installation", "✅ API key: taken in sandbox", "believed and stored")
        await olu.sees("Kotani Pay has no address for callbacks")
        await olu.taps("Set it at Kotani Pay")
        await olu.sees("Set the webhook at Kotani Pay?", f"{address}/kotani/callbacks/webhook")
        assert place.sandbox.settings.webhook_url == ""  # nothing is done before the answer
        await olu.taps("Set it at Kotani Pay")
        await olu.sees("✅ Webhook secret: set at Kotani Pay")
        assert place.sandbox.settings.webhook_url == f"{address}/kotani/callbacks/webhook"
        assert settings.kotani_webhook_secret is not None
        secret = settings.kotani_webhook_secret.get_secret_value()
        assert place.sandbox.settings.webhook_secret == secret
        acts = await rows(assistant, "SELECT operator, action, after FROM operator_action")
        assert [act[:2] for act in acts] == [(OWNER, "set_webhook")]
        assert not [one for one in said(place) if secret in one.content.text or secret in str(acts)]


async def test_a_stranger_learns_of_no_check(place: Place) -> None:
    async with place.running(place.live(owners="77")):
        eve = await place.person("Eve")
        await eve.says("/check")
        await eve.sees("I did not understand that")
        assert not [one for one in said(place) if "Check" in one.content.text]


async def test_the_command_line_tells_by_its_exit_code(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    settings = place.live()
    async with place.running(settings) as (_, address):
        beside = settings.model_copy(update={"port": int(address.rsplit(":", 1)[1])})
        assert await command.run(beside) == 0
        printed = capsys.readouterr().out
        assert "  ok      Callback round trip: arrived, was believed and stored" in printed
        assert "  warning Webhook secret: " in printed
        assert await command.run(beside, setting_webhook=True) == 0
        assert "set at Kotani Pay: signed callbacks come to" in capsys.readouterr().out
        assert place.sandbox.settings.webhook_url.startswith(address)
        assert await command.run(beside.model_copy(update={"kotani_api_key": SecretStr("a-wrong-key")})) == 1
        assert "  FAULT   API key: sandbox refuses it" in capsys.readouterr().out


def said(place: Place) -> list[Message]:
    return [one for chat in place.telegram.chats.all for one in place.telegram.messages(chat, by_bot=True)]


def test_production_is_refused_at_the_command_line_by_name(tmp_path: Path) -> None:
    live = {
        "TELEGRAM_TOKEN": "8123456789:AAF-canary_canary_canary",
        "KOTANI_API_KEY": "kp-canary-key",
        "KOTANI_ENVIRONMENT": "production",
        "KOTANI_BASE_URL": "https://kotani.invalid",
        "KOTANI_TIMEOUT_SECONDS": "1",
        "KOTANI_WEBHOOK_SECRET": "canary-canary-canary",
        "PUBLIC_URL": "https://assistant.local",
        "PORT": "0",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'assistant.db'}",
    }
    done = _run(tmp_path, "run", **live, **fresh_keys())
    assert done.returncode == 2, done.stderr
    assert "  - Owners: nobody" in done.stderr
    assert "  - Public address: assistant.local is an address inside a network" in done.stderr
    assert "Traceback" not in done.stderr
    assert "canary" not in done.stdout + done.stderr


def _run(folder: Path, command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    ours = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    return subprocess.run(
        [sys.executable, "-m", "bot", command],
        cwd=folder,
        env=ours | {"PYTHONPATH": str(Path(__file__).parent.parent.parent)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("asked", "words"), [("check", "nothing to check"), ("probe", "nobody to ask")])
def test_a_demonstration_has_nothing_to_look_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, [asked], env=dict.fromkeys(("TELEGRAM_TOKEN", "KOTANI_API_KEY")))
    assert (done.exit_code, words in done.output) == (2, True)
