"""What the server gives of the scanner: the page, its service worker, its manifest, its files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.templatetags.static import static
from django.test import Client

from kassa.checkin import shell
from kassa.checkin.views import SCANNER

BROWSER = Client(raise_request_exception=False)
OWN = Path(shell.__file__).parent / "static" / "checkin"
SCRIPTS = sorted(path for path in OWN.rglob("*.js") if "vendor" not in path.parts)
IMPORT = re.compile(r'^(?:import|\} from|.*\bfrom) "(\.[^"]+)";$', re.MULTILINE)
WORD = re.compile(r"^  (\w+): \[(.*?)\],$", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", ["/checkin/", "/checkin/sw.js", "/checkin/manifest.webmanifest"])
def test_every_answer_is_closed_to_the_outside(path: str) -> None:
    answer = BROWSER.get(path)

    assert answer.status_code == 200
    assert {name: answer[name] for name in SCANNER.headers} == SCANNER.headers
    assert not answer.cookies
    assert BROWSER.post(path).status_code == 405


def test_the_page_has_no_script_or_style_of_its_own() -> None:
    text = BROWSER.get("/checkin/").content.decode()

    assert re.findall(r"<script(?![^>]*\bsrc=)", text) == []
    assert "<style" not in text
    assert " style=" not in text
    assert "//" not in text.split("<head>")[1].replace("<!--", "")


def test_the_service_worker_keeps_every_file_the_page_needs() -> None:
    text = BROWSER.get("/checkin/sw.js").content.decode()
    kept = json.loads(re.findall(r"^const FILES = (.*);$", text, re.MULTILINE)[0])

    assert f'"kassa-checkin-{shell.version()}"' in text
    assert kept[:2] == ["/checkin/", "/checkin/manifest.webmanifest"]
    assert all(BROWSER.get(address).status_code == 200 for address in kept[2:])
    assert {static(f"checkin/{path.relative_to(OWN)}") for path in SCRIPTS} <= set(kept)


def test_the_version_is_that_of_the_files() -> None:
    shell.version.cache_clear()
    first = shell.version()
    shell.version.cache_clear()

    assert shell.version() == first
    assert re.fullmatch("[0-9a-f]{16}", first)


def test_the_manifest_makes_it_installable() -> None:
    manifest = BROWSER.get("/checkin/manifest.webmanifest").json()

    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == (
        "/checkin/",
        "/checkin/",
        "standalone",
    )
    assert {icon.get("purpose") for icon in manifest["icons"]} >= {"any", "maskable"}
    assert all(BROWSER.get(icon["src"]).status_code == 200 for icon in manifest["icons"])


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(OWN)))
def test_scripts_ask_nobody_else_and_write_no_markup(script: Path) -> None:
    text = script.read_text()

    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    assert re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text) == []
    for name in IMPORT.findall(text):
        assert (script.parent / name).resolve().is_file(), name
    # Phones of six years ago have to read it: nothing newer than they know.
    assert re.findall(r"\?\.[a-zA-Z(\[]|\?\?|\|\|=|&&=|\.at\(|replaceAll|structuredClone", text) == []
    assert len(text.splitlines()) <= 300


def test_every_text_is_there_in_both_languages() -> None:
    words = dict(WORD.findall((OWN / "texts.js").read_text()))
    used = set()
    for script in SCRIPTS:
        used |= set(re.findall(r"""\bt\(["'](\w+)["']""", script.read_text()))

    assert used <= words.keys()
    for name, texts in words.items():
        english, french = json.loads(f"[{texts.rstrip().rstrip(',')}]")
        placeholders = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (english, french)]
        assert placeholders[0] == placeholders[1], name
        assert english, name
        assert french, name
