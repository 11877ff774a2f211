"""One customer with three things in hand: a chat, the phone that pays, and a crypto wallet. All over HTTP.

The customer sees what people see (messages, buttons, pop-ups, the prompt on the phone) through the control interfaces of
the simulated world, and does what people do.
"""

import asyncio
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx

from bot.tour.sight import Choice, Seen, Unexpected, post

Say = Callable[[str], None]
PATIENCE = 40.0
T = TypeVar("T")


@dataclass(slots=True)
class Customer:
    """A person in the simulated world, in one chat: the one with the assistant unless `chat` names another.

    `tell` takes the lines of the transcript.
    """

    http: httpx.AsyncClient
    id: int
    name: str
    phone: str
    tell: Say
    chat: int = 0
    messages: dict[int, Seen] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    _revision: int = 0
    _since: int = 0  # what came after this is news since the last thing that was done
    _toasts_since: int = 0

    def __post_init__(self) -> None:
        self.chat = self.chat or self.id

    @classmethod
    async def arrive(
        cls, http: httpx.AsyncClient, name: str, phone: str, tell: Say = lambda _line: None, *, language: str = "en"
    ) -> "Customer":
        """A new person who has not spoken to the assistant yet."""
        made = await post(
            http, "/_control/telegram/people", {"first_name": name, "phone": phone, "language_code": language}
        )
        return cls(http, int(made["id"]), name, phone, tell)

    # in the chat

    async def start(self, payload: str = "") -> None:
        """Open the chat with /start."""
        await self._do(f"/start {payload}".strip(), "start", {"payload": payload})

    async def says(self, text: str) -> None:
        """Type and send a text."""
        await self._do(text, "say", {"text": text})

    async def shares_contact(self, name: str | None = None, phone: str | None = None) -> None:
        """Share the own number; with `name` and `phone` an entry of the address book."""
        entry = {"name": name, "phone": phone} if phone is not None else {}
        await self._do(f"shares the contact of {name}" if entry else "shares their contact", "contact", entry)

    async def sends_photo(self, picture: bytes, caption: str = "") -> None:
        """Send a picture (PNG, JPEG or WEBP) as a photograph."""
        self._mark("sends a photograph")
        await self._upload("photo", picture, "image/png", {"caption": caption})

    async def sends_document(self, content: bytes, name: str, media_type: str) -> None:
        """Send a file as it is."""
        self._mark(f"sends the file {name}")
        await self._upload("document", content, media_type, {"name": name})

    async def opens_link(self, link: str) -> None:
        """Open a deep link to the assistant (or its payload) and press Start; what comes is in the private chat."""
        await self._do(f"opens {link}", "link", {"link": link})

    def in_group(self, chat: int) -> "Customer":
        """The same person in a group (or another chat, see `Stage.gathers`), with what they see and do there."""
        return Customer(self.http, self.id, self.name, self.phone, self.tell, chat)

    async def types_inline(self, query: str, within: float = PATIENCE) -> list[Choice]:
        """Type the assistant's name and a query in this chat; gives what can be chosen."""
        self._mark(f"types @assistant {query}")
        offered = await self._act("inline", {"query": query, "wait": within})
        if not offered["answered"]:
            raise Unexpected(f"nobody answered {self.name}'s inline query {query!r}")
        choices = [Choice(offered["query"], one["id"], one["title"], one["plain"]) for one in offered["results"]]
        for choice in choices:
            self.tell(f"    ({choice.title})")
        return choices

    async def chooses(self, choice: Choice) -> None:
        """Choose a result of an inline query: it is sent into this chat."""
        await self._do(f"chooses ({choice.title})", "choose", {"query": choice.query, "result": choice.id})

    async def taps(self, label: str, *, times: int = 1) -> None:
        """Tap the newest button whose label contains `label`, `times` times at once."""
        message = await self._with_button(label)
        shown = next(text for text in message.labels if label in text)
        self._mark(f"taps [{shown}]" + (f" {times} times" if times > 1 else ""))
        body = {"message": message.id, "text": shown}
        await asyncio.gather(*(self._act("tap", body) for _ in range(times)))

    async def taps_old(self, message: Seen, label: str) -> None:
        """Tap a button that stood under a message, as a phone that has not refreshed would."""
        shown, data = next(button for button in message.buttons if label in button[0])
        self._mark(f"taps [{shown}] on a message that has changed since")
        await self._act("forge", {"message": message.id, "data": data})

    async def sees(self, *texts: str, within: float = PATIENCE, rings: bool | None = None) -> Seen:
        """Wait for news since the last action: one message that contains all of `texts`; as a new message or an edit."""
        found = await self._until(
            lambda: self._newest(
                lambda seen: all(text in seen.text for text in texts) and rings in (None, seen.edits == 0)
            ),
            within,
        )
        if found is None:
            raise Unexpected(f"{self.name} awaited {' … '.join(texts)!r} and sees {self._news()}")
        return found

    async def sees_one_of(self, texts: Sequence[str], passed: Container[tuple[int, str]] = ()) -> tuple[Seen, str]:
        """Wait for news with one of these texts; gives both. `passed` are those that were dealt with."""

        def look() -> tuple[Seen, str] | None:
            for seen in sorted(self.messages.values(), key=lambda seen: -seen.revision):
                for text in texts:
                    if seen.revision > self._since and text in seen.text and (seen.id, text) not in passed:
                        return seen, text
            return None

        found = await self._until(look, PATIENCE)
        if found is None:
            raise Unexpected(f"{self.name} awaited one of {texts} and sees {self._news()}")
        return found

    async def sees_change(self, message: Seen) -> Seen:
        """Wait until a message reads otherwise than it did; gives it as it is then."""

        def look() -> Seen | None:
            now = self.messages[message.id]
            return now if now.text != message.text else None

        changed = await self._until(look, PATIENCE)
        if changed is None:
            raise Unexpected(f"{self.name} awaited a change of {message.text!r}")
        return changed

    async def sees_toast(self, text: str, within: float = PATIENCE) -> str:
        """Wait for a pop-up over the chat."""
        toast = await self._until(
            lambda: next((toast for toast in self.toasts[self._toasts_since :] if text in toast), None), within
        )
        if toast is None:
            raise Unexpected(f"{self.name} awaited the pop-up {text!r} and had {self.toasts[self._toasts_since :]}")
        return toast

    def count(self, text: str) -> int:
        """How many messages in the chat contain `text`."""
        return sum(text in message.text for message in self.messages.values())

    async def refresh(self, wait: float = 0.0) -> None:
        """Read what is new in the chat."""
        answer = await self.http.get(
            f"/_control/telegram/chats/{self.chat}", params={"since": self._revision, "wait": wait}, timeout=wait + 10
        )
        if answer.status_code == httpx.codes.NOT_FOUND:
            await asyncio.sleep(min(wait, 0.05))
            return
        view = answer.json()
        self._revision = view["revision"]
        for message in sorted(view["messages"], key=lambda message: message["revision"]):
            if (message["from"]["bot"] or message["via"]) and not message["deleted"]:
                self._read(message)
        for toast in view["toasts"]:
            if toast["text"] and toast["person"] == self.id:
                self.toasts.append(toast["text"])
                self.tell(f"  (pops up: {toast['text']})")

    # on the phone

    async def prompt(self, within: float = PATIENCE) -> dict[str, Any]:
        """The payment prompt that waits on the phone."""
        answer = await self.http.get(
            "/_control/kotani/prompts", params={"phone": self.phone, "wait": within}, timeout=within + 10
        )
        waiting = answer.json()
        if not waiting:
            await self.refresh()
            raise Unexpected(f"no prompt came to {self.name}'s phone; the chat says {self._news()}")
        self.tell(f"  [{self.name}'s phone] {waiting[0]['text']}")
        return dict(waiting[0])

    async def approves(self) -> dict[str, Any]:
        """Enter the PIN on the prompt that waits."""
        prompt = await self.prompt()
        self._mark("enters the PIN on the phone")
        await post(self.http, f"/_control/kotani/prompts/{prompt['id']}/approve")
        return prompt

    async def declines(self) -> dict[str, Any]:
        """Refuse the prompt that waits."""
        prompt = await self.prompt()
        self._mark("declines on the phone")
        await post(self.http, f"/_control/kotani/prompts/{prompt['id']}/decline")
        return prompt

    # in the wallet

    async def funds(self, reference: str, amount: str | None = None) -> None:
        """Send crypto to the escrow address of a sale, by its reference at the provider: exactly what is awaited, or
        another amount."""
        self._mark(f"sends {amount or 'the exact amount'} from the wallet")
        await post(self.http, f"/_control/kotani/transactions/{reference}/crypto", {"amount": amount} if amount else {})

    # inside

    async def _do(self, line: str, action: str, body: dict[str, Any]) -> None:
        self._mark(line)
        await self._act(action, body)

    async def _act(self, action: str, body: dict[str, Any]) -> dict[str, Any]:
        path = f"/_control/telegram/people/{self.id}/{action}"
        return await post(self.http, path, body | {"chat": self.chat})

    async def _upload(self, action: str, content: bytes, media_type: str, words: dict[str, str]) -> None:
        answer = await self.http.post(
            f"/_control/telegram/people/{self.id}/{action}",
            content=content,
            params=words | {"chat": str(self.chat)},
            headers={"content-type": media_type},
        )
        if answer.is_error:
            raise Unexpected(f"{action}: {answer.text}")

    def _mark(self, line: str) -> None:
        self.tell(f"{self.name} > {line}")
        self._since = self._revision
        self._toasts_since = len(self.toasts)

    def _read(self, message: dict[str, Any]) -> None:
        seen = Seen(
            id=message["id"],
            text=message["plain"].replace("\u00a0", " ").replace("\u202f", " ").replace("\u2060", ""),
            buttons=tuple((button["text"], button.get("data")) for row in message["buttons"] for button in row),
            picture=message["photo"],
            edits=message["edits"],
            revision=message["revision"],
            links=tuple(
                (button["text"], button["url"]) for row in message["buttons"] for button in row if "url" in button
            ),
        )
        before = self.messages.get(seen.id)
        self.messages[seen.id] = seen
        if before is not None and before.text == seen.text:
            return
        changed = " (changes)" if before is not None else ""
        lines = seen.text.splitlines() or [""]
        self.tell(f"Assistant{changed} > {lines[0]}")
        for line in lines[1:]:
            self.tell(f"    {line}")
        if seen.picture:
            self.tell("    [a picture]")
        if seen.labels:
            self.tell("    " + " ".join(f"[{label}]" for label in seen.labels))

    async def _with_button(self, label: str) -> Seen:
        found = await self._until(
            lambda: self._newest(lambda seen: any(label in text for text in seen.labels), old=True), PATIENCE
        )
        if found is None:
            raise Unexpected(f"{self.name} finds no button {label!r}; the chat says {self._news()}")
        return found

    async def _until(self, look: Callable[[], T | None], within: float) -> T | None:
        until = time.monotonic() + within
        await self.refresh()
        while (found := look()) is None and time.monotonic() < until:
            await self.refresh(wait=min(1.0, max(0.05, until - time.monotonic())))
        return found

    def _newest(self, fits: Callable[[Seen], bool], *, old: bool = False) -> Seen | None:
        """The newest message that fits; of those that came or changed since the last action, unless `old` ones count."""
        messages = sorted(self.messages.values(), key=lambda seen: -seen.revision)
        return next((seen for seen in messages if (old or seen.revision > self._since) and fits(seen)), None)

    def _news(self) -> list[str]:
        return [message.text for message in self.messages.values() if message.revision > self._since] or ["nothing new"]
