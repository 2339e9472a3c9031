/* Making elements, without markup in texts: nothing that a ticket says can become a tag. */

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  Object.keys(attributes || {}).forEach((name) => {
    const value = attributes[name];
    if (value === null || value === undefined || value === false) return;
    if (name.slice(0, 2) === "on") element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  });
  children.forEach((child) => {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  });
  return element;
}

export function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/* Pictograms of one line each, drawn on 24 by 24. */
const ICONS = {
  scan: "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M7 12h10",
  search: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14M16 16l5 5",
  recent: "M12 4a8 8 0 1 1-8 8M4 5v5h5M12 8v4l3 2",
  live: "M5 20v-6M10 20V8M15 20v-9M20 20V4",
  more: "M4 7h16M4 12h16M4 17h16",
  torch: "M7 3h10v4l-3 4v10h-4V11L7 7zM12 14v2",
  keyboard: "M3 7h18v11H3zM7 11h.01M11 11h.01M15 11h.01M8 15h8",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.5 3.5 0 1 1 0 7a3.5 3.5 0 0 1 0-7",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
};

export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));
}

export function button(label, onclick, attributes, ...before) {
  return el("button", Object.assign({ type: "button", onclick }, attributes), ...before, el("span", { text: label }));
}

export function replaceChildren(parent, ...children) {
  while (parent.firstChild) parent.removeChild(parent.firstChild);
  children.forEach((child) => {
    if (child) parent.append(child);
  });
}

/* Offer a text as a file. */
export function download(name, text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = el("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}
