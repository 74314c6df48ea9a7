// A command being filled in: its option pills, the list of values above them, and sending it.
import { useAutocomplete } from "./autocomplete.js";
import { acceptOf, filterRows, Option, pickList, readOption } from "./commands.js";
import { focusField } from "./composer-focus.js";
import { addFiles, addOption, changeCommand, focusOption, leaveCommand, release, removeOption, setEntry } from "./draft.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { AddOption, OptionHelp, ValueList } from "./option-lists.js";
import { sendCommand } from "./send.js";
import { getState, useStore } from "./store.js";
import { Preview } from "./uploads.js";

const TAKES_TEXT = new Set([Option.STRING, Option.INTEGER, Option.NUMBER]);

/** Everything read: { options, files } to send, or the sentences by option name. */
function readAll(command, state) {
  const options = {};
  const files = [];
  const errors = {};
  for (const option of command.options) {
    if (!option.required && !command.shown.includes(option.name)) continue;
    const read = readOption(option, command.entries[option.name], state);
    if (read.error) errors[option.name] = read.error;
    else if (read.file) options[option.name] = { file: files.push(read.file) - 1 };
    else if (read.value !== undefined) options[option.name] = read.value;
  }
  return { options, files, errors };
}

/** The values that stand so far, whatever is still wrong: what autocomplete is told. */
function readSoFar(command, state) {
  const { options } = readAll(command, state);
  return Object.fromEntries(Object.entries(options).filter(([, value]) => typeof value !== "object"));
}

export function CommandBar({ channel, command }) {
  const root = useRef(null);
  const [active, setActive] = useState(-1);
  const [closed, setClosed] = useState(false);
  const option = command.options.find((item) => item.name === command.focus) ?? null;
  const entry = option ? command.entries[option.name] : undefined;
  const rows = useRows(channel, command, option, entry);
  const open = !closed && rows.length > 0;

  useLayoutEffect(() => {
    const selector = command.focus ? `[data-option-input="${CSS.escape(command.focus)}"]` : "[data-add-option], [data-run]";
    focusField(root.current, selector);
  }, [command.turn]);
  useEffect(() => {
    setClosed(entry?.picked !== undefined); // what was picked stands until something is typed
    setActive(startRow(option, entry, rows));
  }, [command.focus, entry?.text, entry?.picked, rows]);

  const send = () => {
    const read = readAll(command, getState());
    const wrong = Object.keys(read.errors);
    if (wrong.length === 0) return sendCommand(channel, command, read);
    const shown = [...new Set([...command.shown, ...wrong])];
    changeCommand({ errors: read.errors, shown });
    return focusOption(wrong[0]);
  };
  const take = (row) => {
    setEntry(option.name, { text: row.name, picked: row.value });
    const next = command.shown.slice(command.shown.indexOf(option.name) + 1).find((name) => !filled(command.entries[name]));
    focusOption(next ?? option.name);
  };
  const keydown = (event) => barKeys(event, { command, option, entry, rows, open, active, setActive, setClosed, take, send });
  const hidden = command.options.filter((item) => !command.shown.includes(item.name));
  return html`
    <div class="popover command-help">
      <${OptionHelp} command=${command} option=${option} error=${option && command.errors[option.name]} />
      ${open && html`<${ValueList} rows=${rows} active=${active} label=${option.name} onPick=${take} onHover=${setActive} />`}
      ${!open && option?.type !== Option.ATTACHMENT && hidden.length > 0 && html`<${AddOption.Chips} hidden=${hidden} />`}
      ${!open && option?.type === Option.ATTACHMENT && html`<${DropBox} option=${option} entry=${entry} />`}
    </div>
    <div class="bar command-bar" role="group" aria-label=${`/${command.key}`} ref=${root} onKeyDown=${keydown}>
      <div class="bar-row">
        <div class="pills"><span class="command-key">/${command.key}</span>
          ${command.shown.map((name) => html`<${Pill} key=${name} command=${command} option=${command.options.find((item) => item.name === name)} open=${open} active=${active} rows=${rows} />`)}
          ${hidden.length > 0 && html`<${AddOption.Field} hidden=${hidden} />`}
        </div>
        <button type="button" class="icon-button" aria-label="Leave the command" title="Leave the command (Esc)" onClick=${() => leaveCommand()}><${Icon} name="close" size=${20} /></button>
        <button type="button" class="icon-button send" data-run aria-label=${`Run /${command.key}`} title="Send" onClick=${send}><${Icon} name="send" size=${22} /></button>
      </div>
    </div>`;
}

function filled(entry) {
  return Boolean(entry?.file || entry?.text?.trim());
}

/** The highlighted row: none while nothing is typed or free text is allowed and does not fit. */
function startRow(option, entry, rows) {
  const text = entry?.text?.trim().toLowerCase() ?? "";
  if (!option || rows.length === 0 || !text) return -1;
  if (!option.autocomplete) return 0;
  return rows.findIndex((row) => row.name.toLowerCase().includes(text));
}

const NO_ROWS = Object.freeze([]);

function useRows(channel, command, option, entry) {
  const people = useStore((state) => state.people);
  const channels = useStore((state) => state.channels);
  const suggested = useAutocomplete(channel, command, option, entry, readSoFar);
  return useMemo(() => {
    if (!option) return NO_ROWS;
    if (option.autocomplete) return suggested;
    const all = pickList(option, getState());
    if (!all) return NO_ROWS;
    return entry?.picked === undefined ? filterRows(all, entry?.text ?? "") : all;
  }, [option, entry?.text, entry?.picked, suggested, people, channels]);
}

function barKeys(event, bar) {
  const { command, option, rows, open, active } = bar;
  if (event.isComposing || event.target.closest("[data-add-option]")) return;
  const inField = option && event.target.dataset.optionInput === option.name;
  if (event.key === "Escape") {
    if (open) bar.setClosed(true);
    else leaveCommand();
  } else if (!open && inField && rows.length > 0 && event.key === "ArrowDown") {
    bar.setClosed(false);
    bar.setActive(Math.max(0, rows.findIndex((row) => sameAs(row, bar.entry))));
  } else if (open && inField && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const step = event.key === "ArrowDown" ? 1 : rows.length - (active < 0 ? 0 : 1);
    bar.setActive((active + step + rows.length) % rows.length);
  } else if (event.key === "Enter" && (inField || event.target.matches("[type=file]"))) {
    const settled = active >= 0 && sameAs(rows[active], bar.entry);
    if (open && active >= 0 && !settled) bar.take(rows[active]);
    else bar.send();
  } else if (event.key === "Tab" && open && inField && active >= 0 && !event.shiftKey) {
    setEntry(option.name, { text: rows[active].name, picked: rows[active].value });
    return; // the browser moves on to the next field
  } else if (event.key === "Backspace" && inField && !filled(bar.entry)) {
    if (option.required && command.shown.every((name) => !filled(command.entries[name]))) leaveCommand(`/${command.key}`);
    else if (!option.required) removeOption(option.name);
    else return;
  } else return;
  event.preventDefault();
}

function sameAs(row, entry) {
  return entry?.picked !== undefined && entry.picked === row.value;
}

function Pill({ command, option, open, active, rows }) {
  const here = command.focus === option.name;
  const entry = command.entries[option.name];
  const error = command.errors[option.name];
  const focus = () => !here && changeCommand({ focus: option.name });
  const leave = () => {
    const read = readOption(option, entry, getState());
    if (read.error && filled(entry)) changeCommand({ errors: { ...command.errors, [option.name]: read.error } });
  };
  const shared = { command, option, entry, error, focus, leave };
  return html`<span class=${cx("pill", here && "here", error && "wrong", filled(entry) && "filled")} onClick=${(event) => event.currentTarget.querySelector("[data-option-input]")?.focus()}>
    <span class="pill-name" aria-hidden="true">${option.name}</span>
    ${option.type === Option.ATTACHMENT ? html`<${FileValue} ...${shared} />` : html`<${TextValue} ...${shared} list=${here && open ? { active, rows } : null} />`}
    ${!option.required && html`<button type="button" class="pill-remove" tabindex="-1" aria-label=${`Remove ${option.name}`} onClick=${(event) => { event.stopPropagation(); removeOption(option.name); }}><${Icon} name="close" size=${12} /></button>`}
  </span>`;
}

function TextValue({ option, entry, error, focus, leave, list }) {
  const text = entry?.text ?? "";
  const picks = !TAKES_TEXT.has(option.type) || option.choices?.length || option.autocomplete;
  return html`<span class="grow" data-value=${`${text} `}><textarea rows="1" data-option-input=${option.name} aria-label=${option.name} value=${text} spellcheck=${option.type === Option.STRING && !picks}
    role=${picks ? "combobox" : undefined} aria-expanded=${picks ? String(Boolean(list)) : undefined} aria-controls=${list ? "option-values" : undefined}
    aria-activedescendant=${list && list.active >= 0 ? `option-values-${list.active}` : undefined} aria-autocomplete=${picks ? "list" : undefined}
    aria-required=${option.required ? "true" : undefined} aria-invalid=${error ? "true" : undefined} aria-describedby="option-help"
    inputmode=${option.type === Option.INTEGER ? "numeric" : option.type === Option.NUMBER ? "decimal" : undefined} autocomplete="off"
    onFocus=${focus} onBlur=${leave} onInput=${(event) => setEntry(option.name, { text: event.target.value.replace(/\s*\n\s*/g, " ") })} /></span>`;
}

function pickFile(option, files) {
  if (files.length > 1) return addFiles(files);
  if (files.length === 1) {
    changeCommand({ focus: option.name });
    addFiles(files);
  }
  return undefined;
}

function FileValue({ option, entry, error, focus }) {
  const clear = (event) => {
    event.stopPropagation();
    release(entry.item);
    setEntry(option.name, undefined);
    focusOption(option.name);
  };
  return html`<label class="pill-file"><input type="file" class="visually-hidden" data-option-input=${option.name} aria-label=${option.name} accept=${acceptOf(option)}
      aria-required=${option.required ? "true" : undefined} aria-invalid=${error ? "true" : undefined} aria-describedby="option-help" onFocus=${focus}
      onChange=${(event) => { if (entry?.file) setEntry(option.name, undefined); pickFile(option, event.target.files); event.target.value = ""; }} />
      ${entry?.item ? html`<${Preview} item=${entry.item} /><span class="pill-file-name">${entry.item.name}</span>` : html`<${Icon} name="upload" size=${14} /><span class="pill-placeholder">Choose a file</span>`}
    </label>${entry?.item && html`<button type="button" class="pill-remove" aria-label=${`Remove ${entry.item.name}`} onClick=${clear}><${Icon} name="close" size=${12} /></button>`}`;
}

function DropBox({ option, entry }) {
  const open = () => document.querySelector(`input[data-option-input="${CSS.escape(option.name)}"]`)?.click();
  return html`<button type="button" class=${cx("drop-box", entry?.item && "full")} tabindex="-1" onClick=${open}>
    ${entry?.item ? html`<${Preview} item=${entry.item} /><span>${entry.item.name}</span>` : html`<${Icon} name="upload" size=${28} /><span>Drop a picture here, paste it, or <u>choose a file</u></span>`}</button>`;
}
