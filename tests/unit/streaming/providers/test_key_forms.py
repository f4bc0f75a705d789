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


def test_a_key_in_a_path_of_a_url_is_hidden_whether_its_slashes_are_escaped_or_not() -> None:
    key = "abc/def+ghi=jkl"
    assert {"abc/def%2Bghi%3Djkl", "abc%2Fdef%2Bghi%3Djkl"} <= set(forms_of([key]))


def test_short_lines_and_short_keys_are_ordinary_text() -> None:
    assert not any(len(form) < 8 for form in forms_of(["short", "a longer key\nyes", "0123456789abcdef"]))
    assert "yes" not in forms_of(["a longer key\nyes"])


def test_the_digits_of_a_percent_encoding_and_the_letters_of_a_key_have_cases_of_their_own() -> None:
    assert {"sk-Ab%2fCd123", "sk-Ab%252fCd123", "sk%2dAb%2fCd123"} <= set(forms_of(["sk-Ab/Cd123"]))
