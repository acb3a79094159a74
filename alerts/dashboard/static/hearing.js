// The layer "reception": where ships under way were heard of late, and how well.  Fetched when it is on, once a minute of data.

import { byId } from "./dom.js";

const WELL = 0.9; // of ships under way
const BADLY = 0.5;

export class Hearing {
  #on = false;
  #asked; // the data time of the last answer

  // `show` takes GeoJSON, or null where nothing is to be shown.
  constructor(button, show) {
    this.button = button;
    this.show = show;
    button.addEventListener("click", () => this.#turn(!this.#on));
  }

  // `now`: the data time, at each drawing of the page.
  async refresh(now) {
    if (!this.#on || now === this.#asked) return;
    this.#asked = now;
    try {
      const answer = await fetch("/api/hearing", { cache: "no-store" });
      if (!answer.ok) throw new Error(`/api/hearing: ${answer.status}`);
      const { cells } = await answer.json();
      if (this.#on) this.show(features(cells));
    } catch {
      this.#asked = undefined; // asked again at the next drawing, a second from now
    }
  }

  #turn(on) {
    this.#on = on;
    this.#asked = undefined;
    this.button.setAttribute("aria-pressed", String(on));
    byId("hearing-legend").hidden = !on;
    if (!on) this.show(null);
  }
}

export function features(cells) {
  return { type: "FeatureCollection", features: cells.map(feature) };
}

function feature([south, west, north, east, expected, heard, ships, beacons]) {
  const ring = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  const properties = { how: how(expected, heard), said: said(expected, heard, ships, beacons) };
  return { type: "Feature", properties, geometry: { type: "Polygon", coordinates: [ring] } };
}

function how(expected, heard) {
  if (expected === 0) return "unknown";
  const share = heard / expected;
  return share >= WELL ? "well" : share >= BADLY ? "half" : "badly";
}

export function said(expected, heard, ships, beacons) {
  const under = expected ? `${Math.floor((100 * heard) / expected)} % of ships under way heard` : "no ship under way";
  const more = [ships && `${ships} heard at once`, beacons && `beacons: ${beacons}`].filter(Boolean);
  return [under, ...more].join(", ");
}
