// What is always in view: data time, the line to the server, counts, banners, and what an empty screen waits for.

import { byId, element } from "./dom.js";
import { SEVERITIES, clock, day, moment, span, subject } from "./words.js";

const PROMPT_MS = 3 * 60000; // data no older than that count as live

export function showTime(dataTime, caughtUp) {
  const shown = byId("data-time");
  const age = byId("data-age");
  if (dataTime === null) {
    shown.textContent = "no data yet";
    age.textContent = "";
    return;
  }
  shown.dateTime = new Date(dataTime).toISOString();
  shown.replaceChildren(`${day(dataTime)} `, element("b", {}, clock(dataTime)), " UTC");
  const behind = Date.now() - dataTime;
  age.textContent = !caughtUp ? "reading what came before" : behind < PROMPT_MS ? "" : `${span(behind)} behind this clock`;
}

export function showLink(state, caughtUp) {
  const words = { connecting: "connecting", live: caughtUp ? "live" : "catching up", lost: "connection lost" };
  byId("link").dataset.state = state === "live" && !caughtUp ? "connecting" : state;
  byId("link-text").textContent = words[state];
}

export function showCounts(open) {
  const cells = SEVERITIES.map((severity) => {
    const count = open.filter((alert) => alert.severity === severity).length;
    return element("div", { class: count ? severity : "none" }, element("dt", {}, severity), element("dd", {}, count));
  });
  byId("counts").replaceChildren(...cells);
  byId("open-count").textContent = open.length ? String(open.length) : "";
  const grave = open.filter((alert) => alert.severity === "critical" || alert.severity === "warning").length;
  document.title = grave ? `(${grave}) hullwatch` : "hullwatch";
}

export function showBanners(open, link, lostSince, dataTime) {
  const banners = open
    .filter((alert) => alert.rule === "outage")
    .map((alert) => element("p", { class: "outage" }, element("b", {}, `Feed outage: ${subject(alert)}. `), alert.summary));
  if (link === "lost" && lostSince) {
    const from = dataTime === null ? "" : ` What you see is from ${moment(dataTime)}.`;
    banners.unshift(element("p", { class: "lost" }, element("b", {}, `No connection to hullwatch since ${clock(lostSince)} UTC. `), `Trying again.${from}`));
  }
  const text = banners.map((banner) => banner.textContent).join("\n");
  const bar = byId("banners");
  if (bar.textContent !== text.replaceAll("\n", "")) bar.replaceChildren(...banners);
}

export function showWaiting(store, open) {
  byId("waiting").hidden = open.length > 0;
  byId("no-alerts").hidden = store.log.length > 0;
  if (open.length === 0) byId("waiting").replaceChildren(...waitingFor(store).map((line) => element("p", {}, line)));
}

function waitingFor(store) {
  const hulls = [...store.hulls.values()];
  const heard = hulls.filter((hull) => hull.heard_at).length;
  if (!store.caughtUp) return ["Reading what came before this page was opened."];
  if (!hulls.length) return ["No hull is watched yet.", "Waiting for a watchlist: hullwatch apply FOLDER publishes one."];
  if (store.dataTime === null) return [`Watching ${ships(hulls.length)}.`, "Waiting for the first minute of data: no feed has been heard yet."];
  if (!heard) return [`Watching ${ships(hulls.length)}; none has been heard yet.`, "Waiting for the first report of one of them."];
  return ["Nothing is open.", `Watching ${ships(hulls.length)}, ${heard} heard; waiting for what they do next.`];
}

function ships(count) {
  return count === 1 ? "one hull" : `${count} hulls`;
}

export function showLegend() {
  const rows = [
    ["hull", "watched hull"],
    ["dark", "dark: last known position"],
    ["gap", "nobody saw her here"],
    ["port", "port"],
    ["strait", "strait, with gates"],
    ["area", "area"],
  ];
  byId("legend").replaceChildren(...rows.map(([kind, text]) => element("li", {}, element("span", { class: `key ${kind}` }), text)));
}
