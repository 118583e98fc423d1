"""JSON Lines: what is no object of texts costs its row, with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.core.errors import IntakeError
from comity.request.blocks import MAX_LINE
from comity.request.intake import open_batch
from comity.request.model import Request

SOUND = '{"request_id":"r1","first_name":"Ann","last_name":"Lee","tax_periods":["2023"]}'
Read = Callable[[str | bytes], list[Request]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The requests of a JSON Lines file with this content."""

    def reading(content: str | bytes) -> list[Request]:
        path = tmp_path / "batch.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_batch(path) as batch:
            return [request for chunk in batch.chunks() for request in chunk]

    return reading


def told(request: Request) -> list[str]:
    return [f"{problem.column}: {problem.what}" for problem in request.problems]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"not json", ": the line is not a JSON object"),
        (b'{"request_id":"r2"', ": the line is not a JSON object"),
        (b'["r2"]', ": the line is not a JSON object"),
        (b'"r2"', ": the line is not a JSON object"),
        (b"null", ": the line is not a JSON object"),
        (b"1" * 5_000, ": the line is not a JSON object"),
        (b"[" * 100_000, ": the line is not a JSON object"),
        (b'{"request_id":"\xe4"}', ": the line is not UTF-8"),
        (b'{"request_id":"r2","request_id":"r3"}', ": a key stands twice in the object"),
        (b'{"request_id":"r2","tin":123456789}', "tin: it is not text"),
        (b'{"request_id":"r2","tin":NaN}', "tin: it is not text"),
        (b'{"request_id":"r2","tin":true}', "tin: it is not text"),
        (b'{"request_id":"r2","tin":{"a":"b"}}', "tin: it is not text"),
        (b'{"request_id":"r2","recipients":["o1",2]}', "recipients: it is not text"),
        (b'{"request_id":"r2","street":["a","b"]}', "street: it is a list where one value"),
        (b'{"request_id":"r2","street":"\\ud800"}', "street: it has bytes that are not UTF-8"),
        (b'{"request_id":"r2","street":"a\\u0000b"}', "street: it has control characters"),
        (b'{"first_name":"Bob"}', "request_id: it is empty"),
        (b"x" * (MAX_LINE + 9), ": the line is longer than 200,000 bytes"),
    ],
)
def test_a_malformed_line_costs_its_row(line: bytes, what: str, read: Read) -> None:
    rows = read(SOUND.encode() + b"\n" + line + b"\n\n" + SOUND.encode())
    assert [r.line for r in rows] == [1, 2, 4]
    assert [len(r.problems) for r in rows] == [0, 1, 0]
    assert told(rows[1])[0].startswith(what)


def test_null_and_absent_are_empty(read: Read) -> None:
    rows = read(SOUND + '\n{"request_id":"r2","first_name":null,"last_name":"Day"}\n')
    assert (rows[1].first_name, rows[1].city, rows[1].problems) == ("", "", ())


def test_a_byte_order_mark_is_taken_off(read: Read) -> None:
    (one,) = read(SOUND.encode("utf-8-sig"))
    assert one.problems == ()


def test_an_unknown_key_on_any_line_is_named_before_anything_is_judged(read: Read) -> None:
    with pytest.raises(IntakeError, match="`surname` are not known"):
        read(f'{SOUND}\n{SOUND}\n{{"request_id":"r3","surname":"x"}}\n')


def test_a_hostile_key_is_shown_without_its_control_characters(read: Read) -> None:
    with pytest.raises(IntakeError) as caught:
        read(f'{SOUND}\n{{"\\u001b[31m{"x" * 500}":"y"}}\n')
    assert "\x1b" not in caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize("content", ["[\n{}\n]\n", "{}\n{}\n", "request_id,first_name\nr1,A\n"])
def test_a_file_without_objects_is_no_batch(content: str, read: Read) -> None:
    with pytest.raises(IntakeError, match="No line of the file is a JSON object"):
        read(content)
