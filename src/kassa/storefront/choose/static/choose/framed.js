// In a frame: says to the website around it how high the page is, once that has said hello. Who may frame the
// page at all is in its Content-Security-Policy.

if (window.parent !== window) {
  const main = document.querySelector("main");
  let around = "";
  const tell = () => {
    if (!around) return;
    // The element itself is as high as the frame at least, so what is in it is measured.
    const inside = document.createRange();
    inside.selectNodeContents(main);
    const below = parseFloat(getComputedStyle(main).paddingBottom) + parseFloat(getComputedStyle(main).marginBottom);
    const height = inside.getBoundingClientRect().bottom + scrollY + below;
    window.parent.postMessage({ kassa: "height", height }, around);
  };
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== window.parent || data?.kassa !== "hello" || origin === "null") return;
    around = origin;
    tell();
  });
  const changes = new ResizeObserver(tell);
  for (const part of main.children) changes.observe(part);
}
