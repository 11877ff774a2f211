"""What a button says when it is tapped: ids and choices, never facts, in at most 64 bytes, with a version in front.

Amounts, rates and receivers come from our own rows; owner, state and expiry are checked again at every tap. What cannot be
read (forged, cut, of another version) reads as None, and the handler for the last resort answers it.
"""

from dataclasses import dataclass

VERSION = "1"


@dataclass(frozen=True, slots=True)
class DialogueTap:
    """A choice in a conversation: `dialogue` is its id, `revision` the state that showed the button."""

    dialogue: str
    revision: int
    choice: str

    def pack(self) -> str:
        return _packed("d", self.dialogue, str(self.revision), self.choice)


@dataclass(frozen=True, slots=True)
class PaymentTap:
    """Something to do with a payment of the customer's: `action` is `show`, `again` or `help`."""

    code: str
    action: str

    def pack(self) -> str:
        return _packed("p", self.code, self.action)


@dataclass(frozen=True, slots=True)
class MenuTap:
    """A command as a button: `buy`, `status`, `help`, `start`, `language`."""

    command: str

    def pack(self) -> str:
        return _packed("m", self.command)


@dataclass(frozen=True, slots=True)
class RequestTap:
    """Something to do with a payment request, by the code that its link carries: `pay`, or one of its maker's verbs."""

    code: str
    action: str

    def pack(self) -> str:
        return _packed("r", self.code, self.action)


@dataclass(frozen=True, slots=True)
class RecordTap:
    """Something to do with a record that the customer keeps: `kind` is `person` or `address`, `record` its id.

    `action` is one of the kind's own verbs; for `page` the record is the number of a page of the list.
    """

    kind: str
    record: str
    action: str

    def pack(self) -> str:
        return _packed("k", self.kind, self.record, self.action)


@dataclass(frozen=True, slots=True)
class OperatorTap:
    """Something that an operator does: `kind` is a part of the desk, `record` an id there, `action` one of its verbs."""

    kind: str
    record: str
    action: str

    def pack(self) -> str:
        return _packed("o", self.kind, self.record, self.action)


Tap = DialogueTap | PaymentTap | MenuTap | RequestTap | RecordTap | OperatorTap


def read_tap(data: str) -> Tap | None:
    """The tap behind callback data; None for whatever no button of this version carries."""
    match data.split(":"):
        case [version, "d", dialogue, revision, choice] if (
            version == VERSION
            and dialogue
            and choice
            and revision.isascii()
            and revision.isdigit()
            and len(revision) <= 9
        ):
            return DialogueTap(dialogue, int(revision), choice)
        case [version, "p", code, action] if version == VERSION and code and action:
            return PaymentTap(code, action)
        case [version, "r", code, action] if version == VERSION and code and action:
            return RequestTap(code, action)
        case [version, "k", kind, record, action] if version == VERSION and kind and record and action:
            return RecordTap(kind, record, action)
        case [version, "o", kind, record, action] if version == VERSION and kind and record and action:
            return OperatorTap(kind, record, action)
        case [version, "m", command] if version == VERSION and command:
            return MenuTap(command)
        case _:
            return None


def _packed(*parts: str) -> str:
    if any(":" in part for part in parts):
        raise ValueError("a part of a tap must not contain a colon")
    data = ":".join((VERSION, *parts))
    if len(data.encode()) > 64:
        raise ValueError("callback data is at most 64 bytes")
    return data
