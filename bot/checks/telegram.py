"""Telegram's side: whose token it is, how updates arrive, and what the assistant may do in the operators' group."""

from typing import Any, Final

import httpx

from bot.checks.ground import Ground
from bot.engine.operators.check_results import Finding, doubtful, well, wrong
from bot.web.telegram import PATH as WEBHOOK_PATH

_TRIAL: Final = ("test", "sandbox", "staging", "demo", "dev")
_REFUSED: Final = frozenset({401, 404})  # what a token that is none is answered


class _Refused(Exception):
    """Telegram's own no, with its words."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.code = code


async def token(ground: Ground) -> Finding:
    """Whether Telegram takes the token, and whether it is a bot for this environment."""
    try:
        bot = await _ask(ground, "getMe")
    except _Refused as refused:
        if refused.code in _REFUSED:
            return wrong("token", "check.token_refused", "check.token_refused_do")
        return doubtful("token", "check.unknown", "check.again_do", why=refused)
    except httpx.HTTPError as error:
        return doubtful("token", "check.unknown", "check.again_do", why=type(error).__name__)
    name = str(bot.get("username", ""))
    if ground.in_production and any(word in name.lower() for word in _TRIAL):
        return doubtful("token", "check.token_trial", "check.token_trial_do", bot=name)
    return well("token", "check.token_ok", bot=name)


async def updates(ground: Ground) -> Finding:
    """Whether updates come as the settings say."""
    settings = ground.settings
    try:
        info = await _ask(ground, "getWebhookInfo")
    except (_Refused, httpx.HTTPError) as error:
        return doubtful("updates", "check.unknown", "check.again_do", why=_words(error))
    url, waiting = str(info.get("url") or ""), info.get("pending_update_count", 0)
    if settings.telegram_mode == "polling":
        if url:  # who asks for updates takes a webhook away, so somebody keeps setting it
            said = doubtful if ground.address is None else wrong
            return said("updates", "check.updates_taken", "check.updates_taken_do")
        return well("updates", "check.well")
    if url != f"{settings.public_url}{WEBHOOK_PATH}":
        said = doubtful if ground.address is None else wrong  # it is set at the start
        return said("updates", "check.updates_elsewhere", "check.updates_elsewhere_do")
    if (trouble := info.get("last_error_message")) and waiting:
        return doubtful("updates", "check.updates_failing", "check.unreachable_do", why=trouble, count=waiting)
    return well("updates", "check.well")


async def group(ground: Ground) -> Finding:
    """Whether the operators' group can be reached, and what the assistant may do there."""
    chat = ground.settings.operators_chat
    if chat is None:
        return well("group", "check.group_none", "check.group_none_do")
    try:
        bot = await _ask(ground, "getMe")
        found = await _ask(ground, "getChat", chat_id=chat)
        member = await _ask(ground, "getChatMember", chat_id=chat, user_id=bot["id"])
    except _Refused as refused:
        return wrong("group", "check.group_refused", "check.group_refused_do", why=refused)
    except httpx.HTTPError as error:
        return doubtful("group", "check.unknown", "check.again_do", why=type(error).__name__)
    names = {"title": found.get("title", "")}
    status = member.get("status")
    if status in ("left", "kicked") or member.get("can_send_messages") is False:
        return wrong("group", "check.group_mute", "check.group_refused_do", **names)
    if found.get("is_forum") and not member.get("can_manage_topics"):
        return doubtful("group", "check.group_no_topics", "check.group_admin_do", **names)
    if status not in ("administrator", "creator") and not bot.get("can_read_all_group_messages"):
        return well("group", "check.group_member", "check.group_admin_do", **names)
    return well("group", "check.group_ok", **names)


async def _ask(ground: Ground, method: str, **fields: Any) -> dict[str, Any]:
    """Call the Bot API. Raises `_Refused`, or `httpx.HTTPError` for everything that is no answer of Telegram's."""
    assert ground.settings.telegram_token is not None
    secret = ground.settings.telegram_token.get_secret_value()
    answer = await ground.http.post(f"{ground.settings.telegram_base_url}/bot{secret}/{method}", json=fields)
    try:
        said = answer.json()
    except ValueError:
        raise httpx.DecodingError("no JSON") from None
    if not isinstance(said, dict) or said.get("ok") is not True or not isinstance(said.get("result"), dict):
        words = str(said.get("description", "")) if isinstance(said, dict) else ""
        raise _Refused(answer.status_code, words.replace(secret, "***"))
    result: dict[str, Any] = said["result"]
    return result


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, _Refused) else type(error).__name__
