"""Look the installed packages up among the known vulnerabilities: `python -m tools.audit`.

The exit code is 1 if a package is known to be vulnerable. A registry without such a list, or one that cannot be
reached, is reported and is no failure, because not every network has one.
"""

import json
import subprocess
import sys
from typing import Any

COMMAND = [sys.executable, "-m", "pip_audit", "--local", "--progress-spinner", "off", "--format", "json"]


def verdict(report: dict[str, Any]) -> tuple[int, str]:
    """The exit code and the message for a report of pip-audit."""
    packages = report["dependencies"]
    vulnerable = [
        f"{package['name']} {package['version']}: {entry['id']}, fixed in {', '.join(entry['fix_versions']) or 'none'}"
        for package in packages
        for entry in package.get("vulns", ())
    ]
    if vulnerable:
        return 1, "\n".join(["Known vulnerabilities:", *vulnerable])
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        return 0, "The package registry has no list of vulnerabilities: nothing was audited."
    return 0, f"{len(audited)} of {len(packages)} packages audited, none known to be vulnerable."


def main() -> int:
    """Audit the packages, and print the result."""
    try:
        process = subprocess.run(COMMAND, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603 - a constant command
        code, message = verdict(json.loads(process.stdout))
    except (subprocess.TimeoutExpired, ValueError):
        code, message = 0, "The list of vulnerabilities cannot be reached: nothing was audited."
    print(message)
    return code


if __name__ == "__main__":
    sys.exit(main())
