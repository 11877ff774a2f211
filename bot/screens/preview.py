"""Every screen in every language on one page, with the receipts as pictures: `python -m bot.screens.preview FOLDER`.

Needs no bot, no database and no network: open FOLDER/index.html in a browser.
"""

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from bot.payments.states import PaymentState
from bot.screens.formats import chain_label, masked, money, network_label, short_address
from bot.screens.gate import group_help, private_only, slow_down, sorry
from bot.screens.help import help_screen, not_understood, payment_help
from bot.screens.history import history, payment_not_found
from bot.screens.links import https_on
from bot.screens.menu import command_menu, welcome
from bot.screens.outcome import delay_message, outcome_message, reminder_message
from bot.screens.places import country_name, flag
from bot.screens.preview_operators import operator_samples
from bot.screens.preview_orders import Sample, outcome_sample, sale_samples, send_samples
from bot.screens.preview_owners import owner_samples
from bot.screens.preview_people import people_samples
from bot.screens.preview_requests import request_samples
from bot.screens.preview_words import word_samples
from bot.screens.questions import (
    Choice,
    Place,
    contact_question,
    language_card,
    question_card,
    resume_card,
    retry_rows,
    review_rows,
)
from bot.screens.review import review_cancelled, review_card, review_confirmed, review_expired
from bot.screens.samples import BANK_OFFER, BY_BANK, BY_PHONE, NOW, OFFER, OFFER_AGAIN, sample_view
from bot.screens.screen import Button, Screen
from bot.screens.status import status_card
from bot.screens.texts import LANGUAGE_NAMES, LANGUAGES, Texts, catalogue

_PLACE: Final = Place("sample", 1)
ALLOWED: Final = https_on("bank.example")

_STYLE: Final = """
body{margin:0;padding:24px;background:#dfe7e3;font:16px/1.4 system-ui,sans-serif;color:#10241c}
section{display:grid;grid-template-columns:repeat(auto-fill,minmax(330px,360px));gap:20px;align-items:start}
figure{margin:0}figcaption{font-size:13px;color:#55665e;margin:0 0 6px}
.message{background:#fff;border-radius:14px;padding:10px 14px;white-space:pre-wrap;overflow-wrap:anywhere}
.message img{display:block;width:100%;border-radius:10px;margin-bottom:8px}
.message code{font-size:14px;background:#eef2f0}
.message blockquote{margin:4px 0;border-left:3px solid #0a7c52;padding:2px 8px}
.message tg-time{border-bottom:1px dotted}
.row{display:flex;gap:4px;margin-top:4px}
.row span{flex:1;text-align:center;background:#8aa79a;color:#fff;border-radius:8px;padding:7px 4px;font-size:14px}
.row .primary,.row .success{background:#0a7c52}.row .danger{background:#b3402f}.row .key{background:#6d7f76}
"""


def samples(texts: Texts) -> Iterator[Sample]:
    """Every screen of this package in one language, in the order in which a customer meets them."""
    yield Sample("welcome", welcome(texts, name="Jane"))
    yield Sample("welcome back", welcome(texts, name="Jane", returning=True))
    yield from _questions(texts)
    yield from _reviews(texts)
    yield from _payments(texts)
    yield from sale_samples(texts)
    yield from send_samples(texts)
    yield from request_samples(texts)
    yield from people_samples(texts)
    yield from word_samples(texts)
    yield from owner_samples(texts)
    yield from operator_samples(texts)
    yield Sample("history", history(texts, [sample_view(state) for state in PaymentState][:5]))
    yield Sample("history, one", history(texts, [sample_view(PaymentState.COMPLETED)]))
    yield Sample("history, empty", history(texts, ()))
    yield Sample("no such payment", payment_not_found(texts))
    yield Sample("help", help_screen(texts, support="@support", country="KE"))
    yield Sample("help without support", help_screen(texts, country="SN"))
    yield Sample("not understood", not_understood(texts))
    yield Sample("group", private_only(texts, bot_username="example_bot"))
    yield Sample("group, help", group_help(texts, bot_username="example_bot"))
    yield Sample("slow down", slow_down(texts))
    yield Sample("sorry", sorry(texts))
    yield Sample("old button (pop-up)", Screen(text=html.escape(texts.plain("sorry.outdated"))))
    menu = "\n".join(f"/{command}: {html.escape(description)}" for command, description in command_menu(texts))
    yield Sample("command menu", Screen(text=menu))


def _questions(texts: Texts) -> Iterator[Sample]:
    yield Sample("language", language_card(texts))
    fiat = money(OFFER.fiat_amount, texts.language)
    chain, wallet = chain_label(BY_PHONE.chain), short_address(BY_PHONE.address)
    phone = masked(BY_PHONE.phone)
    country = country_name(BY_PHONE.country, texts.language)
    where = {"token": BY_PHONE.token, "chain": chain}
    for name, said, answers in (
        ("amount", texts("ask.amount", currency="KES", example="1500", token="USDC"), (fiat,)),  # noqa: S106
        ("token", texts("ask.token"), ("USDC", "USDT", "cUSD")),
        ("chain", texts("ask.chain", token=BY_PHONE.token), (chain, "Polygon", "Solana")),
        ("address", texts("ask.address", **where), ()),
        ("address, known", texts("ask.address_again", **where), (wallet,)),
        ("address, no memo", texts("ask.address_stellar", **where), ()),
        ("country", texts("ask.country"), (f"{flag('KE')} {country}",)),
        ("phone, known", texts("ask.phone_again", country=country), (texts.plain("button.own_phone", phone=phone),)),
        ("network", texts("ask.network", phone=phone), (network_label("KE", "MPESA"),)),
        ("name", texts("ask.name", phone=phone), ()),
        ("name, bank", texts("ask.name_bank"), ()),
    ):
        choices = [Choice(answer, str(place), marked=place == 0) for place, answer in enumerate(answers)]
        yield Sample(f"question: {name}", question_card(texts, _PLACE, said, choices=choices))
    yield Sample("question: phone", contact_question(texts, texts("ask.phone", country=country)))
    yield Sample("question: phone, bank", contact_question(texts, texts("ask.phone_bank", country=country)))
    yield Sample("a conversation that waited", resume_card(texts, _PLACE, texts("dialogue.expired")))


def _reviews(texts: Texts) -> Iterator[Sample]:
    answers, retry = review_rows(texts, _PLACE), retry_rows(texts, _PLACE)
    yield Sample("review", review_card(texts, BY_PHONE, OFFER, answers))
    yield Sample("review, new quote", review_card(texts, BY_PHONE, OFFER_AGAIN, answers, before=OFFER))
    yield Sample("review by bank", review_card(texts, BY_BANK, BANK_OFFER, answers))
    yield Sample("review, run out", review_expired(texts, BY_PHONE, OFFER, retry))
    yield Sample("review, confirmed", review_confirmed(texts, BY_PHONE, OFFER, code="K7F3-9QX2"))
    yield Sample("review, cancelled", review_cancelled(texts, OFFER))


def _payments(texts: Texts) -> Iterator[Sample]:
    for state in PaymentState:
        for bank in (False, True):
            view = sample_view(state, bank=bank, with_a_person=bank and state is PaymentState.REFUNDING)
            name = f"{state}{', bank' if bank else ''}"
            yield Sample(f"status: {name}", status_card(texts, view, allowed=ALLOWED))
            if outcome_message(texts, view) is not None:
                yield outcome_sample(texts, view, name, "bank" if bank else "phone")
        yield Sample(f"help: {state}", payment_help(texts, sample_view(state), support="@support"))
    undone = replace(sample_view(PaymentState.REFUNDING, with_a_person=True), ended_at=NOW)
    screen = outcome_message(texts, undone)
    assert screen is not None
    yield Sample("outcome: a refund that was undone", screen)
    yield Sample("a payment that takes longer", delay_message(texts, sample_view(PaymentState.DELIVERING)))
    yield Sample("reminder", reminder_message(texts, sample_view(PaymentState.AWAITING_PAYMENT)))
    yield Sample("reminder, bank", reminder_message(texts, sample_view(PaymentState.AWAITING_PAYMENT, bank=True)))


def write_preview(folder: Path) -> Path:
    """Write the page and its pictures into `folder` (made if absent); the page's path."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [f"<!doctype html><meta charset='utf-8'><title>Screens</title><style>{_STYLE}</style>"]
    for language in LANGUAGES:
        texts = catalogue(language)
        shown = list(samples(texts))
        for sample in shown:
            if sample.picture is not None:
                (folder / sample.picture.file).write_bytes(sample.picture.draw())
        figures = "".join(_figure(sample) for sample in shown)
        parts.append(f"<h1>{LANGUAGE_NAMES[language]}</h1><section>{figures}</section>")
    page = folder / "index.html"
    page.write_text("\n".join(parts), encoding="utf-8")
    return page


def _figure(sample: Sample) -> str:
    picture = f"<img src='{sample.picture.file}' alt=''>" if sample.picture is not None else ""
    rows = "".join(f"<div class='row'>{''.join(_button(button) for button in row)}</div>" for row in sample.screen.rows)
    keys = "".join(
        f"<div class='row'>{''.join(f'<span class=key>{html.escape(key.text)}</span>' for key in row)}</div>"
        for row in sample.screen.keys or ()
    )
    return (
        f"<figure><figcaption>{html.escape(sample.name)}</figcaption>"
        f"<div class='message'>{picture}{sample.screen.text}</div>{rows}{keys}</figure>"
    )


def _button(button: Button) -> str:
    mark = " ↗" if button.url is not None else " ⧉" if button.copy is not None else ""
    return f"<span class='{button.style or ''}'>{html.escape(button.text)}{mark}</span>"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def main(folder: Path) -> None:
    """Write every screen in every language as one page into FOLDER."""
    click.echo(write_preview(folder))


if __name__ == "__main__":
    main()
