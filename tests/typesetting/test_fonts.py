"""Letters of the world: which fonts a text is set in, and what no font has."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTCollection, TTFont

from kassa.typesetting import fonts
from kassa.typesetting.font_files import FontUnreadable, read_font
from kassa.typesetting.fonts import families_for, font_folders, missing_letters

FILES = [path for folder in font_folders() for path in sorted(Path(folder).rglob("*.tt[fc]"))]
NAMES = {
    "Latin": "Zoë Łukaszewicz", "Greek": "Ελένη", "Cyrillic": "Ольга", "Arabic": "محمد", "Hebrew": "דוד",
    "Armenian": "Արմեն", "Georgian": "ნინო", "Ethiopic": "አበበ", "Devanagari": "रवि", "Bengali": "রবি",
    "Gurmukhi": "ਗੁਰਪ੍ਰੀਤ", "Gujarati": "નરેન્દ્ર", "Oriya": "ସୁବାଷ", "Tamil": "ரவி", "Telugu": "రవి",
    "Kannada": "ರವಿ", "Malayalam": "രവി", "Sinhala": "කුමාර", "Thai": "สมชาย", "Lao": "ສົມໄຊ",
    "Khmer": "សុខា", "Myanmar": "အောင်", "Tibetan": "བསྟན་འཛིན", "Mongolian": "ᠪᠠᠲᠤ", "Han": "王小明",
    "Kana": "さくら アキラ", "Bopomofo": "ㄅㄆㄇ", "Hangul": "김민준", "Thaana": "މުހައްމަދު", "Syriac": "ܐܒܪܗܡ",
    "N'Ko": "ߡߡߊ߬ߘߎ߫", "Tifinagh": "ⴰⵎⴰⵣⵉⵖ", "Cherokee": "ᏣᎳᎩ", "Canadian Aboriginal": "ᐃᓄᒃ", "Adlam": "𞤀𞤣𞤤𞤢𞤥",
    "Vai": "ꕙꔤ", "Bamum": "ꚠꚡ", "Yi": "ꆈꌠ", "Lisu": "\ua4e1\ua4f2\ua4e2", "Miao": "𖼀𖼁",
    "Ol Chiki": "ᱥᱟᱱᱛᱟᱲᱤ",
    "Meetei Mayek": "ꯃꯤꯇꯩ", "Chakma": "𑄌𑄋𑄴𑄟", "Javanese": "ꦗꦮ", "Balinese": "ᬩᬮᬶ", "Sundanese": "ᮞᮥᮔ᮪ᮓ",
    "Batak": "ᯅᯖᯂ᯲", "Cham": "ꨌꩌ", "Tai Le": "ᥖᥭᥰ", "New Tai Lue": "ᦟᦹᧉ", "Tai Tham": "ᨴᩱ", "Tai Viet": "ꪼꪕ",
    "Lepcha": "ᰛᰩ", "Limbu": "ᤕᤰ", "Newa": "𑐣𑐾𑐥𑐵𑐮", "Saurashtra": "ꢱꣃꢬ", "Kayah Li": "ꤊꤢ꤭", "Osage": "𐓏𐓘",
    "Rohingya": "𐴌𐴗", "Wancho": "𞋒𞋀", "Syloti Nagri": "ꠍꠤꠟ", "Mandaic": "ࡌࡀ", "Nyiakeng Puachue Hmong": "𞄀𞄰",
    "emoji": "🎻🎉", "signs": "★ ♥ → ∞ ₹ ₦",
}  # fmt: skip
"""A name or a word in each script that people write today."""


@pytest.mark.parametrize("script", NAMES)
def test_each_living_script_has_its_letters(script: str) -> None:
    assert missing_letters(NAMES[script]) == ""


def test_other_families_are_named_only_for_what_needs_them() -> None:
    assert families_for("Zoë Łukaszewicz, Ελένη, Ольга, 45,00 €") == ("Noto Sans",)
    assert families_for("Zoë and სამ and 王") == ("Noto Sans", "Droid Sans Fallback", "Noto Sans Georgian")


def test_letters_that_no_font_has_are_told() -> None:
    assert missing_letters("Li 𠮷 and \ue123, 王") == "\ue123𠮷"
    assert missing_letters("\u200b\n\t \u00ad") == ""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_font_file_is_read_as_others_read_it(path: Path) -> None:
    [(family, ranges)] = read_font(path)
    with TTFont(path, lazy=True) as font:
        assert family == str(font["name"].getBestFamilyName())
        assert {one for start, end in ranges for one in range(start, end + 1)} == set(font.getBestCmap())


def test_a_collection_has_several_faces(tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [
        TTFont(path) for path in FILES if path.stem in ("NotoSansLao-Regular", "NotoSansLisu-Regular")
    ]
    collection.save(tmp_path / "two.ttc")
    collection.close()

    assert [family for family, _ in read_font(tmp_path / "two.ttc")] == ["Noto Sans Lao", "Noto Sans Lisu"]


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x00\x01\x00\x00" + b"\xff" * 40])
def test_what_is_no_font_is_passed_by(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.ttf").write_bytes(content)

    with pytest.raises(FontUnreadable):
        read_font(tmp_path / "broken.ttf")
    assert list(fonts._fonts_in(tmp_path)) == []
