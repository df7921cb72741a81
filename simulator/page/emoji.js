// Emoji: shortcodes of a common set as Unicode, and our own small drawings for the ones that carry meaning in a support
// channel (states, alarms, clocks), so that they look the same on machines without an emoji font.

import { h } from "./dom.js";

const SHORTCODES = {
  red_circle: "🔴", large_orange_circle: "🟠", orange_circle: "🟠", large_yellow_circle: "🟡", yellow_circle: "🟡", large_green_circle: "🟢", green_circle: "🟢",
  large_blue_circle: "🔵", blue_circle: "🔵", large_purple_circle: "🟣", purple_circle: "🟣", large_brown_circle: "🟤", white_circle: "⚪", black_circle: "⚫",
  large_red_square: "🟥", red_square: "🟥", large_orange_square: "🟧", orange_square: "🟧", large_yellow_square: "🟨", yellow_square: "🟨", large_green_square: "🟩",
  green_square: "🟩", large_blue_square: "🟦", blue_square: "🟦", large_purple_square: "🟪", white_large_square: "⬜", black_large_square: "⬛",
  large_blue_diamond: "🔷", large_orange_diamond: "🔶", small_red_triangle: "🔺", small_red_triangle_down: "🔻",
  white_check_mark: "✅", heavy_check_mark: "✔️", ballot_box_with_check: "☑️", x: "❌", negative_squared_cross_mark: "❎", heavy_minus_sign: "➖", heavy_plus_sign: "➕",
  warning: "⚠️", rotating_light: "🚨", no_entry: "⛔", no_entry_sign: "🚫", octagonal_sign: "🛑", exclamation: "❗", heavy_exclamation_mark: "❗", question: "❓", bangbang: "‼️",
  information_source: "ℹ️", bell: "🔔", no_bell: "🔕", loudspeaker: "📢", mega: "📣", fire: "🔥", zap: "⚡", boom: "💥", sparkles: "✨", star: "⭐", star2: "🌟",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", alarm_clock: "⏰", stopwatch: "⏱️", timer_clock: "⏲️", clock1: "🕐", clock3: "🕒", clock9: "🕘", watch: "⌚",
  double_vertical_bar: "⏸️", pause_button: "⏸️", arrow_forward: "▶️", black_right_pointing_triangle: "▶️", black_square_for_stop: "⏹️", fast_forward: "⏩", repeat: "🔁",
  arrows_counterclockwise: "🔄", leftwards_arrow_with_hook: "↩️", arrow_right_hook: "↪️", arrow_right: "➡️", arrow_left: "⬅️", arrow_up: "⬆️", arrow_down: "⬇️",
  arrow_upper_right: "↗️", arrow_lower_right: "↘️", arrow_up_small: "🔼", arrow_down_small: "🔽",
  eyes: "👀", eye: "👁️", wave: "👋", thumbsup: "👍", "+1": "👍", thumbsdown: "👎", "-1": "👎", clap: "👏", pray: "🙏", raised_hands: "🙌", raised_hand: "✋", hand: "✋", muscle: "💪",
  point_right: "👉", point_left: "👈", point_up: "☝️", point_down: "👇", ok_hand: "👌", handshake: "🤝", raising_hand: "🙋",
  smile: "😄", slightly_smiling_face: "🙂", grinning: "😀", blush: "😊", joy: "😂", wink: "😉", neutral_face: "😐", expressionless: "😑", confused: "😕", slightly_frowning_face: "🙁",
  worried: "😟", disappointed: "😞", weary: "😩", tired_face: "😫", sob: "😭", cry: "😢", angry: "😠", rage: "😡", thinking_face: "🤔", relieved: "😌", sweat_smile: "😅", sleeping: "😴",
  zzz: "💤", heart: "❤️", green_heart: "💚", blue_heart: "💙", yellow_heart: "💛", broken_heart: "💔", tada: "🎉", confetti_ball: "🎊", trophy: "🏆", medal: "🏅", dart: "🎯", rocket: "🚀",
  bulb: "💡", mag: "🔍", lock: "🔒", unlock: "🔓", closed_lock_with_key: "🔐", key: "🔑", shield: "🛡️", gear: "⚙️", wrench: "🔧", hammer_and_wrench: "🛠️", link: "🔗", paperclip: "📎",
  memo: "📝", pencil: "📝", pencil2: "✏️", clipboard: "📋", page_facing_up: "📄", books: "📚", book: "📖", mortar_board: "🎓", inbox_tray: "📥", outbox_tray: "📤", package: "📦",
  email: "✉️", envelope: "✉️", incoming_envelope: "📨", speech_balloon: "💬", thought_balloon: "💭", phone: "☎️", telephone_receiver: "📞", headphones: "🎧", ticket: "🎫", label: "🏷️",
  calendar: "📆", date: "📅", spiral_calendar_pad: "🗓️", bar_chart: "📊", chart_with_upwards_trend: "📈", chart_with_downwards_trend: "📉", pushpin: "📌", round_pushpin: "📍",
  bust_in_silhouette: "👤", busts_in_silhouette: "👥", house: "🏠", office: "🏢", palm_tree: "🌴", coffee: "☕", sunny: "☀️", sunrise: "🌅", crescent_moon: "🌙", night_with_stars: "🌃",
  bug: "🐛", ladybug: "🐞", robot_face: "🤖", moneybag: "💰", credit_card: "💳", gift: "🎁", crown: "👑", triangular_flag_on_post: "🚩", checkered_flag: "🏁", white_flag: "🏳️",
  one: "1️⃣", two: "2️⃣", three: "3️⃣", four: "4️⃣", five: "5️⃣", keycap_ten: "🔟", new: "🆕", free: "🆓", ok: "🆗", sos: "🆘", vs: "🆚", snowflake: "❄️", umbrella: "☂️", seedling: "🌱",
  electric_plug: "🔌", heavy_multiplication_x: "✖️", scissors: "✂️", left_right_arrow: "↔️", thermometer: "🌡️", ballot_box_with_ballot: "🗳️", mountain: "⛰️", turtle: "🐢", leaves: "🍃",
};

const disc = (fill, edge) => `<circle cx="10" cy="10" r="7.6" fill="${fill}" stroke="${edge}" stroke-width=".9"/>`;
const tile = (fill, edge) => `<rect x="2.6" y="2.6" width="14.8" height="14.8" rx="2.6" fill="${fill}" stroke="${edge}" stroke-width=".9"/>`;
const lines = (colour, ...paths) => `<g fill="none" stroke="${colour}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${paths.map((d) => `<path d="${d}"/>`).join("")}</g>`;
const shape = (d, fill, edge) => `<path d="${d}" fill="${fill}"${edge ? ` stroke="${edge}" stroke-width="1" stroke-linejoin="round"` : ""}/>`;
const sheet = `<rect x="4" y="2.5" width="12" height="15" rx="1.6" fill="#fff" stroke="#8a949c"/>`;
const bubble = "M3 4.5h14v9H9.5L6 17v-3.5H3Z";
const bell = "M10 2.5c3 0 5 2.2 5 5.2 0 3.8 1.8 4.8 1.8 6H3.200c0-1.2 1.8-2.2 1.8-6 0-3 2-5.2 5-5.200Z";
const hourglass = "M5 2.500h10v2.800L11.3 10 15 14.700v2.800H5v-2.800L8.7 10 5 5.300Z";
const dial = (fill) => `<circle cx="10" cy="10.5" r="7" fill="${fill}" stroke="#4b5862" stroke-width="1.3"/>${lines("#33404a", "M10 6.500v4.200l2.8 1.5")}`;
const page = (top) => `<rect x="2.8" y="3.5" width="14.4" height="13.5" rx="2" fill="#fff" stroke="#8a949c"/><path d="M2.8 7.500h14.400v-2a2 2 0 0 0-2-2H4.800a2 2 0 0 0-2 2Z" fill="${top}"/><g fill="#8a949c"><rect x="5.5" y="9.5" width="2" height="2"/><rect x="9" y="9.5" width="2" height="2"/><rect x="12.5" y="9.5" width="2" height="2"/><rect x="5.5" y="13" width="2" height="2"/><rect x="9" y="13" width="2" height="2"/></g>`;
const face = (mouth, eyes = `<g fill="#5b3b00"><circle cx="7.3" cy="8.3" r="1.1"/><circle cx="12.7" cy="8.3" r="1.1"/></g>`) => disc("#ffcf4d", "#d69a1c") + eyes + `<path d="${mouth}" fill="none" stroke="#5b3b00" stroke-width="1.4" stroke-linecap="round"/>`;
const head = (x, fill) => `<circle cx="${x}" cy="6.8" r="3.2" fill="${fill}"/><path d="M${x - 6} 17c0-4 2.5-6 6-6s6 2 6 6Z" fill="${fill}"/>`;
const star = "M10 2.2 12.4 7.3 18 8 13.9 11.9 14.9 17.5 10 14.8 5.1 17.5 6.1 11.9 2 8 7.6 7.300Z";

const DRAWINGS = {
  "🔴": disc("#e0433f", "#b52b2b"), "🟠": disc("#f08a24", "#c46a10"), "🟡": disc("#f5c83a", "#cc9c14"), "🟢": disc("#2fa866", "#1d7f49"), "🔵": disc("#3b82d6", "#2761a8"),
  "🟣": disc("#8b5fc7", "#6a429f"), "🟤": disc("#8b5e3c", "#6a4429"), "⚪": disc("#f4f6f7", "#9aa5ad"), "⚫": disc("#3a444c", "#20282e"),
  "🟥": tile("#e0433f", "#b52b2b"), "🟧": tile("#f08a24", "#c46a10"), "🟨": tile("#f5c83a", "#cc9c14"), "🟩": tile("#2fa866", "#1d7f49"), "🟦": tile("#3b82d6", "#2761a8"),
  "🟪": tile("#8b5fc7", "#6a429f"), "⬜": tile("#eef1f3", "#c3ccd2"), "⬛": tile("#3a444c", "#20282e"),
  "🔷": shape("M10 2 18 10 10 18 2 10Z", "#3b82d6", "#2761a8"), "🔶": shape("M10 2 18 10 10 18 2 10Z", "#f08a24", "#c46a10"),
  "🔺": shape("M10 4 17 16H3Z", "#e0433f", "#b52b2b"), "🔻": shape("M10 16 17 4H3Z", "#e0433f", "#b52b2b"),
  "✅": tile("#2fa866", "#1d7f49") + lines("#fff", "M6 10.5 9 13.5 14.2 6.8"), "☑": tile("#3b82d6", "#2761a8") + lines("#fff", "M6 10.5 9 13.5 14.2 6.8"),
  "✔": lines("#2b343b", "M4 11 8.2 15.2 16 5.2"), "❌": lines("#d93a36", "M4.5 4.5 15.5 15.5", "M15.5 4.5 4.5 15.5"),
  "➖": lines("#4b5862", "M4 10h12"), "➕": lines("#4b5862", "M4 10h12", "M10 4v12"),
  "⚠": shape("M10 2.5 18.5 17H1.500Z", "#f7c948", "#c4930f") + lines("#3a2c00", "M10 7.800v4.2", "M10 14.500v.050"),
  "🚨": shape("M4.5 15.500v-5a5.5 5.5 0 0 1 11 0v5Z", "#e0433f", "#b52b2b") + `<rect x="3" y="15" width="14" height="3" rx="1" fill="#4b5862"/><path d="M7.5 13v-2.500a2.5 2.5 0 0 1 2.5-2.5" fill="none" stroke="#ffd0ce" stroke-width="1.5" stroke-linecap="round"/>` + `<g stroke="#e0433f" stroke-width="1.5" stroke-linecap="round"><path d="M10 1v1.6"/><path d="M2.8 4 4 5.2"/><path d="M17.2 4 16 5.2"/></g>`,
  "⛔": disc("#d93a36", "#b52b2b") + `<rect x="5.5" y="8.6" width="9" height="2.8" rx=".6" fill="#fff"/>`,
  "🚫": `<circle cx="10" cy="10" r="7" fill="none" stroke="#d93a36" stroke-width="2.4"/><path d="M5.2 5.2 14.8 14.8" stroke="#d93a36" stroke-width="2.4"/>`,
  "🛑": shape("M6.7 2h6.600L18 6.700v6.600L13.3 18H6.700L2 13.300V6.700Z", "#d93a36", "#b52b2b"),
  "❗": lines("#d93a36", "M10 3.500v8", "M10 15.800v.100"), "❓": lines("#d93a36", "M6.8 6.500a3.3 3.3 0 1 1 4.6 3c-1 .5-1.4 1.2-1.4 2.3", "M10 15.800v.100"),
  "ℹ": tile("#3b82d6", "#2761a8") + lines("#fff", "M10 9.500v4.5", "M10 6.200v.050"),
  "🔔": shape(bell, "#f5c042", "#c4930f") + `<circle cx="10" cy="16" r="1.8" fill="#c4930f"/>`,
  "🔕": shape(bell, "#d5dade", "#97a2aa") + lines("#d93a36", "M3.5 3.5 16.5 16.5"),
  "📣": shape("M3 8h3l8-4.500v12.500L6 12H3Z", "#e8574f", "#b52b2b") + lines("#4b5862", "M16.5 7.500v4.5", "M6 12.5 7.3 17"),
  "📢": shape("M3 8h3l8-4.500v12.500L6 12H3Z", "#f0b429", "#c4930f") + lines("#4b5862", "M16.5 7.500v4.5", "M6 12.5 7.3 17"),
  "🔥": shape("M10.5 2c.5 3 4.5 4.5 4.5 9.500A5 5 0 0 1 5 12c0-2.2 1.2-3.3 2-5 .8.8 1.2 1.5 1.3 2.500C9.7 7.7 10.8 5 10.5 2Z", "#f0692a", "#c8430f") + shape("M10.2 10c.3 1.6 2.2 2.2 2.2 4.300a2.4 2.4 0 0 1-4.8 0c0-1.7 1.8-2.3 2.6-4.300Z", "#ffd35c"),
  "⚡": shape("M11.5 2 4.5 11.500H9.200L8 18 15.5 8.300H10.600Z", "#f7c131", "#c4930f"),
  "✨": shape("M8 4 9.5 9 14 10.5 9.5 12 8 17 6.5 12 2 10.5 6.5 9Z", "#f7c131", "#d9a414") + shape("M15 2.5 15.8 5 18 5.7 15.8 6.5 15 9 14.2 6.5 12 5.7 14.2 5Z", "#f7c131"),
  "⭐": shape(star, "#f7c131", "#d9a414"), "🌟": shape(star, "#f9d24c", "#d9a414"),
  "⌛": shape(hourglass, "#eaf1f5", "#7b5e3b") + shape("M6.5 16.500h7L10 12.300Z", "#e3b04b"), "⏳": shape(hourglass, "#eaf1f5", "#7b5e3b") + shape("M6.8 5.800h6.400L10 9.700Z", "#e3b04b") + shape("M8 16.500h4L10 14Z", "#e3b04b"),
  "⏰": dial("#fff") + lines("#d93a36", "M3 4.8 5.3 2.9", "M17 4.8 14.7 2.9"), "⏱": dial("#fff") + lines("#4b5862", "M8.5 1.800h3"), "⏲": dial("#fdf3d9"), "🕐": dial("#fff"), "🕒": dial("#fff"), "🕘": dial("#fff"), "⌚": dial("#eaf1f5"),
  "⏸": tile("#5b7a94", "#43607a") + `<g fill="#fff"><rect x="6.5" y="6" width="2.6" height="8" rx=".5"/><rect x="10.9" y="6" width="2.6" height="8" rx=".5"/></g>`,
  "▶": tile("#5b7a94", "#43607a") + shape("M7.5 6 14 10 7.5 14Z", "#fff"), "⏹": tile("#5b7a94", "#43607a") + `<rect x="6.5" y="6.5" width="7" height="7" fill="#fff"/>`,
  "🔁": lines("#3b82d6", "M4 9V7.500a2 2 0 0 1 2-2h9", "M12.5 3 15 5.5 12.5 8", "M16 11v1.500a2 2 0 0 1-2 2H5", "M7.5 12 5 14.5 7.5 17"), "🔄": lines("#3b82d6", "M15.5 8.500a6 6 0 0 0-10.5-2", "M5 3.500v3.200h3.2", "M4.5 11.500a6 6 0 0 0 10.5 2", "M15 16.500v-3.200h-3.2"),
  "↩": lines("#4b5862", "M4 8h8.500a3.5 3.5 0 0 1 0 7H9", "M7.5 4.5 4 8 7.5 11.5"), "↪": lines("#4b5862", "M16 8H7.500a3.5 3.5 0 0 0 0 7H11", "M12.5 4.5 16 8 12.5 11.5"),
  "➡": lines("#4b5862", "M4 10h11.5", "M11 5.5 15.5 10 11 14.5"), "⬅": lines("#4b5862", "M16 10H4.5", "M9 5.5 4.5 10 9 14.5"), "⬆": lines("#4b5862", "M10 16V4.5", "M5.5 9 10 4.5 14.5 9"), "⬇": lines("#4b5862", "M10 4v11.5", "M5.5 11 10 15.5 14.5 11"),
  "↗": lines("#4b5862", "M5 15 14.5 5.5", "M7.5 5h7.500v7.5"), "↘": lines("#4b5862", "M5 5 14.5 14.5", "M7.5 15h7.500V7.5"),
  "👀": `<g fill="#fff" stroke="#4b5862"><ellipse cx="6" cy="10" rx="3.6" ry="5.5"/><ellipse cx="14" cy="10" rx="3.6" ry="5.5"/></g><g fill="#2b343b"><circle cx="5" cy="11" r="1.9"/><circle cx="13" cy="11" r="1.9"/></g>`,
  "🙂": face("M6.7 12.200c1.5 2 5.1 2 6.6 0"), "😄": face("M6.3 11.500c.8 3.7 6.6 3.7 7.4 0Z"), "😀": face("M6.3 11.500c.8 3.7 6.6 3.7 7.4 0Z"), "😊": face("M6.7 12.200c1.5 2 5.1 2 6.6 0"), "😐": face("M7 13h6"), "😑": face("M7 13h6"), "😕": face("M7 13.500c2-1.2 4-1.2 5.8-.3"),
  "🙁": face("M6.9 14c1.5-1.8 4.7-1.8 6.2 0"), "😟": face("M6.9 14c1.5-1.8 4.7-1.8 6.2 0"), "😞": face("M6.9 14c1.5-1.8 4.7-1.8 6.2 0"), "😫": face("M6.5 14.500c1-3.2 6-3.2 7 0Z"), "😩": face("M6.5 14.500c1-3.2 6-3.2 7 0Z"), "😌": face("M6.9 12.500c1.5 1.5 4.7 1.5 6.2 0"),
  "💡": shape("M10 2a5.5 5.5 0 0 0-3 10c.6.5 1 1 1 2h4c0-1 .4-1.5 1-2a5.5 5.5 0 0 0-3-10Z", "#fbd65b", "#d9a414") + lines("#6b7780", "M8.3 15.800h3.4", "M9 18h2"),
  "🔍": `<circle cx="8.5" cy="8.5" r="5" fill="#dcecf7" stroke="#4b5862" stroke-width="1.8"/>${lines("#4b5862", "M12.5 12.5 17 17")}`,
  "🔒": lines("#7b6a3b", "M6.5 9V6.500a3.5 3.5 0 0 1 7 0V9") + `<rect x="4" y="8.5" width="12" height="9" rx="1.8" fill="#e9b949" stroke="#b88718"/>`, "🔓": lines("#7b6a3b", "M6.5 9V6a3.5 3.5 0 0 1 6.8-1.2") + `<rect x="4" y="8.5" width="12" height="9" rx="1.8" fill="#e9b949" stroke="#b88718"/>`,
  "🛡": shape("M10 2 17 4.500V10c0 4-3 6.7-7 8-4-1.3-7-4-7-8V4.500Z", "#5b9bd5", "#2761a8"), "⚙": `<circle cx="10" cy="10" r="5" fill="none" stroke="#5d6a73" stroke-width="3.2"/><circle cx="10" cy="10" r="7.3" fill="none" stroke="#5d6a73" stroke-width="1.8" stroke-dasharray="2.9 2.830"/>`,
  "🔗": lines("#5d6a73", "M8.5 11.500a3 3 0 0 0 4.3 0l2.9-2.900a3 3 0 0 0-4.3-4.300L10 5.7", "M11.5 8.500a3 3 0 0 0-4.3 0l-2.9 2.900a3 3 0 0 0 4.3 4.300l1.4-1.4"), "📎": lines("#5d6a73", "M14.5 8 9 13.500a2 2 0 0 1-2.8-2.800L12 5a3.2 3.2 0 0 1 4.5 4.500L10.5 15.500a4.6 4.6 0 0 1-6.5-6.500L8.5 4.5"),
  "📝": sheet + lines("#9aa5ad", "M6.5 6.500h7", "M6.5 10h4.5") + shape("M16.5 8 18.5 10 12.5 16 10 16.5 10.5 14Z", "#f0b429", "#a87708"), "✏": shape("M14.5 3 17 5.5 7 15.5 3.5 16.5 4.5 13Z", "#f0b429", "#a87708"), "📄": sheet + lines("#9aa5ad", "M6.8 6.500h6.4", "M6.8 10h6.4", "M6.8 13.500h4"),
  "📋": `<rect x="3.5" y="3.5" width="13" height="14" rx="1.8" fill="#b98350"/><rect x="5.2" y="5.5" width="9.6" height="10.5" fill="#fff"/><rect x="7" y="2" width="6" height="3.2" rx="1" fill="#8a949c"/>` + lines("#9aa5ad", "M7.2 9h5.6", "M7.2 12.500h4"),
  "📥": shape("M2.5 11h4l1.5 2.500h4l1.5-2.500h4v6h-15Z", "#c9d3da", "#7d8992") + lines("#2fa866", "M10 2.500v7", "M7 7 10 10 13 7"), "📤": shape("M2.5 11h4l1.5 2.500h4l1.5-2.500h4v6h-15Z", "#c9d3da", "#7d8992") + lines("#3b82d6", "M10 10V3", "M7 5.5 10 2.5 13 5.5"),
  "✉": `<rect x="2.5" y="4.5" width="15" height="11" rx="1.6" fill="#fff" stroke="#7d8992"/>` + `<path d="M3 5.5 10 11 17 5.5" fill="none" stroke="#7d8992" stroke-width="1.3"/>`, "📨": `<rect x="4.5" y="4.5" width="13" height="11" rx="1.6" fill="#fff" stroke="#7d8992"/><path d="M5 5.5 11 11 17 5.5" fill="none" stroke="#7d8992" stroke-width="1.3"/>` + lines("#3b82d6", "M1.5 8h2", "M1.5 12h2"),
  "💬": shape(bubble, "#fff", "#6b7780") + `<g fill="#6b7780"><circle cx="7" cy="9" r="1"/><circle cx="10" cy="9" r="1"/><circle cx="13" cy="9" r="1"/></g>`, "💭": shape(bubble, "#f3f6f8", "#97a2aa"),
  "📞": shape("M5 2.5 8 3l1 4-2 1.500c1 2 2.5 3.5 4.5 4.500L13 11l4 1 .5 3c-1 2-2.5 2.5-4 2C8 15.5 4.5 12 3 6.500c-.5-1.5 0-3 2-4Z", "#3a444c"), "🎧": lines("#3a444c", "M4 12.500V10a6 6 0 0 1 12 0v2.5") + `<g fill="#3a444c"><rect x="2.8" y="11" width="4" height="6" rx="1.5"/><rect x="13.2" y="11" width="4" height="6" rx="1.5"/></g>`,
  "🎫": shape("M2.5 5.500h15v3a1.5 1.5 0 0 0 0 3v3h-15v-3a1.5 1.5 0 0 0 0-3Z", "#f3d9a6", "#b98350") + lines("#b98350", "M12.5 7.500v1", "M12.5 11.500v1"), "🏷": shape("M3 3h7l7.5 7.5-6.5 6.500L3.5 10Z", "#f0b429", "#a87708") + `<circle cx="6.5" cy="6.5" r="1.3" fill="#fff"/>`,
  "📅": page("#d93a36"), "📆": page("#d93a36"), "🗓": page("#3b82d6"),
  "📊": `<rect x="2" y="2" width="16" height="16" rx="2" fill="#eef3f6" stroke="#aab4bb"/><g><rect x="4.5" y="9" width="2.8" height="6.5" fill="#2fa866"/><rect x="8.6" y="5" width="2.8" height="10.5" fill="#3b82d6"/><rect x="12.7" y="11" width="2.8" height="4.5" fill="#e0433f"/></g>`,
  "📈": `<rect x="2" y="2" width="16" height="16" rx="2" fill="#eef3f6" stroke="#aab4bb"/>` + lines("#d93a36", "M4.5 14.5 8 10.5 11 12.5 15.5 5.5"), "📉": `<rect x="2" y="2" width="16" height="16" rx="2" fill="#eef3f6" stroke="#aab4bb"/>` + lines("#3b82d6", "M4.5 5.5 8 9.5 11 7.5 15.5 14.5"),
  "📌": lines("#6b7780", "M8 12 3.5 16.5") + shape("M11 2.5 17.5 9 15.5 10 13.5 12c.3 1.5-.2 3-1 4L4 7.500c1-.8 2.5-1.3 4-1L10 4.500Z", "#e0433f", "#b52b2b"), "📍": lines("#6b7780", "M10 11v6.5") + disc("#e0433f", "#b52b2b").replace('cy="10" r="7.6"', 'cy="6.5" r="4"').replace('cy="10" r="7.6"', 'cy="6.5" r="4"'),
  "👤": head(10, "#5b7a94"), "👥": head(13, "#9db3c4") + head(8, "#5b7a94"), "🎓": shape("M10 4 19 8 10 12 1 8Z", "#2b343b") + shape("M5 10.500v4c2.5 2 7.5 2 10 0v-4l-5 2.200Z", "#4b5862") + lines("#e3b04b", "M17 9v5"),
  "🎯": `<circle cx="10" cy="10" r="7.5" fill="#e0433f"/><circle cx="10" cy="10" r="5" fill="#fff"/><circle cx="10" cy="10" r="2.5" fill="#e0433f"/>`,
  "🚩": lines("#6b7780", "M5 2.500v15.5") + shape("M5.5 3.500h10l-3 3.5 3 3.500h-10Z", "#e0433f", "#b52b2b"),
  "👋": shape("M5.2 10.2 4 6.200c-.3-1 1.2-1.5 1.6-.5l1.2 2.6-.9-4.400c-.2-1.1 1.4-1.4 1.7-.4l1.2 4-.1-4.200c0-1.1 1.6-1.1 1.7 0l.5 4.2.9-3c.3-1 1.7-.7 1.6.4l-.4 4.4 1.3-1.500c.8-.9 2 .1 1.4 1.100l-3 5.500c-1.5 2.6-5 3-6.8.7Z", "#fccb5c", "#c4930f"),
  "🌴": lines("#8b5e3c", "M11 9c.5 3 .5 6-.5 9") + shape("M11 9C9 6 5.5 5.5 3 8c3-.5 5.5 0 8 1Zm0 0c.5-3.5 3.5-5.5 6.5-4.500C14.5 5 12.5 6.5 11 9Zm0 0c2.5-1.5 5.5-.5 7 2.5-2.2-1.7-4.5-2.2-7-2.500Zm0 0c-3 .5-5 2.5-5 5.5 1-2.5 2.5-4 5-5.500ZM11 9c-1-3-3.5-5-6-5 2.8 1 4.5 2.5 6 5Z", "#2fa866"),
  "☕": shape("M3.5 7h10.500v6a3.5 3.5 0 0 1-3.5 3.500H7A3.5 3.5 0 0 1 3.5 13Z", "#f4f6f7", "#6b7780") + `<path d="M14 8.500h1.500a2 2 0 0 1 0 4.500H14" fill="none" stroke="#6b7780" stroke-width="1.4"/>` + lines("#b0bac1", "M6.5 2.500v2", "M10.5 2.500v2"),
  "☀": `<circle cx="10" cy="10" r="4" fill="#f7c131"/>` + lines("#f0a91b", "M10 2v2", "M10 16v2", "M2 10h2", "M16 10h2", "M4.3 4.3 5.7 5.7", "M14.3 14.3 15.7 15.7", "M15.7 4.3 14.3 5.7", "M5.7 14.3 4.3 15.7"), "🌙": shape("M13 2.500a8 8 0 1 0 4.5 11A6.5 6.5 0 0 1 13 2.500Z", "#f5c83a", "#cc9c14"),
  "💤": lines("#5b7a94", "M4 5h5L4 11h5", "M11.5 9.500h5l-5 6.500h5"), "🐛": `<g fill="#6aaa3c"><circle cx="5" cy="12" r="3"/><circle cx="9" cy="10.5" r="3"/><circle cx="13" cy="12" r="3"/><circle cx="16" cy="9" r="2.5"/></g>`,
  "🎉": shape("M3 17.5 7 7.5 13 13.500Z", "#f0b429", "#c4930f") + lines("#e0433f", "M10 7c0-2 1-3.5 2.5-4") + lines("#3b82d6", "M13.5 10.500c1.5-1 3-1 4-.3") + `<g fill="#2fa866"><circle cx="14.5" cy="6.5" r="1.1"/><circle cx="8" cy="3.5" r="1"/><circle cx="16.5" cy="14" r="1"/></g>`,
  "👍": shape("M3 9h3v8H3Z", "#e0a93a") + shape("M6.5 9.5 10 3c1.5-.3 2.3.8 2 2.200L11.4 8H16c1 0 1.5.8 1.3 1.700l-1.5 6c-.2.8-.8 1.3-1.6 1.300H6.500Z", "#fccb5c", "#c4930f"),
  "👉": shape("M3 8h5l.5-1H16a1.3 1.3 0 0 1 0 2.700h-4.500v5.300c0 1-.8 1.5-1.7 1.500H6L3 15Z", "#fccb5c", "#c4930f"), "✋": shape("M5 10V6.200c0-1 1.5-1 1.6 0l.2 2.800V3.800c0-1 1.5-1 1.6 0l.2 4.700V3c0-1 1.6-1 1.6 0v5.500l.4-4.700c0-1 1.6-1 1.6 0l-.2 7.2 1.5-1.800c.8-.8 2 .2 1.4 1.200L12 16c-2 2.8-7 2-7-2.500Z", "#fccb5c", "#c4930f"),
  "🔌": lines("#4b5862", "M7.5 2.500v4", "M12.5 2.500v4", "M10 13v5") + shape("M5 6.500h10v2.500a5 5 0 0 1-10 0Z", "#5b7a94", "#43607a"),
  "✖": lines("#2b343b", "M5 5 15 15", "M15 5 5 15"), "↔": lines("#4b5862", "M3 10h14", "M6.5 6.5 3 10 6.5 13.5", "M13.5 6.5 17 10 13.5 13.5"),
  "✂": lines("#5d6a73", "M5.5 3.5 12.5 13", "M14.5 3.5 7.5 13") + `<g fill="none" stroke="#d93a36" stroke-width="1.8"><circle cx="6" cy="15" r="2.2"/><circle cx="14" cy="15" r="2.2"/></g>`,
  "🌡": `<rect x="8.2" y="2" width="3.6" height="11" rx="1.8" fill="#fff" stroke="#7d8992"/><circle cx="10" cy="15" r="3" fill="#e0433f"/><path d="M10 15V6.500" stroke="#e0433f" stroke-width="1.6" stroke-linecap="round"/>`,
  "🗳": `<rect x="3" y="8.5" width="14" height="9" rx="1.4" fill="#c9d3da" stroke="#7d8992"/><path d="M6 8.500h8" stroke="#4b5862" stroke-width="1.6"/><rect x="7" y="2.5" width="6" height="5.5" fill="#fff" stroke="#8a949c"/>` + lines("#2fa866", "M8.4 5.2 9.6 6.4 11.8 3.9"),
  "⛰": shape("M1.5 16.5 7 6.5 10 11 12.5 8 18.5 16.500Z", "#8b9aa3", "#66747d") + shape("M7 6.5 5.4 9.400h3.500Z", "#fff"),
  "🐢": shape("M3.5 13a6 6 0 0 1 11.5 0Z", "#2fa866", "#1d7f49") + `<circle cx="16.3" cy="11.5" r="2" fill="#7cc08f"/><g fill="#7cc08f"><rect x="5" y="13" width="2.4" height="2.6" rx="1"/><rect x="11.2" y="13" width="2.4" height="2.6" rx="1"/></g>`,
  "🍃": shape("M3 16C3 8 8 4 17 3.500 16.5 12 12 16.5 3 16Z", "#2fa866", "#1d7f49") + lines("#dff3e6", "M4.5 15 12 8"),
  "🌱": lines("#1d7f49", "M10 17.500V9") + shape("M10 10C4.5 10 3 7 3 4c4.5 0 7 2 7 6Z", "#2fa866", "#1d7f49") + shape("M10 9c0-3.5 2.5-5.5 7-5.500 0 3-1.5 5.5-7 5.500Z", "#57c184", "#1d7f49"),
  "🆕": tile("#3b82d6", "#2761a8") + lines("#fff", "M7 13.500v-7l6 7v-7"),
  "🤝": lines("#c4930f", "M2.5 8 7 6.5 10 8.500", "M17.5 8 13 6.5 8.5 10.5", "M4.5 12.500 8.500 16 15.5 11.5"), "📦": shape("M3 6 10 3 17 6v8.500L10 17.500 3 14.500Z", "#c99560", "#8b5e3c") + lines("#8b5e3c", "M3.5 6.3 10 9 16.5 6.3", "M10 9v8"),
  "🔧": lines("#6b7780", "M5 15.5 11.5 9") + `<path d="M16.5 5.500a4 4 0 1 1-2-2L12.500 5.800 14.2 7.500Z" fill="#6b7780"/>`,
  "👌": `<circle cx="7.5" cy="12" r="3" fill="none" stroke="#c4930f" stroke-width="2"/>` + lines("#c4930f", "M10.5 11 10 3.5", "M11.5 12 13.3 4.5", "M11.5 14 16 7.5"),
  "🙌": lines("#c4930f", "M4 16.500V7", "M7 16.500V5", "M13 16.500V5", "M16 16.500V7", "M4 16.500h3", "M13 16.500h3") + lines("#f0b429", "M10 2.500v1.5"),
};

const drawn = new Map(Object.entries(DRAWINGS).map(([glyph, body]) => [
  glyph,
  `url("data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 20">${body}</svg>`)}")`,
]));
const anyDrawn = new RegExp(`(${[...drawn.keys()].join("|")})\\uFE0F?`, "gu");
const names = new Map(Object.entries(SHORTCODES).map(([name, glyph]) => [glyph.replace("\uFE0F", ""), name.replaceAll("_", " ")]).reverse());

/** The node for a shortcode without its colons, or null for one outside our set. Skin tones are dropped. */
export function emojiNamed(shortcode) {
  const glyph = SHORTCODES[shortcode.replace(/::skin-tone-\d$/, "")];
  return glyph ? emojiNode(glyph) : null;
}

function emojiNode(glyph) {
  const bare = glyph.replace("\uFE0F", "");
  const picture = drawn.get(bare);
  const label = names.get(bare) ?? glyph;
  // The glyph stays in the text, for copying and for tests; the drawing covers it.
  const node = h("span", { class: picture ? "emoji drawn" : "emoji", role: "img", "aria-label": label, title: label }, glyph);
  if (picture) node.style.backgroundImage = picture;
  return node;
}

/** Plain text as nodes: Unicode emoji that we draw are drawn, the rest is left as it is. */
export function textWithEmoji(text) {
  const nodes = [];
  let from = 0;
  for (const found of text.matchAll(anyDrawn)) {
    if (found.index > from) nodes.push(text.slice(from, found.index));
    nodes.push(emojiNode(found[0]));
    from = found.index + found[0].length;
  }
  if (from < text.length) nodes.push(text.slice(from));
  return nodes;
}

/** Plain text in which shortcodes and Unicode emoji are shown, as plain_text objects with `emoji: true` are. */
export function plainText(text) {
  return text.split(/(:[a-z0-9_+'-]+(?:::skin-tone-\d)?:)/).flatMap((piece) => {
    const named = /^:.+:$/.test(piece) ? emojiNamed(piece.slice(1, -1)) : null;
    return named ? [named] : textWithEmoji(piece);
  });
}
