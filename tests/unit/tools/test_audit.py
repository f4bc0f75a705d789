"""The audit fails for a known vulnerability, and not for a network without a list of them."""

from tools.audit import verdict

SOUND = {"name": "a", "version": "1", "vulns": []}
UNKNOWN = {"name": "b", "version": "1", "skip_reason": "not found"}
BAD = {"name": "c", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2"]}]}


def test_a_known_vulnerability_fails_and_is_named() -> None:
    code, said = verdict({"dependencies": [SOUND, UNKNOWN, BAD]})
    assert code == 1
    assert "c 1: CVE-1, fixed in 2" in said


def test_what_could_not_be_looked_up_is_counted() -> None:
    assert verdict({"dependencies": [SOUND, UNKNOWN]}) == (0, "1 of 2 packages audited, none known to be vulnerable.")
    assert verdict({"dependencies": [UNKNOWN]})[1].endswith("nothing was audited.")
