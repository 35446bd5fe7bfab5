"""Where Chromium is on this computer, and how to start it so that it asks for nothing."""

import os
import shutil

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
)
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find_chromium():
    """The path of a Chromium, or "": what $CHROMIUM names, or else one of BROWSERS."""
    named = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else BROWSERS)]
    return next(filter(None, found), "")
