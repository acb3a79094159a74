// How things look on the chart.  Text needs no glyph files: MapLibre draws it with the fonts of the machine.

import { COLOUR } from "./symbols.js";

const FONT = ["sans-serif"];
const byKind = ["match", ["get", "kind"], "port", COLOUR.port, "strait", COLOUR.strait, COLOUR.area];
const nameByKind = ["match", ["get", "kind"], "port", COLOUR.portName, "strait", COLOUR.strait, COLOUR.area];
const gridPaint = { "line-color": COLOUR.grid, "line-width": 1 };
const isKind = (kind) => ["==", ["get", "kind"], kind];

export function landLayers() {
  return [
    { id: "grid", type: "line", source: "grid", filter: ["!", ["get", "fine"]], paint: gridPaint },
    { id: "fine-grid", type: "line", source: "grid", filter: ["get", "fine"], minzoom: 3.5, paint: gridPaint },
    { id: "land", type: "fill", source: "land", paint: { "fill-color": COLOUR.land, "fill-antialias": false } },
    { id: "coast", type: "line", source: "land", paint: { "line-color": COLOUR.coast, "line-width": 1 } },
  ];
}

// Blue over sand to red as in `coverage show --map`, apart in hue and in lightness for every kind of colour blindness;
// hatched where there was nobody to hear.
export function hearingLayers() {
  const colour = ["match", ["get", "how"], "well", COLOUR.heardWell, "half", COLOUR.heardHalf, "badly", COLOUR.heardBadly, COLOUR.heardUnknown];
  const opacity = ["match", ["get", "how"], "half", 0.35, "unknown", 0.04, 0.5];
  const nobody = ["==", ["get", "how"], "unknown"];
  return [
    { id: "hearing", type: "fill", source: "hearing", paint: { "fill-color": colour, "fill-opacity": opacity, "fill-antialias": false } },
    { id: "hearing-nobody", type: "fill", source: "hearing", filter: nobody, paint: { "fill-pattern": "hatch", "fill-opacity": 0.7 } },
    { id: "hearing-edges", type: "line", source: "hearing", minzoom: 6, paint: { "line-color": COLOUR.sea, "line-opacity": 0.6, "line-width": 0.6 } },
  ];
}

export function zoneLayers() {
  return [
    { id: "zones", type: "fill", source: "zones", filter: ["!", isKind("gate")], paint: { "fill-color": byKind, "fill-opacity": 0.1 } },
    { id: "zone-edges", type: "line", source: "zones", filter: ["!", isKind("gate")], paint: { "line-color": byKind, "line-opacity": 0.75, "line-width": 1.4 } },
    { id: "gates", type: "line", source: "zones", filter: isKind("gate"), paint: { "line-color": COLOUR.strait, "line-width": 3, "line-dasharray": [2, 1.5] } },
    { id: "zone-names", type: "symbol", source: "zone-labels", layout: zoneName(), paint: zonePaint(nameByKind) },
    {
      id: "gate-names", type: "symbol", source: "zones", filter: isKind("gate"), minzoom: 7,
      layout: { ...zoneText(11), "symbol-placement": "line-center", "text-offset": [0, -0.9] }, paint: zonePaint(COLOUR.strait),
    },
  ];
}

export function hullLayers() {
  return [
    { id: "tracks", type: "line", source: "tracks", filter: ["!", ["get", "gap"]], layout: { "line-join": "round" }, paint: trackPaint(0.8) },
    { id: "gaps", type: "line", source: "tracks", filter: ["get", "gap"], paint: { ...trackPaint(0.55), "line-dasharray": [1, 3] } },
    { id: "selected", type: "symbol", source: "hulls", filter: ["get", "selected"], layout: { "icon-image": "selected", ...always("icon") } },
    { id: "hulls", type: "symbol", source: "hulls", layout: hullMark(), paint: {} },
    { id: "here", type: "symbol", source: "here", layout: { "icon-image": "here", ...always("icon") } },
    { id: "hull-names", type: "symbol", source: "hulls", layout: hullText(), paint: hullTextPaint() },
  ];
}

function zoneText(size) {
  return { "text-field": ["get", "name"], "text-font": FONT, "text-size": size, "text-max-width": 9, "text-padding": 4 };
}

// A strait's or an area's name stands in it; a port is too small for that.
function zoneName() {
  return {
    ...zoneText(12),
    "text-variable-anchor-offset": [
      "match", ["get", "kind"],
      "port", ["literal", ["bottom", [0, -1], "top", [0, 1], "left", [1, 0], "right", [-1, 0]]],
      ["literal", ["center", [0, 0], "top", [0, 1.2], "bottom", [0, -1.2], "top", [0, 3], "bottom", [0, -3]]],
    ],
  };
}

function zonePaint(colour) {
  return { "text-color": colour, "text-halo-color": COLOUR.sea, "text-halo-width": 1.6 };
}

function trackPaint(opacity) {
  return { "line-color": ["case", ["get", "dark"], COLOUR.dark, COLOUR.hull], "line-width": 1.8, "line-opacity": opacity };
}

function hullMark() {
  const mark = ["case", ["get", "dark"], "hull-dark", ["get", "turned"], "hull", "hull-still"];
  return {
    "icon-image": mark,
    "icon-rotate": ["get", "heading"],
    "icon-rotation-alignment": "map",
    "symbol-sort-key": ["case", ["get", "dark"], 1, 0],
    ...always("icon"),
  };
}

function hullText() {
  return {
    "text-field": ["format", ["get", "name"], { "font-scale": 1 }, ["get", "note"], { "font-scale": 0.85 }],
    "text-font": FONT,
    "text-size": 13,
    "text-variable-anchor": ["left", "right", "top", "bottom"],
    "text-radial-offset": 1.5,
    "text-justify": "auto",
    "text-max-width": 14,
    "symbol-sort-key": ["case", ["get", "selected"], 0, ["get", "dark"], 1, 2],
  };
}

function hullTextPaint() {
  return { "text-color": ["case", ["get", "dark"], "#FF9A5C", COLOUR.text], "text-halo-color": COLOUR.sea, "text-halo-width": 2 };
}

function always(what) {
  return { [`${what}-allow-overlap`]: true, [`${what}-ignore-placement`]: true };
}
