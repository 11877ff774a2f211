"""Signatures made by real JavaScript are accepted; a changed byte, another secret or a missing header is not."""

import base64
import hashlib
import hmac
import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.kotani.callbacks import Verifier, read_callback, verify
from bot.kotani.javascript import AS_WRITTEN, parse

SECRET = b"whsec_test"
NASTY = {
    "documented": '{"referenceId":"r1","status":"SUCCESSFUL","cryptoAmount":38.5}',
    "huge numbers": '{"a":1e21,"b":1.5e300,"c":123456789012345680000,"d":-1e21}',
    "tiny numbers": '{"a":1e-7,"b":0.000001,"c":5e-324,"d":-0.0}',
    "needless zeros": '{"amount":100.0,"fee":2.50,"rate":0.00765}',
    "large money": '{"amount":1000000000000000.1,"whole":9007199254740993}',
    "letters beyond ASCII": '{"name":"Aïssa N\\u2019Diaye","city":"አዲስ አበባ","mood":"\\ud83d\\ude00","line":"\\u2028"}',
    "escapes": '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f","b":"</script>"}',
    "half a character": '{"a":"\\ud800","b":"x\\udc00y","\\udfff":1}',
    "nested": '{"rate":{"from":"KES","steps":[[],{},[{"x":[1,[2,[3]]]}]]},"none":null,"yes":true,"no":false}',
    "keys like indexes": '{"b":1,"10":2,"9":3,"01":4,"-1":5,"4294967294":6,"4294967295":7,"1.5":8}',
    "keys that repeat": '{"a":1,"b":2,"a":3}',
    "a signature inside": '{"signature":"sha256=no","text":",\\"signature\\":\\"x\\"}"}',
    "text that looks like the end": '{"text":"\\",\\"signature\\":\\"sha256=00\\"}"}',
    "names with a history": '{"__proto__":{"a":1},"constructor":1,"toString":null}',
    "a list": "[1,2,3]",
    "nothing": "{}",
}


def event(data: str) -> str:
    return f'{{"event":"transaction.onramp.status.updated","data":{data}}}'


def signed(text: str, secret: bytes = SECRET) -> str:
    return "sha256=" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("data", NASTY.values(), ids=NASTY)
def test_what_javascript_signed_is_genuine(node, data: str) -> None:
    sent = node.callback(event(data))

    assert verify(sent["body"].encode(), sent["header"], [SECRET]).candidate == "cut"
    # printed anew on the way: still what was signed, now found by rebuilding the text
    assert verify(sent["pretty"].encode(), sent["header"], [SECRET]).candidate == "canon2"


def test_an_amount_sent_as_100_0_leaves_javascript_as_100(node) -> None:
    assert '"amount":100,"fee":2.5,' in node.callback(event(NASTY["needless zeros"]))["body"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=6) | st.integers(0, 2**33).map(str), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(data=st.dictionaries(st.text(max_size=8), json_values, max_size=5), pretty=st.booleans())
def test_whatever_javascript_signs_is_genuine(node, data: dict[str, object], pretty: bool) -> None:
    sent = node.callback(event(json.dumps(data)))

    verdict = verify(sent["pretty" if pretty else "body"].encode(), sent["header"], [SECRET])

    assert verdict.genuine


@settings(max_examples=300, deadline=None)
@given(
    data=st.dictionaries(st.text(max_size=8), json_values, max_size=3), where=st.integers(0), byte=st.integers(1, 255)
)
def test_a_changed_byte_is_refused_or_changes_nothing(node, data: dict[str, object], where: int, byte: int) -> None:
    sent = node.callback(event(json.dumps(data)))
    body = bytearray(sent["body"].encode())
    body[where % len(body)] ^= byte

    if verify(bytes(body), sent["header"], [SECRET]).genuine:
        # only another spelling of the same text, such as \u001F for \u001f
        was, now = (AS_WRITTEN.decode(bytes(raw).decode()) for raw in (sent["body"].encode(), body))
        assert now == was


def test_every_changed_byte_of_a_documented_callback_is_refused(node) -> None:
    sent = node.callback(event(NASTY["documented"]))
    body = sent["body"].encode()

    for place in range(len(body)):
        for flip in (1, 0x20, 0x80):
            changed = bytearray(body)
            changed[place] ^= flip
            assert not verify(bytes(changed), sent["header"], [SECRET]).genuine, place
    for changed_body in (body[:-1], body[1:], body + b"}", body + b"x", body * 2, b""):
        assert not verify(changed_body, sent["header"], [SECRET]).genuine


def test_an_amount_that_is_only_nearly_the_same_is_refused(node) -> None:
    """Both numbers are one and the same to JavaScript, and not to us."""
    sent = node.callback(event('{"amount":9007199254740992}'))
    changed = sent["body"].replace("9007199254740992", "9007199254740993")

    assert not verify(changed.encode(), sent["header"], [SECRET]).genuine


@pytest.mark.parametrize(
    ("place", "candidate"),
    [
        ('{"signature":"%s","event":"e","data":{"a":1}}', "cut"),
        ('{"event":"e","signature":"%s","data":{"a":1}}', "cut"),
        ('{"event":"e","data":{"a":1},"signature":"%s"}\n', "cut"),
        ('{"event":"e","data":{"a":1}}', "cut"),
        ('{ "event":"e", "data":{"a":1}, "signature":"%s" }', "canon2"),
        ('{"data":{"a":1},"event":"e","signature":"%s"}', "canon2"),
        ('{"event":"e","data":{"a":1},"id":"added later","signature":"%s"}', "canon2"),
        ('{"event":"e","data":{"a":1}, "signature":"%s"}', "cut"),
    ],
)
def test_the_signature_is_cut_out_wherever_it_stands(place: str, candidate: str) -> None:
    header = signed('{"event":"e","data":{"a":1}}')

    assert verify((place % header if "%" in place else place).encode(), header, [SECRET]).candidate == candidate


def test_everything_but_the_signature_may_be_what_was_signed() -> None:
    header = signed('{"event":"e","data":{},"version":2}')
    body = json.dumps({"event": "e", "data": {}, "version": 2, "signature": header}, indent=1)

    assert verify(body.encode(), header, [SECRET]).candidate == "canonN"


def test_two_secrets_are_valid_while_one_replaces_the_other(node) -> None:
    sent = node.callback(event("{}"), secret="the old one")
    body = sent["body"].encode()

    assert verify(body, sent["header"], [b"the new one", b"the old one"]).genuine
    assert not verify(body, sent["header"], [b"the new one"]).genuine


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (None, "missing"),
        ("", "missing"),
        ("   ", "missing"),
        ("sha256=", "malformed"),
        ("sha256=" + "0" * 63, "malformed"),
        ("sha256=" + "0" * 65, "malformed"),
        ("sha1=" + "0" * 40, "malformed"),
        ("sha256=" + base64.b64encode(bytes(32)).decode(), "malformed"),
        ("sha256=" + "é" * 64, "malformed"),
        ("sha256=" + "٣" * 64, "malformed"),
        ("sha256=" + "0" * 64, "mismatch"),
    ],
)
def test_bad_headers_are_told_apart(header: str | None, reason: str) -> None:
    body = json.dumps({"event": "e", "data": {}, "signature": signed('{"event":"e","data":{}}')})

    verdict = verify(body.encode(), header, [SECRET])

    assert (verdict.genuine, verdict.reason, verdict.candidate) == (False, reason, None)


def test_the_header_may_come_in_capitals_and_without_its_prefix(node) -> None:
    sent = node.callback(event("{}"))
    body, digest = sent["body"].encode(), sent["header"].removeprefix("sha256=")

    for header in (digest, f" sha256={digest.upper()} ", f"SHA256={digest}"):
        assert verify(body, header, [SECRET]).genuine


def test_the_copy_in_the_body_proves_nothing_and_may_not_contradict(node) -> None:
    sent = node.callback(event("{}"))
    copy = sent["header"]

    assert not verify(sent["body"].encode(), None, [SECRET]).genuine
    assert not verify(sent["body"].replace(copy, signed("other")).encode(), copy, [SECRET]).genuine
    assert not verify(sent["body"].replace(f'"{copy}"', "null").encode(), copy, [SECRET]).genuine


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"event":"e","data":NaN}',
        b'{"event":"e","data":{}}{}',
        b'{"event":"\xff","data":{}}',
        b"\xef\xbb\xbf{}",
        b'{"event" "e"}',
        b"{1:2}",
        b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"data":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b"}",
        b"{" + b",".join(b'"key%d":%d' % (n, n) for n in range(100_000)) + b"}",
        b'{"data":' + b"9" * 60_000 + b"}",
        b'{"data":1e' + b"9" * 60_000 + b"}",
    ],
    ids=range(16),
)
def test_hostile_bodies_are_refused_quickly(body: bytes) -> None:
    started = time.monotonic()

    assert not verify(body, signed("other"), [SECRET]).genuine

    assert time.monotonic() - started < 1


def test_a_large_genuine_body_needs_no_rebuilding() -> None:
    text = json.dumps({"event": "e", "data": {"list": ["x" * 50] * 5_000}}, separators=(",", ":"))
    header = signed(text)

    assert verify(f'{text[:-1]},"signature":"{header}"}}'.encode(), header, [SECRET]).genuine


@pytest.mark.parametrize("secrets", [[], [b""], [b"good", b""], [b" \n"]])
def test_an_empty_secret_is_refused_at_once(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Verifier(secrets)


def test_a_verifier_does_not_show_its_secrets() -> None:
    assert "whsec" not in repr(Verifier([SECRET]))


def test_what_was_verified_is_what_is_read(node) -> None:
    """Repeated keys: the last one counts, for JavaScript, for the check and for the reader."""
    source = '{"event":"x","event":"transaction.onramp.status.updated","data":{"referenceId":"a","referenceId":"b"}}'
    sent = node.callback(source)
    body = source[:-1] + f',"signature":"{sent["header"]}"}}'

    assert verify(body.encode(), sent["header"], [SECRET]).candidate == "canon2"
    assert read_callback(body.encode()).reference == "b"
    assert parse(body.encode())["data"] == {"referenceId": "b"}  # type: ignore[index]
