// The person switcher: whose eyes one looks through.

import { h, icon } from "./dom.js";
import { closeMenuOf, menuAt } from "./listbox.js";
import { avatar } from "./pieces.js";
import { isoDate, timeOfDay, wallClock, zoneName } from "./times.js";

/** Role badges of a person, as nodes. */
export function badges(person) {
  return [
    person.is_owner ? ["owner", "Owner"] : person.is_admin ? ["admin", "Admin"] : null,
    person.is_restricted ? ["guest", "Guest"] : null,
    person.is_stranger ? ["guest", "Other workspace"] : null,
    person.deleted ? ["gone", "Deactivated"] : null,
    person.dnd ? ["dnd", "Do not disturb"] : null,
  ].filter(Boolean).map(([kind, text]) => h("span", { class: `badge ${kind}` }, text));
}

export class PersonSwitch {
  constructor(app) {
    this.app = app;
    this.button = h("button", {
      class: "person-switch",
      type: "button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "data-testid": "person-switch",
      onclick: () => closeMenuOf(this.button) || this.open(),
    });
  }

  show() {
    const { reader } = this.app;
    const me = reader.people.get(reader.me);
    if (!me) return;
    const waiting = [...reader.people.values()].some((person) => person.id !== me.id && person.waiting && !person.deleted);
    this.button.setAttribute("aria-label", `Acting as ${me.name}. Switch person${waiting ? ". Others have news" : ""}`);
    this.button.replaceChildren(...[avatar(me), h(
      "span",
      { class: "who" },
      h("span", { class: "who-name" }, me.name, ...badges(me)),
      h("span", { class: "who-zone" }, me.real_name !== me.name ? me.real_name : zoneName(me.tz)),
    ),
      waiting ? h("span", { class: "dot", title: "Others have news" }) : null, icon("down")].filter(Boolean));
  }

  open() {
    const { reader } = this.app;
    const people = [...reader.people.values()].filter((person) => !person.is_bot);
    menuAt(this.button, "Act as", [{ heading: "Act as…" }, ...people.sort((one, other) => one.deleted - other.deleted).map((person) => ({
      checked: person.id === reader.me,
      testid: `person-${person.name}`,
      label: [avatar(person), h("span", { class: "person-line" },
        h("span", { class: "who-name" }, person.name, ...badges(person)),
        h(
          "span",
          { class: "option-detail" },
          [
            person.real_name !== person.name ? person.real_name : null,
            `${this.localTime(person)} ${zoneName(person.tz)}`,
            person.status_text,
          ].filter(Boolean).join(" · "),
        )),
      ...(person.waiting && person.id !== reader.me ? [h(
        "span",
        { class: "count-badge", title: "Unread notifications" },
        String(person.waiting),
      )] : [])],
      run: () => this.app.actAs(person.id),
    }))], { alignEnd: true, searchable: people.length > 7 });
  }

  localTime(person) {
    const { now, zone } = this.app.reader;
    const there = timeOfDay(now, person.tz);
    return isoDate(now, person.tz) === isoDate(now, zone) ? there : `${wallClock(now, person.tz).weekday.slice(0, 3)} ${there}`;
  }
}
