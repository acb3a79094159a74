// The chart: land, grid, flagged zones, tracks and hulls, as layers of one MapLibre map.

import { Map as Chart, NavigationControl, ScaleControl, setWorkerUrl } from "/static/vendor/maplibre-gl.mjs";
import { hearingLayers, hullLayers, landLayers, zoneLayers } from "./layers.js";
import { graticule, here, hullFeatures, trackFeatures, bounds, zoneLabels } from "./features.js";
import { addSymbols, COLOUR } from "./symbols.js";
import { place } from "./words.js";

const WORKER = "/static/vendor/maplibre-gl-worker.mjs";
const NOWHERE = { type: "FeatureCollection", features: [] };
const FINE_LAND_FROM_ZOOM = 4.5;
const EVERYWHERE = [[-130, -45], [175, 65]];

// Under our policy of trusted types nothing but this one worker may become a script, and no text may become markup.
globalThis.trustedTypes?.createPolicy("default", {
  createScriptURL: (url) => {
    if (new URL(url, location.href).href === new URL(WORKER, location.href).href) return url;
    throw new TypeError(`not a script of ours: ${url}`);
  },
});
setWorkerUrl(WORKER);

export class ChartView {
  #framed = false;
  #hearing = false;

  constructor(container, cursor, onHull) {
    this.map = new Chart({
      container,
      style: { version: 8, sources: {}, layers: [{ id: "sea", type: "background", paint: { "background-color": COLOUR.sea } }] },
      bounds: EVERYWHERE,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxZoom: 13,
      fadeDuration: 0,
    });
    this.map.touchZoomRotate.disableRotation();
    this.map.addControl(new NavigationControl({ showCompass: false }), "top-left");
    this.map.addControl(new ScaleControl({ unit: "nautical", maxWidth: 140 }), "bottom-right");
    this.map.on("mousemove", ({ lngLat, point }) => (cursor.textContent = [place(lngLat.lat, wrapped(lngLat.lng)), ...this.#heardAt(point)].join("; ")));
    this.map.on("click", "hulls", ({ features }) => onHull(features[0].properties.id));
    for (const [event, style] of [["mouseenter", "pointer"], ["mouseleave", ""]]) {
      this.map.on(event, "hulls", () => (this.map.getCanvas().style.cursor = style));
    }
    this.ready = new Promise((done) => this.map.once("load", () => done(this.#furnish())));
  }

  #furnish() {
    addSymbols(this.map);
    this.map.addSource("land", { type: "geojson", data: "/static/vendor/land-50m.geojson", tolerance: 0.2 });
    for (const name of ["grid", "hearing", "zones", "zone-labels", "tracks", "hulls", "here"]) this.map.addSource(name, { type: "geojson", data: NOWHERE });
    this.map.getSource("grid").setData(graticule());
    for (const layer of [...landLayers(), ...hearingLayers(), ...zoneLayers(), ...hullLayers()]) this.map.addLayer(layer);
    const refine = () => {
      if (this.map.getZoom() < FINE_LAND_FROM_ZOOM) return;
      this.map.off("zoomend", refine);
      this.map.getSource("land").setData("/static/vendor/land-10m.geojson");
    };
    this.map.on("zoomend", refine);
    refine();
  }

  // GeoJSON, or null.
  async showHearing(cells) {
    await this.ready;
    this.#hearing = cells !== null;
    this.map.getSource("hearing").setData(cells ?? NOWHERE);
  }

  #heardAt(point) {
    if (!this.#hearing) return [];
    const [cell] = this.map.queryRenderedFeatures(point, { layers: ["hearing"] });
    return [cell ? cell.properties.said : "nobody heard here"];
  }

  async showZones(zones) {
    await this.ready;
    this.map.getSource("zones").setData(zones);
    this.map.getSource("zone-labels").setData(zoneLabels(zones));
  }

  async showHulls(hulls, darkness, selected, now) {
    await this.ready;
    this.map.getSource("tracks").setData(trackFeatures(hulls, darkness));
    this.map.getSource("hulls").setData(hullFeatures(hulls, darkness, selected, now));
  }

  // Marks where the chosen alert happened; null where none is chosen.
  async showPlace(position) {
    await this.ready;
    this.map.getSource("here").setData(here(position));
  }

  // Once, when there is something to frame: after that the view belongs to the watch officer.
  frame(hulls, zones) {
    const box = bounds(hulls, zones);
    if (this.#framed || !box) return;
    this.#framed = true;
    this.map.fitBounds(box, { padding: 70, maxZoom: 9, duration: 0 });
  }

  // `covered`: pixels at the left under which the position must not come to lie.
  fly(position, covered) {
    const zoom = Math.max(this.map.getZoom(), 8);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map.flyTo({ center: [position.lon, position.lat], zoom, offset: [covered / 2, 0], duration: still ? 0 : 1200 });
  }
}

function wrapped(lon) {
  return ((((lon + 180) % 360) + 360) % 360) - 180;
}
