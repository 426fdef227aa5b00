"""Opens every page of a built book in headless Chromium and says what is wrong with it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    """The pages that a person wrote: neither the search, nor the index, nor redirections."""
    found = sorted(Path(html_root).resolve().rglob("*.html"))
    return [
        path
        for path in found
        if path.name not in ("search.html", "genindex.html")
        and "_static" not in path.parts
        and 'http-equiv="refresh"' not in path.read_text(encoding="utf-8").lower()
    ]


def findings(html_root: Path, skip: str = "") -> list[str]:
    """What is wrong with a built book, opened from the file system at each width and theme.

    Args:
        html_root: the folder of the built HTML.
        skip: begins the names of pages that are left out.

    Returns:
        One line a problem: a request to another host, a message or an error of a script, a page
        that is wider than the window, an image without a description, text that is hard to see,
        a link to nowhere. What shows at every width and theme stands
        once.
    """
    found = []
    with _browser() as browser:
        for width in WIDTHS:
            for path in pages(html_root):
                place = path.relative_to(Path(html_root).resolve())
                if skip and str(place).startswith(skip):
                    continue
                found += [f"{place}: {problem}" for problem in _problems(browser, path, width)]
    return list(dict.fromkeys(found)) or ([] if pages(html_root) else [f"{html_root}: no pages"])


@contextmanager
def _browser() -> Iterator:
    """A browser context without a network, in which any request beyond files is a finding."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def _page(browser, width: int, **options):
    """An empty page of a width in CSS pixels."""
    page = browser.new_page(viewport={"width": width, "height": 900}, **options)
    page.set_default_timeout(PATIENCE)
    return page


def _problems(browser, path: Path, width: int) -> list[str]:
    """Opens one page at one width, in both themes."""
    found = []
    page = _page(browser, width, offline=True)
    page.on("request", lambda request: found.extend(_foreign(request.url)))
    page.on("pageerror", lambda error: found.append(f"script error: {error}"))
    page.on("console", lambda it: found.extend([f"console: {it.text}"] * (it.type == "error")))
    page.goto(path.as_uri())
    for theme in THEMES:
        if not _switch(page, theme):
            found.append(f"does not follow the {theme} theme")
        found += page.evaluate(INSPECT)
    links = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    found += [f"link to nowhere: {link}" for link in links if _is_dead(link)]
    page.close()
    return [problem.replace(path.parent.as_uri(), "") for problem in found]


def _switch(page, theme: str) -> bool:
    """Switches the browser to a theme; returns whether the page goes along."""
    from playwright.sync_api import TimeoutError as Late

    page.emulate_media(color_scheme=theme)
    try:
        page.wait_for_selector(f"html[data-theme={theme}]", state="attached", timeout=5000)
    except Late:
        return False
    return True


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
