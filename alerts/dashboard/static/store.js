// What the page knows: the server's state, then its stream folded in.  The same rules as picture.py: the highest
// revision of an episode counts, and what is told twice changes nothing.

export class Store {
  constructor() {
    this.replace({ alerts: [], open: [], hulls: [], data_time: null, zones: null, caught_up: false, limits: null });
  }

  replace(state) {
    this.limits = state.limits ?? { track: 500, log: 1000, moment_ms: {} };
    this.zones = state.zones ?? { type: "FeatureCollection", features: [] };
    this.caughtUp = state.caught_up;
    this.dataTime = state.data_time ? Date.parse(state.data_time) : null;
    this.last = new Map();
    for (const alert of [...state.alerts, ...state.open]) this.#keepLast(alert);
    this.log = [...state.alerts].sort(newestFirst);
    this.hulls = new Map(state.hulls.map((hull) => [hull.id, hull]));
  }

  addAlert(alert) {
    if (this.log.some((known) => known.id === alert.id && known.revision === alert.revision)) return;
    this.#keepLast(alert);
    this.log.push(alert);
    this.log.sort(newestFirst);
    for (const dropped of this.log.splice(this.limits.log)) {
      if (this.last.get(dropped.id) === dropped && !isOpen(dropped)) this.last.delete(dropped.id);
    }
  }

  addPositions({ data_time, caught_up, hulls, gone }) {
    this.caughtUp = caught_up;
    if (data_time) this.dataTime = Math.max(Date.parse(data_time), this.dataTime ?? 0);
    for (const hull of hulls) this.#merge(hull);
    for (const id of gone) this.hulls.delete(id);
  }

  openEpisodes() {
    return [...this.last.values()].filter((alert) => isOpen(alert) && !this.#isPast(alert)).sort(severestFirst);
  }

  #keepLast(alert) {
    const known = this.last.get(alert.id);
    if (!known || known.revision < alert.revision) this.last.set(alert.id, alert);
  }

  #merge(hull) {
    const before = (this.hulls.get(hull.id)?.track ?? []).filter((fix) => fix[0] < hull.since);
    this.hulls.set(hull.id, { ...hull, track: [...before, ...hull.track].slice(-this.limits.track) });
  }

  #isPast(alert) {
    const keep = this.limits.moment_ms[alert.rule];
    return keep !== undefined && this.dataTime !== null && this.dataTime - Date.parse(alert.happened_at) > keep;
  }
}

export function isOpen(alert) {
  return alert.event === "opened" || alert.event === "amended";
}

const RANK = { info: 0, caution: 1, warning: 2, critical: 3 };

function severestFirst(a, b) {
  return RANK[b.severity] - RANK[a.severity] || Date.parse(b.happened_at) - Date.parse(a.happened_at) || compare(a.id, b.id);
}

function newestFirst(a, b) {
  return Date.parse(b.known_at) - Date.parse(a.known_at) || compare(b.id, a.id) || b.revision - a.revision;
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
