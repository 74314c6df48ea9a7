// Pictures and files of a message: galleries in Discord's grids, spoiler covers, file cards.
import { Icon } from "./icons.js";
import { html, useState } from "./lib.js";
import { setState } from "./store.js";

const SPOILER_FLAG = 1 << 3;
const MEBI = 1024 * 1024;

export function fileSize(bytes) {
  if (bytes === undefined || bytes === null) return "";
  if (bytes >= MEBI) return `${(bytes / MEBI).toFixed(2)} MB`;
  return bytes >= 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${bytes} bytes`;
}

const OURS = /^\/(?:ephemeral-)?attachments\//;

/** Our own files under the name the page was opened by, be it 127.0.0.1 or localhost. */
function local(url) {
  if (!url) return "";
  const parsed = new URL(url, location.href);
  return OURS.test(parsed.pathname) ? parsed.pathname + parsed.search : url;
}

/** attachment://name stands for the message's own file of that name. */
export function resolveMedia(media, message) {
  const url = media?.proxy_url || media?.url || "";
  const name = url.startsWith("attachment://") ? url.slice("attachment://".length) : null;
  const file = (message.attachments ?? []).find((item) => (name ? item.filename === name : item.id === media?.attachment_id));
  return {
    url: local(name ? file?.url : url),
    width: media?.width ?? file?.width,
    height: media?.height ?? file?.height,
    name: file?.filename ?? decodeURIComponent(url.split("?")[0].split("/").pop() ?? ""),
    size: file?.size,
    type: media?.content_type ?? file?.content_type ?? "",
    description: file?.description ?? "",
  };
}

function fromAttachment(file) {
  return {
    url: local(file.url),
    width: file.width,
    height: file.height,
    name: file.filename,
    size: file.size,
    type: file.content_type ?? "",
    description: file.description ?? "",
    spoiler: file.filename.startsWith("SPOILER_") || Boolean((file.flags ?? 0) & SPOILER_FLAG),
  };
}

const isImage = (item) => item.type.startsWith("image/") || Boolean(item.width && !item.type.startsWith("video/"));

/** The attachments of a message that shows them itself (not one built of components v2). */
export function Attachments({ message }) {
  const items = (message.attachments ?? []).map(fromAttachment);
  const pictures = items.filter(isImage);
  const others = items.filter((item) => !isImage(item));
  return html`
    ${pictures.length > 0 && html`<${Gallery} items=${pictures} />`}
    ${others.map((item) => (item.type.startsWith("video/")
      ? html`<video class="video" key=${item.url} src=${item.url} controls preload="metadata" aria-label=${item.description || item.name} />`
      : item.type.startsWith("audio/")
        ? html`<audio key=${item.url} src=${item.url} controls preload="metadata" aria-label=${item.name} />`
        : html`<${FileCard} key=${item.url} item=${item} />`))}`;
}

/** One to ten pictures, arranged as Discord does. */
export function Gallery({ items, wide = false }) {
  const shown = items.slice(0, 10);
  const pictures = shown.map((item) => ({ src: item.url, alt: item.description, name: item.name }));
  return html`<div class=${`gallery of-${shown.length}`} role="group" aria-label=${shown.length > 1 ? `${shown.length} pictures` : undefined}>
    ${shown.map((item, index) => html`<${Picture} key=${item.url || index} item=${item} alone=${shown.length === 1} wide=${wide}
      onOpen=${() => setState({ lightbox: { pictures, index } })} />`)}
  </div>`;
}

function Picture({ item, alone, wide, onOpen }) {
  const [covered, setCovered] = useState(Boolean(item.spoiler));
  const [broken, setBroken] = useState(false);
  const open = (event) => {
    if (event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    if (!broken) onOpen();
  };
  const style = alone && item.width && item.height ? sizeAlone(item, wide ? BOX_IN_CONTAINER : BOX) : undefined;
  const image = broken
    ? html`<span class="broken"><${Icon} name="image" size=${28} /><span>${item.description || item.name || "This picture could not be loaded."}</span></span>`
    : html`<img src=${item.url} alt=${item.description || item.name || ""} width=${item.width} height=${item.height}
        loading="lazy" decoding="async" draggable="false" onError=${() => setBroken(true)} />`;
  return html`<div class=${`picture${covered ? " covered" : ""}`} style=${style}>
    <a href=${item.url} target="_blank" rel="noopener" onClick=${open} tabindex=${covered ? -1 : 0} aria-hidden=${covered ? "true" : undefined}>${image}</a>
    ${covered && html`<button type="button" class="cover" onClick=${() => setCovered(false)}><span>Spoiler</span></button>`}
    ${!covered && item.description && html`<span class="alt-badge" aria-hidden="true" title=${item.description}>ALT</span>`}
  </div>`;
}

const BOX = { width: 550, height: 400 };
const BOX_IN_CONTAINER = { width: 582, height: 440 };

function sizeAlone({ width, height }, box) {
  const scale = Math.min(1, box.width / width, box.height / height);
  return { width: `${Math.round(width * scale)}px`, aspectRatio: `${width} / ${height}` };
}

export function FileCard({ item }) {
  const [covered, setCovered] = useState(Boolean(item.spoiler));
  if (covered) {
    return html`<button type="button" class="file-card spoilered" onClick=${() => setCovered(false)}>
      <${Icon} name="eye" /><span>Spoiler file, press to show</span></button>`;
  }
  return html`<div class="file-card">
    <${Icon} name="file" size=${30} />
    <span class="file-text"><a href=${item.url} target="_blank" rel="noopener">${item.name}</a>
      <small>${fileSize(item.size)}</small></span>
    <a class="icon-button" href=${item.url} download=${item.name} aria-label=${`Download ${item.name}`}><${Icon} name="download" /></a>
  </div>`;
}
