// A form that the bot opened: its labels and fields, checking them, and sending them.
import { submitModal } from "./actions.js";
import { Field, checkField, startValue } from "./fields.js";
import { Icon } from "./icons.js";
import { Avatar } from "./avatar.js";
import { html, useEffect, useMemo, useRef, useState } from "./lib.js";
import { Markdown } from "./markdown-view.js";
import { setState, useStore } from "./store.js";

const ACTION_ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;

/** The form's rows: { text } or { field, label, description }. Rows of the first generation carry their label themselves. */
function rowsOf(components) {
  return components.flatMap((node) => {
    if (node.type === TEXT_DISPLAY) return [{ text: node.content }];
    if (node.type === LABEL) return [{ field: node.component, label: node.label, description: node.description }];
    if (node.type === ACTION_ROW) return node.components.map((field) => ({ field, label: field.label ?? field.placeholder ?? "" }));
    return [];
  });
}

export function ModalHost() {
  const modal = useStore((state) => state.modal);
  return modal && html`<${Modal} key=${modal.interactionId ?? modal.custom_id} modal=${modal} />`;
}

function Modal({ modal }) {
  const rows = useMemo(() => rowsOf(modal.components ?? []), [modal]);
  const fields = rows.filter((row) => row.field).map((row) => row.field);
  const [values, setValues] = useState(() => Object.fromEntries(fields.map((field) => [field.custom_id, startValue(field)])));
  const [errors, setErrors] = useState({});
  const [failure, setFailure] = useState(null);
  const [busy, setBusy] = useState(false);
  const dialog = useRef(null);
  const bot = useStore((state) => state.bot);

  useEffect(() => {
    dialog.current.showModal();
    dialog.current.querySelector(".field input, .field textarea, .field button")?.focus();
  }, []);
  const change = (id, value) => {
    setValues((before) => ({ ...before, [id]: value }));
    setErrors((before) => ({ ...before, [id]: null }));
  };
  const submit = async (event) => {
    event.preventDefault();
    if (busy) return;
    const wrong = Object.fromEntries(fields.map((field) => [field.custom_id, checkField(field, values[field.custom_id])]).filter(([, error]) => error));
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) {
      dialog.current.querySelector(`[data-field="${CSS.escape(Object.keys(wrong)[0])}"] :is(input, textarea, button)`)?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const { plain, files } = pack(values);
      await submitModal(modal, plain, files);
    } catch (error) {
      setFailure(error.message);
      setBusy(false);
    }
  };
  const keydown = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit(event);
  };
  return html`<dialog class="modal" ref=${dialog} aria-labelledby="modal-title" onClose=${() => setState({ modal: null })} onKeyDown=${keydown}>
    <form onSubmit=${submit} novalidate>
      <div class="modal-head"><${Avatar} id=${bot.id} name=${bot.name} size=${32} /><h2 id="modal-title">${modal.title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick=${() => dialog.current.close()}><${Icon} name="close" size=${24} /></button></div>
      <div class="modal-body">
        <p class="modal-note">This form will be submitted to <strong>${bot.name}</strong>.</p>
        ${rows.map((row, index) => (row.field
          ? html`<${Field} key=${row.field.custom_id} row=${row} value=${values[row.field.custom_id]} error=${errors[row.field.custom_id]} onChange=${(value) => change(row.field.custom_id, value)} />`
          : html`<${Markdown} key=${index} text=${row.text} />`))}
      </div>
      ${failure && html`<div class="failure modal-failure" role="alert"><${Icon} name="warn" size=${16} />${failure}</div>`}
      <div class="modal-foot"><button type="button" class="button secondary" onClick=${() => dialog.current.close()}>Cancel</button>
        <button type="submit" class="button primary" aria-busy=${busy ? "true" : undefined}>${busy ? html`<span class="dots" aria-label="Sending"><i></i><i></i><i></i></span>` : "Submit"}</button></div>
    </form>
  </dialog>`;
}

/** Values as JSON, with files replaced by their numbers. */
function pack(values) {
  const files = [];
  const plain = {};
  for (const [id, value] of Object.entries(values)) {
    const isFiles = value && typeof value === "object" && !Array.isArray(value);
    plain[id] = isFiles ? { files: value.items.map((item) => files.push(item.file) - 1) } : value;
  }
  return { plain, files };
}
