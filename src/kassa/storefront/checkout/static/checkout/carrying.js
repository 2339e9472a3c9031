// While an answer is on its way one goes on typing. What was changed meanwhile is carried over into the new form.

function isChosen(field) {
  return field.type === "checkbox" || field.type === "radio";
}

function keyOf(field) {
  return field.type === "radio" ? `${field.name}=${field.value}` : field.name;
}

function valuesOf(form) {
  const values = new Map();
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.tagName === "BUTTON") continue;
    values.set(keyOf(field), isChosen(field) ? field.checked : field.value);
  }
  return values;
}

function putInto(form, changed, files) {
  for (const field of form.elements) {
    const key = keyOf(field);
    if (field.type === "file") {
      if (files.has(key)) field.files = files.get(key);
    } else if (changed.has(key)) {
      if (isChosen(field)) field.checked = changed.get(key);
      else field.value = changed.get(key);
    }
  }
}

function caretOf(field) {
  try {
    return field.selectionStart;
  } catch {
    return null; // Some kinds of fields have none.
  }
}

// The field may stand in a fold that was closed until now, so that the swap could not focus it.
function focusAgain({ id, caret }) {
  const field = id ? document.getElementById(id) : null;
  if (!field || field === document.activeElement) return;
  field.focus({ preventScroll: true });
  if (typeof caret === "number") field.setSelectionRange(caret, caret);
}

export function carryOver(findForm) {
  let sent = new Map();
  let changed = new Map();
  let files = new Map();
  let open = [];
  let focused = null;
  document.addEventListener("htmx:beforeRequest", () => (sent = valuesOf(findForm())));
  document.addEventListener("htmx:beforeSwap", () => {
    const form = findForm();
    const now = valuesOf(form);
    changed = new Map([...now].filter(([key, value]) => sent.has(key) && sent.get(key) !== value));
    files = new Map();
    for (const field of form.elements) if (field.type === "file" && changed.has(field.name)) files.set(field.name, field.files);
    focused = { id: document.activeElement?.id, caret: caretOf(document.activeElement) };
    open = [...form.querySelectorAll("details[id][open]")].map((fold) => fold.id);
  });
  document.addEventListener("htmx:afterSwap", () => {
    const form = findForm();
    if (!form) return;
    putInto(form, changed, files);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    changed = new Map();
    focusAgain(focused);
  });
}
