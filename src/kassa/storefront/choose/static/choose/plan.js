// Choosing seats on a plan: with mouse, finger, keyboard or screen reader. What is chosen stands in a list of
// ordinary form fields below the plan, so that the form is the same with and without it.

import { CLOSED, FREE, PlanCanvas, TAKEN } from "./plan_canvas.js";

const figure = document.querySelector("figure[data-plan]");
if (figure) {
  start(figure).catch((error) => {
    // The list of seats below does as well.
    figure.hidden = true;
    console.error(error);
  });
}

async function start(figure) {
  const answer = await fetch(figure.dataset.plan);
  if (!answer.ok) throw new Error(String(answer.status));
  const plan = await answer.json();
  figure.hidden = false;
  new SeatChoice(figure, plan);
}

class SeatChoice {
  constructor(figure, plan) {
    this.form = figure.closest("form");
    this.text = figure.dataset;
    this.plan = plan;
    this.chosen = new Map();
    this.list = this.form.querySelector("ul[data-chosen]");
    this.bar = figure.querySelector("[data-bar]");
    this.hint = this.bar.textContent;
    this.told = figure.querySelector("[data-told]");
    this.problem = this.form.querySelector('[data-problem="seat"]');
    this.byRank = new Map((plan.rank ?? plan.x).map((rank, index) => [plan.rank ? rank : index, index]));
    this.sent = new SentSeats(this.form, !this.#hasProblem());
    const area = figure.querySelector(".plan-area");
    this.area = area;
    area.classList.add(plan.kind);
    const [wide, high] = plan.size;
    area.style.aspectRatio = `${wide} / ${high}`;
    this.view = new PlanCanvas(area, plan, {
      onPick: (index) => { this.view.focused = index; this.toggle(index); },
      onPoint: (index) => this.#showInBar(index >= 0 ? index : this.view.focused),
      stage: this.text.stage,
    });
    this.#readCategories(figure);
    this.#paintLegend(figure);
    this.#takeOver();
    this.#listen(figure);
    this.view.refresh();
  }

  name(index) {
    const [section, row] = this.plan.rows[this.plan.row[index]];
    const parts = { section: this.plan.sections[section][0], row, seat: this.plan.number[index] };
    return this.text.seat.replace(/%\((\w+)\)s/g, (_, part) => parts[part]);
  }

  describe(index) {
    const seat = this.name(index);
    const category = this.categories.get(this.plan.category[index]);
    const say = (text, more = {}) => text.replace("{seat}", seat).replace("{prices}", more.prices ?? "");
    if (this.chosen.has(index)) return say(this.text.mine);
    if (!category) return say(this.text.closed);
    if (this.view.state[index] !== FREE) return say(this.text.taken);
    const prices = category.types.map((type) => (category.types.length > 1 ? `${type.name} ${type.price}` : type.price));
    return say(this.text.free, { prices: prices.join(", ") });
  }

  toggle(index) {
    if (this.chosen.has(index)) return this.remove(index);
    const category = this.categories.get(this.plan.category[index]);
    if (!category || this.view.state[index] !== FREE) return this.#tell(this.describe(index));
    const type = category.types.find((type) => type.most === 0 || this.#countOf(type.id) < type.most);
    if (!type) {
      const { most, name } = category.types[0];
      return this.#complain(this.text.most.replace("{most}", most).replace("{name}", name));
    }
    this.#complain("");
    this.add(index, type.id);
    this.#tell(this.text.chosen.replace("{seat}", this.name(index)));
    this.#changed();
  }

  add(index, typeId) {
    const category = this.categories.get(this.plan.category[index]);
    const rank = this.plan.rank ? this.plan.rank[index] : index;
    const item = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = this.name(index);
    item.append(name);
    if (category.types.length > 1) {
      const select = document.createElement("select");
      select.name = "seat";
      select.setAttribute("aria-label", this.text.kind.replace("{seat}", this.name(index)));
      for (const type of category.types) {
        select.append(new Option(`${type.name}, ${type.price}`, `${rank}:${type.id}`, false, type.id === typeId));
      }
      item.append(select);
    } else {
      const field = Object.assign(document.createElement("input"), { type: "hidden", name: "seat", value: `${rank}:${typeId}` });
      const price = document.createElement("span");
      price.textContent = category.types[0].price;
      item.append(field, price);
    }
    const button = Object.assign(document.createElement("button"), { type: "button", className: "small quiet", textContent: this.text.remove });
    button.setAttribute("aria-label", this.text.removeSeat.replace("{seat}", this.name(index)));
    button.addEventListener("click", () => { this.remove(index); this.area.focus({ preventScroll: true }); });
    item.append(button);
    this.list.append(item);
    this.list.hidden = false;
    this.chosen.set(index, item);
    this.view.mine.add(index);
  }

  remove(index, { quietly = false } = {}) {
    this.chosen.get(index).remove();
    this.chosen.delete(index);
    this.view.mine.delete(index);
    this.list.hidden = this.chosen.size === 0;
    if (!quietly) {
      this.#complain("");
      this.#tell(this.text.given.replace("{seat}", this.name(index)));
    }
    this.#changed();
  }

  // What others have taken turns grey; what was chosen and is gone leaves the choice, with a sentence.
  update(letters) {
    if (letters?.length !== this.view.count) return;
    const { state } = this.view;
    let isChanged = false;
    const gone = [];
    for (let index = 0; index < letters.length; index++) {
      if (!this.categories.has(this.plan.category[index])) continue;
      const letter = letters[index];
      const now = letter === "a" || (letter === "h" && this.sent.has(index)) ? FREE : TAKEN;
      if (now === state[index]) continue;
      state[index] = now;
      isChanged = true;
      if (now === TAKEN && this.chosen.has(index)) gone.push(index);
    }
    for (const index of gone) this.remove(index, { quietly: true });
    if (gone.length) this.#complain(gone.map((index) => this.text.gone.replace("{seat}", this.name(index))).join(" "));
    if (isChanged) this.view.refresh();
  }

  #readCategories(figure) {
    this.categories = new Map();
    figure.querySelectorAll("[data-category]").forEach((button, nth) => {
      const index = this.plan.categories.indexOf(button.dataset.category);
      const types = [];
      for (let each = 1; button.getAttribute(`data-type-${each}`); each++) {
        const read = (what) => button.getAttribute(`data-${what}-${each}`);
        types.push({ id: read("type"), name: read("name"), price: read("text"), most: Number(read("most")) });
      }
      this.categories.set(index, { hue: nth, types });
      button.addEventListener("click", () => this.#filter(nth, button));
    });
    const { hue, state } = this.view;
    for (let index = 0; index < this.view.count; index++) {
      const category = this.categories.get(this.plan.category[index]);
      hue[index] = category ? category.hue : -1;
      state[index] = category ? FREE : CLOSED;
    }
  }

  // The legend shows seats as the plan draws them.
  #paintLegend(figure) {
    const paint = () => {
      for (const field of figure.querySelectorAll(".swatch")) {
        const button = field.closest("button");
        const look = button ? Number(button.dataset.nth) : field.dataset.look === "taken" ? -1 : null;
        this.view.paintSwatch(field, button?.getAttribute("aria-pressed") === "false" ? -2 : look);
      }
    };
    figure.querySelectorAll("button[data-category]").forEach((button, nth) => (button.dataset.nth = nth));
    this.view.onColors = paint;
    this.paintLegend = paint;
    document.fonts?.ready.then(() => this.view.refresh());
    paint();
  }

  #filter(nth, button) {
    const isShown = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(isShown));
    if (isShown) this.view.dimmed.delete(nth); else this.view.dimmed.add(nth);
    this.paintLegend();
    this.view.refresh();
  }

  // The list that the server has written, or that stands in the address, becomes the list of this script.
  #takeOver() {
    const values = [...this.list.querySelectorAll("[name=seat]")].map((field) => field.value);
    values.push(...(this.form.dataset.asked ?? "").split(" "));
    this.list.replaceChildren();
    for (const value of values.filter(Boolean)) {
      const [rank, typeId] = value.split(":");
      const index = this.byRank.get(Number(rank));
      const types = this.categories.get(this.plan.category[index])?.types;
      if (!types || this.chosen.has(index)) continue;
      this.add(index, types.some((type) => type.id === typeId) ? typeId : types[0].id);
    }
    this.list.hidden = this.chosen.size === 0;
    if (this.form.dataset.asked) this.#changed();
  }

  #listen(figure) {
    const update = () => this.update(this.form.availability?.seats);
    this.form.addEventListener("availability", update);
    update();
    this.form.addEventListener("submit", () => this.sent.keep([...this.chosen.keys()]));
    this.list.addEventListener("change", () => this.#changed());
    const zooms = {
      in: () => this.view.glide(1.6),
      out: () => this.view.glide(1 / 1.6),
      all: () => this.view.showAll(),
    };
    for (const button of figure.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", zooms[button.dataset.zoom]);
    }
    this.area.addEventListener("keydown", (event) => this.#press(event, zooms));
    this.area.addEventListener("pointerdown", () => this.area.focus({ preventScroll: true }));
  }

  #press(event, zooms) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { focused } = this.view;
    const at = focused >= 0 ? focused : this.#firstFree();
    const actions = {
      ArrowLeft: () => this.#go(focused < 0 ? at : this.#beside(at, -1)),
      ArrowRight: () => this.#go(focused < 0 ? at : this.#beside(at, 1)),
      ArrowUp: () => this.#go(focused < 0 ? at : this.#nearest(at, 0, -1)),
      ArrowDown: () => this.#go(focused < 0 ? at : this.#nearest(at, 0, 1)),
      Home: () => this.#go(this.#rowOf(at)[0]),
      End: () => this.#go(this.#rowOf(at).at(-1)),
      Enter: () => (focused < 0 ? this.#go(at) : this.toggle(at)),
      " ": () => (focused < 0 ? this.#go(at) : this.toggle(at)),
      "+": zooms.in, "=": zooms.in, "-": zooms.out, 0: zooms.all,
    };
    const act = actions[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  #go(index) {
    if (index === undefined || index < 0) return;
    this.view.focused = index;
    this.view.reveal(index);
    this.#showInBar(index);
    this.#tell(this.describe(index));
  }

  #firstFree() {
    for (let index = 0; index < this.view.count; index++) if (this.view.state[index] === FREE) return index;
    return 0;
  }

  #rowOf(index) {
    const { row, x } = this.plan;
    const members = [];
    for (let other = 0; other < this.view.count; other++) if (row[other] === row[index]) members.push(other);
    return members.sort((a, b) => x[a] - x[b]);
  }

  #beside(index, by) {
    const row = this.#rowOf(index);
    return row[row.indexOf(index) + by] ?? this.#nearest(index, by, 0);
  }

  // The next seat in a direction: the row comes before the distance within it.
  #nearest(index, right, down) {
    const { x, y, pitch } = this.plan;
    let found = index;
    let least = Infinity;
    for (let other = 0; other < this.view.count; other++) {
      const dx = x[other] - x[index];
      const dy = y[other] - y[index];
      const ahead = dx * right + dy * down;
      if (ahead < pitch * 0.4) continue;
      const cost = ahead * (down ? 4 : 1) + Math.abs(down ? dx : dy) * (down ? 1 : 4);
      if (cost < least) { least = cost; found = other; }
    }
    return found;
  }

  #countOf(typeId) {
    let count = 0;
    for (const item of this.chosen.values()) if (item.querySelector("[name=seat]").value.endsWith(`:${typeId}`)) count++;
    return count;
  }

  #showInBar(index) {
    this.bar.textContent = index >= 0 ? this.describe(index) : this.hint;
  }

  #tell(text) {
    this.told.textContent = text;
    if (text) this.bar.textContent = text;
  }

  #hasProblem() {
    return [...this.form.querySelectorAll("[data-problem]")].some((place) => !place.hidden);
  }

  #complain(text) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
    this.problem.toggleAttribute("data-stays", Boolean(text));
  }

  #changed() {
    this.view.draw();
    this.form.dispatchEvent(new Event("choice"));
  }
}

// Which seats this window has sent already: if they are held now, it is by its own cart, and they can be
// chosen again. What a refused form has sent is not held.
class SentSeats {
  constructor(form, isTaken) {
    this.key = `kassa-seats:${form.getAttribute("action")}`;
    const kept = this.#read();
    this.seats = new Set(isTaken ? kept.sent : kept.before);
    this.#write({ before: [...this.seats], sent: [...this.seats] });
  }

  has(index) {
    return this.seats.has(index);
  }

  keep(indexes) {
    this.#write({ before: [...this.seats], sent: indexes });
    this.seats = new Set(indexes);
  }

  #read() {
    try {
      return { before: [], sent: [], ...JSON.parse(sessionStorage.getItem(this.key)) };
    } catch {
      return { before: [], sent: [] };
    }
  }

  #write(value) {
    try {
      sessionStorage.setItem(this.key, JSON.stringify(value));
    } catch {
      // Without storage a choice that was sent looks taken when one comes back; nothing worse.
    }
  }
}
