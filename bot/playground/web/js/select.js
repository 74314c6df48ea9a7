// One select menu for strings, people, roles and channels; used in messages and in modals.
import { Avatar } from "./avatar.js";
import { fuzzyScore } from "./commands.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { channelTitle, isDm, useStore } from "./store.js";

const STRING = 3;
const USER = 5;
const ROLE = 6;
const MENTIONABLE = 7;
const CHANNEL = 8;
let count = 0;

export function isSelect(node) {
  return [STRING, USER, ROLE, MENTIONABLE, CHANNEL].includes(node.type);
}

function rowsOf(node, state) {
  if (node.type === STRING) return node.options ?? [];
  const people = [...state.people.map((p) => ({ label: p.name, value: p.id, person: p })), { label: state.bot.name, value: state.bot.id, person: state.bot }];
  const roles = state.roles.map((role) => ({ label: role.name, value: role.id, description: "Role", icon: "at" }));
  if (node.type === USER) return people;
  if (node.type === ROLE) return roles;
  if (node.type === MENTIONABLE) return [...people, ...roles];
  return state.channels
    .filter((channel) => !isDm(channel) && (!node.channel_types?.length || node.channel_types.includes(channel.type)))
    .map((channel) => ({ label: channelTitle(channel), value: channel.id, icon: "hash" }));
}

const PLACEHOLDERS = { [STRING]: "Make a selection", [USER]: "Choose a person", [ROLE]: "Choose a role", [CHANNEL]: "Choose a channel", [MENTIONABLE]: "Choose" };

/** `onChange(values)`: at once for a single value, on closing when several may be chosen. */
export function Select({ node, values, onChange, disabled = false, busy = false, label, eager = false }) {
  const rows = useRows(node);
  const [open, setOpen] = useState(false);
  const [up, setUp] = useState(false);
  const root = useRef(null);
  const [id] = useState(() => `select-${(count += 1)}`);
  const most = node.max_values ?? 1;
  const least = node.min_values ?? 1;
  const chosen = rows.filter((row) => values.includes(row.value));
  const placeholder = node.placeholder || PLACEHOLDERS[node.type];
  const close = (next) => {
    setOpen(false);
    root.current?.querySelector(".select-face")?.focus();
    const changed = next.length !== values.length || next.some((value) => !values.includes(value));
    if (changed && next.length >= Math.min(least, 1) && (most === 1 || next.length >= least)) onChange(next);
  };
  const show = () => {
    setUp(lacksRoomBelow(root.current));
    setOpen(true);
  };
  const keydown = (event) => {
    if (["ArrowDown", "ArrowUp"].includes(event.key) && !open) {
      event.preventDefault();
      show();
    }
  };
  return html`<div class=${cx("select", open && "open", open && up && "up")} ref=${root}>
    <button type="button" class="select-face" role="combobox" aria-haspopup="listbox" aria-expanded=${String(open)} aria-controls=${id}
      aria-label=${label ?? placeholder} aria-busy=${busy ? "true" : undefined} disabled=${disabled} onClick=${() => !busy && (open ? close(values) : show())} onKeyDown=${keydown}>
      <span class=${cx("select-value", chosen.length === 0 && "empty")}>
        ${chosen.length === 0 ? placeholder : chosen.map((row) => html`<span key=${row.value} class=${most > 1 ? "token" : ""}>${row.emoji?.name ? `${row.emoji.name} ` : ""}${row.label}</span>`)}
      </span>
      ${busy ? html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>` : html`<${Icon} name="chevron" />`}
    </button>
    ${open && html`<${List} id=${id} rows=${rows} node=${node} start=${values} most=${most} least=${least} label=${label ?? placeholder}
      onClose=${close} root=${root} onToggle=${eager && most > 1 ? onChange : null} />`}
  </div>`;
}

const LIST_HEIGHT = 300;

function lacksRoomBelow(element) {
  const box = element.getBoundingClientRect();
  const frame = element.closest(".scroller")?.getBoundingClientRect() ?? { top: 0, bottom: innerHeight };
  const below = frame.bottom - box.bottom;
  return below < LIST_HEIGHT && box.top - frame.top > below;
}

function useRows(node) {
  const people = useStore((state) => state.people);
  const bot = useStore((state) => state.bot);
  const roles = useStore((state) => state.roles);
  const channels = useStore((state) => state.channels);
  return rowsOf(node, { people, bot, roles, channels });
}

function List({ id, rows, node, start, most, least, label, onClose, root, onToggle }) {
  const [picked, setPicked] = useState(start);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(() => Math.max(0, rows.findIndex((row) => start.includes(row.value))));
  const list = useRef(null);
  const searchable = node.type !== STRING || rows.length > 10;
  const shown = query ? rows.filter((row) => fuzzyScore(row.label, query) > 0) : rows;
  const latest = useRef(picked);
  latest.current = picked;

  useLayoutEffect(() => list.current.querySelector(searchable ? "input" : "[role=listbox]").focus({ preventScroll: true }), []);
  useEffect(() => {
    const outside = (event) => !root.current.contains(event.target) && onClose(most > 1 ? latest.current : start);
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, []);
  useEffect(() => list.current.querySelector(".active")?.scrollIntoView({ block: "nearest" }), [active, query]);

  const toggle = (row) => {
    if (!row) return;
    const has = picked.includes(row.value);
    if (most === 1) return onClose(has && least === 0 ? [] : [row.value]);
    if (!has && picked.length >= most) return undefined;
    const next = has ? picked.filter((value) => value !== row.value) : [...picked, row.value];
    setPicked(next);
    onToggle?.(next);
    return undefined;
  };
  const keydown = (event) => {
    const moves = { ArrowDown: active + 1, ArrowUp: active - 1, Home: 0, End: shown.length - 1 };
    if (event.key in moves) setActive(Math.max(0, Math.min(shown.length - 1, moves[event.key])));
    else if (event.key === "Enter" || (event.key === " " && !searchable)) toggle(shown[active]);
    else if (event.key === "Escape") onClose(start);
    else if (event.key === "Tab") return onClose(most > 1 ? picked : start);
    else return undefined;
    event.preventDefault();
    event.stopPropagation();
    return undefined;
  };
  return html`<div class="select-list" ref=${list} onKeyDown=${keydown}>
    ${searchable && html`<input class="select-search" type="text" placeholder="Search" aria-label="Search" aria-controls=${id} value=${query}
      onInput=${(event) => { setQuery(event.target.value); setActive(0); }} />`}
    <div role="listbox" id=${id} tabindex="-1" aria-label=${label} aria-multiselectable=${most > 1 ? "true" : undefined}
      aria-activedescendant=${shown.length > 0 ? `${id}-${active}` : undefined}>
      ${shown.map((row, index) => html`<${Row} key=${row.value} id=${`${id}-${index}`} row=${row} active=${index === active} picked=${picked.includes(row.value)}
        many=${most > 1} onPick=${() => toggle(row)} onHover=${() => setActive(index)} />`)}
      ${shown.length === 0 && html`<div class="select-none">Nothing found</div>`}
    </div>
  </div>`;
}

function Row({ id, row, active, picked, many, onPick, onHover }) {
  return html`<div role="option" id=${id} class=${cx("select-row", active && "active", picked && "picked")} aria-selected=${String(picked)}
    aria-label=${row.label} onClick=${onPick} onMouseMove=${onHover}>
    ${row.person && html`<${Avatar} id=${row.value} name=${row.label} size=${24} />`}
    ${row.emoji?.name && html`<span class="row-emoji" aria-hidden="true">${row.emoji.name}</span>`}
    ${row.icon && html`<${Icon} name=${row.icon} size=${18} />`}
    <span class="row-text"><span>${row.label}</span>${row.description && html`<small>${row.description}</small>`}</span>
    ${many ? html`<span class=${cx("box", picked && "ticked")} aria-hidden="true">${picked && html`<${Icon} name="check" size=${14} />`}</span>`
      : picked && html`<span class="radio-mark" aria-hidden="true"><${Icon} name="check" size=${14} /></span>`}
  </div>`;
}
