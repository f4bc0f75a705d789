"""The forms of keys that are hidden."""

from streaming.providers.key_forms import forms_of
from streaming.providers.redaction import redact

CERTIFICATE = """-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASC
BKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj
-----END PRIVATE KEY-----"""


def test_a_key_of_several_lines_is_hidden_line_by_line() -> None:
    said = redact("It wrote: " + " | ".join(CERTIFICATE.splitlines()), [CERTIFICATE])
    assert "MIIE" not in said
    assert "BKcw" not in said
    assert redact("-----BEGIN PRIVATE KEY-----", [CERTIFICATE]).startswith("-----BEGIN")


def test_short_lines_and_short_keys_are_ordinary_text() -> None:
    assert not any(len(form) < 8 for form in forms_of(["short", "a longer key\nyes", "0123456789abcdef"]))
    assert "yes" not in forms_of(["a longer key\nyes"])
