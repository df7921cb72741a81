// The clock of the workspace, and moving it.

import { h, icon } from "./dom.js";
import { timeOfDay, wallClock, zoneName } from "./times.js";

export class ClockControl {
  constructor(app) {
    this.app = app;
    this.now = h("span", { class: "clock-now", "data-testid": "clock-now", role: "status", "aria-live": "polite" });
    this.steps = h("span", { class: "clock-steps", role: "group", "aria-label": "Move the clock" },
      this.step("15m", "+15 min", "clock-advance-15m"), this.step("1h", "+1 h", "clock-advance-1h"), this.step(
        "next-morning",
        "Next morning",
        "clock-next-morning",
      ));
    this.root = h("div", { class: "clock" }, icon("clock"), this.now, this.steps);
  }

  step(move, text, testid) {
    const title = move === "next-morning" ? "To 09:00 on the next day, where this person is" : `Forward by ${text.slice(1)}`;
    const press = async () => {
      button.setAttribute("aria-busy", "true");
      await this.app.attempt("clock", { move });
      button.removeAttribute("aria-busy");
    };
    const button = h("button", { class: "clock-step", type: "button", "data-testid": testid, title, onclick: press }, text);
    return button;
  }

  show(movable) {
    const { now, zone } = this.app.reader;
    const wall = wallClock(now, zone);
    const text = [`${wall.weekday.slice(0, 3)} ${wall.day} ${MONTH[wall.month - 1]}`, timeOfDay(now, zone), zoneName(zone)];
    this.steps.hidden = !movable;
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
