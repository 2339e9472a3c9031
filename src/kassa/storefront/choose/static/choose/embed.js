// <kassa-shop event="…" language="fr"><a href="…">Tickets</a></kassa-shop>
// Shows an event's ticket shop in a frame that is as high as what is in it. The event is its identifier or the
// address of its page. It sets no cookies and loads nothing from anybody else; the link inside is for browsers
// without scripts, and for when the event is gone.
(() => {
  "use strict";
  const kassa = new URL(document.currentScript.src).origin;
  const EVENT = /([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/?$/i;
  const TEXTS = {
    en: {
      title: (event) => `Tickets: ${event}`,
      gone: "This event is no longer on sale here.",
      wrong: "This ticket shop is not set up right: its event is missing.",
      failed: "The ticket shop does not answer just now. Please try again later.",
    },
    fr: {
      title: (event) => `Billets : ${event}`,
      gone: "Cet événement n’est plus en vente ici.",
      wrong: "Cette billetterie n’est pas bien configurée : il manque l’événement.",
      failed: "La billetterie ne répond pas pour le moment. Veuillez réessayer plus tard.",
    },
  };

  class KassaShop extends HTMLElement {
    static observedAttributes = ["event", "language"];

    connectedCallback() {
      this.root ??= this.attachShadow({ mode: "open" });
      this.hear = (message) => this.#hear(message);
      addEventListener("message", this.hear);
      this.#show();
    }

    disconnectedCallback() {
      removeEventListener("message", this.hear);
    }

    attributeChangedCallback(name, before, now) {
      if (this.isConnected && this.root && before !== now) this.#show();
    }

    get language() {
      const wanted = this.getAttribute("language") || this.closest("[lang]")?.lang || navigator.language || "en";
      return wanted.slice(0, 2).toLowerCase() === "fr" ? "fr" : "en";
    }

    async #show() {
      const turn = (this.turn = Symbol("turn"));
      const texts = TEXTS[this.language];
      const event = EVENT.exec((this.getAttribute("event") ?? "").trim().split(/[?#]/)[0])?.[1];
      if (!event) return this.#say(texts.wrong);
      let found;
      try {
        const answer = await fetch(`${kassa}/embed/${event.toLowerCase()}`, { credentials: "omit" });
        if (answer.status === 404) found = null;
        else if (answer.ok) found = await answer.json();
        else throw new Error(String(answer.status));
      } catch {
        if (this.turn === turn) this.#say(texts.failed);
        return;
      }
      if (this.turn !== turn) return;
      if (!found) return this.#say(texts.gone);
      const address = new URL(found.address);
      address.searchParams.set("embed", "1");
      address.searchParams.set("lang", this.language);
      const frame = document.createElement("iframe");
      frame.title = texts.title(found.title);
      frame.lang = this.language;
      frame.src = address.href;
      Object.assign(frame.style, { display: "block", width: "100%", height: "40rem", border: "0", colorScheme: "light dark" });
      frame.addEventListener("load", () => frame.contentWindow.postMessage({ kassa: "hello" }, address.origin));
      this.frame = frame;
      this.origin = address.origin;
      this.root.replaceChildren(frame);
    }

    // Only the page in the frame says how high it is, and nothing else is heard.
    #hear({ source, origin, data }) {
      if (!this.frame || source !== this.frame.contentWindow || origin !== this.origin) return;
      if (data?.kassa === "height" && Number.isFinite(data.height)) {
        this.frame.style.height = `${Math.max(0, Math.min(Math.ceil(data.height), 50000))}px`;
      }
    }

    #say(text) {
      const said = document.createElement("p");
      said.setAttribute("role", "status");
      said.lang = this.language;
      said.textContent = text;
      this.frame = null;
      this.root.replaceChildren(said, document.createElement("slot"));
    }
  }

  if (!customElements.get("kassa-shop")) customElements.define("kassa-shop", KassaShop);
})();
