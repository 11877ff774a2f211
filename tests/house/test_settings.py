"""Settings: what is refused and how it is said, and that no message, no print-out ever shows a value."""

import base64
import os
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.payments.limits import DEFAULT_LIMITS
from bot.settings import DEMO_DATABASE, Settings, SettingsRefused, fresh_keys, read_settings

ROOT = Path(__file__).parent.parent.parent
CANARY = "cAnArY"
TOKEN = f"8123456789:AAF-{CANARY}_abcdefghijklmnopqrstu"
LIVE = {"TELEGRAM_TOKEN": TOKEN, "KOTANI_API_KEY": f"kp-{CANARY}-key", **fresh_keys()}
PRODUCTION = LIVE | {
    "KOTANI_ENVIRONMENT": "production",
    "KOTANI_WEBHOOK_SECRET": f"{CANARY}-webhook-secret",
    "PUBLIC_URL": "https://pay.example.com",
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set, and there is no .env."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.upper() in {field.upper() for field in Settings.model_fields}:
            monkeypatch.delenv(name)


@pytest.fixture
def problems(monkeypatch: pytest.MonkeyPatch) -> object:
    """The problems with an environment, none when it is accepted."""

    def of(environment: dict[str, str]) -> tuple[str, ...]:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        try:
            read_settings()
        except SettingsRefused as refused:
            return refused.problems
        return ()

    return of


class TestStarting:
    def test_nothing_set_is_a_demonstration_that_forgets(self) -> None:
        settings = read_settings()
        assert settings.is_demo
        assert settings.starts_empty
        assert settings.database_url.get_secret_value() == DEMO_DATABASE
        assert settings.host == "127.0.0.1"
        assert settings.encryption_keys != read_settings().encryption_keys
        assert settings.keyring().open(settings.keyring().seal("x", context="c"), context="c") == "x"

    def test_a_demonstration_keeps_what_it_is_given(self, problems, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DATABASE_URL", "sqlite:///data/kept.db")
        assert not read_settings().starts_empty

    def test_a_token_and_a_key_go_live_in_the_sandbox(self, problems) -> None:
        assert problems(LIVE) == ()
        settings = read_settings()
        assert not settings.is_demo
        assert not settings.starts_empty
        assert settings.kotani_base_url == "https://sandbox-api.kotanipay.com"
        assert settings.database_url.get_secret_value() == "sqlite:///data/assistant.db"

    def test_production_has_its_own_address(self, problems) -> None:
        assert problems(PRODUCTION) == ()
        assert read_settings().kotani_base_url == "https://api.kotanipay.com"

    def test_the_environment_wins_over_the_file_and_the_file_is_taken_literally(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path(".env").write_text("PORT=1111\nLOG_LEVEL=ERROR\nSUPPORT_CONTACT='call ${HOME}'\nPOSTGRES_PASSWORD=x\n")
        monkeypatch.setenv("PORT", "2222")
        settings = read_settings()
        assert (settings.port, settings.log_level, settings.support_contact) == (2222, "error", "call ${HOME}")

    def test_two_callback_secrets_can_be_valid_at_once(self, problems) -> None:
        assert problems(PRODUCTION | {"KOTANI_WEBHOOK_SECRET_PREVIOUS": "an-earlier-webhook-secret"}) == ()
        assert read_settings().callback_secrets == (f"{CANARY}-webhook-secret".encode(), b"an-earlier-webhook-secret")

    def test_limits_replace_the_defaults_of_their_currencies(self) -> None:
        limits = Settings(limits="KES=1.50..99, XYZ=1..2").payment_limits
        assert (str(limits["KES"].minimum), str(limits["XYZ"].maximum)) == ("1.50", "2")
        assert limits["GHS"] == DEFAULT_LIMITS["GHS"]

    def test_nobody_operates_who_is_not_named(self) -> None:
        assert Settings().owner_ids == frozenset()
        assert Settings(owners="501, 502").owner_ids == {501, 502}

    def test_a_demonstration_compares_no_day_by_itself_also_with_owners(self, problems) -> None:
        assert problems({"OWNERS": "1001", "RECONCILE_HOUR": "3"}) == ()
        assert read_settings().reconcile_at is None
        assert problems(LIVE) == ()
        assert read_settings().reconcile_at == 3

    def test_settings_cannot_change(self) -> None:
        with pytest.raises(ValidationError):
            read_settings().port = 1


REFUSED = {
    "only a token": ({"TELEGRAM_TOKEN": TOKEN}, "KOTANI_API_KEY: is missing, while TELEGRAM_TOKEN"),
    "only a key": ({"KOTANI_API_KEY": "kp-key-kp-key"}, "TELEGRAM_TOKEN: is missing, while KOTANI_API_KEY"),
    "no keys for personal data": (
        {"TELEGRAM_TOKEN": TOKEN, "KOTANI_API_KEY": f"kp-{CANARY}"},
        "ENCRYPTION_KEYS: is missing; make one with `python -m bot keys`",
    ),
    "empty": (LIVE | {"KOTANI_WEBHOOK_SECRET": ""}, "KOTANI_WEBHOOK_SECRET: is empty"),
    "an owner by name": ({"OWNERS": f"501,@{CANARY}"}, "OWNERS: must be numeric Telegram ids of people"),
    "a balance that is none": ({"LOW_BALANCE": "KES=20000,UGX=lots"}, "LOW_BALANCE: entry 2 is not of the form"),
    "a balance of nothing": ({"LOW_BALANCE": "KES=0"}, "LOW_BALANCE: entry 1 is not of the form"),
    "a balance twice": ({"LOW_BALANCE": "KES=1,KES=2"}, "LOW_BALANCE: entry 2 repeats a currency"),
    "an hour that no day has": ({"SUMMARY_HOUR": "24"}, "SUMMARY_HOUR: "),
    "a group among the owners": ({"OWNERS": "-100501"}, "OWNERS: must be numeric Telegram ids of people"),
    "a person's chat for the operators": ({"OPERATORS_CHAT": "501"}, "OPERATORS_CHAT: is not the id of a group"),
    "blank": (LIVE | {"KOTANI_API_KEY": "  "}, "KOTANI_API_KEY: is empty"),
    "a line break at the end": (LIVE | {"TELEGRAM_TOKEN": TOKEN + "\n"}, "TELEGRAM_TOKEN: begins or ends with white"),
    "a line break inside": (LIVE | {"KOTANI_API_KEY": f"kp-{CANARY}\nkey"}, "KOTANI_API_KEY: contains a line break"),
    "quotes": (LIVE | {"KOTANI_API_KEY": f'"kp-{CANARY}"'}, "KOTANI_API_KEY: has quotation marks"),
    "the token in the key's place": (LIVE | {"KOTANI_API_KEY": TOKEN}, "KOTANI_API_KEY: looks like a Telegram token"),
    "the key in the token's place": (LIVE | {"TELEGRAM_TOKEN": f"kp-{CANARY}"}, "TELEGRAM_TOKEN: is not a bot token"),
    "one value for two secrets": (
        LIVE | {"KOTANI_WEBHOOK_SECRET": f"kp-{CANARY}-both-secrets", "KOTANI_API_SECRET": f"kp-{CANARY}-both-secrets"},
        "KOTANI_WEBHOOK_SECRET: is the same as KOTANI_API_SECRET",
    ),
    "a short secret": (LIVE | {"KOTANI_WEBHOOK_SECRET": CANARY}, "KOTANI_WEBHOOK_SECRET: is too short"),
    "only the earlier secret": (
        LIVE | {"KOTANI_WEBHOOK_SECRET_PREVIOUS": f"{CANARY}-long-enough"},
        "KOTANI_WEBHOOK_SECRET: is missing",
    ),
    "a key that is not base64": (LIVE | {"DIGEST_KEY": f"{CANARY}!"}, "DIGEST_KEY: is not base64"),
    "a key that is too short": (
        LIVE | {"ENCRYPTION_KEYS": "k1:" + base64.b64encode(b"x").decode()},
        "ENCRYPTION_KEYS: the key of entry 1 must be 32 bytes",
    ),
    "http outside": (LIVE | {"PUBLIC_URL": f"http://{CANARY}.com"}, "PUBLIC_URL: must begin with https://"),
    "a password in an address": (
        LIVE | {"PUBLIC_URL": f"https://me:{CANARY}@x.com"},
        "PUBLIC_URL: must be an address alone",
    ),
    "a path": (LIVE | {"KOTANI_BASE_URL": f"https://{CANARY}.com/api/v3"}, "KOTANI_BASE_URL: must end after the host"),
    "no address": (LIVE | {"KOTANI_BASE_URL": f"{CANARY}.com"}, "KOTANI_BASE_URL: is not an address"),
    "production's address in the sandbox": (
        LIVE | {"KOTANI_BASE_URL": "https://api.kotanipay.io"},
        "KOTANI_BASE_URL: is the production address, while KOTANI_ENVIRONMENT is sandbox",
    ),
    "the sandbox's address in production": (
        PRODUCTION | {"KOTANI_BASE_URL": "https://sandbox-api.kotanipay.com"},
        "KOTANI_BASE_URL: is the sandbox address, while KOTANI_ENVIRONMENT is production",
    ),
    "production on loopback": (PRODUCTION | {"KOTANI_BASE_URL": "http://127.0.0.1:1"}, "KOTANI_BASE_URL: is on loop"),
    "production without callbacks": (
        LIVE | {"KOTANI_ENVIRONMENT": "production"},
        "PUBLIC_URL: production needs",
    ),
    "unsigned production": (LIVE | {"KOTANI_ENVIRONMENT": "production"}, "KOTANI_WEBHOOK_SECRET: production needs"),
    "webhook without an address": (LIVE | {"TELEGRAM_MODE": "webhook"}, "PUBLIC_URL: TELEGRAM_MODE=webhook needs"),
    "webhook without a secret": (LIVE | {"TELEGRAM_MODE": "webhook"}, "TELEGRAM_WEBHOOK_SECRET: TELEGRAM_MODE=webhook"),
    "webhook on a port of its own": (
        PRODUCTION
        | {
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": f"{CANARY}_0123456789",
            "PUBLIC_URL": "https://a.com:9",
        },
        "PUBLIC_URL: Telegram delivers to https on port",
    ),
    "a demonstration in production": ({"KOTANI_ENVIRONMENT": "production"}, "TELEGRAM_TOKEN, KOTANI_API_KEY: are miss"),
    "a demonstration for everybody": ({"HOST": "0.0.0.0"}, "HOST: a demonstration listens on loopback only"),
    "a database of another kind": ({"DATABASE_URL": f"mysql://root:{CANARY}@x/y"}, "DATABASE_URL: must begin with"),
    "a port that is no number": ({"PORT": CANARY}, "PORT: must be a whole number from 0 to 65535"),
    "a pace of nothing": ({"BULK_PER_MINUTE": "0"}, "BULK_PER_MINUTE: must be a whole number from 1 to 600"),
    "a time that is none": (LIVE | {"KOTANI_TIMEOUT_SECONDS": "x"}, "KOTANI_TIMEOUT_SECONDS: must be a number from 1"),
    "a group by name": ({"OPERATORS_CHAT": CANARY}, "OPERATORS_CHAT: must be a whole number, in digits"),
    "neither yes nor no": ({"PAYMENT_PAGES": CANARY}, "PAYMENT_PAGES: must be true or false"),
    "a word that is none": ({"LOG_LEVEL": CANARY}, "LOG_LEVEL: must be debug or info or warning or error"),
    "a limit upside down": ({"LIMITS": "KES=5..1"}, "LIMITS: entry 1 needs two amounts, the smaller one first"),
    "a limit that is none": ({"LIMITS": f"USDC=1..2,{CANARY}"}, "LIMITS: entry 2 is not of the form"),
    "a misspelt name": ({"KOTANI_WEBHOK_SECRET": CANARY}, "KOTANI_WEBHOK_SECRET: there is no such setting; did you me"),
    "another bot's name for it": ({"TELEGRAM_BOT_TOKEN": TOKEN}, "TELEGRAM_BOT_TOKEN: there is no such setting; did "),
}


@pytest.mark.parametrize(("environment", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_a_mistake_is_named_with_what_to_do_and_without_its_value(
    problems, environment: dict[str, str], sentence: str
) -> None:
    found = problems(environment)
    assert any(problem.startswith(sentence) for problem in found), found
    assert CANARY not in "\n".join(found)


def test_all_mistakes_are_told_at_once(problems) -> None:
    found = problems(LIVE | {"PORT": "x", "LOG_LEVEL": "loud", "KOTANI_KEY": "y"})
    assert {problem.partition(":")[0] for problem in found} == {"PORT", "LOG_LEVEL", "KOTANI_KEY"}


@pytest.mark.parametrize("beside", [{}, {"APPROVE_ABOVE": "50000"}, {"OWNERS": "olu"}, {"PORT": "abc"}])
def test_what_production_needs_is_named_beside_what_is_wrong_by_itself(problems, beside: dict[str, str]) -> None:
    found = problems({"KOTANI_ENVIRONMENT": "production", "TELEGRAM_TOKEN": TOKEN} | beside)
    assert sorted(problem.partition(":")[0] for problem in found) == sorted(
        (*("DIGEST_KEY", "ENCRYPTION_KEYS", "KOTANI_API_KEY", "KOTANI_WEBHOOK_SECRET", "PUBLIC_URL"), *beside)
    )


def test_what_production_needs_is_named_beside_a_token_that_is_none(problems) -> None:
    found = problems({"KOTANI_ENVIRONMENT": "production", "TELEGRAM_TOKEN": f"1:{CANARY}"})
    assert {"TELEGRAM_TOKEN", "KOTANI_API_KEY", "PUBLIC_URL", "KOTANI_WEBHOOK_SECRET"} < {
        problem.partition(":")[0] for problem in found
    }


def test_a_setting_that_is_refused_is_named_once(problems) -> None:
    found = problems(PRODUCTION | {"KOTANI_WEBHOOK_SECRET": "", "PUBLIC_URL": f"http://{CANARY}.com"})
    assert sorted(problem.partition(":")[0] for problem in found) == ["KOTANI_WEBHOOK_SECRET", "PUBLIC_URL"]


def test_no_mistake_hides_another(problems) -> None:
    wrong = {"ENCRYPTION_KEYS": CANARY, "DIGEST_KEY": CANARY, "KOTANI_API_KEY": None, "HOST": " ", "PORT": "x"}
    found = problems({name: value for name, value in (LIVE | wrong).items() if value is not None})
    assert {problem.partition(":")[0] for problem in found} == set(wrong)


@pytest.mark.parametrize(
    "wrong", [f"TELEGRAM_TOKEN: {TOKEN}", f"TELEGRAM_TOKEN:{TOKEN}", f"{CANARY} {CANARY}", f'"{CANARY}', "=x"]
)
def test_a_line_that_cannot_be_read_is_refused_by_its_number(wrong: str) -> None:
    Path(".env").write_text(f"\ufeff# a remark\n\nPORT=1\n\n\n{wrong}\nLOG_LEVEL=info\n", "utf-8")
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert [problem.partition(": ")[0] for problem in refused.value.problems] == [".env, line 6"]
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("line", [f"{CANARY}123", f"{TOKEN}=", "TELGRAM_TOKEN=x", "PORT"])
def test_a_line_of_the_file_that_sets_nothing_stops_the_start(line: str) -> None:
    Path(".env").write_text(line + "\n")
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert CANARY not in str(refused.value)


def test_settings_print_no_secret() -> None:
    settings = Settings(**{name.lower(): value for name, value in PRODUCTION.items()})
    printed = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()}"
    assert CANARY not in printed
    assert not [secret for secret in settings.secret_texts() if secret in printed]


def test_the_example_has_every_setting_and_starts_a_demonstration() -> None:
    example = (ROOT / ".env.example").read_text()
    named = re.findall(r"^#([A-Z_]+)=", example, re.MULTILINE)
    assert named == [name.upper() for name in Settings.model_fields]
    Path(".env").write_text(example)
    assert read_settings().is_demo
