// Where typing goes: finding the composer's field, and putting text into it.
import { changeDraft, draftOf } from "./draft.js";
import { getState } from "./store.js";

export function focusComposer() {
  requestAnimationFrame(() => {
    const field = document.querySelector("[data-composer] [data-option-input], [data-composer] textarea");
    field?.focus({ preventScroll: true });
  });
}

export function insertText(text) {
  const draft = draftOf(getState());
  if (draft.command) return;
  const gap = draft.text && !/\s$/.test(draft.text) ? " " : "";
  changeDraft({ text: `${draft.text}${gap}${text}` });
  focusComposer();
}

/** Puts the caret at the end of the field with this selector; called from layout effects, so that no key is lost. */
export function focusField(root, selector) {
  const field = root?.querySelector(selector);
  if (!field) return;
  field.focus({ preventScroll: true });
  field.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (field.setSelectionRange && field.type !== "file") field.setSelectionRange(field.value.length, field.value.length);
}
