// Counts down to the start of a sale and then loads the page again: whoever has no scripts reads when it is.
const AGAIN = 5000;

for (const place of document.querySelectorAll("[data-until]")) {
  const until = Date.parse(place.dataset.until);
  const { left, day, soon } = place.dataset;
  const two = (number) => String(number).padStart(2, "0");
  place.setAttribute("role", "timer");
  place.hidden = false;

  const show = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (seconds <= 0) {
      place.textContent = soon;
      // Not all at the same moment; and a clock that runs fast must not load it without end.
      const wait = Math.random() * 2000 + (seconds < -2 ? AGAIN : 500);
      setTimeout(() => location.reload(), wait);
      return;
    }
    const days = Math.floor(seconds / 86400);
    const clock = [seconds % 86400 / 3600, seconds % 3600 / 60, seconds % 60];
    const shown = clock.map((part) => two(Math.floor(part))).join(":");
    place.textContent = `${left} ${days ? `${days} ${day} ` : ""}${shown}`;
    setTimeout(show, 1000 - (Date.now() % 1000));
  };
  show();
}
