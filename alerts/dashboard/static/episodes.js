// The two lists at the right: open episodes, severest first, and all alerts, newest first.

import { element, unbroken } from "./dom.js";
import { age, clock, day, ruleName, subject } from "./words.js";

const FLASH_MS = 8000;
const FEED_ROWS = 300;

export class Lists {
  #fresh = new Map(); // alert id -> when its flashing ends, by this machine's clock

  constructor(episodes, feed, choose) {
    this.episodes = episodes;
    this.feed = feed;
    this.choose = choose;
  }

  flash(alert) {
    this.#fresh.set(alert.id, Date.now() + FLASH_MS);
  }

  show(open, log, selected, now) {
    for (const [id, until] of this.#fresh) if (until < Date.now()) this.#fresh.delete(id);
    refill(this.episodes, open.map((alert) => this.#card(alert, selected, now)));
    refill(this.feed, log.slice(0, FEED_ROWS).map((alert, i) => this.#row(alert, log[i - 1])));
  }

  age(now) {
    if (now === null) return;
    for (const slot of this.episodes.querySelectorAll("[data-since]")) {
      slot.textContent = age(now - Number(slot.dataset.since));
    }
  }

  #card(alert, selected, now) {
    const since = Date.parse(alert.happened_at);
    const button = element(
      "button",
      { type: "button", class: `card ${alert.severity}`, "data-id": alert.id, "aria-pressed": String(alert.id === selected) },
      element("span", { class: "what" }, ruleName(alert.rule)),
      element("span", { class: "severity" }, alert.severity),
      element("span", { class: "who" }, subject(alert)),
      element("span", { class: "since" }, element("span", { "data-since": since, title: alert.happened_at }, now === null ? "" : age(now - since))),
      alert.place && element("span", { class: "where" }, `${alert.place.name}: ${alert.place.what}`),
      element("span", { class: "summary" }, ...unbroken(alert.summary)),
    );
    return element("li", { class: this.#flashing(alert) && "fresh" }, this.#chooses(button, alert));
  }

  #row(alert, newer) {
    const at = Date.parse(alert.known_at);
    const isNewDay = newer && day(Date.parse(newer.known_at)) !== day(at);
    const button = element(
      "button",
      { type: "button", class: `row ${alert.severity} ${alert.event}`, "data-id": `${alert.id}/${alert.revision}` },
      element("time", { datetime: alert.known_at }, clock(at)),
      element("span", { class: "mark", title: alert.severity }),
      element("span", { class: "text" }, element("b", {}, subject(alert)), " ", said(alert)),
      element("span", { class: "event" }, alert.event === "opened" ? "" : alert.event),
    );
    const heading = !newer || isNewDay ? element("span", { class: "day" }, day(at)) : null;
    return element("li", { class: this.#flashing(alert) && "fresh" }, heading, this.#chooses(button, alert));
  }

  #flashing(alert) {
    return (this.#fresh.get(alert.id) ?? 0) > Date.now();
  }

  #chooses(button, alert) {
    button.addEventListener("click", () => this.choose(alert));
    return button;
  }
}

const PLACE_RULES = new Set(["area", "strait", "port_call"]);

function said({ rule, place }) {
  const where = place && `${place.name}: ${place.what}`;
  if (where && PLACE_RULES.has(rule)) return where;
  return [ruleName(rule).toLowerCase(), where].filter(Boolean).join(", ");
}

// The list anew, with the keyboard where it was.
function refill(list, items) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null;
  const scrolled = list.scrollTop;
  list.replaceChildren(...items);
  list.scrollTop = scrolled;
  if (focused) list.querySelector(`[data-id="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}
