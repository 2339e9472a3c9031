/* The form in which texts are looked for. The twin of the server's `core/search_text.py`; one table of cases holds
   both together. */

const LETTERS = {
  "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d", "đ": "d", "ø": "o", "ł": "l", "ı": "i", "ħ": "h", "ŧ": "t",
  "ŋ": "n", "ς": "σ",
};
const MARKS = /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u065f\u0670]/g;
const BREAKS = new RegExp(
  "[\\u0001-\\u0020\\u007f-\\u00a0\\u1680\\u2000-\\u200f\\u2028\\u2029\\u202f\\u205f\\u3000"
  + "_./'\\u0060\\u00b4\\u02b9-\\u02bf\\u2018-\\u201b\\u2032\\u2035\\u05f3\\u05f4\\u055a\\ua78b\\ua78c"
  + "\\-\\u00ad\\u058a\\u05be\\u1806\\u2010-\\u2015\\u2043\\u2212\\u30fb\\u2060\\ufeff]+", "g",
);
const OTHERS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "g");

/* "Zoë O’Müller-Łukaszewicz" becomes "zoe o muller lukaszewicz". */
export function fold(text) {
  const plain = text.normalize("NFKD").replace(MARKS, "").toLowerCase().replace(OTHERS, (letter) => LETTERS[letter]);
  return plain.replace(BREAKS, " ").trim();
}
