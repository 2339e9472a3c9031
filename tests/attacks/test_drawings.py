"""Drawings of others neither run nor fetch anything: those that would in a browser are not taken."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, Route, sync_playwright

from kassa.pictures.domain.drawings import MAX_STYLES, check_drawing
from tests.support.chromium import chromium  # noqa: F401

OUTSIDE = "http://outside.example"
NAMES = (
    'xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink" '
    'xmlns:editor="http://www.inkscape.org/namespaces/inkscape" xmlns:h="http://www.w3.org/1999/xhtml"'
)
RUN = f"fetch('{OUTSIDE}/run')"
HARMS = {
    "script": f"<script>{RUN}</script>",
    "script in an editor's part": f"<editor:grid><script>{RUN}</script></editor:grid>",
    "script in the metadata": f"<metadata><script>{RUN}</script></metadata>",
    "script of a page in the metadata": f"<metadata><h:script>{RUN}</h:script></metadata>",
    "picture of a page in an editor's part": f'<editor:grid><h:img src="{OUTSIDE}/a.png"/></editor:grid>',
    "base": f'<g xml:base="{OUTSIDE}/a.svg"><use href="#b"/></g>',
    "escaped import": f"<style>@im\\70ort '{OUTSIDE}/a.css';</style>",
    "import as data": f"<style><![CDATA[@import '{OUTSIDE}/a.css';]]></style>",
    "escaped address": f'<rect width="9" height="9" style="mask:u\\72l({OUTSIDE}/a.svg#b)"/>',
    "font": f"<style>@font-face{{font-family:a;src:url({OUTSIDE}/a.woff2)}}</style>"
    '<text y="9" font-family="a">a</text>',
    "set of images": f"<style>svg{{background:image-set('{OUTSIDE}/a.png' 1x)}}</style>",
    "link to a script": f'<a href="javascript:{RUN}"><rect width="9" height="9"/></a>',
}
"""What is put into a drawing: all but one reach their host as soon as somebody opens it."""
NEEDS_A_CLICK = "link to a script"
OLDER = {"base", "instruction: page from a style sheet"}
"""What other and older browsers obey than the one at hand."""
BEFORE = {
    "style sheet": f'<?xml-stylesheet href="{OUTSIDE}/a.css" type="text/css"?>',
    "page from a style sheet": f'<?xml-stylesheet href="{OUTSIDE}/a.xsl" type="text/xsl"?>',
}
HARMLESS = {
    "own parts": '<defs><path id="a" d="M0 0h9"/></defs><use href="#a"/><use x:href="#a"/>',
    "own paint": '<linearGradient id="b"/><rect fill="url(#b)" style="stroke:url(\'#b\')"/>',
    "colours": '<rect style="fill:rgb(1,2,3);stroke:hsl(1 2% 3%)" transform="matrix(1,0,0,1,2,2)"/>',
    "style sheet": "<style>.a:not(.b){fill-rule:evenodd}"
    " @media (prefers-color-scheme:dark){.a{fill:#fff}}</style>",
    "an editor's own": '<editor:grid editor:units="mm"/><g editor:label="Layer (1)" id="Layer(1)"/>',
    "languages": '<text xml:lang="fr" xml:space="preserve">Entrée</text>',
}


def drawing(inner: str, before: str = "") -> bytes:
    return f'{before}<svg {NAMES} viewBox="0 0 9 9" width="90" height="90">{inner}</svg>'.encode()


ATTACKS = {
    **{name: drawing(inner) for name, inner in HARMS.items()},
    **{f"instruction: {name}": drawing("", before) for name, before in BEFORE.items()},
}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:  # noqa: F811
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("name", ATTACKS)
def test_what_runs_or_fetches_is_not_taken(name: str) -> None:
    with pytest.raises(ValueError):
        check_drawing(ATTACKS[name])


@pytest.mark.parametrize("name", sorted(ATTACKS.keys() - OLDER))
def test_without_the_guard_it_would_reach_its_host(name: str, browser: Browser) -> None:
    """The control: in a browser that is told of no policy, which is what an offline copy of the file is."""
    asked: list[str] = []

    def answer(route: Route, request: Request) -> None:
        asked.append(request.url)
        if request.url == "http://shop.example/a.svg":
            route.fulfill(body=ATTACKS[name], content_type="image/svg+xml")
        else:
            route.fulfill(status=404, headers={"Access-Control-Allow-Origin": "*"})

    page = browser.new_page()
    page.route("**/*", answer)
    page.goto("http://shop.example/a.svg")
    if name == NEEDS_A_CLICK:
        page.mouse.click(40, 40)
    page.wait_for_load_state("networkidle")
    page.close()

    assert [url for url in asked if url.startswith(OUTSIDE)]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_drawing_programs_write_is_taken(name: str) -> None:
    check_drawing(drawing(HARMLESS[name], '<?xml version="1.0" encoding="UTF-8"?><!-- drawn by hand -->'))


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="ISO-2022-JP"?>' + drawing(""),
        b'<!DOCTYPE svg [<!ENTITY a "a">]>' + drawing("&a;"),
        drawing(f"<style>{'a{fill:rgb(1,2,3)}' * (MAX_STYLES // 10)}</style>"),
        drawing(f'<rect style="fill:{"(" * 50_000}"/>'),
        drawing('<rect style="width:expression(1)"/>'),
    ],
    ids=["other letters", "entities", "endless styles", "deep styles", "unknown functions"],
)
def test_what_browsers_may_read_in_another_way_is_not_taken(content: bytes) -> None:
    with pytest.raises(ValueError):
        check_drawing(content)
