// The left column: channels with their threads below them, and direct messages.
import { openChannel } from "./actions.js";
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { cx, html } from "./lib.js";
import { channelTitle, compareIds, isDm, isThread, setState, useStore } from "./store.js";

const ICONS = { 5: "megaphone", 15: "forum", 16: "forum", 11: "thread", 12: "lock", 10: "thread" };

export function channelIcon(channel) {
  if (channel.name === "announcements") return "megaphone";
  return ICONS[channel.type] ?? "hash";
}

export function Channels() {
  const channels = useStore((state) => state.channels);
  const guild = useStore((state) => state.guild);
  const open = useStore((state) => state.sidebarOpen);
  const rooms = channels.filter((channel) => !isThread(channel) && !isDm(channel) && channel.type !== 4);
  const dms = channels.filter(isDm);
  return html`<aside class=${cx("sidebar", open && "open")}>
    <h1 class="guild-name">${guild.name}</h1>
    <nav aria-label="Channels">
      <h2>Channels</h2>
      <ul>${rooms.map((channel) => html`<li key=${channel.id}><${Entry} channel=${channel} /><${Threads} parent=${channel} channels=${channels} /></li>`)}</ul>
      ${dms.length > 0 && html`<h2>Direct messages</h2><ul>${dms.map((channel) => html`<li key=${channel.id}><${Entry} channel=${channel} /></li>`)}</ul>`}
    </nav>
    <${Me} />
  </aside>
  ${open && html`<div class="scrim" onClick=${() => setState({ sidebarOpen: false })}></div>`}`;
}

function Threads({ parent, channels }) {
  const here = useStore((state) => state.channelId);
  const threads = channels
    .filter((channel) => isThread(channel) && channel.parent_id === parent.id && (!channel.archived || channel.id === here))
    .sort((a, b) => compareIds(b.id, a.id));
  if (threads.length === 0) return null;
  return html`<ul class="threads" aria-label=${`Threads in ${parent.name}`}>${threads.map((channel) => html`<li key=${channel.id}><${Entry} channel=${channel} /></li>`)}</ul>`;
}

function Entry({ channel }) {
  const here = useStore((state) => state.channelId === channel.id);
  const unread = useStore((state) => state.unread[channel.id]);
  const bot = useStore((state) => state.bot);
  const title = channelTitle(channel);
  return html`<a class=${cx("channel", here && "here", unread && !here && "unread")} href=${`#${channel.id}`} aria-current=${here ? "page" : undefined}
    aria-label=${unread && !here ? `${title}, ${unread.count} unread` : title}
    onClick=${(event) => { event.preventDefault(); openChannel(channel.id); }}>
    ${isDm(channel) ? html`<${Avatar} id=${bot.id} name=${title} size=${24} />` : !isThread(channel) && html`<${Icon} name=${channelIcon(channel)} />`}
    <span class="channel-name">${title}</span>
    ${unread?.mention && !here && html`<span class="count" aria-hidden="true">${unread.count}</span>`}
  </a>`;
}

function Me() {
  const me = useStore((state) => state.people.find((person) => person.id === state.me));
  if (!me) return null;
  return html`<div class="me"><span class="presence"><${Avatar} id=${me.id} name=${me.name} size=${32} /></span>
    <span><strong>${me.name}</strong><small>${me.role === "moderator" ? "Moderator" : "Member"}</small></span></div>`;
}
