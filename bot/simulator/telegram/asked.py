"""The body of a control request, read strictly."""

from bot.simulator.telegram.params import Json


class Asked:
    """The body of a control request. Reading a value of the wrong kind raises `ValueError`."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str, default: str | None = None) -> str:
        value = self.values.get(name, default)
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text")
        return value

    def number(self, name: str, default: int | None = None) -> int:
        value = self.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} must be a whole number")
        return value

    def maybe_text(self, name: str) -> str | None:
        return self.text(name) if self.values.get(name) is not None else None

    def maybe_number(self, name: str) -> int | None:
        return self.number(name) if self.values.get(name) is not None else None

    def seconds(self, name: str) -> float:
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{name} must be a number")
        return float(value)
