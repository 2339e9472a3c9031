/* What of a page is too faint to read, too small to hit, or beside the screen. */
() => {
  const numbers = (color) => (color.match(/[\d.]+/g) || []).map(Number);
  const light = (part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue);
  const ground = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = numbers(getComputedStyle(each).backgroundColor);
      if (color.length === 3 || color[3] > 0.5) return color;
    }
    return [0, 0, 0];
  };
  const place = document.querySelector('.result') || document.body;
  const isShown = (element) => element.checkVisibility() && !element.closest('.visually-hidden, video, .camera');
  const faint = [];
  const small = [];
  for (const element of place.querySelectorAll('*')) {
    if (!isShown(element)) continue;
    const style = getComputedStyle(element);
    const hasText = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.data.trim());
    if (hasText) {
      const ink = element instanceof SVGElement ? style.fill : style.color;
      const pair = [luminance(numbers(ink)), luminance(ground(element))].sort((one, other) => other - one);
      const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.6 && Number(style.fontWeight) >= 700);
      if (ratio < (isLarge ? 3 : 4.5)) faint.push([element.textContent.trim().slice(0, 30), ratio]);
    }
    if (element.matches('button:not(.switch), nav a, input:not([type=radio])')) {
      const box = element.getBoundingClientRect();
      if (box.height < 44 || box.width < 44) small.push([element.textContent, box.width, box.height]);
    }
  }
  return { faint, small, beside: document.documentElement.scrollWidth - window.innerWidth };
}
