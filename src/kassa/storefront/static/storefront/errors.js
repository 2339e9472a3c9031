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
    error.remove();
  }
  forget(target);
}

// The list above the form that leads to each field: what is mended leaves it, and the last one takes it along.
function forget(target) {
  const list = document.getElementById("wrong");
  const link = list && [...list.querySelectorAll("a")].find((one) => one.hash === `#${target.id}`);
  if (!link) return;
  link.closest("li").remove();
  const left = list.querySelectorAll("li").length;
  if (!left) list.remove();
  else list.querySelector("p").textContent = left === 1 ? list.dataset.one : list.dataset.several.replace("{number}", left);
}

for (const event of ["input", "change"]) document.addEventListener(event, ({ target }) => clear(target));
