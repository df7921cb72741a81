// The clock of the workspace, and moving it.

import { h, icon } from "./dom.js";
import { timeOfDay, wallClock, zoneName } from "./times.js";

export class ClockControl {
  constructor(app) {
    this.app = app;
    this.now = h("span", { class: "clock-now", "data-testid": "clock-now", role: "status", "aria-live": "polite" });
    this.steps = h("span", { class: "clock-steps", role: "group", "aria-label": "Move the clock" });
    this.root = h("div", { class: "clock" }, icon("clock"), this.now, this.steps);
  }

  step(move) {
    const { text, testid, title } = MOVES[move];
    const press = async () => {
      button.setAttribute("aria-busy", "true");
      await this.app.attempt("clock", { move });
      button.removeAttribute("aria-busy");
    };
    const button = h("button", { class: "clock-step", type: "button", "data-testid": testid, title, onclick: press }, text);
    return button;
  }

  /** `moves`: which of MOVES this clock can do; with none it is only shown. */
  show(moves) {
    const { now, zone } = this.app.reader;
    const wall = wallClock(now, zone);
    const text = [`${wall.weekday.slice(0, 3)} ${wall.day} ${MONTH[wall.month - 1]}`, timeOfDay(now, zone), zoneName(zone)];
    if (moves.join() !== this.moves) {
      this.moves = moves.join();
      this.steps.replaceChildren(...moves.map((move) => this.step(move)));
    }
    if (text.join() === this.text) return;
    this.text = text.join();
    this.now.replaceChildren(
      h("span", { class: "clock-date" }, text[0]),
      " ",
      h("strong", {}, text[1]),
      " ",
      h("span", { class: "clock-zone" }, text[2]),
    );
  }
}

const MONTH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MOVES = {
  "15m": { text: "+15 min", testid: "clock-advance-15m", title: "Forward by 15 minutes" },
  "1h": { text: "+1 h", testid: "clock-advance-1h", title: "Forward by an hour" },
  "next-morning": { text: "Next morning", testid: "clock-next-morning", title: "To 09:00 on the next day, where this person is" },
  "1h-down": { text: "Bot off 1 h", testid: "clock-outage-1h", title: "Forward by an hour in which the bot is down" },
};
