// Hulls, tracks and the grid as GeoJSON.  A fix is [ms, lat, lon, knots, course, heading].

import { hullName, moment, span } from "./words.js";

const GAP_MS = 30 * 60000; // longer than that between two fixes, nobody saw her: drawn as dots
const STEERING_KN = 1; // slower than that, the course over ground says nothing

// `darkness`: hull id -> her open dark episode, be she heard since or not.
export function hullFeatures(hulls, darkness, selected, now) {
  const features = [];
  for (const hull of hulls) {
    const dark = darkness.get(hull.id);
    const at = whereabouts(hull, dark);
    if (at) features.push(point(at, marks(hull, dark, selected, now)));
  }
  return { type: "FeatureCollection", features };
}

// Her newest fix, or, where only the alert remembers one, the alert's.
export function whereabouts(hull, dark) {
  if (hull.last) return { lat: hull.last[1], lon: hull.last[2] };
  return dark?.position ?? null;
}

// Alerts lag behind what is heard: a silence that a newer fix has ended may still be open.
export function isDark(hull, dark) {
  return Boolean(dark) && !heardSince(hull, dark);
}

function heardSince(hull, dark) {
  return Boolean(hull.last) && hull.last[0] > Date.parse(dark.happened_at);
}

function note(hull, dark, now) {
  if (!dark) return "";
  if (heardSince(hull, dark)) return `\nlast heard ${moment(hull.last[0])}`;
  return now === null ? "" : `\ndark ${span(now - Date.parse(dark.happened_at))}`;
}

function marks(hull, silence, selected, now) {
  const dark = isDark(hull, silence);
  const [, , , speed, course, heading] = hull.last ?? [];
  const bearing = heading ?? (speed > STEERING_KN ? course : null) ?? null;
  return {
    id: hull.id,
    name: hullName(hull),
    note: note(hull, silence, now),
    dark,
    turned: bearing !== null,
    heading: dark ? 0 : (bearing ?? 0),
    selected: hull.id === selected,
  };
}

export function trackFeatures(hulls, darkness) {
  const features = [];
  for (const hull of hulls) {
    const dark = isDark(hull, darkness.get(hull.id));
    for (const { gap, line } of stretches(hull.track)) {
      features.push({ type: "Feature", properties: { gap, dark }, geometry: { type: "LineString", coordinates: line } });
    }
  }
  return { type: "FeatureCollection", features };
}

function stretches(track) {
  const made = [];
  for (let i = 1; i < track.length; i += 1) {
    const gap = track[i][0] - track[i - 1][0] > GAP_MS;
    if (made.at(-1)?.gap !== gap || gap) made.push({ gap, line: [coordinates(track[i - 1])] });
    made.at(-1).line.push(near(made.at(-1).line.at(-1), coordinates(track[i])));
  }
  return made;
}

function coordinates(fix) {
  return [fix[2], fix[1]];
}

// The shorter way round, over the antimeridian where need be.
function near([lon], [next, lat]) {
  return [next - 360 * Math.round((next - lon) / 360), lat];
}

export function here(position) {
  return { type: "FeatureCollection", features: position ? [point(position, {})] : [] };
}

function point({ lat, lon }, properties) {
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [lon, lat] } };
}

// One point to write each zone's name at: the middle of its box.
export function zoneLabels(zones) {
  const named = zones.features.filter(({ properties }) => properties.kind !== "gate");
  const features = named.map(({ properties, geometry }) => {
    const [[west, south], [east, north]] = box(flat(geometry.coordinates));
    return point({ lat: (south + north) / 2, lon: (west + east) / 2 }, properties);
  });
  return { type: "FeatureCollection", features };
}

export function graticule() {
  const features = [];
  const line = (degree, coordinates) => {
    features.push({ type: "Feature", properties: { fine: degree % 15 !== 0 }, geometry: { type: "LineString", coordinates } });
  };
  for (let lon = -180; lon <= 180; lon += 5) line(lon, [[lon, -85], [lon, 85]]);
  for (let lat = -80; lat <= 80; lat += 5) line(lat, [[-180, lat], [180, lat]]);
  return { type: "FeatureCollection", features };
}

const NEAR_DEG = 8;

// West-south and east-north corners of all hulls and of the zones around them, else of all zones; or null.
export function bounds(hulls, zones) {
  const corners = zones.features.flatMap(({ geometry }) => flat(geometry.coordinates));
  const seen = hulls.filter(({ last }) => last).map(({ last }) => coordinates(last));
  if (!seen.length) return corners.length ? box(corners) : null;
  const [[west, south], [east, north]] = box(seen);
  const near = ([lon, lat]) =>
    lon > west - NEAR_DEG && lon < east + NEAR_DEG && lat > south - NEAR_DEG && lat < north + NEAR_DEG;
  return box([...seen, ...corners.filter(near)]);
}

function box(points) {
  const corner = (pick) => [0, 1].map((axis) => points.map((at) => at[axis]).reduce((a, b) => pick(a, b)));
  return [corner(Math.min), corner(Math.max)];
}

function flat(coordinates) {
  return typeof coordinates[0] === "number" ? [coordinates] : coordinates.flatMap(flat);
}
