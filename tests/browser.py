"""Opens every page of a built book in headless Chromium and says what is wrong with it."""

import os
import shutil
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

#: Widths of a phone and of a desk's screen, in CSS pixels.
WIDTHS = (390, 1440)
THEMES = ("light", "dark")
COMMANDS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update"),
)

#: For a page to open on a busy machine, in ms.
PATIENCE = 120_000

#: Runs in the page and returns a list of complaints.
INSPECT = Path(__file__).with_name("inspect_page.js").read_text(encoding="utf-8")


@cache
def find_browser() -> Path | None:
    """Chromium or Chrome as installed, else the one that ``playwright install`` fetched."""
    from playwright.sync_api import sync_playwright

    for command in COMMANDS:
        if path := shutil.which(command):
            return Path(path)
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    return path if path.exists() else None


def require() -> None:
    """Skips the test where there is no browser; fails it where FER_REQUIRE_BROWSER is set."""
    if find_browser() is not None:
        return
    message = "no Chromium: install it, or run `playwright install chromium`"
    if os.environ.get("FER_REQUIRE_BROWSER"):
        pytest.fail(message)
    pytest.skip(message)


def pages(html_root: Path) -> list[Path]:
    """The pages that a person wrote: no run, neither search nor index."""
    made = {html_root / "search.html", html_root / "genindex.html"}
    return sorted(set(html_root.glob("*.html")) - made)


def findings(wanted: list[Path]) -> list[str]:
    """What is wrong with pages, opened from the file system at each width and theme.

    Returns:
        One line a problem. What shows at every width and theme stands once.
    """
    from playwright.sync_api import sync_playwright

    assert wanted
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        for width in WIDTHS:
            for path in wanted:
                found += [f"{path.name}: {problem}" for problem in _problems(browser, path, width)]
    return list(dict.fromkeys(found))


def _problems(browser, path: Path, width: int) -> list[str]:
    """Opens one page at one width, in both themes."""
    found = []
    page = browser.new_page(viewport={"width": width, "height": 900}, offline=True)
    page.set_default_timeout(PATIENCE)
    page.on("request", lambda request: found.extend(_foreign(request.url)))
    page.on("pageerror", lambda error: found.append(f"script error: {error}"))
    page.on("console", lambda it: found.extend([f"console: {it.text}"] * (it.type == "error")))
    page.goto(path.as_uri())
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        page.wait_for_selector(f"html[data-theme={theme}]", state="attached", timeout=5000)
        found += page.evaluate(INSPECT)
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    found += [f"link to nowhere: {link}" for link in links if _is_dead(link)]
    page.close()
    return [problem.replace(path.parent.as_uri(), "") for problem in found]


def _foreign(url: str) -> list[str]:
    local = urlsplit(url).scheme in ("file", "data", "blob", "about")
    return [] if local else [f"requests {url}"]


def _is_dead(link: str) -> bool:
    """Whether a link into the book misses its file or the place in it."""
    parts = urlsplit(link)
    if parts.scheme != "file":
        return False
    target = Path(unquote(parts.path))
    if not target.is_file():
        return True
    fragment = unquote(parts.fragment)
    return bool(fragment) and f'id="{fragment}"' not in _text(target)


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
