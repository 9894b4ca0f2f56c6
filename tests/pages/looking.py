"""One page looked at as everybody may meet it: wide and narrow, light and dark, without scripts."""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from playwright.sync_api import BrowserContext, Page, Request

from tests.chromium import DESK, PHONE

HERE = Path(__file__).parent
TOOLS = HERE / "node_modules"
SCREENSHOTS = HERE.parents[1] / "var" / "screenshots"
AXE = TOOLS / "axe-core" / "axe.min.js"
# A page before its images: bytes as they are, for nothing is compressed here, and requests.
WEIGHT_BYTES = 150_000
REQUESTS_MOST = 10
_IMAGES = {"image", "media"}
# All that differs between light and dark, and between a desk and a phone.
COLOURS = ["color-contrast", "link-in-text-block"]
ROOM = [
    "aria-hidden-focus", "button-name", "color-contrast", "label", "link-name", "meta-viewport",
    "scrollable-region-focusable",
]  # fmt: skip
_AXE_RUN = """async (rules) => (await axe.run(document, {
    resultTypes: ["violations"],
    ...(rules ? {runOnly: {type: "rule", values: rules}} : {}),
  })).violations
  .map((v) => `${v.id}: ${v.help}: `
    + v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200)).join(" | "))"""
_WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
_HEADINGS = """() => [...document.querySelectorAll("h1, h2")]
  .map((h) => h.textContent.trim().replace(/\\s+/g, " "))"""


@dataclass(frozen=True, kw_only=True)
class Walked:
    """A page of the catalogue: which template it shows, where, and what it is called in files."""

    template: str
    address: str
    status: int = 200

    @property
    def name(self) -> str:
        """The page as a file's name."""
        return re.sub(r"[^a-z0-9]+", "-", self.address.lower()).strip("-")[:80] or "home"


@dataclass
class Look:
    """What is wrong with the pages seen so far, and their HTML for the validator."""

    folder: Path
    room: str
    wrong: list[str] = field(default_factory=list)

    def say(self, walked: Walked, what: str) -> None:
        """Note what is wrong with a page."""
        self.wrong.append(f"{walked.address}: {what}")

    def at(self, context: BrowserContext, walked: Walked) -> None:
        """Look at one page.

        1. On a desk, in light and in dark: status, weight, who is asked, axe, one h1, a title.
        2. On a phone: nothing scrolls sideways, axe on what is otherwise there.
        3. Without scripts: the same headings.
        """
        page, asked = context.new_page(), []
        page.on("requestfinished", lambda request: asked.append(request))  # noqa: PLW0108 — Playwright marks its handlers, and a built-in takes no mark
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(DESK)
        response = page.goto(walked.address, wait_until="load")
        if response is None or response.status != walked.status:
            self.say(walked, f"answers {response.status if response else 'nothing'}")
        sent = response.text() if response else ""
        (self.folder / f"{walked.name}.html").write_text(sent)
        self._weigh(walked, asked, urlsplit(page.url).netloc)
        page.evaluate(AXE.read_text())
        self._appearance(page, walked, "desk-light")
        page.emulate_media(color_scheme="dark")
        self._appearance(page, walked, "desk-dark", rules=COLOURS)
        page.set_viewport_size(PHONE)
        page.emulate_media(color_scheme="light")
        self._appearance(page, walked, "phone-light", rules=ROOM)
        self._without_scripts(page, walked, sent)
        page.close()

    def _appearance(
        self, page: Page, walked: Walked, look: str, *, rules: list[str] | None = None
    ) -> None:
        # Colours change by transitions; axe would read one in between.
        page.wait_for_timeout(50)
        found = page.evaluate(_AXE_RUN, rules)
        self.wrong += [f"{walked.address} ({look}): {one}" for one in found]
        wide, room = page.evaluate(_WIDTHS)
        if wide > room:
            self.say(walked, f"scrolls sideways ({look}): {wide} of {room}")
        if page.locator("h1").count() != 1:
            self.say(walked, "has not one h1")
        if "Reprise" not in page.title():
            self.say(walked, f"is called {page.title()!r}")
        picture = SCREENSHOTS / self.room / f"{walked.name}-{look}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=picture, full_page=True, scale="css")

    def _weigh(self, walked: Walked, asked: list[Request], host: str) -> None:
        strangers = {urlsplit(one.url).netloc for one in asked if _is_of_the_net(one)} - {host}
        if strangers:
            self.say(walked, f"asks {strangers}")
        counted = [one for one in asked if one.resource_type not in _IMAGES]
        weight = sum(one.sizes()["responseBodySize"] for one in counted)
        if weight > WEIGHT_BYTES:
            self.say(walked, f"weighs {weight:,} bytes")
        if len(counted) > REQUESTS_MOST:
            self.say(walked, f"makes {len(counted)} requests")

    def _without_scripts(self, page: Page, walked: Walked, sent: str) -> None:
        """Hold what is read after all scripts ran to what the server had sent."""
        read = page.evaluate(_HEADINGS)
        tree = html5lib.parse(sent, namespaceHTMLElements=False)
        plain = [" ".join("".join(one.itertext()).split()) for one in _headings(tree)]
        if read != plain:
            self.say(walked, f"reads otherwise without scripts: {plain} in place of {read}")


def _headings(tree: Element) -> Iterator[Element]:
    return (one for one in tree.iter() if one.tag in {"h1", "h2"})


def _is_of_the_net(request: Request) -> bool:
    return request.url.startswith(("http:", "https:", "ws:"))


def invalid_html(folder: Path) -> Iterator[str]:
    """What the validator finds in the files of a folder, one line a finding."""
    program = TOOLS / "html-validate" / "bin" / "html-validate.mjs"
    done = subprocess.run(
        ["node", program, "--config", HERE / "html-validate.json", "--formatter", "json", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    for file in json.loads(done.stdout or "[]"):
        for found in file["messages"]:
            line = f"line {found['line']}: {found['ruleId']}: {found['message']}"
            yield f"{Path(file['filePath']).stem}: {line}"
