"""Everything that ever arrived arrives once more: nothing changes, and everybody is answered as before."""

import re
from typing import Any

import httpx

from storage.callbacks import CALLBACK

from .conftest import Play
from .test_provider import approve, buys, prompted

BOOKS = (
    "SELECT id, code, state, revision, reason, receipt, tx_hash, ended_at FROM payment ORDER BY id",
    "SELECT id, state, provider_id, receipt, tx_hash, due_at, submissions FROM leg ORDER BY id",
    "SELECT * FROM leg_event ORDER BY id",
    "SELECT id, dedupe_key, state, message_id, sent_at FROM notice ORDER BY id",
    "SELECT * FROM attention_case ORDER BY id",
    "SELECT customer_id, id, question, revision FROM dialogue ORDER BY id",
    "SELECT id, chat_id, language, country, network, phone_digest FROM customer ORDER BY id",
    "SELECT id, chain, address_digest, uses FROM saved_address ORDER BY id",
    "SELECT update_id, state FROM update_received ORDER BY update_id",
    "SELECT count(*) FROM callback_received",
)


async def books(play: Play) -> list[list[tuple[Any, ...]]]:
    return [await play.ask(query) for query in BOOKS]


def asked_about_money(play: Play) -> int:
    """How often the provider was asked for anything but the wallets' balances, which are looked at by the clock."""
    return sum(one.operation != "wallet.list" for one in play.kotani.requests)


async def test_replaying_everything_changes_nothing(play: Play) -> None:
    async with play.running():
        jane, other = await play.person(), await play.person("Other", "+254712000111")
        await buys(jane)
        await prompted(play)
        approve(play)
        await jane.sees("delivered", rings=True)
        play.kotani.fail_next(deliveries=1)
        await buys(other)
        await prompted(play)
        approve(play)
        await other.sees("Your money is back", rings=True)
        await other.says("/status")
        await other.sees("10 USDC")
        await play.quiet()
        before, requests = await books(play), asked_about_money(play)
        shown = [
            message.content.text
            for chat in (jane.id, other.id)
            for message in play.telegram.messages(chat, by_bot=True)
        ]

        for update in list(play.telegram.updates.log):
            play.telegram.updates.redeliver(update, 2)
        await play.telegram.until(lambda: not play.telegram.updates.waiting(), 30)
        for transaction in play.kotani.register.all:
            play.kotani.repeat(transaction.reference, 2)
        await play.kotani.callbacks.idle()
        await play.quiet()
        assert await books(play) == before

        assert play.assistant is not None  # and once more, as if none of them had been applied yet
        anew = CALLBACK.update().values(handled_at=None, outcome=None, due_at=play.clock())
        await play.assistant.database.write(lambda session: session.connection().execute(anew).rowcount)
        await play.quiet()
        assert await books(play) == before
        assert await play.ask("SELECT 1 FROM callback_received WHERE outcome <> 'applied'") == []

        play.clock.jump(days=31)  # a callback can be that late
        for transaction in play.kotani.register.all:
            play.kotani.repeat(transaction.reference)
        await play.kotani.callbacks.idle()
        await play.quiet()
        assert await books(play) == before
        assert {attempt.status for sent in play.kotani.callbacks.all for attempt in sent.attempts} == {200}
        assert asked_about_money(play) == requests
        assert shown == [
            message.content.text
            for chat in (jane.id, other.id)
            for message in play.telegram.messages(chat, by_bot=True)
        ]


async def test_pages_for_machines_show_no_customer_and_say_when_the_database_is_away(play: Play) -> None:
    async with play.running():
        jane = await play.person()
        await buys(jane)
        await prompted(play)
        async with httpx.AsyncClient(base_url=play.address, trust_env=False) as http:
            pages = [(await http.get(path)).text for path in ("/health/live", "/health/ready", "/metrics")]
            assert (await http.get("/health/ready")).json() == {"ready": True}
            (order,) = play.orders()
            code = await play.one("SELECT code FROM payment")
            token = await play.one("SELECT callback_token FROM leg")
            hidden = (
                jane.phone[4:],
                "Jane",
                order.reference,
                order.receiver,
                code,
                token,
                str(jane.id),
                "a-key-of-the-tests",
            )
            # whole words, since digits of a figure are nobody's number
            assert not [
                word for word in hidden for page in pages if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", page)
            ]
            for method in ("POST", "PUT", "DELETE"):
                assert (await http.request(method, "/metrics")).status_code == 405
            assert play.assistant is not None
            await play.assistant.database.stop()
            assert (await http.get("/health/ready")).status_code == 503
            assert (await http.get("/health/live")).status_code == 200
            await play.assistant.database.start()
            assert (await http.get("/health/ready")).status_code == 200
