// Draws a plan of seats and lets it be moved. All seats in sight are drawn once into a picture that is somewhat
// larger than the window; moving only shows another part of it, and what is chosen or pointed at comes on top.

export const FREE = 0;
export const TAKEN = 1;
export const CLOSED = 2;

const ROOM = 0.25; // how much the picture is larger than the window, on each side
const SETTLE = 110; // milliseconds after the last zoom until the picture is drawn anew
const LARGEST = 48; // pixels from seat to seat, at most
const EASY = 34; // the same, for a small plan seen as a whole
const READABLE = 20; // from this size on a seat shows its number
const TOUCHABLE = { touch: 16, pen: 12, mouse: 7 }; // smaller ones are first brought closer
const CELL = 4; // seats along one side of a cell of the grid
const FONT = 'Manrope, system-ui, sans-serif';

// Lines over a seat, as parts of its side: none, one and more of them, lying, standing, leaning, crossed.
const PATTERNS = [
  [],
  [[0, 0.5, 1, 0.5]],
  [[0.5, 0, 0.5, 1]],
  [[0, 1, 1, 0]],
  [[0, 0.5, 1, 0.5], [0.5, 0, 0.5, 1]],
  [[0, 1, 1, 0], [0, 0, 1, 1]],
  [[0, 0.3, 1, 0.3], [0, 0.7, 1, 0.7]],
  [[0.3, 0, 0.3, 1], [0.7, 0, 0.7, 1]],
];

export class PlanCanvas {
  constructor(area, plan, { onPick, onPoint, stage }) {
    this.area = area;
    this.canvas = area.querySelector("canvas");
    this.plan = plan;
    this.stage = stage;
    this.count = plan.x.length;
    this.state = new Uint8Array(this.count);
    this.hue = new Int8Array(this.count);
    this.dimmed = new Set();
    this.mine = new Set();
    this.pointed = -1;
    this.focused = -1;
    this.scale = 0;
    this.left = 0;
    this.top = 0;
    this.picture = { canvas: document.createElement("canvas"), scale: 0, isStale: true };
    this.onPick = onPick;
    this.onPoint = onPoint;
    this.grid = this.#makeGrid();
    this.rowEnds = this.#findRowEnds();
    this.aisles = plan.kind === "coach" ? this.#findAisles() : [];
    this.#readColors();
    new ResizeObserver(() => this.#resize()).observe(area);
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", () => { this.#readColors(); this.onColors?.(); this.refresh(); });
    }
    this.#listen();
    this.#resize();
  }

  // Seats have changed: the picture is drawn anew with the next frame.
  refresh() {
    this.picture.isStale = true;
    this.draw();
  }

  draw() {
    this.frame ||= requestAnimationFrame(() => { this.frame = 0; this.#paint(); });
  }

  // Bring the plan closer or farther by a factor, about a point of the window.
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.max(this.fit, Math.min(this.scale * factor, this.#closest()));
    const by = scale / this.scale;
    this.left = x - (x - this.left) * by;
    this.top = y - (y - this.top) * by;
    this.scale = scale;
    this.#keepInside();
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.refresh(), SETTLE);
    this.draw();
  }

  glide(factor, x, y) {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return this.zoom(factor, x, y);
    const steps = 9;
    const step = (left) => {
      this.zoom(factor ** (1 / steps), x, y);
      if (left > 1) requestAnimationFrame(() => step(left - 1));
    };
    step(steps);
  }

  showAll() {
    this.scale = this.fit;
    this.left = this.top = 0;
    this.#keepInside();
    this.refresh();
  }

  // Make sure that a seat is in sight and large enough to be seen.
  reveal(index) {
    const { pitch, x, y } = this.plan;
    if (this.scale * pitch < 18) this.scale = Math.min(26 / pitch, this.#closest());
    const edge = pitch * this.scale * 1.5;
    const [at, below] = [x[index] * this.scale + this.left, y[index] * this.scale + this.top];
    if (at < edge || at > this.width - edge) this.left += this.width / 2 - at;
    if (below < edge || below > this.height - edge) this.top += this.height / 2 - below;
    this.#keepInside();
    this.draw();
  }

  seatAt(px, py, reach) {
    const { pitch, x, y } = this.plan;
    const wx = (px - this.left) / this.scale;
    const wy = (py - this.top) / this.scale;
    const radius = Math.max(pitch * 0.55, Math.min(reach / this.scale, pitch));
    let found = -1;
    let nearest = radius * radius;
    const side = pitch * CELL;
    for (let cx = Math.floor((wx - radius) / side); cx <= Math.floor((wx + radius) / side); cx++) {
      for (let cy = Math.floor((wy - radius) / side); cy <= Math.floor((wy + radius) / side); cy++) {
        for (const index of this.grid.get(cx * 65536 + cy) ?? []) {
          const distance = (x[index] - wx) ** 2 + (y[index] - wy) ** 2;
          if (distance < nearest) { nearest = distance; found = index; }
        }
      }
    }
    return found;
  }

  #makeGrid() {
    const grid = new Map();
    const side = this.plan.pitch * CELL;
    for (let index = 0; index < this.count; index++) {
      const key = Math.floor(this.plan.x[index] / side) * 65536 + Math.floor(this.plan.y[index] / side);
      const cell = grid.get(key);
      if (cell) cell.push(index); else grid.set(key, [index]);
    }
    return grid;
  }

  #findRowEnds() {
    const { row, x } = this.plan;
    const ends = this.plan.rows.map(() => [-1, -1]);
    for (let index = 0; index < this.count; index++) {
      const end = ends[row[index]];
      if (end[0] < 0 || x[index] < x[end[0]]) end[0] = index;
      if (end[1] < 0 || x[index] > x[end[1]]) end[1] = index;
    }
    return ends;
  }

  // The middle of each row's aisle, where the name of the row stands in a coach; null: it has none.
  #findAisles() {
    const { row, x, rows, pitch } = this.plan;
    return rows.map((_, nth) => {
      const places = x.filter((_, index) => row[index] === nth).sort((a, b) => a - b);
      const after = places.findIndex((place, at) => places[at + 1] - place > pitch * 1.4);
      return after < 0 ? null : (places[after] + places[after + 1]) / 2;
    });
  }

  #readColors() {
    const style = getComputedStyle(this.area);
    const read = (name) => style.getPropertyValue(name).trim();
    this.colors = {
      hues: Array.from({ length: 8 }, (_, nth) => read(`--seat-${nth + 1}`)),
      onHues: Array.from({ length: 8 }, (_, nth) => read(`--on-seat-${nth + 1}`)),
      taken: read("--seat-taken"), mine: read("--seat-mine"), onMine: read("--on-seat-mine"),
      ink: read("--plan-ink"), soft: read("--plan-soft"), line: read("--plan-line"), stage: read("--plan-stage"), paper: read("--plan-paper"),
    };
    this.isForced = matchMedia("(forced-colors: active)").matches;
    this.sprites = null;
  }

  #closest() {
    return Math.max(this.fit, LARGEST / this.plan.pitch);
  }

  #resize() {
    const [width, height] = [this.area.clientWidth, this.area.clientHeight];
    if (!width || !height) return;
    const isFirst = !this.scale;
    const wasWhole = isFirst || this.scale <= this.fit * 1.01;
    [this.width, this.height] = [width, height];
    this.ratio = Math.min(devicePixelRatio || 1, 2);
    this.canvas.width = Math.round(width * this.ratio);
    this.canvas.height = Math.round(height * this.ratio);
    const [wide, high] = this.plan.size;
    this.fit = Math.min(width / wide, height / high, EASY / this.plan.pitch);
    if (wasWhole) this.showAll();
    else { this.scale = Math.max(this.scale, this.fit); this.#keepInside(); this.refresh(); }
  }

  #keepInside() {
    const [wide, high] = this.plan.size;
    const bound = (start, length, window) =>
      length <= window ? (window - length) / 2 : Math.min(0, Math.max(window - length, start));
    this.left = bound(this.left, wide * this.scale, this.width);
    this.top = bound(this.top, high * this.scale, this.height);
    // While all of it is in sight a finger moves the page; closer up it moves the plan.
    this.canvas.style.touchAction = this.scale > this.fit * 1.01 ? "none" : "pan-y";
  }

  #paint() {
    if (!this.width) return;
    const { picture, ratio } = this;
    const grown = this.scale / picture.scale;
    // While it is zoomed the picture is stretched, unless that would look too bad or leave a gap.
    if (picture.isStale || grown > 2.5 || grown < 0.4 || !this.#covers(grown)) this.#drawPicture();
    const context = this.canvas.getContext("2d", { alpha: false });
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = this.colors.paper;
    context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    const by = this.scale / picture.scale;
    context.drawImage(
      picture.canvas,
      Math.round((this.left - picture.left * by) * ratio),
      Math.round((this.top - picture.top * by) * ratio),
      Math.round(picture.canvas.width * by),
      Math.round(picture.canvas.height * by),
    );
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const index of this.mine) this.#drawMine(context, index);
    if (this.pointed >= 0) this.#drawRing(context, this.pointed);
    if (this.focused >= 0 && this.area.matches(":focus")) this.#drawRing(context, this.focused);
    if (!this.isDrawn) {
      this.isDrawn = true;
      performance.mark("plan-drawn");
    }
  }

  #covers(by) {
    const { picture } = this;
    if (!picture.scale) return false;
    const [wide, high] = this.plan.size;
    const start = (offset, was) => offset - was * by;
    const inside = (from, length, end) => from <= 0.5 && from + length >= end - 0.5;
    const left = start(this.left, picture.left);
    const top = start(this.top, picture.top);
    const across = (picture.canvas.width / this.ratio) * by;
    const down = (picture.canvas.height / this.ratio) * by;
    // What lies beyond the plan is empty anyway.
    const x = Math.max(0, this.left), y = Math.max(0, this.top);
    return inside(left - x, across, Math.min(this.width, wide * this.scale + this.left) - x)
      && inside(top - y, down, Math.min(this.height, high * this.scale + this.top) - y);
  }

  // Draw all seats in and around the window, pixel by pixel: a seat looks like thousands of others, so what it
  // looks like is drawn once and copied. That takes a tenth of the time that drawing each of them does.
  #drawPicture() {
    const { picture, ratio, scale, plan } = this;
    const [aside, above] = [this.width * ROOM, this.height * ROOM];
    const canvas = picture.canvas;
    const [wide, high] = [Math.round((this.width + 2 * aside) * ratio), Math.round((this.height + 2 * above) * ratio)];
    if (canvas.width !== wide || canvas.height !== high) {
      canvas.width = wide;
      canvas.height = high;
      picture.image = new ImageData(wide, high);
      picture.pixels = new Uint32Array(picture.image.data.buffer);
    }
    Object.assign(picture, { scale, left: this.left + aside, top: this.top + above, isStale: false });
    const step = scale * ratio;
    const [ox, oy] = [picture.left * ratio, picture.top * ratio];
    const size = Math.max(1, Math.round(plan.pitch * step * 0.8));
    const seen = this.#copySeats(step, ox, oy, size);
    const context = canvas.getContext("2d", { alpha: false });
    context.putImageData(picture.image, 0, 0);
    this.#drawRoom(context, step, ox, oy);
    if (size / ratio >= READABLE * 0.8) this.#drawNumbers(context, seen, step, ox, oy, size);
    this.#drawNames(context, step, ox, oy);
  }

  #look(index) {
    if (this.state[index] !== FREE || this.hue[index] < 0) return -1;
    return this.dimmed.has(this.hue[index]) ? -2 : this.hue[index];
  }

  // Copy the looks of all seats in sight into the picture; return which these are.
  #copySeats(step, ox, oy, size) {
    const { x, y } = this.plan;
    const { pixels, canvas } = this.picture;
    const [wide, high] = [canvas.width, canvas.height];
    if (this.sprites?.size !== size) this.sprites = { size, byLook: new Map() };
    const { byLook } = this.sprites;
    pixels.fill(this.#makeSprite(null, 1)[0]);
    const seen = [];
    const half = size / 2;
    for (let index = 0; index < this.count; index++) {
      const left = Math.round(x[index] * step + ox - half);
      const top = Math.round(y[index] * step + oy - half);
      if (left + size <= 0 || top + size <= 0 || left >= wide || top >= high) continue;
      seen.push(index);
      const look = this.#look(index);
      let sprite = byLook.get(look);
      if (!sprite) byLook.set(look, (sprite = this.#makeSprite(look, size)));
      const [from, to] = [Math.max(0, -left), Math.min(size, wide - left)];
      const last = Math.min(size, high - top);
      for (let line = Math.max(0, -top); line < last; line++) {
        const at = (top + line) * wide + left;
        for (let column = from; column < to; column++) pixels[at + column] = sprite[line * size + column];
      }
    }
    return seen;
  }

  // Return the pixels of what a seat looks like on the paper; null: of the paper alone.
  #makeSprite(look, size) {
    const sprite = document.createElement("canvas");
    sprite.width = sprite.height = size;
    const context = sprite.getContext("2d", { alpha: false, willReadFrequently: true });
    context.fillStyle = this.colors.paper;
    context.fillRect(0, 0, size, size);
    if (look !== null) this.#drawSeat(context, look, size);
    return new Uint32Array(context.getImageData(0, 0, size, size).data.buffer);
  }

  #drawSeat(context, look, size) {
    context.beginPath();
    if (look >= 0) {
      context.fillStyle = this.colors.hues[look % 8];
      if (size < 5) context.rect(0, 0, size, size);
      else context.roundRect(0, 0, size, size, [size * 0.32, size * 0.32, size * 0.16, size * 0.16]);
      context.fill();
      if (this.isForced) this.#drawPattern(context, look % 8, size);
    } else if (size < 6) {
      context.fillStyle = this.colors.taken;
      context.fillRect(size * 0.25, size * 0.25, size * 0.5, size * 0.5);
    } else {
      // What cannot be had is smaller and hollow: seen without colours, too.
      const inset = size * 0.16;
      context.strokeStyle = this.colors.taken;
      context.lineWidth = Math.max(1, size * 0.09);
      context.roundRect(inset, inset, size - 2 * inset, size - 2 * inset, size * 0.2);
      if (look === -1 && size > 12) {
        context.moveTo(size * 0.36, size * 0.36); context.lineTo(size * 0.64, size * 0.64);
        context.moveTo(size * 0.64, size * 0.36); context.lineTo(size * 0.36, size * 0.64);
      }
      context.stroke();
    }
  }

  // Where the reader's own colours leave one for all seats, lines across a seat tell the price areas apart.
  #drawPattern(context, nth, size) {
    const lines = PATTERNS[nth];
    context.save();
    context.clip();
    context.beginPath();
    for (const [x1, y1, x2, y2] of lines) {
      context.moveTo(x1 * size, y1 * size);
      context.lineTo(x2 * size, y2 * size);
    }
    context.strokeStyle = this.colors.paper;
    context.lineWidth = Math.max(1, size * 0.1);
    context.stroke();
    context.restore();
  }

  // Show in the legend what a seat of this look is drawn like, on a field of one by one; null: one that is chosen.
  paintSwatch(field, look) {
    const draw = (name, attributes) => {
      const shape = document.createElementNS("http://www.w3.org/2000/svg", name);
      for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
      field.append(shape);
    };
    const { hues, taken, mine, onMine, paper } = this.colors;
    field.replaceChildren();
    if (look === null) {
      draw("rect", { width: 1, height: 1, rx: 0.3, fill: mine });
      draw("path", { d: "M.26 .53.44 .7.75 .32", fill: "none", stroke: onMine, "stroke-width": 0.12 });
    } else if (look < 0) {
      const cross = look === -1 ? "M.36 .36.64 .64M.64 .36.36 .64" : "";
      draw("rect", { x: 0.16, y: 0.16, width: 0.68, height: 0.68, rx: 0.2, fill: "none", stroke: taken, "stroke-width": 0.09 });
      draw("path", { d: cross, stroke: taken, "stroke-width": 0.09 });
    } else {
      const shape = "M0 .32A.32 .32 0 0 1 .32 0H.68A.32 .32 0 0 1 1 .32V.84A.16 .16 0 0 1 .84 1H.16A.16 .16 0 0 1 0 .84Z";
      draw("path", { d: shape, fill: hues[look % 8] });
      const lines = this.isForced ? PATTERNS[look % 8] : [];
      draw("path", { d: lines.map(([x1, y1, x2, y2]) => `M${x1} ${y1}L${x2} ${y2}`).join(""), stroke: paper, "stroke-width": 0.1 });
    }
  }

  #drawNumbers(context, seen, step, ox, oy, size) {
    const { x, y, number } = this.plan;
    context.font = `600 ${Math.round(size * 0.42)}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const index of seen) {
      const look = this.#look(index);
      if (look < 0) continue;
      if (this.isForced) {
        context.strokeStyle = this.colors.hues[look % 8];
        context.lineWidth = size * 0.3;
        context.strokeText(number[index], x[index] * step + ox, y[index] * step + oy + size * 0.03, size * 0.9);
      }
      context.fillStyle = this.colors.onHues[look % 8];
      context.fillText(number[index], x[index] * step + ox, y[index] * step + oy + size * 0.03, size * 0.9);
    }
  }

  // The stage of a hall, or the body of a coach with its front.
  #drawRoom(context, step, ox, oy) {
    const { pitch, size, sections, kind } = this.plan;
    context.strokeStyle = this.colors.line;
    context.lineWidth = Math.max(1, 1.5 * this.ratio);
    const text = Math.max(10 * this.ratio, Math.min(pitch * step * 0.55, 16 * this.ratio));
    context.font = `600 ${Math.round(text)}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.beginPath();
    const middle = (size[0] / 2) * step + ox;
    if (kind === "coach") {
      const [, left, top, right, bottom] = sections[0];
      const start = [(left - pitch) * step + ox, (top - pitch * 2.4) * step + oy];
      const across = (right - left + 2 * pitch) * step, down = (bottom - top + pitch * 3.5) * step;
      const round = pitch * step;
      context.roundRect(start[0], start[1], across, down, [round * 1.4, round * 1.4, round * 0.5, round * 0.5]);
      context.stroke();
      context.beginPath();
      context.moveTo(start[0] + round * 0.5, start[1] + round * 1.15);
      context.quadraticCurveTo(start[0] + across / 2, start[1] + round * 0.35, start[0] + across - round * 0.5, start[1] + round * 1.15);
      context.stroke();
      context.fillStyle = this.colors.soft;
      context.fillText(this.stage, start[0] + across / 2, start[1] + round * 1.35);
      return;
    }
    const wide = Math.max(Math.min(size[0] * 0.45, pitch * 24) * step, text * 5);
    const high = Math.min(Math.max(pitch * 1.1 * step, text * 1.5), pitch * 2.6 * step);
    context.roundRect(middle - wide / 2, pitch * 0.3 * step + oy, wide, high, [2, 2, high / 2, high / 2]);
    context.fillStyle = this.colors.stage;
    context.fill();
    context.stroke();
    if (high < text) return;
    context.fillStyle = this.colors.ink;
    context.fillText(this.stage, middle, pitch * 0.3 * step + oy + high / 2);
  }

  #drawNames(context, step, ox, oy) {
    const { pitch, sections, rows, x, y, kind } = this.plan;
    const unit = pitch * step;
    if (unit / this.ratio >= 11) {
      context.font = `600 ${Math.round(Math.min(unit * 0.5, 13 * this.ratio))}px ${FONT}`;
      context.fillStyle = this.colors.soft;
      context.textBaseline = "middle";
      this.rowEnds.forEach(([from, to], nth) => {
        if (from < 0) return;
        const name = rows[nth][1];
        if (kind === "coach" && this.aisles[nth] !== null) {
          context.textAlign = "center";
          context.fillText(name, this.aisles[nth] * step + ox, y[from] * step + oy);
          return;
        }
        context.textAlign = "right";
        context.fillText(name, x[from] * step + ox - unit * 0.7, y[from] * step + oy);
        context.textAlign = "left";
        context.fillText(name, x[to] * step + ox + unit * 0.7, y[to] * step + oy);
      });
    }
    if (sections.length < 2) return;
    const text = Math.max(11 * this.ratio, Math.min(unit * 0.75, 18 * this.ratio));
    context.font = `700 ${Math.round(text)}px ${FONT}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const isFar = unit / this.ratio < 9;
    for (const [name, left, top, right, bottom] of sections) {
      const at = ((left + right) / 2) * step + ox;
      const high = isFar ? ((top + bottom) / 2) * step + oy : top * step + oy - Math.max(pitch * 1.15 * step, unit * 0.5 + text * 0.6);
      if (isFar) {
        const wide = context.measureText(name).width + text;
        if (wide > (right - left + 2 * pitch) * step * 1.1) continue;
        context.fillStyle = this.colors.paper;
        context.beginPath();
        context.roundRect(at - wide / 2, high - text * 0.8, wide, text * 1.6, text * 0.8);
        context.fill();
      }
      context.fillStyle = this.colors.ink;
      context.fillText(name, at, high);
    }
  }

  #box(index, grow) {
    const half = (this.plan.pitch * this.scale * 0.8) / 2 + grow;
    return [this.plan.x[index] * this.scale + this.left - half, this.plan.y[index] * this.scale + this.top - half, half * 2];
  }

  #drawMine(context, index) {
    const grow = Math.max(1, 5 - this.plan.pitch * this.scale * 0.4);
    this.#drawChosen(context, ...this.#box(index, grow));
  }

  #drawChosen(context, x, y, size) {
    context.beginPath();
    context.roundRect(x, y, size, size, size * 0.3);
    context.fillStyle = this.colors.mine;
    context.fill();
    context.lineWidth = 2;
    context.strokeStyle = this.colors.paper;
    context.stroke();
    context.beginPath();
    context.moveTo(x + size * 0.26, y + size * 0.53);
    context.lineTo(x + size * 0.44, y + size * 0.7);
    context.lineTo(x + size * 0.75, y + size * 0.32);
    context.strokeStyle = this.colors.onMine;
    context.lineWidth = Math.max(1.5, size * 0.12);
    context.stroke();
  }

  #drawRing(context, index) {
    const [x, y, size] = this.#box(index, 2.5);
    context.beginPath();
    context.roundRect(x, y, size, size, size * 0.3);
    context.lineWidth = 5;
    context.strokeStyle = this.colors.paper;
    context.stroke();
    context.lineWidth = 2.5;
    context.strokeStyle = this.colors.ink;
    context.stroke();
  }

  #listen() {
    const canvas = this.canvas;
    const fingers = new Map();
    let moved = 0;
    let apart = 0;
    const place = (event) => {
      const box = canvas.getBoundingClientRect();
      return [event.clientX - box.left, event.clientY - box.top];
    };
    const spread = () => {
      const [[ax, ay], [bx, by]] = [...fingers.values()];
      return [Math.hypot(ax - bx, ay - by), (ax + bx) / 2, (ay + by) / 2];
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      fingers.set(event.pointerId, place(event));
      moved = fingers.size > 1 ? Infinity : 0;
      if (fingers.size === 2) [apart] = spread();
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      const now = place(event);
      const before = fingers.get(event.pointerId);
      if (!before) {
        if (event.pointerType === "mouse") this.#point(this.seatAt(...now, 0));
        return;
      }
      fingers.set(event.pointerId, now);
      if (fingers.size === 2) {
        const [wide, x, y] = spread();
        if (apart) this.zoom(wide / apart, x, y);
        apart = wide;
        return;
      }
      const [dx, dy] = [now[0] - before[0], now[1] - before[1]];
      moved += Math.hypot(dx, dy);
      if (moved < (event.pointerType === "mouse" ? 4 : 9)) return;
      this.left += dx;
      this.top += dy;
      this.#keepInside();
      canvas.classList.add("moving");
      this.draw();
    });
    const lift = (event) => {
      const isTap = fingers.delete(event.pointerId) && event.type === "pointerup"
        && moved < (event.pointerType === "mouse" ? 4 : 9);
      if (fingers.size === 0) canvas.classList.remove("moving");
      if (isTap) this.#tap(...place(event), event.pointerType);
    };
    canvas.addEventListener("pointerup", lift);
    canvas.addEventListener("pointercancel", lift);
    canvas.addEventListener("pointerleave", () => this.#point(-1));
    canvas.addEventListener("wheel", (event) => {
      // Until the plan was clicked into, the wheel moves the page as everywhere else.
      if (!event.ctrlKey && !this.area.matches(":focus")) return;
      event.preventDefault();
      const pixels = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
      this.zoom(Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0018)), ...place(event));
    }, { passive: false });
    for (const sign of ["focus", "blur"]) this.area.addEventListener(sign, () => this.draw());
  }

  #tap(x, y, kind) {
    const size = this.plan.pitch * this.scale;
    if (size < (TOUCHABLE[kind] ?? 16)) return this.glide(28 / size, x, y);
    const index = this.seatAt(x, y, kind === "mouse" ? 0 : 22);
    if (index >= 0) this.onPick(index);
  }

  #point(index) {
    if (index === this.pointed) return;
    this.pointed = index;
    this.canvas.classList.toggle("on-seat", index >= 0 && this.state[index] === FREE);
    this.onPoint(index);
    this.draw();
  }
}
