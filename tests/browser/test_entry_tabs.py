"""A reader's walk over the tabs of a model: desk, phone, and without a script."""

import pytest

from tests.browser.conftest import DESK, PHONE
from tests.web import scenery
from tests.web.source_scenery import Mirrored, npy

pytestmark = pytest.mark.browser
README = (
    "# Ising\n\n$$\nE=-J\\sum_{\\langle ij\\rangle}s_is_j\n$$\n\n![plot](plot.svg) "
    "![far](https://evil.example/x.png)\n\n[the code](src/ising.py#L3)\n"
)
FILES = {
    "README.md": README,
    "src/ising.py": "import numpy\n\ndef energy(spins):\n    return -spins.sum()\n",
    "plot.svg": "<svg xmlns='http://www.w3.org/2000/svg' width='30' height='20'>"
    "<script>document.title='hostile'</script><rect width='30' height='20'/></svg>",
    "docs/acceptance.png": bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63"
        "60f8cf500f0003860180f7a2a1250000000049454e44ae426082"
    ),
    "page.html": "<script>document.title='hostile'</script>",
    "data.csv": "t,m\n" + "".join(f"{n},{n * n}\n" for n in range(50)),
}


@pytest.fixture
def model(ada, settings, tmp_path):
    settings.MIRROR_DIR = tmp_path / "mirrors"
    model = Mirrored(tmp_path, ada, FILES | {"a.npy": npy([[1.0, 2.0], [3.0, 4.0]], tmp_path)})
    scenery.verified(model.entry.current_version.runs.get(), tmp_path)
    model.release({**FILES, "src/ising.py": FILES["src/ising.py"].replace("-spins", "+spins")})
    return model


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def asked_elsewhere(page, live_server):
    """Every address that the page asks for and that is not of the portal."""
    asked = []

    def note(request):
        if not request.url.startswith((live_server.url, "data:")):
            asked.append(request.url)

    page.on("request", note)
    return asked


@pytest.mark.parametrize(
    "options",
    [{"viewport": DESK}, {"viewport": PHONE}, {"viewport": PHONE, "java_script_enabled": False}],
    ids=["desk", "phone", "no-script"],
)
def test_a_reader_walks_from_the_overview_through_every_tab(
    open_browser, live_server, model, options
):
    page = open_browser(**options)
    foreign = asked_elsewhere(page, live_server)
    script = options.get("java_script_enabled", True)
    page.goto(model.address)
    page.get_by_role("heading", name="Cite").wait_for()
    tabs = page.get_by_role("navigation", name="This model")
    for name, heading in (
        ("Files", "README.md"),
        ("Reproducibility", "Over time"),
        ("Versions", "Versions"),
        ("Use", "Git, at this very commit"),
        ("Cite", "This version"),
        ("Overview", "Description"),
    ):
        tabs.get_by_role("link", name=name, exact=True).click()
        page.get_by_role("heading", name=heading).first.wait_for()
        assert not script or fits(page), name
    assert foreign == []


def test_a_reader_looks_into_files(open_browser, live_server, model):
    page = open_browser(viewport=PHONE)
    foreign = asked_elsewhere(page, live_server)
    page.goto(f"{model.address}files/")
    assert page.locator("math").first.is_visible()
    plot = page.get_by_alt_text("plot")
    plot.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('img[alt=plot]').naturalWidth > 0")
    page.get_by_role("link", name="the code").click()
    page.locator("#L3:target").wait_for()
    assert fits(page)
    page.get_by_role("link", name="4", exact=True).click()
    page.wait_for_url("**#L4")
    for name in ("data.csv", "a.npy"):
        page.goto(f"{model.address}files/1/{name}")
        assert page.locator("svg.plot").is_visible()
        assert fits(page)
    page.goto(f"{model.address}versions/")
    page.get_by_role("link", name="What changed").click()
    page.get_by_text("+    return +spins.sum()").wait_for()
    assert foreign == []


def test_raw_files_run_nothing(open_browser, model):
    page = open_browser()
    for name in ("plot.svg", "page.html"):
        with page.expect_download():
            page.goto("/rules/")
            page.evaluate("address => { location.href = address }", f"{model.address}raw/1/{name}")
        assert "hostile" not in page.title()
