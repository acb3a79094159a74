// One episode in full, over the chart: what, who, where, when, why we believe it, and what was said before.

import { element, unbroken } from "./dom.js";
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

  // Where what is on display happened, or null.
  get position() {
    return this.#shown?.position ?? null;
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
      element("p", { class: "summary" }, ...unbroken(alert.summary)),
      table(facts(alert, revisions[0] ?? alert)),
      element("h4", {}, "Evidence"),
      table(evidence(alert)),
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

// Single values and lists first: they say why; the reports after them say from what.
function evidence(alert) {
  const rank = (value) => (typeof value !== "object" ? 0 : Array.isArray(value) ? 1 : 2);
  const entries = Object.entries(alert.evidence ?? {}).sort(([, a], [, b]) => rank(a) - rank(b));
  return entries.flatMap(([name, value]) => flattened(value, name));
}

function flattened(value, name = "") {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object") return [quantity(name, value)];
  if (Array.isArray(value) && value.every((item) => typeof item !== "object")) return value.length ? [[name, value.join(", ")]] : [];
  if (Array.isArray(value)) return [[name, listed(value.map((item) => new Map(flattened(item))))]];
  return Object.entries(value).flatMap(([key, inner]) => flattened(inner, name ? `${name} ${key}` : key));
}

// A list of things with the same properties; ids of what has a name say nothing to a reader.
function listed(items) {
  const names = [...new Set(items.flatMap((item) => [...item.keys()]))].filter((name) => name !== "zone" || !items.every((item) => item.has("name")));
  const head = element("tr", {}, ...names.map((name) => element("th", {}, name.replaceAll("_", " "))));
  const rows = items.map((item) => element("tr", {}, ...names.map((name) => cell(item.get(name) ?? ""))));
  return element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
}

// Points in time without their seconds: four columns have room then.
function cell(value) {
  if (value instanceof Node) return element("td", {}, value);
  const short = value.replace(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d):00Z/g, "$1 $2");
  return element("td", { class: /^[\d.]/.test(short) && "whole" }, short);
}

function table(rows) {
  return element("dl", {}, ...rows.flatMap(([name, value]) => [element("dt", {}, name.replaceAll("_", " ")), told(value)]));
}

function told(value) {
  return value instanceof Node ? element("dd", { class: "wide" }, value) : element("dd", {}, ...unbroken(value));
}
