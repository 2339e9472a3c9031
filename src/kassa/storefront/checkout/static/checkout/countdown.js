// How long the places are held: one clock that runs down, told aloud twice.

const TOLD = { 300: "five", 60: "one" };
let ticking;

export function startCountdown(checkout, { say, whenOver }) {
  clearInterval(ticking);
  const shown = checkout.querySelector(".countdown[data-seconds]");
  if (!shown) return;
  const began = Date.now();
  const total = Number(shown.dataset.seconds);
  let before = total;
  const tick = () => {
    const left = Math.max(0, total - Math.floor((Date.now() - began) / 1000));
    shown.querySelector("b").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    shown.classList.toggle("soon", left <= 300);
    for (const [at, name] of Object.entries(TOLD)) if (before > at && left <= at) say(shown.dataset[name]);
    before = left;
    if (left === 0) {
      clearInterval(ticking);
      whenOver();
    }
  };
  tick();
  ticking = setInterval(tick, 1000);
}
