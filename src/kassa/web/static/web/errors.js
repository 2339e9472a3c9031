// What was wrong with a field is no longer said once it is typed anew. The server has the last word.

function clear(target) {
  const field = target.closest(".refused");
  if (!field) return;
  field.classList.remove("refused");
  for (const input of field.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  for (const error of field.querySelectorAll(".error")) {
    for (const input of field.querySelectorAll("[aria-describedby]")) {
      const left = input.getAttribute("aria-describedby").split(" ").filter((id) => id !== error.id);
      if (left.length) input.setAttribute("aria-describedby", left.join(" "));
      else input.removeAttribute("aria-describedby");
    }
    if ("refusedWay" in error.dataset) error.className = "soft small"; // true of that way to pay, whatever is chosen
    else error.remove();
  }
  forget(field);
}

// The list above the form that leads to each field: what is mended leaves it, and the last one takes it along.
function forget(field) {
  const list = document.getElementById("wrong");
  const links = list ? [...list.querySelectorAll("a")].filter((one) => field.querySelector(one.hash)) : [];
  if (!links.length) return;
  for (const link of links) link.closest("li").remove();
  const left = list.querySelectorAll("li").length;
  if (!left) list.remove();
  else list.querySelector("p").textContent = left === 1 ? list.dataset.one : list.dataset.several.replace("{number}", left);
}

for (const event of ["input", "change"]) document.addEventListener(event, ({ target }) => clear(target));
