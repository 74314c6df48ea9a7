// Round pictures of people: a colour with the first letter, or the bot's spark.
import { Icon } from "./icons.js";
import { html } from "./lib.js";
import { colorOf, useStore } from "./store.js";

const PALETTE = ["#5865f2", "#3ba55c", "#c27c0e", "#d83c6b", "#8e5bd8", "#1a8a9c"];

function fallbackColor(id) {
  return PALETTE[Number(String(id).slice(-4)) % PALETTE.length];
}

export function Avatar({ id, name, size = 40 }) {
  const person = useStore((state) => state.people.find((item) => item.id === id));
  const isBot = useStore((state) => id === state.bot.id);
  const style = { width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.45)}px` };
  if (isBot) return html`<span class="avatar bot" style=${style} aria-hidden="true"><${Icon} name="spark" size=${Math.round(size * 0.6)} /></span>`;
  if (person?.avatar) return html`<img class="avatar" style=${style} src=${person.avatar} alt="" />`;
  const background = colorOf(person?.color) ?? fallbackColor(id);
  return html`<span class="avatar" style=${{ ...style, background }} aria-hidden="true">${(name ?? person?.name ?? "?").slice(0, 1).toUpperCase()}</span>`;
}

export function AppTag() {
  return html`<span class="app-tag" title="An application">APP</span>`;
}
