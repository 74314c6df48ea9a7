// Line icons drawn as SVG paths; always decorative, the words stand beside them.
import { html } from "./lib.js";

const PATHS = {
  hash: "M5 9h14M5 15h14M10 4 8 20M16 4l-2 16",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  megaphone: "M4 10v4h3l8 5V5l-8 5H4zM18 9a4 4 0 0 1 0 6",
  thread: "M5 5h14v10h-8l-4 4v-4H5z",
  forum: "M4 5h12v8H9l-3 3v-3H4zM18 9h2v8h-2v3l-3-3h-5",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-4 7.5",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5 10 17.5 19 7",
  chevron: "M7 10l5 5 5-5",
  right: "M10 7l5 5-5 5",
  left: "M14 7l-5 5 5 5",
  reply: "M10 7 4 12l6 5v-3.5c5 0 8 1.5 10 4.5-.5-5-3.5-8.5-10-8.5z",
  forward: "M14 7l6 5-6 5v-3.5c-5 0-8 1.5-10 4.5.5-5 3.5-8.5 10-8.5z",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  copy: "M9 9h10v11H9zM6 15H5V4h10v2",
  link: "M14 5h5v5M19 5l-8 8M10 6H5v13h13v-5",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  download: "M12 4v11m0 0 4.5-4.5M12 15l-4.5-4.5M5 19h14",
  upload: "M12 16V5m0 0L7.5 9.5M12 5l4.5 4.5M5 19h14",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-2.5 4 3.5M15.5 9.5h.01",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  menu: "M4 7h16M4 12h16M4 17h16",
  shield: "M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20c.8-4 3.7-6 7.5-6s6.7 2 7.5 6",
  people: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19c.6-3.5 3-5 6.5-5s5.9 1.5 6.5 5M16 11a3 3 0 1 0-1-5.8M18 14.3c2 .6 3.2 2.2 3.5 4.7",
  slash: "M5 4h14v16H5zM14 8l-4 8",
  search: "M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15.5 15.5 20 20",
  spark: "M12 3c.9 4.7 3.7 7.6 9 9-5.3 1.4-8.1 4.3-9 9-.9-4.7-3.7-7.6-9-9 5.3-1.4 8.1-4.3 9-9z",
  warn: "M12 4 2.5 20h19zM12 10v5M12 17.5h.01",
  send: "M4 12 20 4l-5 16-3.5-6.5z",
  mute: "M5 5l14 14",
};

export function Icon({ name, size = 20 }) {
  return html`<svg class=${`icon icon-${name}`} width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}
