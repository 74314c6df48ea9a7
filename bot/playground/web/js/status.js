// Lines about the whole page: the bot is offline, the playground is gone, and the first-time hint.
import { startCommand } from "./draft.js";
import { Icon } from "./icons.js";
import { html, useEffect, useState } from "./lib.js";
import { isDm, isThread, useStore } from "./store.js";

const HINT_KEY = "playground.hint-seen";

export function Banner() {
  const online = useStore((state) => state.online);
  const connected = useStore((state) => state.connected);
  const bot = useStore((state) => state.bot);
  if (!connected) return html`<div class="banner lost" role="status"><${Icon} name="warn" size=${18} />The playground is not answering. Trying again…</div>`;
  if (!online) return html`<div class="banner" role="status"><${Icon} name="warn" size=${18} /><span><strong>${bot.name} is offline.</strong> Commands and buttons work again as soon as it connects.</span></div>`;
  return null;
}

/** Shown until a command was run or the person closed it. */
export function Hint({ channel }) {
  const [seen, setSeen] = useState(() => localStorage.getItem(HINT_KEY) !== null);
  const command = useStore((state) => state.commands.find((item) => item.name === "imagine"));
  const me = useStore((state) => state.me);
  const used = useStore((state) => (state.messages[channel.id] ?? []).some((message) => message.interaction?.user?.id === me));
  const busy = useStore((state) => Boolean(state.drafts[channel.id]?.command || state.drafts[channel.id]?.text));
  const close = () => {
    localStorage.setItem(HINT_KEY, "yes");
    setSeen(true);
  };
  useEffect(() => {
    if (used) close();
  }, [used]);
  if (seen || used || busy || !command || isDm(channel) || isThread(channel) || channel.can_send === false) return null;
  return html`<div class="hint" role="note"><span class="hint-spark"><${Icon} name="spark" size=${22} /></span>
    <div><strong>Make your first picture</strong><p>Type <kbd>/imagine</kbd> and say what you want to see. Drop a picture anywhere on this page to use it as a reference.</p></div>
    <button type="button" class="button primary" onClick=${() => startCommand("imagine")}>Try /imagine</button>
    <button type="button" class="icon-button" aria-label="Close hint" onClick=${close}><${Icon} name="close" size=${18} /></button></div>`;
}
