"""Headless Chromium, and what it finds on a page of the book."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = [
    "--headless=new",
    "--no-sandbox",  # it has none as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # Chromium itself is not to ask the network for anything
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-quic",
    "--disable-sync",
]
LOOK = Path(__file__).with_name("look.js").read_text()


def started() -> Chrome:
    """A browser with an empty profile, that logs its console and its requests."""
    options = ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return Chrome(options=options, service=Service(str(DRIVER)))


def resize(browser: Chrome, width: int, height: int = 900) -> None:
    """A window of this width, narrower ones than a desktop allows included."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def prefer(browser: Chrome, scheme: str) -> None:
    """What the user's system says: dark or light."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def requests(browser: Chrome) -> list[str]:
    """The addresses asked for since the last call."""
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [m["params"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    return [params["request"]["url"] for params in sent]


def look(browser: Chrome, page: Path) -> dict[str, Any]:
    """Open a page wide and light, then dark, then on a phone; tell what can be seen."""
    browser.get_log("browser")
    requests(browser)
    resize(browser, 1400)
    prefer(browser, "light")
    browser.get(page.as_uri())
    facts: dict[str, Any] = browser.execute_script(LOOK)
    facts["light"] = facts.pop("contrasts")
    prefer(browser, "dark")
    facts["dark"] = browser.execute_script(LOOK)["contrasts"]
    resize(browser, 390)
    facts["phone"] = browser.execute_script(LOOK)["width"]
    facts["console"] = [entry["message"] for entry in browser.get_log("browser")]
    facts["requests"] = requests(browser)
    return facts
