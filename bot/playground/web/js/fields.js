// The fields of a form: text, choices, ticks and files, each with its rule in words.
import { defaultsOf } from "./components.js";
import { release, wrapFile } from "./draft.js";
import { Icon } from "./icons.js";
import { cx, html, useRef, useState } from "./lib.js";
import { fileSize } from "./media.js";
import { Select, isSelect } from "./select.js";
import { Preview } from "./uploads.js";

const TEXT_INPUT = 4;
const FILE_UPLOAD = 19;
const RADIO_GROUP = 21;
const CHECKBOX_GROUP = 22;
const CHECKBOX = 23;
const PARAGRAPH = 2;
const MOST_TEXT = 4000; // Discord reference, "Text Input"

export function startValue(field) {
  if (field.type === TEXT_INPUT) return field.value ?? "";
  if (field.type === FILE_UPLOAD) return { items: [] };
  if (field.type === CHECKBOX) return Boolean(field.default);
  if (field.type === RADIO_GROUP) return field.options.find((option) => option.default)?.value ?? null;
  if (field.type === CHECKBOX_GROUP) return field.options.filter((option) => option.default).map((option) => option.value);
  return defaultsOf(field);
}

const isRequired = (field) => field.required !== false && field.type !== CHECKBOX;

/** What is wrong with the value, in words; null when nothing is. */
export function checkField(field, value) {
  if (field.type === TEXT_INPUT) return checkText(field, value);
  if (field.type === CHECKBOX) return null;
  if (field.type === RADIO_GROUP) return isRequired(field) && value === null ? "Choose one." : null;
  const count = field.type === FILE_UPLOAD ? value.items.length : value.length;
  const least = field.min_values ?? 1;
  const thing = field.type === FILE_UPLOAD ? "file" : "value";
  if (count === 0 && isRequired(field) && least > 0) return `Choose at least ${least} ${thing}${least === 1 ? "" : "s"}.`;
  if (count > 0 && count < least) return `Choose at least ${least} ${thing}s.`;
  if (field.max_values && count > field.max_values) return `Choose at most ${field.max_values} ${thing}${field.max_values === 1 ? "" : "s"}.`;
  return null;
}

function checkText(field, value) {
  const length = [...value].length;
  if (!value.trim()) return isRequired(field) ? "This field is required." : null;
  if (field.min_length && length < field.min_length) return `Write at least ${field.min_length} characters.`;
  if (length > (field.max_length ?? MOST_TEXT)) return `Write at most ${field.max_length ?? MOST_TEXT} characters.`;
  return null;
}

export function Field({ row, value, error, onChange }) {
  const { field, label, description } = row;
  const id = `field-${field.custom_id}`;
  const group = field.type === RADIO_GROUP || field.type === CHECKBOX_GROUP;
  const input = html`<${Input} field=${field} id=${id} label=${label} value=${value} error=${error} onChange=${onChange} />`;
  if (field.type === CHECKBOX) {
    return html`<div class="field" data-field=${field.custom_id}>${input}</div>`;
  }
  const head = html`${label}${isRequired(field) && html`<span class="required" aria-hidden="true"> *</span>`}`;
  return html`<div class=${cx("field", error && "wrong")} data-field=${field.custom_id} role=${group ? (field.type === RADIO_GROUP ? "radiogroup" : "group") : undefined} aria-label=${group ? label : undefined}>
    ${group || isSelect(field) ? html`<div class="field-label">${head}</div>` : html`<label class="field-label" for=${id}>${head}</label>`}
    ${description && html`<div class="field-description" id=${`${id}-note`}>${description}</div>`}
    ${input}
    ${error && html`<div class="field-error" role="alert">${error}</div>`}
  </div>`;
}

function Input(props) {
  const { field } = props;
  if (field.type === TEXT_INPUT) return html`<${TextField} ...${props} />`;
  if (field.type === FILE_UPLOAD) return html`<${FileField} ...${props} />`;
  if (field.type === RADIO_GROUP) return html`<${Choices} ...${props} kind="radio" />`;
  if (field.type === CHECKBOX_GROUP) return html`<${Choices} ...${props} kind="checkbox" />`;
  if (field.type === CHECKBOX) return html`<${Tick} ...${props} />`;
  if (isSelect(field)) return html`<${Select} node=${field} values=${props.value} onChange=${props.onChange} label=${props.label} eager />`;
  return html`<div class="field-error">This kind of field is not known here.</div>`;
}

function TextField({ field, id, label, value, error, onChange }) {
  const left = (field.max_length ?? MOST_TEXT) - [...value].length;
  const shared = {
    id, value, placeholder: field.placeholder ?? "", "aria-label": label, "aria-invalid": error ? "true" : undefined,
    "aria-required": isRequired(field) ? "true" : undefined, onInput: (event) => onChange(event.target.value),
  };
  const box = field.style === PARAGRAPH ? html`<textarea rows="4" ...${shared} />` : html`<input type="text" autocomplete="off" ...${shared} />`;
  return html`<div class="text-field">${box}${left <= 100 && html`<span class=${cx("left", left < 0 && "over")}>${left}</span>`}</div>`;
}

function Choices({ field, id, value, onChange, kind }) {
  const one = kind === "radio";
  const most = field.max_values ?? field.options.length;
  const has = (option) => (one ? value === option.value : value.includes(option.value));
  const toggle = (option) => {
    if (one) return onChange(option.value);
    return onChange(has(option) ? value.filter((item) => item !== option.value) : [...value, option.value]);
  };
  return html`<div class="choices">${field.options.map((option) => html`<label key=${option.value} class=${cx("choice", has(option) && "on")}>
    <input type=${kind} name=${id} checked=${has(option)} disabled=${!one && !has(option) && value.length >= most} onChange=${() => toggle(option)} />
    <span class="row-text"><span>${option.label}</span>${option.description && html`<small>${option.description}</small>`}</span></label>`)}</div>`;
}

function Tick({ id, label, value, onChange }) {
  return html`<label class=${cx("choice", value && "on")}><input type="checkbox" id=${id} checked=${value} onChange=${(event) => onChange(event.target.checked)} /><span>${label}</span></label>`;
}

function FileField({ field, id, label, value, onChange }) {
  const [over, setOver] = useState(false);
  const picker = useRef(null);
  const most = field.max_values ?? 1;
  const add = (list) => onChange({ items: [...value.items, ...[...list].map(wrapFile)].slice(0, most) });
  const remove = (item) => {
    release(item);
    onChange({ items: value.items.filter((other) => other !== item) });
    picker.current.focus();
  };
  const drop = (event) => {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  };
  const full = value.items.length >= most;
  return html`<div class=${cx("file-field", over && "over")} onDragOver=${(event) => { event.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${drop}>
    <label class=${cx("file-drop", full && "full")}><input ref=${picker} id=${id} type="file" class="visually-hidden" aria-label=${label} multiple=${most > 1} disabled=${full}
      onChange=${(event) => { add(event.target.files); event.target.value = ""; }} /><${Icon} name="upload" size=${24} />
      <span>${full ? (most === 1 ? "File added" : "No more files fit") : html`Drop ${most === 1 ? "a file" : "files"} here or <u>browse</u>`}</span><small>${most > 1 ? `up to ${most} files` : "one file"}</small></label>
    ${value.items.length > 0 && html`<ul class="file-list">${value.items.map((item) => html`<li key=${item.key}><${Preview} item=${item} /><span>${item.name}</span><small>${fileSize(item.file.size)}</small>
      <button type="button" class="icon-button" aria-label=${`Remove ${item.name}`} onClick=${() => remove(item)}><${Icon} name="close" size=${16} /></button></li>`)}</ul>`}
  </div>`;
}
