// Times as the acting person sees them. Instants are epoch seconds; zones are IANA names.

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

/** The wall-clock parts of an instant in a zone, as numbers, with the weekday's name. */
export function wallClock(seconds, zone) {
  const parts = format(zone, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    weekday: "long",
    hourCycle: "h23",
  }).formatToParts(new Date(seconds * 1000));
  const read = Object.fromEntries(parts.map((part) => [part.type, part.value]));
  return {
    year: +read.year,
    month: +read.month,
    day: +read.day,
    hour: +read.hour,
    minute: +read.minute,
    second: +read.second,
    weekday: read.weekday,
  };
}

const two = (number) => String(number).padStart(2, "0");
export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** "14:05" */
export function timeOfDay(seconds, zone) {
  const wall = wallClock(seconds, zone);
  return `${two(wall.hour)}:${two(wall.minute)}`;
}

/** "2026-06-02" */
export function isoDate(seconds, zone) {
  const wall = wallClock(seconds, zone);
  return `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
}

/** Whole days between the local dates of two instants (positive: `seconds` is later than `now`). */
export function daysApart(seconds, now, zone) {
  const day = (at) => Date.parse(`${isoDate(at, zone)}T00:00:00Z`) / 86400000;
  return day(seconds) - day(now);
}

/** "Today", "Yesterday", "Tuesday, 2 June" */
export function dayName(seconds, now, zone) {
  const apart = daysApart(seconds, now, zone);
  if (apart === 0) return "Today";
  if (apart === -1) return "Yesterday";
  if (apart === 1) return "Tomorrow";
  const wall = wallClock(seconds, zone);
  const year = wall.year === wallClock(now, zone).year ? "" : ` ${wall.year}`;
  return `${wall.weekday}, ${wall.day} ${MONTHS[wall.month - 1]}${year}`;
}

/** "2026-06-05" → "Friday 5 June"; an unfinished date gives "". */
export function spelledDate(iso) {
  const day = Date.parse(`${iso}T12:00:00Z`) / 1000;
  if (Number.isNaN(day)) return "";
  const wall = wallClock(day, "UTC");
  return `${wall.weekday} ${wall.day} ${MONTHS[wall.month - 1]}`;
}

/** The city of an IANA zone: "Asia/Manila" → "Manila". */
export function zoneName(zone) {
  return zone.split("/").pop().replaceAll("_", " ");
}

/**
 * Fills the tokens of Slack's <!date^…>: {date}, {date_num}, {date_slash}, {date_short}, {date_long}, {…_pretty}, {time},
 * {time_secs}, {ago}, {day_divider_pretty}.
 */
export function fillDate(template, seconds, zone, now) {
  const wall = wallClock(seconds, zone);
  const month = MONTHS[wall.month - 1];
  const teen = wall.day > 10 && wall.day < 14;
  const suffix = (!teen && ["th", "st", "nd", "rd"][wall.day % 10]) || "th";
  const pretty = (otherwise) => {
    const apart = daysApart(seconds, now, zone);
    return apart === 0 ? "today" : apart === -1 ? "yesterday" : apart === 1 ? "tomorrow" : otherwise;
  };
  const tokens = {
    date: `${month} ${wall.day}${suffix}, ${wall.year}`,
    date_num: `${wall.year}-${two(wall.month)}-${two(wall.day)}`,
    date_slash: `${two(wall.month)}/${two(wall.day)}/${wall.year}`,
    date_short: `${month.slice(0, 3)} ${wall.day}, ${wall.year}`,
    date_long: `${wall.weekday}, ${month} ${wall.day}${suffix}, ${wall.year}`,
    time: `${two(wall.hour)}:${two(wall.minute)}`,
    time_secs: `${two(wall.hour)}:${two(wall.minute)}:${two(wall.second)}`,
    ago: ago(seconds, now),
  };
  tokens.day_divider_pretty = dayName(seconds, now, zone);
  const filled = template.replace(/\{(\w+)\}/g, (whole, name) => {
    if (name in tokens) return tokens[name];
    const plain = name.replace(/_pretty$/, "");
    return name.endsWith("_pretty") && plain in tokens ? pretty(tokens[plain]) : whole;
  });
  return filled.replace(/^(today|yesterday|tomorrow)/, (word) => word[0].toUpperCase() + word.slice(1));
}

/** "5 minutes ago", "in 2 hours" */
export function ago(seconds, now) {
  const apart = Math.round(seconds - now);
  if (Math.abs(apart) < 60) return "just now";
  const [size, unit] = [[86400, "day"], [3600, "hour"], [60, "minute"]].find(([length]) => Math.abs(apart) >= length);
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(apart / size), unit);
}

/**
 * Epoch seconds of a wall-clock reading "2026-06-05T10:45" in a zone. A reading in a spring gap shifts forward; one that
 * comes twice in autumn is the first.
 */
export function instantOf(reading, zone) {
  const asUtc = Date.parse(`${reading.slice(0, 16)}:00Z`) / 1000;
  const offsetAt = (seconds) => {
    const wall = wallClock(seconds, zone);
    return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second) / 1000 - seconds;
  };
  const offsets = [offsetAt(asUtc - 86400), offsetAt(asUtc + 86400)];
  const exact = offsets.map((offset) => asUtc - offset).filter((seconds) => seconds + offsetAt(seconds) === asUtc);
  return exact.length ? Math.min(...exact) : asUtc - Math.min(...offsets);
}

/** "2026-06-05T10:45", what <input type=datetime-local> wants. */
export function localReading(seconds, zone) {
  return `${isoDate(seconds, zone)}T${timeOfDay(seconds, zone)}`;
}
