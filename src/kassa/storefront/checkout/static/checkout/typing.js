// What is typed stays in this tab until it is sent: a reload, a closed lid or a wrong click loses nothing.
// Files, secrets and what the server gave along are not kept.

const BEGINS = "kassa-checkout-";
const LEFT_OUT = ["password", "file", "hidden", "submit", "button"];
const FOLDED = ["text", "textarea"];

function isKept(field) {
  const isCard = (field.autocomplete ?? "").startsWith("cc-");
  return field.name && field.name !== "coupon" && !field.name.startsWith("n-") && !LEFT_OUT.includes(field.type) && !isCard;
}

function read(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function write(key, checkout) {
  const typed = {};
  for (const field of checkout.elements) {
    if (!isKept(field)) continue;
    if (field.type === "radio") {
      if (field.checked) typed[field.name] = field.value;
    } else typed[field.name] = field.type === "checkbox" ? field.checked : field.value;
  }
  try {
    sessionStorage.setItem(key, JSON.stringify(typed));
  } catch {
    // No room, or not allowed: the page works without.
  }
}

function isUntouched(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked === field.defaultChecked;
  if (field.tagName === "SELECT") return true;
  return field.value === field.defaultValue;
}

function restore(key, checkout) {
  const typed = read(key);
  for (const field of checkout.elements) {
    if (!isKept(field) || !(field.name in typed) || !isUntouched(field)) continue;
    const known = typed[field.name];
    if (field.type === "radio") field.checked = field.value === known;
    else if (field.type === "checkbox") field.checked = Boolean(known);
    else field.value = known;
    const fold = field.closest("details");
    if (fold && field.value && FOLDED.includes(field.type)) fold.open = true;
  }
}

function forgetOthers(key) {
  try {
    for (const other of Object.keys(sessionStorage)) {
      if (other.startsWith(BEGINS) && other !== key) sessionStorage.removeItem(other);
    }
  } catch {
    // Nothing is kept then.
  }
}

export function keepTyping(checkout) {
  const key = BEGINS + checkout.dataset.token;
  // What the server shows after a form was sent is newer than anything kept here.
  if ("fresh" in checkout.dataset) restore(key, checkout);
  forgetOthers(key);
  write(key, checkout);
  for (const event of ["input", "change"]) checkout.addEventListener(event, () => write(key, checkout));
}
