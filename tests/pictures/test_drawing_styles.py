"""Styles of drawings, read as a browser reads them: what draws passes, what fetches does not."""

from __future__ import annotations

import pytest

from kassa.pictures.domain.drawing_styles import FUNCTIONS, OUTSIDE, check_sheet, check_value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "red",
        "fill:#7a1f3d;stroke-width:2",
        "fill:url(#a)",
        "fill:URL( '#a' )",
        'mask:url("#a")',
        "fill:url(  #a  )",
        "transform:translate(calc(1px + 2%), var(--y))",
        "/* url(http://outside.example) */ fill:red",
        "font-family:'http://outside.example'",  # a name, and nothing is fetched by it
        "color-mix(in srgb, rgb(1 2 3), hsl(4 5% 6%))",
        *(f"a:{name}()" for name in sorted(FUNCTIONS - {"url"})),
    ],
)
def test_values_that_draw_pass(value: str) -> None:
    check_value(value)
    check_sheet(f".a{{{value}}}")


@pytest.mark.parametrize(
    "value",
    [
        "fill:url(http://outside.example/a.svg#b)",
        "fill:url('//outside.example/a.svg')",
        "fill:url(a.svg#b)",
        "fill:url()",
        "fill:url('')",
        "fill:url(data:image/svg+xml,x)",
        "fill:url(javascript:alert(1))",
        "mask:u\\72l(http://outside.example/a.svg)",
        "mask:\\75\\72\\6c('http://outside.example/a.svg')",
        "fill:var(--a, url(http://outside.example))",
        "{fill:[(url(http://outside.example))]}",
    ],
)
def test_addresses_outside_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"outside|read"):
        check_value(value)
    with pytest.raises(ValueError, match=r"outside|read"):
        check_sheet(f".a{{{value}}}")


@pytest.mark.parametrize("name", ["image-set", "image", "cross-fade", "element", "src", "expression", "attr"])
def test_other_functions_are_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"function '{name}'"):
        check_value(f"background:{name}('#a')")


@pytest.mark.parametrize(
    "sheet",
    [
        "@import '#a';",
        "@im\\70ort '#a';",
        "@IMPORT url(#a);",
        "@font-face{src:url(#a)}",
        "@namespace url(#a);",
        "@media print{@import '#a';}",
        ".a{@import '#a'}",
        "@keyframes a{from{fill:red}}",
    ],
)
def test_other_rules_are_refused(sheet: str) -> None:
    with pytest.raises(ValueError, match="rule '@"):
        check_sheet(sheet)


@pytest.mark.parametrize(
    "sheet",
    [
        "",
        "<!-- .a{fill:red} -->",
        ".a:not(.b) > rect:nth-child(2n+1){fill-rule:evenodd}",
        "@media (prefers-color-scheme:dark){.a{fill:#fff}}",
        "@MEDIA print{.a{fill:url(#a)}}",
        "rect,circle{fill:red} /* the end */",
    ],
)
def test_sheets_that_draw_pass(sheet: str) -> None:
    check_sheet(sheet)


@pytest.mark.parametrize(
    "sheet",
    ["@media print{.a{fill:url(http://outside.example)}}", "a[href='x']{fill:url(//outside.example)}"],
)
def test_what_is_nested_in_a_sheet_is_looked_into(sheet: str) -> None:
    with pytest.raises(ValueError, match=OUTSIDE):
        check_sheet(sheet)


@pytest.mark.parametrize("text", ["fill:url(http://a b)", "fill:'\n'", "fill:url(#a'b)"])
def test_what_browsers_read_in_different_ways_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        check_value(text)


def test_names_in_refusals_are_short() -> None:
    with pytest.raises(ValueError, match=f"^its style has a function '{'a' * 20}'.$"):
        check_value(f"{'a' * 500}()")
    with pytest.raises(ValueError, match=f"^its style sheet has a rule '@{'a' * 20}'.$"):
        check_sheet(f"@{'a' * 500};")
