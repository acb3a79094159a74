// Times, places and rules as a watch officer reads them.  All times are UTC.

export const SEVERITIES = ["critical", "warning", "caution", "info"];

const RULES = {
  went_dark: "Went dark",
  dark_in_port: "Dark in port",
  lit_up: "Lit up",
  signs_of_life: "Signs of life",
  rendezvous: "Rendezvous",
  area: "Area",
  strait: "Strait",
  overdue: "Overdue",
  unseen_call: "Unseen call",
  overdue_arrival: "Awaited at ports",
  port_call: "Port call",
  loitering: "Loitering",
  track_anomaly: "Track anomaly",
  draught_change: "Draught changed",
  name_change: "Name changed",
  destination_change: "Destination changed",
  lost_coverage: "Lost coverage",
  position_jump: "Position jump",
  identity_conflict: "Identity conflict",
  outage: "Feed outage",
  gnss_interference: "GNSS interference",
  area_outage: "Area fell silent",
  sighting: "Sighting",
};

export const DARK_RULES = new Set(["went_dark", "dark_in_port"]);

export function ruleName(rule) {
  return RULES[rule] ?? rule.replaceAll("_", " ");
}

export function hullName(hull) {
  return hull.name || (hull.imo ? `IMO ${hull.imo}` : hull.mmsi ? `MMSI ${hull.mmsi}` : hull.id);
}

export function subject(alert) {
  if (alert.hull) return hullName(alert.hull);
  if (alert.position) return place(alert.position.lat, alert.position.lon);
  return alert.evidence?.feed ? `feed ${alert.evidence.feed}` : "hullwatch itself";
}

export function span(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60000));
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`;
  const days = Math.floor(minutes / 1440);
  return days < 100 ? `${days} d ${Math.floor((minutes % 1440) / 60)} h` : `${days} d`;
}

// How long something has been so: data time moves in minutes, so seconds would say more than anybody knows.
export function age(ms) {
  return ms < 60000 ? "now" : span(ms);
}

export function day(ms) {
  return new Date(ms).toISOString().slice(0, 10);
}

export function clock(ms) {
  return new Date(ms).toISOString().slice(11, 19);
}

export function moment(ms) {
  return `${day(ms)} ${clock(ms)} UTC`;
}

export function place(lat, lon) {
  return `${degrees(lat, "N", "S", 2)} ${degrees(lon, "E", "W", 3)}`;
}

function degrees(value, positive, negative, width) {
  const hundredths = Math.round(Math.abs(value) * 6000); // of a minute of arc
  const whole = Math.floor(hundredths / 6000);
  const minutes = ((hundredths - whole * 6000) / 100).toFixed(2).padStart(5, "0");
  return `${String(whole).padStart(width, "0")}°${minutes}′${value < 0 ? negative : positive}`;
}

const UNITS = [["kn", " kn"], ["deg", "°"], ["min", " min"], ["nm", " nm"], ["s", " s"], ["m", " m"], ["h", " h"]];

// A number with the unit that its name carries: ["speed_kn", 9.8] is ["speed", "9.8 kn"].
export function quantity(name, value) {
  if (typeof value === "boolean") return [name, value ? "yes" : "no"];
  if (typeof value !== "number") return [name, String(value)];
  if (name.endsWith("_ms")) return [name.slice(0, -3), span(value)];
  if (name.endsWith("_at")) return [name, moment(value)];
  const unit = UNITS.find(([suffix]) => name.endsWith(`_${suffix}`));
  return unit ? [name.slice(0, -unit[0].length - 1), `${value}${unit[1]}`] : [name, String(value)];
}

function pad(number) {
  return String(number).padStart(2, "0");
}
