// The line to the simulator: a WebSocket that brings what the acting person sees, and POSTs for what they do.

/** What went wrong with something that a person did, in words for that person. `fields`: block id → sentence. */
export class Refused extends Error {
  constructor(answer) {
    super(answer.message);
    this.kind = answer.kind;
    this.fields = answer.fields ?? {};
  }
}

export class Wire {
  constructor({ state, connected }) {
    this.state = state;
    this.connected = connected;
    this.wanted = null;
    this.pause = 250;
    this.open();
  }

  open() {
    this.socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/page/ws`);
    this.socket.onopen = () => {
      this.pause = 250;
      this.connected(true);
      if (this.wanted) this.socket.send(JSON.stringify(this.wanted));
    };
    this.socket.onmessage = (event) => this.state(JSON.parse(event.data));
    this.socket.onclose = () => {
      this.connected(false);
      setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(this.pause * 2, 5000);
    };
  }

  /** Says which person, channel and thread the screen shows; the state that follows is of that. */
  look(wanted) {
    this.wanted = wanted;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(wanted));
  }

  /** Does something as a person. Throws Refused with a sentence. */
  async act(verb, body) {
    let answer;
    try {
      const response = await fetch(`/page/${verb}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      answer = await response.json();
    } catch {
      throw new Refused({ kind: "unreachable", message: "The simulator can't be reached. Is it still running?" });
    }
    if (!answer.ok) throw new Refused(answer);
    return answer;
  }
}
