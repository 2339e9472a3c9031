// An address as its country writes it: a list of states where there is one, and the recipient's name filled in.

let lists;

async function loadLists() {
  lists ??= fetch(new URL("./states.json", import.meta.url)).then((answer) => (answer.ok ? answer.json() : {}));
  return lists;
}

function option(value, text, isSelected = false) {
  return Object.assign(document.createElement("option"), { value, textContent: text, selected: isSelected });
}

// The field keeps its name, its label and what was chosen, if the new list has that too.
async function offerStates(country) {
  const before = country.form.elements.namedItem(country.name.replace(/country$/, "state"));
  if (!before) return;
  const states = (await loadLists().catch(() => ({})))[country.value] ?? [];
  if (!before.isConnected || (!states.length && before.tagName === "INPUT")) return;
  const after = document.createElement(states.length ? "select" : "input");
  for (const name of ["id", "name", "autocomplete", "aria-describedby"]) {
    if (before.hasAttribute(name)) after.setAttribute(name, before.getAttribute(name));
  }
  if (states.length) {
    after.append(option("", "—"));
    for (const row of states) {
      const [value, text] = Array.isArray(row) ? row : [row, row];
      after.append(option(value, text, [value, text].includes(before.value)));
    }
  }
  before.replaceWith(after);
}

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("#checkout select[name$=country]")) offerStates(target);
});

// The parcel goes to the buyer, until somebody else is written there.
export function mirrorName(checkout) {
  const recipient = checkout.elements.namedItem("shipping-name");
  const parts = ["first_name", "last_name"].map((name) => checkout.elements.namedItem(name));
  if (!recipient || parts.includes(null)) return;
  const whole = () => parts.map((part) => part.value.trim()).filter(Boolean).join(" ");
  let isOwn = recipient.value !== "" && recipient.value !== whole();
  recipient.addEventListener("input", () => (isOwn = recipient.value !== ""));
  for (const part of parts) {
    part.addEventListener("input", () => {
      if (isOwn) return;
      recipient.value = whole();
      recipient.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}
