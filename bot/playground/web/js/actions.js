// What a person's deeds and the live events do to the state.
import { fetchMessages, fetchState, openEvents, postDismiss, postForward, postInteraction, postMessage } from "./api.js";
import { channelById, getState, isDm, isThread, setState, upsertMessage } from "./store.js";

const PERSON_KEY = "playground.person";
const NOT_ANSWERED = "The application did not respond";
let closeEvents = null;
let pendingCount = 0;

function rememberedPerson() {
  return new URLSearchParams(location.search).get("as") ?? sessionStorage.getItem(PERSON_KEY);
}

function fallbackChannel(channels) {
  const rooms = channels.filter((channel) => !isThread(channel) && !isDm(channel));
  return (rooms.find((channel) => channel.name === "studio") ?? rooms[0] ?? channels[0])?.id ?? null;
}

export async function start() {
  await becomePerson(rememberedPerson());
  addEventListener("hashchange", () => openChannel(location.hash.slice(1)));
}

/** Looks at the guild as another person: own state, own messages, own events. */
export async function becomePerson(person) {
  closeEvents?.();
  let state;
  try {
    state = await fetchState(person);
  } catch (error) {
    if (!person) {
      setState({ connected: false });
      setTimeout(start, 1000);
      return;
    }
    sessionStorage.removeItem(PERSON_KEY); // a person of an earlier world
    return becomePerson(null);
  }
  sessionStorage.setItem(PERSON_KEY, state.me);
  setState({ messages: {}, unread: {}, pending: {}, typing: {}, replyTo: null, modal: null, menu: null, notice: null });
  applyState(state);
  const wanted = location.hash.slice(1) || getState().channelId;
  const known = state.channels.some((channel) => channel.id === wanted);
  await openChannel(known ? wanted : fallbackChannel(state.channels));
  listen(state.me);
}

function applyState(state) {
  setState({ roles: [], ...state, ready: true });
}

function listen(person) {
  closeEvents = openEvents(person, {
    onEvent: receive,
    onOpen: async () => {
      setState({ connected: true });
      await refresh(); // also the first time: something may have happened between the first look and now
      document.documentElement.dataset.live = "yes"; // for whoever drives the page: from now on nothing is missed
    },
    onLost: () => {
      delete document.documentElement.dataset.live;
      setState({ connected: false });
    },
  });
}

/** Everything again, after a gap in the events; what is on the screen stays until the new list is there. */
async function refresh() {
  const { me } = getState();
  try {
    const fetched = await fetchState(me);
    if (getState().me !== me) return;
    applyState(fetched);
    const { channelId, messages } = getState();
    setState({ messages: messages[channelId] ? { [channelId]: messages[channelId] } : {} });
    if (channelId) await loadMessages(channelId);
  } catch (error) {
    notify(error.message);
  }
}

async function refreshState() {
  applyState(await fetchState(getState().me));
}

export async function openChannel(id) {
  const { channelId, channels } = getState();
  if (!id || !channels.some((channel) => channel.id === id)) return;
  const unread = { ...getState().unread };
  delete unread[id];
  setState({ channelId: id, unread, sidebarOpen: false, replyTo: id === channelId ? getState().replyTo : null, notice: null });
  if (location.hash.slice(1) !== id) history.replaceState(null, "", `#${id}`);
  await loadMessages(id);
}

const late = new Map(); // channel id -> changes that came while its messages were fetched

async function loadMessages(id) {
  const person = getState().me;
  const changes = [];
  late.set(id, changes);
  let list;
  try {
    list = await fetchMessages(id, person);
  } catch (error) {
    list = getState().messages[id] ?? [];
    notify(error.message);
  }
  if (late.get(id) === changes) late.delete(id);
  if (getState().me !== person) return;
  setState((state) => ({ messages: { ...state.messages, [id]: list } }));
  for (const change of changes) change();
}

/** Changes one loaded list; while the list is being fetched the change is made again afterwards. */
function changeMessages(channelId, change) {
  const apply = () =>
    setState(({ messages }) => (messages[channelId] ? { messages: { ...messages, [channelId]: change(messages[channelId]) } } : {}));
  late.get(channelId)?.push(apply);
  apply();
}

function receive(event) {
  const handlers = {
    message_create: () => messageCreated(event),
    message_update: () => putMessage(event.channel_id, event.message),
    message_delete: () => dropMessage(event.channel_id, event.message_id ?? event.message?.id),
    thread_create: () => putChannel(event.channel),
    channel_update: () => putChannel(event.channel),
    commands: () => refreshState(),
    online: () => (typeof event.online === "boolean" ? setState({ online: event.online }) : refreshState()),
    typing: () => typingStarted(event),
  };
  handlers[event.type]?.();
}

function putChannel(channel) {
  if (!channel) return refreshState();
  setState(({ channels }) => {
    const known = channels.some((item) => item.id === channel.id);
    return { channels: known ? channels.map((item) => (item.id === channel.id ? { ...item, ...channel } : item)) : [...channels, channel] };
  });
  return undefined;
}

function messageCreated({ channel_id: channelId, message }) {
  putMessage(channelId, message);
  const state = getState();
  setState({ typing: { ...state.typing, [channelId]: null } });
  if (!channelById(channelId)) refreshState();
  const mine = message.author?.id === state.me;
  if (channelId === state.channelId || mine) return;
  const mention = Boolean(channelById(channelId)?.dm_with) || (message.mentions ?? []).some((user) => user.id === state.me);
  const before = state.unread[channelId] ?? { count: 0, mention: false };
  setState({ unread: { ...state.unread, [channelId]: { count: before.count + 1, mention: before.mention || mention } } });
}

function putMessage(channelId, message) {
  if (!message) return;
  changeMessages(channelId, (list) => upsertMessage(list, message));
  // A thread shows the message it was made from, and has that message's id.
  changeMessages(message.id, (list) => list.map((item) => (item.referenced_message?.id === message.id ? { ...item, referenced_message: message } : item)));
}

function dropMessage(channelId, messageId) {
  if (getState().replyTo?.id === messageId) setState({ replyTo: null });
  changeMessages(channelId, (list) => list.filter((item) => item.id !== messageId));
}

const TYPING_SHOWN = 10_000; // as Discord: one typing event counts for ten seconds

function typingStarted({ channel_id: channelId, user }) {
  const state = getState();
  setState({ typing: { ...state.typing, [channelId]: { name: user?.name ?? state.bot.name, until: Date.now() + TYPING_SHOWN } } });
}

export function notify(text) {
  setState({ notice: text ? { text, at: Date.now() } : null });
}

export async function say(channelId, { content, files, replyTo }) {
  const payload = { as: getState().me, content };
  if (replyTo) payload.reply_to = replyTo;
  await postMessage(channelId, payload, files);
}

/** Runs a command and shows "sending" until the bot has answered; resolves to the error sentence or null. */
export async function runCommand(channelId, { name, options, files, kind = "command", target }) {
  const pending = { key: (pendingCount += 1), name, kind };
  changePending(channelId, (list) => [...list, pending]);
  const payload = { as: getState().me, channel_id: channelId, kind, name };
  if (kind === "menu") payload.target_id = target;
  else payload.options = options;
  try {
    const answer = await postInteraction(payload, files);
    settle(answer);
    if (kind === "menu" && answer.channel_id && answer.channel_id !== channelId) await openChannel(answer.channel_id); // where the answer is
    const shown = answer.error === NOT_ANSWERED; // the channel itself shows that one
    return shown ? null : answer.error ?? null;
  } catch (error) {
    return error.message;
  } finally {
    changePending(channelId, (list) => list.filter((item) => item !== pending));
  }
}

function changePending(channelId, change) {
  setState((state) => ({ pending: { ...state.pending, [channelId]: change(state.pending[channelId] ?? []) } }));
}

function settle(answer) {
  if (answer.response === "modal" && answer.modal) {
    setState({ modal: { ...answer.modal, interactionId: answer.interaction_id, channelId: getState().channelId } });
  }
}

/** A button or select of a message; resolves to the error sentence or null. */
export async function pressComponent(message, customId, values) {
  const { me } = getState();
  const payload = { as: me, channel_id: message.channel_id, kind: "component", message_id: message.id, custom_id: customId };
  if (values) payload.values = values;
  try {
    const answer = await postInteraction(payload);
    settle(answer);
    return answer.ok === false ? answer.error ?? "This interaction failed" : answer.error ?? null;
  } catch (error) {
    return error.message;
  }
}

export async function submitModal(modal, fields, files) {
  const payload = {
    as: getState().me,
    channel_id: modal.channelId,
    kind: "modal",
    custom_id: modal.custom_id,
    interaction_id: modal.interactionId,
    fields,
  };
  const answer = await postInteraction(payload, files);
  if (answer.ok === false || answer.error) throw new Error(answer.error ?? "This interaction failed");
  setState({ modal: null });
  settle(answer);
}

export async function suggest(channelId, name, options, focused) {
  const answer = await postInteraction({ as: getState().me, channel_id: channelId, kind: "autocomplete", name, options, focused });
  return answer.choices ?? [];
}

/** Passes a message on and shows where it went. */
export async function forward(message, channelId) {
  try {
    await postForward(getState().me, message.id, channelId);
    await openChannel(channelId);
  } catch (error) {
    notify(error.message);
  }
}

export async function dismiss(message) {
  try {
    await postDismiss(getState().me, message.id);
    dropMessage(message.channel_id, message.id);
  } catch (error) {
    notify(error.message);
  }
}
