// One message: who, when, what it answers, its text, pictures, components, and the notes below it.
import { dismiss, openChannel } from "./actions.js";
import { AppTag, Avatar } from "./avatar.js";
import { Components } from "./components.js";
import { Embed } from "./embeds.js";
import { focusComposer } from "./composer-focus.js";
import { Icon } from "./icons.js";
import { cx, html, memo } from "./lib.js";
import { Markdown, inlineText } from "./markdown-view.js";
import { Attachments } from "./media.js";
import { openMessageMenu, openUserMenu } from "./menus.js";
import { colorOf, getState, setState, userById, useStore } from "./store.js";
import { clockTime, fullTime, messageTime } from "./time.js";

const FLAG_LOADING = 1 << 7;
const FLAG_V2 = 1 << 15;
const THREAD_CREATED = 18;
const REPLY = 19;
const STARTER = 21;

export function authorName(author) {
  const known = author && userById(author.id);
  return known?.name ?? author?.global_name ?? author?.name ?? author?.username ?? "unknown";
}

/** A message of the log; `compact` leaves the author line out. */
export const Message = memo(({ message, compact, last }) => {
  if (message.type === THREAD_CREATED) return html`<${ThreadNote} message=${message} />`;
  const source = message.type === STARTER && message.referenced_message ? message.referenced_message : message;
  const author = source.author ?? { id: "0" };
  const reply = (event) => {
    event.stopPropagation();
    if (message.ephemeral) return;
    setState({ replyTo: message });
    focusComposer();
  };
  const keydown = (event) => {
    if (event.target !== event.currentTarget) return;
    const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (step) moveFocus(event, step);
    else if (event.key === "Enter") openMessageMenu(event, message);
    else if (event.key === "r") reply(event);
  };
  return html`<article class=${cx("message", compact && "compact", message.ephemeral && "ephemeral", mentionsMe(message) && "mentioned")}
    data-message-id=${message.id} aria-label=${`${authorName(author)}, ${messageTime(source.timestamp)}`} tabindex=${last ? 0 : -1}
    onContextMenu=${(event) => !event.target.closest("input, textarea") && openMessageMenu(event, message)} onKeyDown=${keydown}>
    ${!compact && html`<${Context} message=${message} />`}
    <div class="gutter">${compact
      ? html`<time class="side-time" datetime=${source.timestamp} title=${fullTime(source.timestamp)}>${clockTime(source.timestamp)}</time>`
      : html`<button type="button" class="avatar-button" tabindex="-1" aria-hidden="true" onClick=${(event) => openUserMenu(event, asUser(author))}
          onContextMenu=${(event) => openUserMenu(event, asUser(author))}><${Avatar} id=${author.id} name=${authorName(author)} /></button>`}
    </div>
    <div class="message-body">
      ${!compact && html`<${Header} author=${author} timestamp=${source.timestamp} />`}
      <${Body} message=${source} />
      <${Notes} message=${message} />
    </div>
    <div class="toolbar">
      ${!message.ephemeral && html`<button type="button" tabindex="-1" aria-label="Reply" title="Reply" onClick=${reply}><${Icon} name="reply" /></button>`}
      <button type="button" tabindex="-1" aria-label="More" title="More" onClick=${(event) => openMessageMenu(event, message)}><${Icon} name="more" /></button>
    </div>
  </article>`;
});

function moveFocus(event, step) {
  let next = event.currentTarget[step];
  while (next && !next.matches("article")) next = next[step];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function mentionsMe(message) {
  const { me } = getState();
  return message.author?.id !== me && !message.ephemeral && (message.mentions ?? []).some((user) => user.id === me);
}

export function asUser(author) {
  return { id: author.id, name: authorName(author) };
}

function Header({ author, timestamp }) {
  const color = useStore((state) => state.people.find((person) => person.id === author.id)?.color);
  const isBot = useStore((state) => author.bot || author.id === state.bot.id);
  return html`<header>
    <button type="button" class="author" tabindex="-1" style=${{ color: isBot ? undefined : colorOf(color) ?? undefined }} onClick=${(event) => openUserMenu(event, asUser(author))}
      onContextMenu=${(event) => openUserMenu(event, asUser(author))}>${authorName(author)}</button>
    ${isBot && html`<${AppTag} />`}
    <time datetime=${timestamp} title=${fullTime(timestamp)}>${messageTime(timestamp)}</time>
  </header>`;
}

/** The line above: which command made it, or which message it answers. */
function Context({ message }) {
  const used = message.interaction;
  if (used?.command) {
    const user = used.user ?? {};
    return html`<div class="context"><span class="spine"></span><${Avatar} id=${user.id} name=${user.name} size=${16} />
      <span class="context-name">${user.name}</span> used <span class="command-name">${used.command.startsWith("/") ? "" : html`<${Icon} name="spark" size=${12} />`}${used.command}</span></div>`;
  }
  if (message.type !== REPLY) return null;
  const original = message.referenced_message;
  if (!original) return html`<div class="context"><span class="spine"></span><em>Original message was deleted</em></div>`;
  const jump = () => jumpTo(original.id);
  return html`<div class="context"><span class="spine"></span><${Avatar} id=${original.author.id} name=${authorName(original.author)} size=${16} />
    <span class="context-name">${authorName(original.author)}</span>
    <button type="button" class="context-text" onClick=${jump}>${previewText(original)}</button></div>`;
}

export function jumpTo(id) {
  const element = document.querySelector(`[data-message-id="${CSS.escape(id)}"]`);
  if (!element) return;
  element.scrollIntoView({ block: "center", behavior: "smooth" });
  element.classList.add("flash");
  setTimeout(() => element.classList.remove("flash"), 1600);
}

/** A message in a few words. */
export function previewText(message) {
  if (message.content) return inlineText(message.content.replace(/\s+/g, " ").slice(0, 160));
  const text = firstText(message.components ?? []);
  if (text) return inlineText(text.replace(/^[#>-]+ /gm, "").replace(/```/g, "").replace(/\s+/g, " ").slice(0, 160));
  if (message.attachments?.length > 0) return html`<em>Click to see the attachment</em>`;
  return html`<em>Click to see the message</em>`;
}

function firstText(components) {
  for (const node of components) {
    const text = node.type === 10 ? node.content : firstText([...(node.components ?? []), ...(node.accessory ? [node.accessory] : [])]);
    if (text) return text;
  }
  return "";
}

/** A message that was passed on, as it was then. */
function Forwarded({ message }) {
  const shown = message.message_snapshots?.[0]?.message;
  return shown && html`<div class="forwarded"><div class="forwarded-head"><${Icon} name="forward" size=${14} /><em>Forwarded</em></div><${Body} message=${shown} /></div>`;
}

function Body({ message }) {
  const loading = message.local?.loading ?? (message.flags & FLAG_LOADING ? "thinking…" : null);
  if (loading) {
    return html`<div class="loading"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><span>${loading}</span></div>`;
  }
  const edited = message.edited_timestamp && !message.local?.failed;
  return html`
    ${message.content && html`<${Markdown} text=${message.content} jumbo />`}
    <${Forwarded} message=${message} />
    ${!(message.flags & FLAG_V2) && html`<${Attachments} message=${message} />`}
    ${(message.embeds ?? []).map((embed, index) => html`<${Embed} key=${index} embed=${embed} message=${message} />`)}
    <${Components} message=${message} />
    ${edited && html`<span class="edited" title=${fullTime(message.edited_timestamp)}>(edited)</span>`}`;
}

/** What Discord writes below a message: failure, who can see it, the thread it opened. */
function Notes({ message }) {
  return html`
    ${message.local?.failed && html`<div class="failure"><${Icon} name="warn" size=${16} />${message.local.failed}</div>`}
    ${message.ephemeral && html`<div class="only-you"><${Icon} name="eye" size=${16} />Only you can see this<span aria-hidden="true">•</span>
      <button type="button" class="text-link" onClick=${() => dismiss(message)}>Dismiss message</button></div>`}
    <${ThreadLine} message=${message} />`;
}

function ThreadLine({ message }) {
  const thread = useStore((state) => state.channels.find((channel) => channel.id === message.id && channel.type !== 1));
  const here = useStore((state) => state.channelId);
  if (!thread || thread.id === here || message.type === STARTER) return null;
  const messages = message.thread?.message_count;
  return html`<div class="thread-line"><span class="spine"></span>
    <button type="button" class="thread-card" aria-label=${`Open thread ${thread.name}`} onClick=${() => openChannel(thread.id)}>
      <${Icon} name="thread" size=${18} /><strong>${thread.name}</strong>
      <span class="thread-go">${messages ? `${messages} message${messages === 1 ? "" : "s"}` : "Open thread"}<${Icon} name="right" size=${16} /></span>
      ${thread.archived && html`<small>archived</small>`}
    </button></div>`;
}

function ThreadNote({ message }) {
  const id = message.message_reference?.channel_id ?? message.thread?.id;
  return html`<article class="system" data-message-id=${message.id} tabindex="-1"><${Icon} name="thread" />
    <span><strong>${authorName(message.author)}</strong> started a thread: <button type="button" class="text-link strong" onClick=${() => openChannel(id)}>${message.content}</button></span>
    <time datetime=${message.timestamp}>${messageTime(message.timestamp)}</time></article>`;
}
