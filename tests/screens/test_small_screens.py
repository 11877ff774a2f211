"""Greeting, keyboard, command menu, gate, links, and the page that shows all of it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from telegram.constants import BotCommandLimit

from bot.payments.catalogue.countries import COUNTRIES, Country
from bot.payments.lines import SendLine, read_line
from bot.payments.parties import Way
from bot.payments.phones import Phone, read_phone
from bot.screens.gate import private_only
from bot.screens.help import help_screen
from bot.screens.links import https_on
from bot.screens.menu import command_menu, command_of_key, main_keyboard, welcome
from bot.screens.preview import samples, write_preview
from bot.screens.screen import Screen
from bot.screens.texts import LANGUAGES, Texts, catalogue

Read = Callable[[str], Any]


def test_every_screen_can_be_drawn_sent_and_stored(texts: Texts, read: Read) -> None:
    shown = list(samples(texts))
    assert len({sample.name for sample in shown}) == len(shown)
    for sample in shown:
        assert read(sample.screen.text).text, sample.name
        assert Screen.from_json(sample.screen.to_json()) == sample.screen
        for row in sample.screen.rows:
            assert len(row) <= 8
            assert all(len(button.text) <= 40 for button in row), sample.name


def test_the_preview_is_one_page_with_its_pictures(tmp_path: Path) -> None:
    page = write_preview(tmp_path / "preview")
    written = page.read_text(encoding="utf-8")
    for language in LANGUAGES:
        assert f"receipt-{language}-phone.png" in written
        assert (page.parent / f"receipt-{language}-phone.png").stat().st_size > 0


def test_keys_of_the_keyboard_are_understood_in_every_language(texts: Texts) -> None:
    understood = [command_of_key(key.text) for row in main_keyboard(texts) for key in row]
    assert understood == ["buy", "sell", "send", "request", "status", "help"]
    assert command_of_key("buy 20 usdc") is None


def test_the_greeting_brings_the_keyboard_and_takes_any_name(texts: Texts, read: Read) -> None:
    screen = welcome(texts, name="<b>Jane</b> @admin")
    assert screen.keys == main_keyboard(texts)
    assert screen.placeholder is not None
    assert len(screen.placeholder) <= 64
    assert "<b>Jane</b> @\u2060admin" in read(screen.text).text


def test_the_command_menu_is_within_telegrams_limits(texts: Texts) -> None:
    menu = command_menu(texts)
    assert [command for command, _ in menu][:4] == ["buy", "sell", "send", "request"]
    assert {"status", "help", "language", "cancel", "start"} <= {command for command, _ in menu}
    for command, description in menu:
        assert BotCommandLimit.MIN_COMMAND <= len(command) <= BotCommandLimit.MAX_COMMAND
        assert BotCommandLimit.MIN_DESCRIPTION <= len(description) <= 60


def test_help_warns_and_names_whom_to_ask(read: Read) -> None:
    seen = read(help_screen(catalogue("en"), support="@our_support").text).text
    assert "We never ask for a PIN" in seen
    assert "@our_support" in seen
    assert "Write to" not in help_screen(catalogue("en")).text


def test_help_speaks_of_the_customers_country() -> None:
    kenya, senegal, south_africa, nobody = (
        help_screen(catalogue("en"), country=country).text for country in ("KE", "SN", "ZA", None)
    )
    assert "send 500 kes to 07" in kenya
    assert "paybill" in kenya
    assert "xof to 70 123 45 67" in senegal
    assert "zar to +254" in south_africa
    for text in (senegal, south_africa, nobody):
        assert "paybill" not in text
        assert " 07" not in text
    for named in ("/settings", "/split", "@"):
        assert named in senegal


@pytest.mark.parametrize("country", [country for country in COUNTRIES.values() if Way.PHONE in country.payouts])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_of_help_are_understood(country: Country, language: str) -> None:
    examples = re.findall("<code>(.*?)</code>", help_screen(catalogue(language), country=country.iso2).text)
    lines = [read_line(text, default_currency=country.currency, country=country.iso2) for text in examples]
    (sent,) = [line for line in lines if isinstance(line, SendLine)]
    assert sent.party is not None
    assert sent.party.phone is not None
    assert isinstance(read_phone(sent.party.phone, country=country.iso2), Phone)
    assert sent.currency == country.currency


def test_a_group_is_led_to_the_private_chat(texts: Texts) -> None:
    ((button,),) = private_only(texts, bot_username="example_bot").rows
    assert button.url == "https://t.me/example_bot?start=group"


@pytest.mark.parametrize(
    ("link", "allowed"),
    [
        ("https://bank.example/pay?id=1", True),
        ("https://pay.bank.example/1", True),
        ("https://BANK.example./1", True),
        ("https://bank.example:8443/1", True),
        ("http://bank.example/pay", False),
        ("https://evilbank.example/pay", False),
        ("https://bank.example@evil.example/", False),
        ("https://evil.example/#bank.example", False),
        ("https://bank.example\\@evil.example/", False),
        ("https://bank.example /", False),
        ("https://bank.example/\n", False),
        ("https://bänk.example/", False),
        ("//bank.example/", False),
        ("https://[bank.example/", False),
        ("http://127.0.0.1:8080/", False),
        ("javascript:alert(1)", False),
        ("https://bank.example/" + "x" * 5000, False),
        ("", False),
    ],
)
def test_only_https_links_to_named_hosts_pass(link: str, allowed: bool) -> None:
    assert https_on("bank.example")(link) is allowed


def test_loopback_passes_only_where_it_is_meant_to() -> None:
    demo = https_on("bank.example", loopback=True)
    assert demo("http://127.0.0.1:8080/checkout/1")
    assert not demo("http://192.0.2.1/checkout/1")
