"""Look the installed packages up among the known vulnerabilities: `python -m tools.audit`.

Ends with 1 where one is known to be vulnerable. A registry without such a list, or one that cannot be reached, is said
and is no failure: not every network has one.
"""

import json
import subprocess
import sys
from typing import Any

COMMAND = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner", "off", "--format", "json"]


def verdict(found: dict[str, Any]) -> tuple[int, str]:
    """Exit code and what to say of a report by pip-audit."""
    packages = found["dependencies"]
    bad = [
        f"{package['name']} {package['version']}: {said['id']}, mended in {', '.join(said['fix_versions']) or 'none'}"
        for package in packages
        for said in package.get("vulns", ())
    ]
    if bad:
        return 1, "\n".join(["Known vulnerabilities:", *bad])
    looked_up = [package for package in packages if "skip_reason" not in package]
    if not looked_up:
        return 0, "The registry here keeps no list of vulnerabilities: nothing was audited."
    return 0, f"{len(looked_up)} of {len(packages)} packages audited, none known to be vulnerable."


def main() -> int:
    """Audit, and say what was found."""
    try:
        done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - a constant command
        code, said = verdict(json.loads(done.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        code, said = 0, "The list of vulnerabilities cannot be reached from here: nothing was audited."
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(main())
