// One episode in full, over the chart: what, who, where, when, why we believe it, and what was said before.

import { element } from "./dom.js";
import { moment, place, quantity, ruleName, span, subject } from "./words.js";

export class Detail {
  #shown = null;

  constructor(article, onClose) {
    this.article = article;
    this.onClose = onClose;
  }

  get id() {
    return this.#shown?.id ?? null;
  }

  async show(alert) {
    this.#shown = alert;
    this.#fill(alert, []);
    this.article.hidden = false;
    const answer = await fetch(`/api/alerts/${encodeURIComponent(alert.id)}`, { cache: "no-store" }).catch(() => null);
    if (this.#shown === alert && answer?.ok) this.#fill(alert, (await answer.json()).revisions);
  }

  // A newer revision of what is on display takes its place.
  refresh(alert) {
    if (alert && this.#shown && alert.id === this.#shown.id && alert.revision > this.#shown.revision) this.show(alert);
  }

  close() {
    if (this.#shown === null) return;
    this.#shown = null;
    this.article.hidden = true;
    this.onClose();
  }

  #fill(alert, revisions) {
    const shut = element("button", { type: "button", class: "shut", "aria-label": "Close" }, "×");
    shut.addEventListener("click", () => this.close());
    this.article.className = alert.severity;
    this.article.replaceChildren(
      element("header", {}, element("h3", {}, ruleName(alert.rule), " ", element("span", { class: "severity" }, `${alert.severity} · ${alert.event}`)), shut),
      element("p", { class: "who" }, subject(alert), identity(alert.hull)),
      element("p", { class: "summary" }, alert.summary),
      table(facts(alert, revisions[0] ?? alert)),
      element("h4", {}, "Evidence"),
      table(flattened(alert.evidence)),
      ...history(revisions),
    );
  }
}

function identity(hull) {
  if (!hull) return null;
  const parts = [hull.imo && `IMO ${hull.imo}`, hull.mmsi && `MMSI ${hull.mmsi}`, hull.call_sign && `call sign ${hull.call_sign}`];
  return element("span", { class: "identity" }, parts.filter(Boolean).join(" · "));
}

// `first`: the oldest revision that we have; how soon it was known is what revision 0 says.
function facts(alert, first) {
  const known = Date.parse(first.known_at);
  return [
    ["happened", moment(Date.parse(alert.happened_at))],
    ["known", first.revision === 0 && `${moment(known)}, ${span(known - Date.parse(first.happened_at))} later`],
    [`${alert.event} at`, alert.revision > 0 && moment(Date.parse(alert.known_at))],
    ["position", alert.position && place(alert.position.lat, alert.position.lon)],
    ["place", alert.place && `${alert.place.name} (${alert.place.kind}): ${alert.place.what}`],
    ["watched for", alert.hull?.reason],
    ["explained by", alert.cause],
    ["episode", `${alert.id}, revision ${alert.revision}`],
  ].filter(([, value]) => value);
}

function history(revisions) {
  if (revisions.length < 2) return [];
  const said = revisions.map((alert) => [`${alert.revision} ${alert.event}`, `${moment(Date.parse(alert.known_at))}: ${alert.summary}`]);
  return [element("h4", {}, "What was said, revision by revision"), table(said)];
}

function flattened(value, name = "") {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [quantity(name, value)];
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.length ? [[name, value.join(", ")]] : [];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, name ? `${name} ${key}` : key));
}

function table(rows) {
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name.replaceAll("_", " ")), element("dd", {}, value)]));
}
