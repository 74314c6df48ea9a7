// What is being written in each channel: text and files, or a command with its options.
import { Option, slashCommands } from "./commands.js";
import { channelById, getState, setState } from "./store.js";

const EMPTY = Object.freeze({ text: "", files: Object.freeze([]), command: null });
const MOST_FILES = 10; // per message (Discord reference, "Uploading Files")
let fileCount = 0;

export function draftOf(state) {
  return state.drafts?.[state.channelId] ?? EMPTY;
}

export function changeDraft(patch) {
  setState((state) => ({ drafts: { ...state.drafts, [state.channelId]: { ...draftOf(state), ...patch } } }));
}

export function clearDraft() {
  changeDraft(EMPTY);
}

/** A file with its preview address; `release` ends the preview. */
export function wrapFile(file) {
  fileCount += 1;
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
  return { key: fileCount, file, name: file.name, preview };
}

export function release(item) {
  if (item?.preview) URL.revokeObjectURL(item.preview);
}

/** Begins a command by name, "manage quota set"; takes the files of the message along. False when unknown. */
export function startCommand(name, rest = "") {
  const state = getState();
  const command = slashCommands(state.commands, channelById(state.channelId)).find((item) => item.key === name);
  if (!command) return false;
  const entries = {};
  const shown = command.options.filter((option) => option.required).map((option) => option.name);
  const text = command.options.find((option) => option.required && option.type === Option.STRING && !option.choices?.length);
  if (rest && text) entries[text.name] = { text: rest };
  const files = draftOf(state).files;
  changeDraft({ text: "", files: [], command: { ...command, entries, shown, focus: shown[0] ?? null, errors: {}, turn: 1 } });
  if (files.length > 0) addFilesToCommand(files);
  focusOption(shown[0] ?? null);
  return true;
}

export function changeCommand(patch) {
  const { command } = draftOf(getState());
  if (command) changeDraft({ command: { ...command, ...patch } });
}

export function setEntry(name, entry) {
  const { command } = draftOf(getState());
  if (!command) return;
  const errors = { ...command.errors };
  delete errors[name];
  changeCommand({ entries: { ...command.entries, [name]: entry }, errors });
}

export function focusOption(name) {
  const { command } = draftOf(getState());
  if (command) changeCommand({ focus: name, turn: command.turn + 1 });
}

export function addOption(name) {
  const { command } = draftOf(getState());
  if (!command || command.shown.includes(name)) return;
  changeCommand({ shown: [...command.shown, name] });
  focusOption(name);
}

export function removeOption(name) {
  const { command } = draftOf(getState());
  const at = command.shown.indexOf(name);
  const entries = { ...command.entries };
  release(entries[name]?.item);
  delete entries[name];
  const shown = command.shown.filter((item) => item !== name);
  changeCommand({ shown, entries, errors: {} });
  focusOption(shown[Math.max(0, at - 1)] ?? null);
}

export function leaveCommand(text = "") {
  const { command } = draftOf(getState());
  for (const entry of Object.values(command?.entries ?? {})) release(entry.item);
  changeDraft({ command: null, text });
}

/** Files dropped, pasted or picked: to the command's attachment options, else to the message. */
export function addFiles(list) {
  const items = [...list].map(wrapFile);
  if (items.length === 0) return;
  if (draftOf(getState()).command) addFilesToCommand(items);
  else changeDraft({ files: [...draftOf(getState()).files, ...items].slice(0, MOST_FILES) });
}

function addFilesToCommand(items) {
  const { command } = draftOf(getState());
  const slots = command.options.filter((option) => option.type === Option.ATTACHMENT);
  const focused = slots.filter((option) => option.name === command.focus && !command.entries[option.name]?.file);
  const free = [...focused, ...slots.filter((option) => !focused.includes(option) && !command.entries[option.name]?.file)];
  const entries = { ...command.entries };
  const shown = [...command.shown];
  items.forEach((item, index) => {
    const option = free[index];
    if (!option) return release(item);
    entries[option.name] = { file: item.file, item };
    if (!shown.includes(option.name)) shown.push(option.name);
    return undefined;
  });
  const tooMany = items.length > free.length;
  const notice = tooMany ? { text: `/${command.key} takes ${slots.length || "no"} file${slots.length === 1 ? "" : "s"}.`, at: Date.now() } : null;
  changeCommand({ entries, shown, errors: {} });
  if (notice) setState({ notice });
}

export function removeFile(key) {
  const draft = draftOf(getState());
  release(draft.files.find((item) => item.key === key));
  changeDraft({ files: draft.files.filter((item) => item.key !== key) });
}
