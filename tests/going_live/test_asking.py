"""The checks as operators and the command line ask for them."""

import pytest
from pydantic import SecretStr

from bot.checks import command
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
