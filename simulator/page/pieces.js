// Pieces that blocks and elements share: pictures, avatars, the loud box for what this page can't draw.

import { h, icon } from "./dom.js";

/** What the page doesn't know is shown, loudly, so that it can't be overlooked. */
export function unknown(what, spec) {
  return h(
    "div",
    { class: "unknown", role: "alert" },
    h("strong", {}, `This page can't show the ${what}`),
    h("pre", {}, JSON.stringify(spec, null, 1)),
  );
}

export function picture(spec, reader, className) {
  const id = spec.slack_file?.id ?? /\/(F[A-Z0-9]+)(?:\/|$)/.exec(spec.slack_file?.url ?? "")?.[1];
  const source = spec.slack_file ? reader.fileUrl(id) : spec.image_url;
  const image = h("img", {
    class: className,
    src: source,
    alt: spec.alt_text,
    loading: "lazy",
    onerror: () => image.replaceWith(h("span", { class: "no-picture" }, icon("warn"), ` ${spec.alt_text || "picture"} (can't be loaded)`)),
  });
  return image;
}

/** A square with initials, in a colour of the person's own; the bot has its mark. */
export function avatar(person, size = "") {
  if (!person) return h("span", { class: `avatar ${size} nobody`, "aria-hidden": "true" }, "?");
  if (person.is_bot) return h("span", { class: `avatar ${size} bot`, "aria-hidden": "true" }, botMark());
  const letters = person.name.split(/[\s.]+/).filter(Boolean).map((word) => [...word][0]).slice(0, 2).join("").toUpperCase();
  return h("span", { class: `avatar ${size}`, "aria-hidden": "true", style: `--hue: ${person.hue}` }, letters);
}

function botMark() {
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  mark.setAttribute("viewBox", "0 0 24 24");
  for (const [d, opacity] of [["M5 5v6.5a7 7 0 0 0 14 0V5", "1"], ["M9 5v6a3 3 0 0 0 6 0V5", ".55"]]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    path.setAttribute("opacity", opacity);
    mark.append(path);
  }
  return mark;
}
