// The page's state in one object, with subscriptions; nothing here talks to the network.
import { useEffect, useRef, useState } from "./lib.js";

const initial = {
  me: null,
  people: [],
  roles: [],
  bot: { id: "0", name: "Bot" },
  guild: { id: "0", name: "" },
  channels: [],
  commands: [],
  online: true,
  ready: false,
  connected: true,
  channelId: null,
  drafts: {}, // channel id -> what is being written
  messages: {}, // channel id -> messages, oldest first
  unread: {}, // channel id -> { count, mention }
  pending: {}, // channel id -> commands on their way to the bot
  typing: {}, // channel id -> { name, until }
  replyTo: null,
  modal: null,
  menu: null,
  lightbox: null,
  notice: null,
  sidebarOpen: false,
};

let state = initial;
const listeners = new Set();

export function getState() {
  return state;
}

export function setState(patch) {
  const next = typeof patch === "function" ? patch(state) : patch;
  state = { ...state, ...next };
  for (const listener of [...listeners]) listener();
}

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The selected part of the state; draws again when that part is another value. */
export function useStore(selector) {
  const [, redraw] = useState(0);
  const latest = useRef(null);
  latest.current = { selector, selected: selector(state) };
  useEffect(() => {
    const look = () => {
      if (!Object.is(latest.current.selector(state), latest.current.selected)) redraw((count) => count + 1);
    };
    look(); // the state may have moved on between drawing and this effect
    return subscribe(look);
  }, []);
  return latest.current.selected;
}

/** Snowflakes are decimal strings: the longer one is the later one. */
export function compareIds(a, b) {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

export function upsertMessage(list, message) {
  const index = list.findIndex((item) => item.id === message.id);
  if (index >= 0) return list.map((item, at) => (at === index ? message : item));
  const next = [...list, message];
  return next.length > 1 && compareIds(list[list.length - 1].id, message.id) > 0
    ? next.sort((a, b) => compareIds(a.id, b.id))
    : next;
}

export const THREADS = new Set([10, 11, 12]);

export function isThread(channel) {
  return THREADS.has(channel.type);
}

export function isDm(channel) {
  return channel.type === 1;
}

export function channelById(id) {
  return state.channels.find((channel) => channel.id === id) ?? null;
}

export function userById(id) {
  if (id === state.bot.id) return { ...state.bot, bot: true };
  return state.people.find((person) => person.id === id) ?? null;
}

/** "studio", a thread's name, or the other person of a DM. */
export function channelTitle(channel) {
  if (!isDm(channel)) return channel.name ?? "";
  const other = channel.dm_with && channel.dm_with !== state.me ? userById(channel.dm_with) : null;
  return (other ?? state.bot).name;
}

export function colorOf(value) {
  if (!value) return null;
  return typeof value === "number" ? `#${value.toString(16).padStart(6, "0")}` : value;
}
