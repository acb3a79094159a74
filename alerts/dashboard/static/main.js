// Puts the parts together: what the line brings goes into the store, and the store is drawn once a frame.

import { byId } from "./dom.js";
import { showBanners, showCounts, showLegend, showLink, showTime, showWaiting } from "./bars.js";
import { ChartView } from "./chart.js";
import { Detail } from "./detail.js";
import { Lists } from "./episodes.js";
import { whereabouts } from "./features.js";
import { Hearing } from "./hearing.js";
import { Store } from "./store.js";
import { Line } from "./stream.js";
import { DARK_RULES, ruleName, subject } from "./words.js";

const store = new Store();
const link = { state: "connecting", lostSince: null };
const stale = new Set();
let selectedHull = null;

const chart = new ChartView("map", byId("cursor"), chooseHull);
const hearing = new Hearing(byId("hearing"), (cells) => chart.showHearing(cells));
const detail = new Detail(byId("detail"), unselect);
const lists = new Lists(byId("episodes"), byId("feed"), choose);

const TAKES = {
  state(state) {
    store.replace(state);
    redraw("lists", "hulls", "zones");
  },
  alert({ alert, news }) {
    store.addAlert(alert);
    detail.refresh(store.last.get(alert.id));
    if (news) announce(alert);
    redraw("lists", "hulls");
  },
  positions(message) {
    store.addPositions(message);
    redraw("hulls");
  },
  zones(zones) {
    store.zones = zones;
    redraw("zones");
  },
};

const line = new Line((event, data) => TAKES[event](data), (state) => {
  link.lostSince = state === "live" ? null : (link.lostSince ?? Date.now());
  link.state = state === "connecting" && link.lostSince && store.dataTime !== null ? "lost" : state;
  redraw();
});

function redraw(...parts) {
  if (stale.size === 0) requestAnimationFrame(draw);
  for (const part of ["bars", ...parts]) stale.add(part);
}

function draw() {
  const parts = new Set(stale);
  stale.clear();
  const open = store.openEpisodes();
  const now = store.dataTime;
  showTime(now, store.caughtUp);
  showLink(link.state, store.caughtUp);
  showBanners(open, link.state, link.lostSince, now);
  showWaiting(store, open);
  hearing.refresh(now);
  lists.age(now);
  if (parts.has("lists")) {
    showCounts(open);
    lists.show(open, store.log, detail.id, now);
  }
  drawChart(parts, open, now);
}

function drawChart(parts, open, now) {
  const hulls = [...store.hulls.values()];
  if (parts.has("zones")) chart.showZones(store.zones);
  if (parts.has("hulls")) chart.showHulls(hulls, darkness(open), selectedHull, now);
  if (parts.has("lists")) chart.showPlace(detail.position);
  if (store.caughtUp) chart.ready.then(() => chart.frame(hulls, store.zones));
}

function darkness(open) {
  return new Map(open.filter((alert) => alert.hull && DARK_RULES.has(alert.rule)).map((alert) => [alert.hull.id, alert]));
}

function choose(alert) {
  selectedHull = alert.hull?.id ?? null;
  detail.show(alert);
  if (alert.position) chart.fly(alert.position, covered());
  redraw("lists", "hulls");
}

// Pixels at the left of the chart that the detail lies on; on a narrow screen it lies below.
function covered() {
  const width = byId("detail").offsetWidth;
  return width < byId("chart").offsetWidth ? width : 0;
}

function chooseHull(id) {
  const dark = darkness(store.openEpisodes()).get(id);
  const about = dark ?? store.log.find((alert) => alert.hull?.id === id);
  if (about) return choose(about);
  selectedHull = id;
  const hull = store.hulls.get(id);
  const at = hull && whereabouts(hull, null);
  if (at) chart.fly(at, 0);
  redraw("hulls");
}

function unselect() {
  selectedHull = null;
  redraw("lists", "hulls");
}

function announce(alert) {
  if (alert.event === "closed") return;
  lists.flash(alert);
  byId("say").textContent = `${alert.severity}: ${ruleName(alert.rule)}, ${subject(alert)}`;
}

addEventListener("keydown", (event) => {
  if (event.key === "Escape") detail.close();
});
setInterval(() => redraw(), 1000);
showLegend();
line.open();
