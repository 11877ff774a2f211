"""Receiving: getUpdates, setWebhook, deleteWebhook, getWebhookInfo, answerCallbackQuery, answerInlineQuery."""

import re

from bot.simulator.loopback import is_loopback
from bot.simulator.telegram.errors import BadRequest, Conflict
from bot.simulator.telegram.method import Method
from bot.simulator.telegram.params import Params
from bot.simulator.telegram.webhook import Target
from bot.simulator.telegram.world import TelegramWorld

_SECRET = re.compile(r"[A-Za-z0-9_-]{0,256}")


async def get_updates(world: TelegramWorld, params: Params) -> object:
    if world.webhook.target is not None:
        raise Conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    if params.given("allowed_updates"):
        world.updates.allow(params.parsed("allowed_updates", "allowed updates"))
    limit = params.integer("limit", 100)
    world.updates.confirm(params.integer("offset", 0))
    world.polls += 1
    turn = world.polls
    world.pulse.beat()

    def over() -> bool:
        return world.polls != turn or world.webhook.target is not None

    timeout = min(max(0, params.integer("timeout", 0)), world.settings.longest_poll)
    if timeout:
        await world.pulse.until(lambda: over() or bool(world.updates.waiting()), timeout)
    if world.webhook.target is not None:
        raise Conflict("terminated by setWebhook request")
    if over():
        raise Conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
    return world.updates.batch(limit if 1 <= limit <= 100 else 100)


async def set_webhook(world: TelegramWorld, params: Params) -> object:
    url, secret = params.text("url").strip(), params.text("secret_token")
    if not _SECRET.fullmatch(secret):
        raise BadRequest("secret token contains unallowed characters")
    connections = params.integer("max_connections", 40)
    if not 1 <= connections <= 100:
        raise BadRequest("max_connections must be between 1 and 100")
    if url and not is_loopback(url):
        raise BadRequest("bad webhook: the emulator calls this machine only")
    if params.given("allowed_updates"):
        world.updates.allow(params.parsed("allowed_updates", "allowed updates"))
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.webhook.set(Target(url, secret, connections, params.text("ip_address") or None) if url else None)
    world.pulse.beat()
    return True


async def delete_webhook(world: TelegramWorld, params: Params) -> object:
    if params.flag("drop_pending_updates"):
        world.updates.drop()
    world.webhook.set(None)
    world.pulse.beat()
    return True


async def get_webhook_info(world: TelegramWorld, _params: Params) -> object:
    return world.webhook.info()


async def answer_callback_query(world: TelegramWorld, params: Params) -> object:
    world.taps.answer(
        params.text("callback_query_id"), params.text("text"), alert=params.flag("show_alert"), url=params.text("url")
    )
    return True


async def answer_inline_query(world: TelegramWorld, params: Params) -> object:
    world.inline.answer(params, world.files)
    return True


METHODS = (
    Method("getUpdates", get_updates),
    Method("setWebhook", set_webhook),
    Method("deleteWebhook", delete_webhook),
    Method("getWebhookInfo", get_webhook_info),
    Method("answerCallbackQuery", answer_callback_query),
    Method("answerInlineQuery", answer_inline_query),
)
