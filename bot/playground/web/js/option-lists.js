// The lists that help with one option: what it is for, the values it takes, and the options still to add.
import { Avatar } from "./avatar.js";
import { searchCommands } from "./commands.js";
import { addOption, leaveCommand } from "./draft.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useRef, useState } from "./lib.js";
import { focusField } from "./composer-focus.js";

/** The line that explains the option, or what is wrong with it. */
export function OptionHelp({ command, option, error }) {
  return html`<div class="option-help" id="option-help">
    ${option ? html`<strong>${option.name}</strong><span>${option.description}</span>` : html`<strong>/${command.key}</strong><span>${command.description}</span>`}
    ${error && html`<span class="option-error" role="alert">${error}</span>`}
  </div>`;
}

export function ValueList({ rows, active, label, onPick, onHover }) {
  const list = useRef(null);
  useEffect(() => list.current?.querySelector(".active")?.scrollIntoView({ block: "nearest" }), [active]);
  return html`<div class="values" role="listbox" id="option-values" aria-label=${`Values for ${label}`} ref=${list}>
    ${rows.map((row, index) => html`<div key=${String(row.value)} role="option" id=${`option-values-${index}`} aria-selected=${String(index === active)} aria-label=${row.name}
      class=${cx("row", index === active && "active")} onPointerDown=${(event) => event.preventDefault()} onClick=${() => onPick(row)} onMouseMove=${() => onHover(index)}>
      ${row.person && html`<${Avatar} id=${row.person.id} name=${row.name} size=${24} />`}${row.channel && html`<${Icon} name="hash" />`}
      <span class="row-main">${row.name}</span>${row.note && html`<span class="row-note">${row.note}</span>`}</div>`)}
  </div>`;
}

/** The options that may still be added, to press. */
function Chips({ hidden }) {
  return html`<div class="chips" role="group" aria-label="Optional">
    ${hidden.map((option) => html`<button type="button" key=${option.name} class="chip" tabindex="-1" aria-label=${option.name} title=${option.description} onClick=${() => addOption(option.name)}>${option.name}</button>`)}
  </div>`;
}

/** The same, to type: the field after the last pill. */
function Field({ hidden }) {
  const [text, setText] = useState("");
  const [focused, setFocused] = useState(false);
  const [active, setActive] = useState(-1);
  const root = useRef(null);
  const found = searchCommands(hidden.map((option) => ({ ...option, key: option.name })), text);
  const pick = (option) => {
    setText("");
    addOption(option.name);
  };
  const keydown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : found.length - (active < 0 ? 0 : 1);
      setActive((active + step + found.length) % Math.max(1, found.length));
    } else if (event.key === "Enter" && (text || active >= 0) && found.length > 0) pick(found[Math.max(0, active)]);
    else if (event.key === "Enter") event.target.closest(".bar").querySelector("[data-run]").click();
    else if (event.key === "Tab" && text && found.length > 0 && !event.shiftKey) pick(found[Math.max(0, active)]);
    else if (event.key === "Backspace" && !text) focusLast(event.target);
    else if (event.key === "Escape") leaveCommand();
    else return;
    event.preventDefault();
  };
  return html`<span class="add-option" ref=${root}>
    <input type="text" data-add-option role="combobox" aria-label="Add an option" aria-expanded=${String(focused)} aria-controls="more-options" aria-activedescendant=${focused && active >= 0 ? `more-options-${active}` : undefined}
      placeholder=${`+${hidden.length} more`} value=${text} autocomplete="off" onFocus=${() => setFocused(true)} onBlur=${() => { setFocused(false); setActive(-1); }}
      onInput=${(event) => { setText(event.target.value.trim()); setActive(event.target.value ? 0 : -1); }} onKeyDown=${keydown} />
    ${focused && found.length > 0 && html`<div class="popover option-picker" role="listbox" id="more-options" aria-label="Options">
      ${found.map((option, index) => html`<div key=${option.name} role="option" id=${`more-options-${index}`} aria-selected=${String(index === active)} aria-label=${option.name} class=${cx("row", index === active && "active")}
        onPointerDown=${(event) => event.preventDefault()} onClick=${() => pick(option)} onMouseMove=${() => setActive(index)}><span class="row-main"><strong>${option.name}</strong><small>${option.description}</small></span></div>`)}
    </div>`}
  </span>`;
}

function focusLast(field) {
  const all = field.closest(".pills").querySelectorAll("[data-option-input]");
  const last = all[all.length - 1];
  if (last) focusField(field.closest(".pills"), `[data-option-input="${CSS.escape(last.dataset.optionInput)}"]`);
}

export const AddOption = { Chips, Field };
