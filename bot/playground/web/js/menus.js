// The context menu of a message or a person, placed where it was asked for.
import { forward, runCommand, notify } from "./actions.js";
import { KIND, menuCommands } from "./commands.js";
import { insertText } from "./composer-focus.js";
import { Icon } from "./icons.js";
import { html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { channelById, channelTitle, getState, isDm, setState, useStore } from "./store.js";

function place(event) {
  const box = event.currentTarget.getBoundingClientRect();
  const byKeyboard = !event.clientX && !event.clientY;
  return byKeyboard ? { x: box.left + 16, y: Math.min(box.bottom, innerHeight - 80) } : { x: event.clientX, y: event.clientY };
}

export function openMessageMenu(event, message) {
  event.preventDefault();
  event.stopPropagation();
  setState({ menu: { kind: "message", message, ...place(event), opener: document.activeElement } });
}

export function openUserMenu(event, user) {
  event.preventDefault();
  event.stopPropagation();
  setState({ menu: { kind: "user", user, ...place(event), opener: document.activeElement } });
}

function closeMenu() {
  const { menu } = getState();
  setState({ menu: null });
  menu?.opener?.focus?.({ preventScroll: true });
}

async function use(command, target) {
  closeMenu();
  const { channelId } = getState();
  const error = await runCommand(channelId, { kind: "menu", name: command.name, target, files: [] });
  if (error) notify(error);
}

async function copy(text) {
  closeMenu();
  await navigator.clipboard.writeText(text);
}

/** The same menu again with the places that a message can be passed on to. */
function chooseForward(message) {
  const { menu } = getState();
  setState({ menu: { ...menu, kind: "forward", message } });
}

function forwardItems(message, state) {
  const places = state.channels.filter((channel) => channel.can_send !== false && !channel.archived);
  const items = places.map((channel) => ({
    key: channel.id, label: channelTitle(channel), icon: isDm(channel) ? "at" : "hash", run: () => { closeMenu(); forward(message, channel.id); },
  }));
  return { items, apps: [] };
}

function messageItems(message, state) {
  const apps = message.ephemeral ? [] : menuCommands(state.commands, KIND.MESSAGE, channelById(state.channelId));
  const items = [];
  if (!message.ephemeral) items.push({ label: "Reply", icon: "reply", run: () => { closeMenu(); setState({ replyTo: message }); } });
  if (!message.ephemeral) items.push({ label: "Forward", icon: "forward", run: () => chooseForward(message) });
  if (message.content) items.push({ label: "Copy text", icon: "copy", run: () => copy(message.content) });
  items.push({ label: "Copy message ID", icon: "hash", run: () => copy(message.id) });
  return { items, apps: apps.map((command) => ({ label: command.name, run: () => use(command, message.id) })) };
}

function userItems(user, state) {
  const apps = menuCommands(state.commands, KIND.USER, channelById(state.channelId));
  const items = [
    { label: "Mention", icon: "at", run: () => { closeMenu(); insertText(`@${user.name} `); } },
    { label: "Copy user ID", icon: "hash", run: () => copy(user.id) },
  ];
  return { items, apps: apps.map((command) => ({ label: command.name, run: () => use(command, user.id) })) };
}

function itemsOf(menu, state) {
  if (menu.kind === "user") return userItems(menu.user, state);
  return menu.kind === "forward" ? forwardItems(menu.message, state) : messageItems(menu.message, state);
}

export function ContextMenu() {
  const menu = useStore((state) => state.menu);
  return menu && html`<${Menu} key=${`${menu.kind}${menu.x},${menu.y}`} menu=${menu} />`;
}

function Menu({ menu }) {
  const root = useRef(null);
  const [spot, setSpot] = useState({ left: menu.x, top: menu.y });
  const botName = useStore((state) => state.bot.name);
  const { items, apps } = itemsOf(menu, getState());

  useLayoutEffect(() => {
    const box = root.current.getBoundingClientRect();
    setSpot({ left: Math.max(8, Math.min(menu.x, innerWidth - box.width - 8)), top: Math.max(8, Math.min(menu.y, innerHeight - box.height - 8)) });
    root.current.querySelector("[role=menuitem]")?.focus();
  }, []);
  useEffect(() => {
    const outside = (event) => !root.current.contains(event.target) && closeMenu();
    document.addEventListener("pointerdown", outside, true);
    return () => document.removeEventListener("pointerdown", outside, true);
  }, []);

  const keydown = (event) => {
    const all = [...root.current.querySelectorAll("[role=menuitem]")];
    const at = all.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 };
    if (event.key in moves) all[moves[event.key] % all.length].focus();
    else if (event.key === "Escape" || event.key === "Tab") closeMenu();
    else return;
    event.preventDefault();
  };
  const label = { message: "Message actions", forward: "Forward to" }[menu.kind] ?? `Actions for ${menu.user.name}`;
  return html`<div class="menu" role="menu" aria-label=${label} ref=${root} style=${{ left: `${spot.left}px`, top: `${spot.top}px` }} onKeyDown=${keydown}
    onContextMenu=${(event) => event.preventDefault()}>
    ${menu.kind !== "message" && html`<div class="menu-title">${menu.kind === "forward" ? label : menu.user.name}</div>`}
    ${items.map((item) => html`<${Item} key=${item.key ?? item.label} item=${item} />`)}
    ${apps.length > 0 && html`<div role="group" aria-label="Apps"><div class="menu-heading" aria-hidden="true">Apps</div>
      ${apps.map((item) => html`<${Item} key=${item.label} item=${item} note=${botName} spark />`)}</div>`}
  </div>`;
}

function Item({ item, note, spark }) {
  return html`<button type="button" role="menuitem" class="menu-item" aria-label=${item.label} onClick=${item.run}>
    ${spark && html`<span class="avatar bot tiny" aria-hidden="true"><${Icon} name="spark" size=${12} /></span>`}
    <span class="menu-label">${item.label}</span>${note ? html`<small>${note}</small>` : html`<${Icon} name=${item.icon} size=${18} />`}
  </button>`;
}
