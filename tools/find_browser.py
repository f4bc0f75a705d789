"""Find a Chromium for the tests, or install one: `python -m tools.find_browser` prints its path."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)


def installed_browser() -> str | None:
    """The path of an installed Chromium or Chrome."""
    named = os.environ.get("STREAMING_LAB_BROWSER")
    if named:
        return named
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return on_path or next((path for path in MACOS_PATHS if Path(path).is_file()), None)


def from_system_package() -> str | None:
    """Install the package of Debian or Ubuntu, if that needs no password."""
    if shutil.which("apt-get") is None:
        return None
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    commands = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium", "fonts-noto-core"])
    ok = all(_quietly([*sudo, *command]) for command in commands)
    return installed_browser() if ok else None


def from_playwright() -> str | None:
    """Download Playwright's own build."""
    if not _quietly([sys.executable, "-m", "playwright", "install", "chromium"]):
        return None
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _quietly(command: list[str]) -> bool:
    try:
        return subprocess.run(command, stdout=sys.stderr, timeout=600, check=False).returncode == 0  # noqa: S603 - constant commands
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Print the path of a browser, and return the exit code."""
    path = installed_browser() or from_system_package() or from_playwright()
    if path is None:
        print("No Chromium was found, and it could not be installed. Install Chromium or Chrome.", file=sys.stderr)
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
