"""What a walk learned, as Markdown for people and as JSON for programs: with raw answers, in which nothing private stands."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.kotani.javascript import stringify
from bot.probe.asking import Answer
from bot.probe.hearing import Heard
from bot.probe.questions import Learned
from bot.redaction import STARS, Redactor

_PRIVATE: Final = frozenset(
    {
        *("email", "organization", "first_name", "last_name", "phone", "webhook_url", "webhook_secret"),
        *("privateaddress", "customer_key", "customerkey", "account_name", "accountname", "integrator"),
    }
)
_EMAIL: Final = re.compile(r"[^\s\"@]{1,100}@[^\s\"@]{1,255}\.[a-z]{1,63}", re.IGNORECASE)
_SHOWN_HEADERS: Final = ("content-type", "user-agent", "x-kotani-event", "x-kotani-signature", "x-kotani-integrator")


class Pen:
    """Writes. `redactor` knows every secret of the settings."""

    def __init__(self, redactor: Redactor, *, at: str, host: str, version: str) -> None:
        self._redactor = redactor
        self._head = {"at": at, "host": host, "version": version}

    def markdown(self, learned: Sequence[Learned]) -> str:
        """The whole walk to read."""
        lines = ["# What the sandbox answers", "", *(f"- {name}: {value}" for name, value in self._head.items())]
        for one in learned:
            lines += ["", f"## {one.number}. {one.question}", ""]
            if one.skipped is not None:
                lines.append(f"- Not asked: {one.skipped}.")
            lines += [f"- {self._clean(sentence)}" for sentence in one.sentences]
            for answer in one.answers:
                lines += ["", f"`{answer.method} {self._clean(answer.path)}` → HTTP {answer.status}", "", "```json"]
                lines += [self._text(answer.document, answer.body), "```"]
            for heard in one.callbacks:
                lines += ["", f"A callback, answered {heard.answered}:", "", "```json", self._body(heard), "```"]
        return "\n".join(lines) + "\n"

    def json(self, learned: Sequence[Learned]) -> str:
        """The same for programs."""
        return stringify(
            {
                **self._head,
                "questions": [
                    {
                        "number": one.number,
                        "question": one.question,
                        "skipped": one.skipped,
                        "learned": [self._clean(sentence) for sentence in one.sentences],
                        "answers": [self._answer(answer) for answer in one.answers],
                        "callbacks": [self._heard(heard) for heard in one.callbacks],
                    }
                    for one in learned
                ],
            }
        )

    def _answer(self, answer: Answer) -> dict[str, object]:
        return {
            "method": answer.method,
            "path": self._clean(answer.path),
            "sent": self._text(answer.sent, ""),
            "status": answer.status,
            "milliseconds": answer.milliseconds,
            "body": self._text(answer.document, answer.body),
        }

    def _heard(self, heard: Heard) -> dict[str, object]:
        headers = {name: self._clean(heard.headers[name]) for name in _SHOWN_HEADERS if name in heard.headers}
        if "x-kotani-signature" in headers:
            headers["x-kotani-signature"] = STARS
        return {
            "path": self._clean(heard.path),
            "answered": heard.answered,
            "headers": headers,
            "body": self._body(heard),
        }

    def _body(self, heard: Heard) -> str:
        answer = Answer("POST", heard.path, None, heard.answered, heard.body.decode("utf-8", "replace"), 0)
        return self._text(answer.document, answer.body)

    def _text(self, document: Any, raw: str) -> str:
        if document is None:
            return self._clean(raw)
        return self._clean(stringify(_veiled(document)))

    def _clean(self, text: str) -> str:
        return _EMAIL.sub(STARS, self._redactor(text))


def _veiled(value: Any) -> Any:
    """The same with what is private starred, by the names of members."""
    if isinstance(value, Mapping):
        return {
            name: STARS if _is_private(name) and inner not in (None, "") else _veiled(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_veiled(inner) for inner in value]
    return value


def _is_private(name: str) -> bool:
    return name.lower() in _PRIVATE or Redactor.hides(name)
