// The line to the server: state first, then the stream from that state's cursor on.
//
//   connecting --state, then open--> live --error--> lost --(browser or we try again)--> connecting
//        any --401--> the page is loaded anew, which asks for the token

const SILENT_MS = 30000; // the server says something every ten seconds
const AGAIN_MS = 3000;

export class Line {
  #source = null;
  #heard = 0;
  #again = 0;

  constructor(take, tell) {
    this.take = take;
    this.tell = tell;
    setInterval(() => this.#watch(), 1000);
  }

  async open() {
    this.#source?.close();
    this.tell("connecting");
    try {
      const answer = await fetch("/api/state", { cache: "no-store" });
      if (answer.status === 401) return location.replace("/");
      if (!answer.ok) throw new Error(`/api/state: ${answer.status}`);
      const state = await answer.json();
      this.take("state", state);
      this.#listen(state.cursor);
    } catch {
      this.#lost();
    }
  }

  #listen(cursor) {
    const source = new EventSource(`/api/stream?after=${encodeURIComponent(cursor)}`);
    this.#source = source;
    this.#heard = Date.now();
    source.onopen = () => this.#alive();
    source.onerror = () => (source.readyState === EventSource.CLOSED ? this.#lost() : this.tell("lost"));
    source.addEventListener("reset", () => this.open());
    for (const event of ["alert", "positions", "zones"]) {
      source.addEventListener(event, ({ data }) => {
        this.#alive();
        this.take(event, JSON.parse(data));
      });
    }
  }

  #alive() {
    this.#heard = Date.now();
    this.tell("live");
  }

  #lost() {
    this.#source?.close();
    this.#source = null;
    this.tell("lost");
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.open(), AGAIN_MS);
  }

  #watch() {
    if (this.#source && Date.now() - this.#heard > SILENT_MS) this.#lost();
  }
}
