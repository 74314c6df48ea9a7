// The registered commands as a flat list, the fuzzy search in it, and what an option's text means.
import { isDm } from "./store.js";

export const Option = {
  SUB_COMMAND: 1, GROUP: 2, STRING: 3, INTEGER: 4, BOOLEAN: 5, USER: 6, CHANNEL: 7, ROLE: 8, MENTIONABLE: 9, NUMBER: 10, ATTACHMENT: 11,
};

export const KIND = { SLASH: 1, USER: 2, MESSAGE: 3 };

function usableIn(command, channel) {
  const allowed = channel && isDm(channel) ? command.in_dm : command.in_guild;
  if (allowed === false) return false;
  return !command.contexts || command.contexts.includes(channel && isDm(channel) ? 1 : 0);
}

/** Slash commands with their sub-commands flattened: [{ key: "manage quota set", description, options }]. */
export function slashCommands(commands, channel) {
  return commands
    .filter((command) => (command.type ?? KIND.SLASH) === KIND.SLASH && usableIn(command, channel))
    .flatMap((command) => branches(command, command.name))
    .sort((a, b) => a.key.localeCompare(b.key));
}

function branches(node, key) {
  const children = (node.options ?? []).filter((option) => option.type === Option.SUB_COMMAND || option.type === Option.GROUP);
  if (children.length > 0) return children.flatMap((child) => branches(child, `${key} ${child.name}`));
  return [{ key, description: node.description ?? "", options: node.options ?? [] }];
}

export function menuCommands(commands, kind, channel) {
  return commands.filter((command) => command.type === kind && usableIn(command, channel));
}

/** How well `text` answers `query`: 0 is no match, more is better. */
export function fuzzyScore(text, query) {
  const hay = text.toLowerCase();
  const needle = query.toLowerCase().trim();
  if (!needle) return 1;
  if (hay === needle) return 100;
  if (hay.startsWith(needle)) return 80;
  if (hay.includes(` ${needle}`)) return 60;
  if (hay.includes(needle)) return 40;
  let index = 0;
  for (const letter of needle) {
    if (letter === " ") continue;
    index = hay.indexOf(letter, index) + 1;
    if (index === 0) return 0;
  }
  return 10;
}

export function searchCommands(list, query) {
  const scored = list.map((command) => ({
    command,
    score: fuzzyScore(command.key, query) || (query.length > 2 && command.description.toLowerCase().includes(query.toLowerCase()) ? 5 : 0),
  }));
  return scored.filter((item) => item.score > 0).sort((a, b) => b.score - a.score).map((item) => item.command);
}

function personRows(state) {
  const people = state.people.map((person) => ({ name: person.name, value: person.id, note: person.role, person }));
  return [...people, { name: state.bot.name, value: state.bot.id, note: "app", person: { ...state.bot, bot: true } }];
}

function roleRows(state) {
  return state.roles.map((role) => ({ name: role.name, value: role.id, note: "role" }));
}

/** What may be picked for an option as it stands; null when anything may be typed. */
export function pickList(option, state) {
  if (option.choices?.length) return option.choices.map((choice) => ({ name: choice.name, value: choice.value }));
  if (option.type === Option.BOOLEAN) return [{ name: "True", value: true }, { name: "False", value: false }];
  if (option.type === Option.USER) return personRows(state);
  if (option.type === Option.ROLE) return roleRows(state);
  if (option.type === Option.MENTIONABLE) return [...personRows(state), ...roleRows(state)];
  if (option.type === Option.CHANNEL) {
    const types = option.channel_types;
    return state.channels
      .filter((channel) => !isDm(channel) && (!types?.length || types.includes(channel.type)))
      .map((channel) => ({ name: channel.name, value: channel.id, note: "channel", channel }));
  }
  return null;
}

export function filterRows(rows, text) {
  const query = text.trim();
  return rows
    .map((row) => ({ row, score: fuzzyScore(row.name, query) }))
    .filter((item) => item.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((item) => item.row);
}

const WRONG_PICK = {
  [Option.BOOLEAN]: "Choose True or False.",
  [Option.USER]: "Choose a person from the list.",
  [Option.CHANNEL]: "Choose a channel from the list.",
  [Option.ROLE]: "Choose a role from the list.",
  [Option.MENTIONABLE]: "Choose a person or a role from the list.",
};

/** The value an entry stands for, or the sentence that says what is wrong: { value } | { error } | {}. */
export function readOption(option, entry, state) {
  if (option.type === Option.ATTACHMENT) return readFile(option, entry);
  const text = entry?.text ?? "";
  if (!text.trim()) return option.required ? { error: "This option is required. Specify a value." } : {};
  const rows = pickList(option, state);
  if (rows) return readPick(option, entry, rows);
  if (entry.picked !== undefined) return { value: entry.picked };
  if (option.type === Option.INTEGER || option.type === Option.NUMBER) return readNumber(option, text.trim());
  return readText(option, text);
}

function readFile(option, entry) {
  if (!entry?.file) return option.required ? { error: "This option is required. Add a file." } : {};
  const types = option.file_types;
  if (types?.length && !types.some((type) => fileMatches(entry.file, type))) {
    return { error: `This option takes ${types.join(", ")} files only.` };
  }
  return { file: entry.file };
}

const EXTENSIONS = {
  image: ["png", "jpg", "jpeg", "gif", "webp", "avif", "bmp"],
  video: ["mp4", "mov", "webm"],
  audio: ["mp3", "ogg", "wav", "flac", "m4a"],
};

/** Discord looks at the extension only (reference, "file_types"). */
function fileMatches(file, type) {
  const extension = file.name.toLowerCase().split(".").pop();
  if (type.startsWith(".")) return `.${extension}` === type.toLowerCase();
  return (EXTENSIONS[type] ?? [type]).includes(extension);
}

export function acceptOf(option) {
  return (option.file_types ?? []).map((type) => (type.startsWith(".") ? type : `${type}/*`)).join(",") || undefined;
}

function readPick(option, entry, rows) {
  if (entry.picked !== undefined) return { value: entry.picked };
  const text = entry.text.trim().toLowerCase();
  const row = rows.find((item) => item.name.toLowerCase() === text || String(item.value).toLowerCase() === text);
  return row ? { value: row.value } : { error: WRONG_PICK[option.type] ?? "Choose one of the values in the list." };
}

function readNumber(option, text) {
  const whole = option.type === Option.INTEGER;
  const shape = whole ? /^[+-]?\d+$/ : /^[+-]?(\d+\.?\d*|\.\d+)$/;
  if (!shape.test(text)) return { error: whole ? "Enter a whole number." : "Enter a number." };
  const value = Number(text);
  if (option.min_value !== undefined && value < option.min_value) return { error: `Enter ${option.min_value} or more.` };
  if (option.max_value !== undefined && value > option.max_value) return { error: `Enter ${option.max_value} or less.` };
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return { error: "This number is too large." };
  return { value };
}

function readText(option, text) {
  const length = [...text].length;
  if (option.min_length && length < option.min_length) return { error: `Write at least ${option.min_length} characters.` };
  if (option.max_length && length > option.max_length) {
    return { error: `Shorten this by ${length - option.max_length}: at most ${option.max_length} characters.` };
  }
  return { value: text };
}
