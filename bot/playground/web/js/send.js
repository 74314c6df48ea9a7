// Sending what was written: a message with its mentions, or a command with its options.
import { notify, runCommand, say } from "./actions.js";
import { changeDraft, clearDraft, draftOf, release } from "./draft.js";
import { getState, setState } from "./store.js";

export const LONGEST = 2000; // characters of a message (Discord reference, "Create Message")

/** "@Mia" becomes a mention, "#studio" a link to the channel. */
export function withMentions(text, state) {
  const names = [...state.people, state.bot].map((user) => [`@${user.name}`, `<@${user.id}>`]);
  const rooms = state.channels.filter((channel) => channel.name).map((channel) => [`#${channel.name}`, `<#${channel.id}>`]);
  return [...names, ...rooms]
    .sort((a, b) => b[0].length - a[0].length)
    .reduce((result, [from, to]) => result.replace(new RegExp(`(^|[^\\w<])${escapePattern(from)}(?![\\w-])`, "g"), (_, lead) => `${lead}${to}`), text);
}

function escapePattern(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

export async function sendMessage(channel, draft, replyTo) {
  const text = draft.text.trim();
  if (!text && draft.files.length === 0) return;
  if ([...text].length > LONGEST) return notify(`Your message is too long: at most ${LONGEST} characters.`);
  clearDraft();
  setState({ replyTo: null, notice: null });
  try {
    await say(channel.id, { content: withMentions(text, getState()), files: draft.files.map((item) => item.file), replyTo: replyTo?.id });
    draft.files.forEach(release);
  } catch (error) {
    if (getState().channelId === channel.id) changeDraft(draft);
    notify(error.message);
  }
  return undefined;
}

/** Sends a filled-in command; puts it back when the playground would not take it. */
export async function sendCommand(channel, command, { options, files }) {
  clearDraft();
  setState({ notice: null });
  const error = await runCommand(channel.id, { name: command.key, options, files });
  if (!error) {
    Object.values(command.entries).forEach((entry) => release(entry.item));
    return;
  }
  const now = draftOf(getState());
  if (getState().channelId === channel.id && !now.command && !now.text) changeDraft({ command: { ...command, turn: command.turn + 1 } });
  notify(error);
}
