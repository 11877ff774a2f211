"""Services and countries that the provider does not enable: not offered, and explained to whoever asks all the same."""

from dataclasses import replace
from typing import Any

import pytest

from bot.payments.catalogue import COUNTRIES
from bot.payments.coverage import Coverage, Service
from bot.screens.menu import command_menu, command_of_key, only_open
from bot.screens.questions import note_with_menu
from bot.screens.screen import Screen
from bot.screens.taps import MenuTap
from bot.screens.texts import catalogue
from handlers.dialogue.form import Offered

CLOSED = "Buying crypto is not available at the moment"


@pytest.fixture
async def served(world: Any) -> dict[str, Coverage]:
    """What is served, to be changed while people talk."""
    now = {"now": Coverage()}
    world.services = replace(world.services, offered=Offered(coverage=lambda: now["now"]))
    await world.close()
    await world.open()
    return now


def close(served: dict[str, Coverage], *services: Service) -> None:
    served["now"] = Coverage(refused=frozenset(services))


def offered(chat: Any) -> set[str | None]:
    """The commands behind the keys under the text field."""
    return {command_of_key(key.text) for row in chat.keys for key in row}


async def test_a_closed_service_is_not_on_the_keyboard(world: Any, jane: Any, served: dict[str, Coverage]) -> None:
    await jane.say("/start")
    assert "buy" in offered(jane)
    close(served, Service.BUY)
    await jane.say("/start")
    assert "buy" not in offered(jane)
    assert {"status", "help"} <= offered(jane)


async def test_help_tells_only_what_can_be_done_now(world: Any, jane: Any, served: dict[str, Coverage]) -> None:
    await jane.say("/help")
    assert "buy 20 usdc on base" in jane.text
    close(served, Service.BUY)
    await jane.say("/help")
    assert "buy 20 usdc" not in jane.text
    assert "sell" in jane.text


@pytest.mark.parametrize("asked", ["/buy", "/buy 20 usdc on base", "buy 20 usdc on base", "Buy crypto", "20 usdc"])
async def test_whoever_asks_is_told_what_can_be_done_instead(
    world: Any, jane: Any, served: dict[str, Coverage], asked: str
) -> None:
    close(served, Service.BUY)
    await jane.say(asked)
    assert CLOSED in jane.text
    assert "Sell crypto" in jane.last.labels
    assert "Buy crypto" not in jane.last.labels
    assert await world.dialogues() == []


async def test_an_old_button_is_told_the_same(world: Any, jane: Any, served: dict[str, Coverage]) -> None:
    close(served, *Service)
    await jane.tap(MenuTap("buy").pack())
    assert CLOSED in jane.text
    assert "try again later" in jane.text


async def test_what_closes_during_a_conversation_waits_and_goes_on(
    world: Any, jane: Any, served: dict[str, Coverage]
) -> None:
    await jane.to_review()
    close(served, Service.BUY)
    await jane.press("Confirm")
    assert CLOSED in jane.text
    assert await world.paid() == []
    close(served)
    await jane.press("Confirm", on=jane.card)
    assert len(await world.paid()) == 1


async def test_a_country_that_closes_is_asked_anew(world: Any, jane: Any, served: dict[str, Coverage]) -> None:
    await jane.buy_once()
    served["now"] = Coverage(payers=(COUNTRIES["GH"], COUNTRIES["UG"]))
    await jane.say("buy 20 usdc on base")
    assert "In which country do you pay?" in jane.text
    assert {label.split(" ", 1)[1] for label in jane.last.labels[:2]} == {"Ghana", "Uganda"}
    await jane.say("kenya")
    assert "In which country do you pay?" in jane.text


async def test_only_the_networks_that_work_are_asked_for(world: Any, jane: Any, served: dict[str, Coverage]) -> None:
    served["now"] = Coverage(payers=(replace(COUNTRIES["KE"], networks=("AIRTEL",)),))
    await jane.say("buy 20 usdc on base to 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    await jane.press("English")
    for _ in range(3):
        if "Which mobile money" in jane.text:
            break
        await jane.say("0712 345 678" if "Which phone" in jane.text else "kenya")
    assert any("Airtel" in label for label in jane.last.labels)
    assert not any("M-Pesa" in label for label in jane.last.labels)


def test_buttons_of_the_menu_go_with_their_service() -> None:
    texts = catalogue("en")
    screen = note_with_menu(texts, texts("dialogue.only_text"), commands=("buy", "help"))
    assert len(only_open(screen, tuple(Service)).rows[0]) == 2
    (row,) = only_open(screen, ()).rows
    assert [button.data for button in row] == [MenuTap("help").pack()]
    assert only_open(Screen("x", keys=((),)), ()).keys == ()
    assert "buy" not in dict(command_menu(texts, ()))
