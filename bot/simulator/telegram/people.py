"""What people do: start the bot, write, tap, share contacts, forward, edit, send files, block, meet in groups."""

import itertools
from collections.abc import Callable

from bot.simulator.telegram.chats import Chats
from bot.simulator.telegram.entities import cleaned, trimmed, units, with_found
from bot.simulator.telegram.files import Files
from bot.simulator.telegram.hearing import hears
from bot.simulator.telegram.links import START_PAYLOAD, start_payload
from bot.simulator.telegram.params import Json, Upload
from bot.simulator.telegram.records import Chat, Content, Message, Person
from bot.simulator.telegram.settings import Settings
from bot.simulator.telegram.shapes import to_api
from bot.simulator.telegram.taps import Query, Taps
from bot.simulator.telegram.updates import Updates


class NotPossible(Exception):
    """What a person's Telegram would not let them do. The text says why."""


class People:
    """The people of the world and their hands. A chat is the private one with the bot unless another is given."""

    def __init__(
        self, chats: Chats, updates: Updates, taps: Taps, files: Files, settings: Settings, me: Callable[[], Json]
    ) -> None:
        self._chats = chats
        self._updates = updates
        self._taps = taps
        self._files = files
        self._settings = settings
        self._me = me
        self._numbers = itertools.count(1001)

    def add(
        self,
        first_name: str,
        *,
        id: int | None = None,  # noqa: A002
        username: str | None = None,
        language_code: str | None = "en",
        phone: str | None = None,
    ) -> Person:
        """Somebody new. `phone` is what they share as their own contact. Raises `NotPossible` for an id in use."""
        number = next(one for one in self._numbers if one not in self._chats.people) if id is None else id
        if number in self._chats.people or number <= 0:
            raise NotPossible("there is somebody with that id")
        person = Person(number, first_name, username=username, language_code=language_code, phone=phone)
        self._chats.add_person(person)
        return person

    def get(self, person: int) -> Person:
        """Somebody by id. Raises `NotPossible` when there is nobody."""
        found = self._chats.people.get(person)
        if found is None:
            raise NotPossible("there is nobody with that id")
        return found

    # writing

    def start(self, person: int, payload: str = "") -> Message:
        """Press Start, with the payload of a deep link."""
        self.unblock(person)
        return self.say(person, f"/start {payload}".strip())

    def open_link(self, person: int, link: str) -> Message:
        """Open a link `https://t.me/<bot>?start=<payload>` and press Start; also given as the payload alone."""
        payload = start_payload(link, str(self._me()["username"])) if "://" in link else link
        if payload is None or not START_PAYLOAD.fullmatch(payload):
            raise NotPossible("that link does not lead to the bot, or its payload is not 1 to 64 of A-Z a-z 0-9 _ -")
        return self.start(person, payload)

    def say(
        self, person: int, text: str, *, chat: int | None = None, reply_to: int | None = None, topic: int | None = None
    ) -> Message:
        """Write a text or a command; in a forum into a topic, or into General."""
        shown, _ = trimmed(cleaned(text), [])
        if not shown or units(shown) > 4096:
            raise NotPossible("a message has 1 to 4096 characters")
        return self._send(person, chat, Content(shown, with_found(shown, [])), reply_to, topic)

    def press(self, person: int, key: str) -> Message:
        """Press a key of the keyboard under the text field: sends its text, or the own contact."""
        place = self.place(self.get(person), None)
        rows = place.keyboard.rows() if place.keyboard is not None else []
        found = next((one for row in rows for one in row if one["text"] == key), None)
        if found is None or place.keyboard is None:
            raise NotPossible("there is no such key")
        if place.keyboard.value.get("one_time_keyboard") is True:
            place.keyboard = None
        return self.share_contact(person) if found.get("request_contact") is True else self.say(person, key)

    def share_contact(
        self, person: int, *, phone: str | None = None, name: str = "Friend", user: int | None = None
    ) -> Message:
        """Share the own contact, or with `phone` an entry of the address book.

        An entry says who on Telegram it is (`user`) only where the phone knows; its number is as it was typed there.
        """
        owner = self.get(person)
        contact: Json = {"phone_number": phone, "first_name": name}
        if user is not None:
            contact["user_id"] = user
        if phone is None:
            if owner.phone is None:
                raise NotPossible("that person has no phone number")
            contact = {"phone_number": owner.phone, "first_name": owner.first_name, "user_id": owner.id}
        return self._send(person, None, Content(extra={"contact": contact}))

    def forward(self, person: int, text: str, *, author: int | str) -> Message:
        """Forward a text that somebody else wrote: a person by id, or a name whose owner hides the account."""
        origin: Json = {"type": "hidden_user", "sender_user_name": author}
        if isinstance(author, int):
            origin = {"type": "user", "sender_user": self.get(author).to_api()}
        date = int(self._chats.now().timestamp())
        return self._send(
            person, None, Content(text, with_found(text, []), extra={"forward_origin": origin | {"date": date}})
        )

    def send_photo(self, person: int, picture: bytes, *, caption: str = "", chat: int | None = None) -> Message:
        """Send a picture (PNG, JPEG or WEBP) as a photograph, which costs it detail."""
        photo = self._files.photograph(Upload("picture", picture))
        return self._send(person, chat, Content(caption, with_found(caption, []), photo=photo))

    def send_document(
        self, person: int, content: bytes, *, name: str, media_type: str, caption: str = "", chat: int | None = None
    ) -> Message:
        """Send a file as it is."""
        document = self._files.document(Upload(name, content), media_type)
        return self._send(person, chat, Content(caption, with_found(caption, []), document=document))

    def edit(self, person: int, message: int, text: str, *, chat: int | None = None) -> Message:
        """Edit an own text."""
        writer = self.get(person)
        found = self.place(writer, chat).messages.get(message)
        if found is None or found.sender is not writer or found.via_bot or not found.content.is_text:
            raise NotPossible("that is no text of this person's")
        found.content = Content(text, with_found(text, []), extra=found.content.extra)
        self._chats.changed(found)
        if found.heard:
            self._updates.add("edited_message", to_api(found, self._me()), f"message {person}")
        return found

    # tapping

    def tap(
        self, person: int, message: int, *, data: str | None = None, text: str | None = None, chat: int | None = None
    ) -> Query:
        """Tap a button that stands on a message now, by its data or its words; a second tap is a second query."""
        tapper = self.get(person)
        found = self.place(tapper, chat).messages.get(message)
        if found is None or found.deleted or found.inline is None:
            raise NotPossible("there are no buttons")
        buttons = [button for row in found.inline.rows() for button in row if "callback_data" in button]
        chosen = next(
            (one for one in buttons if text in (None, one["text"]) and data in (None, one["callback_data"])), None
        )
        if chosen is None:
            raise NotPossible("there is no such button")
        return self.forge_tap(person, str(chosen["callback_data"]), message=found)

    def forge_tap(self, person: int, data: str, *, message: Message | None = None) -> Query:
        """Send a tap that no button may stand behind: foreign, old or invented data, with or without a message."""
        tapper = self.get(person)
        query = self._taps.open(message.chat if message is not None else self.place(tapper, None), person)
        body: Json = {"id": query.id, "from": tapper.to_api(), "chat_instance": str(-query.chat.id), "data": data}
        if message is None or message.via_bot:
            body["inline_message_id"] = (message and message.inline_id) or f"inline-{query.id}"
        else:
            body["message"] = to_api(message, self._me())
        self._updates.add("callback_query", body, f"tap {person}")
        return query

    # leaving and coming back

    def block(self, person: int) -> None:
        """Block the bot."""
        self._standing(self.get(person), blocked=True)

    def unblock(self, person: int) -> None:
        """Take the block back; nothing happens when there is none."""
        self._standing(self.get(person), blocked=False)

    def deactivate(self, person: int) -> None:
        """The account is gone."""
        self.get(person).deactivated = True

    # groups

    def add_group(self, title: str, members: list[int]) -> Chat:
        """A basic group with the bot and these people."""
        group = self._chats.add_group(title, [self.get(member).id for member in members])
        self._moved(group, "left", "member")
        return group

    def add_foreign(self, title: str, members: list[int]) -> Chat:
        """A place where these people are without the bot: a private chat of two, or a group."""
        return self._chats.add_foreign(title, [self.get(member).id for member in members])

    def join(self, person: int, group: int) -> None:
        """Come into a group, which everybody there is told."""
        place, member = self._group(group), self.get(person)
        if person in place.members:
            raise NotPossible("that person is in the group")
        place.members.append(person)
        self.deliver(self._chats.write(place, member, Content(extra={"new_chat_members": [member.to_api()]})))

    def migrate(self, group: int) -> Chat:
        """Turn a basic group into a supergroup, with both service messages."""
        old = self._group(group)
        new = self._chats.migrate(old)
        for place, extra in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
            self.deliver(self._chats.write(place, self._first(place), Content(extra=dict(extra))))
        return new

    def kick(self, group: int) -> None:
        """Remove the bot from a group."""
        place = self._group(group)
        place.bot_is_in = False
        self._moved(place, "member", "kicked")

    # what lies under all of it

    def deliver(self, message: Message) -> None:
        """Tell the bot of a message of a person's, if it gets to hear of it."""
        message.heard = hears(message, str(self._me()["username"]), privacy=self._settings.privacy_mode)
        if message.heard and message.sender is not None:
            self._updates.add("message", to_api(message, self._me()), f"message {message.sender.id}")

    def place(self, person: Person, chat: int | None) -> Chat:
        """The chat where somebody does something, which they must be in: the one with the bot unless it is named."""
        if chat is None or chat == person.id:
            return self._chats.all[person.id]
        place = self._group(chat)
        if person.id not in place.members:
            raise NotPossible("that person is not in the chat")
        return place

    def _send(
        self,
        person: int,
        chat: int | None,
        content: Content,
        reply_to: int | None = None,
        topic: int | None = None,
    ) -> Message:
        writer = self.get(person)
        place = self.writable(writer, chat)
        answered = place.messages.get(reply_to) if reply_to is not None else None
        thread = topic if answered is None else answered.thread  # an answer stands where what it answers stands
        if thread is not None and not place.is_open(thread):
            raise NotPossible("there is no such topic, or it is closed")
        message = self._chats.write(place, writer, content, reply_to=reply_to, thread=thread)
        self.deliver(message)
        return message

    def writable(self, writer: Person, chat: int | None) -> Chat:
        """The chat that somebody writes into now; writing to the bot starts it. Raises `NotPossible`."""
        place = self.place(writer, chat)
        if writer.deactivated or (place.person is not None and writer.blocked):
            raise NotPossible("that person cannot write to the bot")
        if place.person is not None:
            writer.started = True
        return place

    def _group(self, chat: int) -> Chat:
        place = self._chats.all.get(chat)
        if place is None or place.person is not None or place.migrated_to is not None:
            raise NotPossible("there is no such group")
        return place

    def _first(self, place: Chat) -> Person:
        return self.get(place.members[0])

    def _standing(self, person: Person, *, blocked: bool) -> None:
        if person.blocked == blocked:
            return
        person.blocked = blocked
        place = self._chats.all[person.id]
        self._chats.touch(place)
        self._moved(place, "member" if blocked else "kicked", "kicked" if blocked else "member")

    def _moved(self, place: Chat, before: str, after: str) -> None:
        actor = place.person or self._first(place)
        states: list[Json] = [{"user": self._me(), "status": status} for status in (before, after)]
        for state in states:
            if state["status"] == "kicked":
                state["until_date"] = 0
        body: Json = {
            "chat": place.to_api(), "from": actor.to_api(), "date": int(self._chats.now().timestamp()),
            "old_chat_member": states[0], "new_chat_member": states[1],
        }  # fmt: skip
        self._updates.add("my_chat_member", body, f"message {actor.id}")
