/* Finding a ticket among tens of thousands by what somebody remembers: a name, a code, an order. */

import { fold } from "./search_text.js";

const SHOWN = 30;

/* One text per ticket. The lines keep one thing from running into the next; codes and orders stand in it as they are
   typed without their hyphens, orders part by part as well, and O'Brien also as "obrien". */
export function searchText(row) {
  const joined = fold(row.name.replace(/['\u2019-]/g, ""));
  return [fold(row.name), squeezed(row.code), squeezed(row.order), fold(row.order), joined].join("\n");
}

function squeezed(text) {
  return fold(text).replace(/ /g, "");
}

function wordsOf(query) {
  const words = fold(query).split(" ").filter(Boolean);
  return { words, code: words.join("") };
}

/* 0: a code or order begins so; 1: a word begins so; 2: somewhere within; -1: not at all. */
function rank(text, words, code) {
  if (code.length > 2 && text.indexOf(`\n${code}`) >= 0) return 0;
  let worst = 0;
  for (let index = 0; index < words.length; index += 1) {
    const at = text.indexOf(words[index]);
    if (at < 0) return -1;
    const before = at === 0 ? " " : text[at - 1];
    const isStart = before === " " || before === "\n";
    worst = Math.max(worst, isStart ? 1 : 2);
  }
  return worst;
}

/* Return the positions of the best matches, best first, and whether there are more. */
export function findTexts(texts, query, most = SHOWN) {
  const { words, code } = wordsOf(query);
  if (!words.length) return { found: [], isMore: false };
  const ranked = [[], [], []];
  for (let index = 0; index < texts.length; index += 1) {
    const found = rank(texts[index], words, code);
    if (found >= 0 && ranked[found].length <= most) {
      ranked[found].push(index);
      if (found === 0 && ranked[0].length > most) break;
    }
  }
  const all = ranked[0].concat(ranked[1], ranked[2]);
  return { found: all.slice(0, most), isMore: all.length > most };
}
