// Files on their way: cards above the field, and dropping or pasting them anywhere on the page.
import { addFiles, draftOf, removeFile } from "./draft.js";
import { Icon } from "./icons.js";
import { html, useEffect, useRef, useState } from "./lib.js";
import { fileSize } from "./media.js";
import { channelById, channelTitle, getState, useStore } from "./store.js";

export function Uploads({ files }) {
  if (files.length === 0) return null;
  return html`<ul class="uploads" aria-label="Files to send">
    ${files.map((item) => html`<li key=${item.key} class="upload"><${Preview} item=${item} /><span class="upload-name" title=${item.name}>${item.name}</span><small>${fileSize(item.file.size)}</small>
      <button type="button" class="icon-button remove" aria-label=${`Remove ${item.name}`} onClick=${() => removeFile(item.key)}><${Icon} name="close" size=${16} /></button></li>`)}
  </ul>`;
}

export function Preview({ item }) {
  return item.preview ? html`<img class="preview" src=${item.preview} alt="" />` : html`<span class="preview"><${Icon} name="file" size=${32} /></span>`;
}

const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** The cover that appears while files are dragged over the page. */
export function DropZone() {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const modal = useStore((state) => state.modal);
  useEffect(() => {
    if (modal) return undefined; // a form takes its own files
    const enter = (event) => {
      if (!hasFiles(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = (event) => {
      if (!hasFiles(event)) return;
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    const drop = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      addFiles(event.dataTransfer.files);
    };
    const allow = (event) => hasFiles(event) && event.preventDefault();
    const paste = (event) => {
      if (!event.clipboardData?.files.length) return;
      event.preventDefault();
      addFiles(event.clipboardData.files);
    };
    const pairs = [["dragenter", enter], ["dragleave", leave], ["dragover", allow], ["drop", drop], ["paste", paste]];
    pairs.forEach(([name, handler]) => document.addEventListener(name, handler));
    return () => pairs.forEach(([name, handler]) => document.removeEventListener(name, handler));
  }, [Boolean(modal)]);
  if (!over) return null;
  const command = draftOf(getState()).command;
  const channel = channelById(getState().channelId);
  return html`<div class="drop-cover" aria-hidden="true"><div><${Icon} name="upload" size=${48} />
    <strong>${command ? `Drop here for /${command.key}` : `Drop here to add to ${channel ? channelTitle(channel) : "the message"}`}</strong></div></div>`;
}
