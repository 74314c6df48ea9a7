// Draws the tree of markdown.js; the only place where message text meets the document, always as text nodes.
import { openChannel } from "./actions.js";
import { Icon } from "./icons.js";
import { html, memo, useState } from "./lib.js";
import { isJumbo, parse } from "./markdown.js";
import { channelTitle, colorOf, isThread, useStore } from "./store.js";
import { formatStamp, useNow } from "./time.js";
import { startCommand } from "./draft.js";

/** A text with Discord's formatting. */
export const Markdown = memo(({ text, jumbo = false }) => {
  if (!text) return null;
  return html`<div class=${`markup${jumbo && isJumbo(text) ? " jumbo" : ""}`}>${parse(text).map(view)}</div>`;
});

/** One line of it: for option descriptions, labels, previews. */
export function inlineText(text) {
  return parse(text).map((node) => (node.type === "text" ? node.children.map(view) : view(node)));
}

const VIEWS = {
  plain: (node) => node.text,
  text: (node) => html`<span class="para">${node.children.map(view)}</span>`,
  bold: (node) => html`<strong>${node.children.map(view)}</strong>`,
  italic: (node) => html`<em>${node.children.map(view)}</em>`,
  underline: (node) => html`<u>${node.children.map(view)}</u>`,
  strike: (node) => html`<s>${node.children.map(view)}</s>`,
  inlineCode: (node) => html`<code class="inline">${node.text}</code>`,
  code: (node) => html`<${CodeBlock} text=${node.text} language=${node.language} />`,
  header: (node) => heading(node),
  subtext: (node) => html`<small class="subtext">${node.children.map(view)}</small>`,
  quote: (node) => html`<div class="quote"><span class="quote-bar"></span><blockquote>${node.children.map(view)}</blockquote></div>`,
  list: (node) => listView(node),
  spoiler: (node) => html`<${Spoiler}>${node.children.map(view)}<//>`,
  link: (node) => html`<a href=${safeUrl(node.url)} target="_blank" rel="noopener noreferrer" title=${node.url}>${node.children.map(view)}</a>`,
  user: (node) => html`<${UserMention} id=${node.id} />`,
  role: (node) => html`<${RoleMention} id=${node.id} />`,
  channel: (node) => html`<${ChannelMention} id=${node.id} />`,
  command: (node) => html`<button type="button" class="mention" onClick=${() => startCommand(node.name)}>/${node.name}</button>`,
  everyone: (node) => html`<span class="mention">@${node.name}</span>`,
  emoji: (node) => html`<span class="custom-emoji">:${node.name}:</span>`,
  time: (node) => html`<${Stamp} seconds=${node.seconds} style=${node.style} />`,
};

function view(node) {
  return VIEWS[node.type](node);
}

function heading({ level, children }) {
  const inner = children.map(view);
  if (level === 1) return html`<h3 class="h1">${inner}</h3>`;
  return level === 2 ? html`<h4 class="h2">${inner}</h4>` : html`<h5 class="h3">${inner}</h5>`;
}

function listView({ start, items }) {
  const rows = items.map((children) => html`<li>${children.map(view)}</li>`);
  return start === null ? html`<ul>${rows}</ul>` : html`<ol start=${start}>${rows}</ol>`;
}

/** Only web addresses may be followed. */
export function safeUrl(url) {
  return /^https?:\/\//i.test(url ?? "") ? url : undefined;
}

function CodeBlock({ text, language }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return html`<div class="code-block">
    <pre data-language=${language}><code>${text}</code></pre>
    <button type="button" class="copy" aria-label=${copied ? "Copied" : "Copy code"} title="Copy" onClick=${copy}>
      <${Icon} name=${copied ? "check" : "copy"} />
    </button>
  </div>`;
}

function Spoiler({ children }) {
  const [open, setOpen] = useState(false);
  if (open) return html`<span class="spoiler open">${children}</span>`;
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    setOpen(true);
  };
  return html`<span class="spoiler" role="button" tabindex="0" aria-label="Spoiler, press to show" aria-expanded="false"
    onClick=${reveal} onKeyDown=${reveal}><span class="spoiler-text" aria-hidden="true">${children}</span></span>`;
}

function UserMention({ id }) {
  const user = useStore((state) => (id === state.bot.id ? state.bot : state.people.find((person) => person.id === id)));
  return html`<span class="mention" data-user-id=${id}>@${user?.name ?? "unknown-user"}</span>`;
}

function RoleMention({ id }) {
  const role = useStore((state) => state.roles.find((item) => item.id === id));
  return html`<span class="mention" style=${{ color: colorOf(role?.color) ?? undefined }}>@${role?.name ?? "deleted-role"}</span>`;
}

function ChannelMention({ id }) {
  const channel = useStore((state) => state.channels.find((item) => item.id === id));
  if (!channel) return html`<span class="mention"># unknown</span>`;
  const open = (event) => {
    event.preventDefault();
    openChannel(id);
  };
  return html`<a class="mention" href=${`#${id}`} onClick=${open}><${Icon} name=${isThread(channel) ? "thread" : "hash"} />${channelTitle(channel)}</a>`;
}

function Stamp({ seconds, style }) {
  const now = useNow(style === "R");
  const date = new Date(seconds * 1000);
  const iso = Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  return html`<time class="stamp" datetime=${iso} title=${formatStamp(seconds, "F")}>${formatStamp(seconds, style, now)}</time>`;
}
