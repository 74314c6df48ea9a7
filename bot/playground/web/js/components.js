// The components of a message, both generations, and what a press on one of them does.
import { pressComponent } from "./actions.js";
import { Icon } from "./icons.js";
import { createContext, cx, html, useContext, useEffect, useMemo, useState } from "./lib.js";
import { Markdown, safeUrl } from "./markdown-view.js";
import { FileCard, Gallery, resolveMedia } from "./media.js";
import { Select, isSelect } from "./select.js";
import { colorOf } from "./store.js";

const MessageContext = createContext(null);
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "premium" };

/** All components of a message, with the note under them when a press failed. */
export function Components({ message }) {
  const [busy, setBusy] = useState(null);
  const [failure, setFailure] = useState(null);
  useEffect(() => setFailure(null), [message]);
  const context = useMemo(() => {
    const press = async (customId, values) => {
      setBusy(customId);
      setFailure(null);
      setFailure(await pressComponent(message, customId, values));
      setBusy(null);
    };
    return { message, busy, press };
  }, [message, busy]);
  if (!message.components?.length) return null;
  return html`<${MessageContext.Provider} value=${context}>
    <div class="components">${message.components.map((component, index) => html`<${Node} key=${component.id ?? index} node=${component} />`)}</div>
    ${failure && !message.local?.failed && html`<div class="failure" role="alert"><${Icon} name="warn" size=${16} />${failure}</div>`}
  <//>`;
}

function Node({ node }) {
  const { message } = useContext(MessageContext);
  switch (node.type) {
    case 1:
      return html`<div class="action-row">${node.components.map((child, index) => html`<${Node} key=${child.custom_id ?? index} node=${child} />`)}</div>`;
    case 2:
      return html`<${Button} node=${node} />`;
    case 9:
      return html`<div class="section"><div class="section-text">${node.components.map((child, index) => html`<${Node} key=${index} node=${child} />`)}</div>
        <div class="accessory"><${Node} node=${node.accessory} /></div></div>`;
    case 10:
      return html`<${Markdown} text=${node.content} />`;
    case 11:
      return html`<div class="thumbnail"><${Gallery} items=${[item(node, message)]} /></div>`;
    case 12:
      return html`<${Gallery} wide items=${node.items.map((entry) => item(entry, message))} />`;
    case 13:
      return html`<${FileCard} item=${fileItem(node, message)} />`;
    case 14:
      return html`<hr class=${cx("separator", node.spacing === 2 && "large", node.divider === false && "blank")} />`;
    case 17:
      return html`<${Container} node=${node} />`;
    default:
      return isSelect(node) ? html`<${MessageSelect} node=${node} />` : null;
  }
}

function item(node, message) {
  const media = resolveMedia(node.media, message);
  return { ...media, description: node.description ?? media.description, spoiler: node.spoiler };
}

function fileItem(node, message) {
  const media = resolveMedia(node.file, message);
  return { ...media, name: node.name ?? media.name, size: node.size ?? media.size, spoiler: node.spoiler };
}

function Container({ node }) {
  const [covered, setCovered] = useState(Boolean(node.spoiler));
  const accent = colorOf(node.accent_color);
  return html`<div class=${cx("container", accent && "accented", covered && "covered")} style=${accent ? { "--accent": accent } : undefined}>
    <div class="container-inner" inert=${covered}>${node.components.map((child, index) => html`<${Node} key=${child.id ?? index} node=${child} />`)}</div>
    ${covered && html`<button type="button" class="cover" onClick=${() => setCovered(false)}><span>Spoiler</span></button>`}
  </div>`;
}

function Emoji({ emoji }) {
  if (!emoji) return null;
  return html`<span class="button-emoji" aria-hidden="true">${emoji.id ? `:${emoji.name}:` : emoji.name}</span>`;
}

function Button({ node }) {
  const { busy, press } = useContext(MessageContext);
  const inner = html`<${Emoji} emoji=${node.emoji} />${node.label && html`<span class="button-label">${node.label}</span>`}`;
  const name = node.label ? undefined : node.emoji?.name;
  if (node.style === 5) {
    return html`<a class=${cx("button", "link", node.disabled && "disabled")} href=${node.disabled ? undefined : safeUrl(node.url)}
      target="_blank" rel="noopener noreferrer" aria-label=${name}>${inner}<${Icon} name="link" size=${16} /></a>`;
  }
  const waiting = busy === node.custom_id;
  return html`<button type="button" class=${cx("button", STYLES[node.style] ?? "secondary", waiting && "waiting")} aria-label=${name}
    aria-busy=${waiting ? "true" : undefined} disabled=${Boolean(node.disabled) || node.style === 6 || (busy !== null && !waiting)}
    onClick=${() => !waiting && press(node.custom_id)}>
    ${inner}${waiting && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>`}
  </button>`;
}

function MessageSelect({ node }) {
  const { message, busy, press } = useContext(MessageContext);
  const initial = useMemo(() => defaultsOf(node), [message]);
  const [chosen, setChosen] = useState(initial);
  useEffect(() => setChosen(initial), [initial]);
  const choose = (values) => {
    setChosen(values);
    press(node.custom_id, values);
  };
  return html`<${Select} node=${node} values=${chosen} onChange=${choose} busy=${busy === node.custom_id}
    disabled=${Boolean(node.disabled) || (busy !== null && busy !== node.custom_id)} />`;
}

/** The values a select starts with. */
export function defaultsOf(node) {
  if (node.type === 3) return (node.options ?? []).filter((option) => option.default).map((option) => option.value);
  return (node.default_values ?? []).map((value) => value.id);
}
