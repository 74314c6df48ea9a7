// Embeds of the first generation: a coloured card with title, text, fields and pictures.
import { html } from "./lib.js";
import { Markdown, inlineText, safeUrl } from "./markdown-view.js";
import { Gallery, resolveMedia } from "./media.js";
import { colorOf } from "./store.js";
import { messageTime } from "./time.js";

function asItem(media, message) {
  return media ? { ...resolveMedia(media, message), description: media.description ?? "" } : null;
}

export function Embed({ embed, message }) {
  const image = asItem(embed.image, message);
  const thumbnail = asItem(embed.thumbnail, message);
  const url = safeUrl(embed.url);
  return html`<div class="embed" style=${{ borderColor: colorOf(embed.color) ?? undefined }}>
    <div class="embed-main">
      ${embed.author?.name && html`<div class="embed-author">${embed.author.name}</div>`}
      ${embed.title && html`<div class="embed-title">${url ? html`<a href=${url} target="_blank" rel="noopener noreferrer">${inlineText(embed.title)}</a>` : inlineText(embed.title)}</div>`}
      ${embed.description && html`<${Markdown} text=${embed.description} />`}
      ${embed.fields?.length > 0 && html`<div class="embed-fields">
        ${embed.fields.map((field, index) => html`<div key=${index} class=${field.inline ? "inline" : ""}>
          <div class="embed-field-name">${inlineText(field.name)}</div><${Markdown} text=${field.value} /></div>`)}
      </div>`}
      ${image && html`<${Gallery} items=${[image]} />`}
      ${(embed.footer?.text || embed.timestamp) && html`<div class="embed-footer">
        ${[embed.footer?.text, embed.timestamp && messageTime(embed.timestamp)].filter(Boolean).join(" • ")}</div>`}
    </div>
    ${thumbnail && html`<div class="embed-thumbnail"><${Gallery} items=${[thumbnail]} /></div>`}
  </div>`;
}
