// Puts the page together and starts it.
import { openChannel, start } from "./actions.js";
import { Avatar } from "./avatar.js";
import { channelIcon, Channels } from "./channels.js";
import { Composer } from "./composer.js";
import { Icon } from "./icons.js";
import { html, render, useEffect } from "./lib.js";
import { Lightbox } from "./lightbox.js";
import { Log } from "./log.js";
import { ContextMenu } from "./menus.js";
import { ModalHost } from "./modal.js";
import { Members, PersonSwitch } from "./people.js";
import { Posts } from "./posts.js";
import { Banner, Hint } from "./status.js";
import { channelTitle, isDm, isThread, setState, useStore } from "./store.js";
import { DropZone } from "./uploads.js";

const FORUM = 15;

function Head({ channel }) {
  const parent = useStore((state) => (isThread(channel) ? state.channels.find((item) => item.id === channel.parent_id) : null));
  const title = channelTitle(channel);
  return html`<header class="head">
    <button type="button" class="icon-button burger" aria-label="Show channels" onClick=${() => setState({ sidebarOpen: true })}><${Icon} name="menu" size=${24} /></button>
    ${parent && html`<button type="button" class="crumb" onClick=${() => openChannel(parent.id)}><${Icon} name=${channelIcon(parent)} /><span>${parent.name}</span></button><${Icon} name="right" size=${16} />`}
    ${isDm(channel) ? html`<${Avatar} id=${channel.bot_id} name=${title} size=${24} />` : html`<${Icon} name=${channelIcon(channel)} size=${22} />`}
    <h2 class="title">${title}</h2>
    ${channel.topic && html`<span class="topic" title=${channel.topic}>${channel.topic}</span>`}
    <span class="spacer"></span>
    <${PersonSwitch} />
  </header>`;
}

function App() {
  const ready = useStore((state) => state.ready);
  const channelId = useStore((state) => state.channelId);
  const channel = useStore((state) => state.channels.find((item) => item.id === channelId));
  const bot = useStore((state) => state.bot);
  const guild = useStore((state) => state.guild);
  const unread = useStore((state) => Object.values(state.unread).some((item) => item.mention));
  useEffect(() => {
    document.title = channel ? `${unread ? "● " : ""}${isDm(channel) ? "@" : isThread(channel) ? "" : "#"}${channelTitle(channel)} · ${guild.name}` : "Playground";
  }, [channel, guild, unread]);
  if (!ready) return html`<div class="splash" role="status"><span class="avatar bot big"><${Icon} name="spark" size=${40} /></span><p>Opening the playground…</p></div>`;
  const shown = channel && (isDm(channel) ? { ...channel, bot_id: bot.id } : channel);
  return html`<div class="layout">
    <${Channels} />
    <div class="page">
      ${shown && html`<${Head} channel=${shown} />`}
      <${Banner} />
      <div class="columns">
        <main class="chat" aria-label=${shown ? channelTitle(shown) : "Nothing open"}>
          ${shown && (shown.type === FORUM ? html`<${Posts} channel=${shown} />` : html`<${Log} key=${shown.id} channel=${shown} /><${Hint} channel=${shown} /><${Composer} channel=${shown} />`)}
        </main>
        <${Members} />
      </div>
    </div>
  </div>
  <${DropZone} /><${ContextMenu} /><${ModalHost} /><${Lightbox} />`;
}

const root = document.getElementById("app");
root.textContent = "";
render(html`<${App} />`, root);
start();
