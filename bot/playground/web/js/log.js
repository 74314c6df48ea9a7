// The message log of a channel: grouping, day lines, scrolling, and what is on its way.
import { Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { Fragment, html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { Message } from "./message.js";
import { channelTitle, isDm, isThread, useStore } from "./store.js";
import { dayLine, sameDay } from "./time.js";

const GROUP_GAP = 7 * 60 * 1000; // as Discord: after seven minutes a message shows its author again
const NEAR_END = 60;
const GROUPED = new Set([0, 20, 23]);

function isCompact(message, before) {
  return Boolean(before) && GROUPED.has(message.type ?? 0) && before.type !== 18 && !message.interaction?.command
    && before.author?.id === message.author?.id && Boolean(before.ephemeral) === Boolean(message.ephemeral)
    && sameDay(before.timestamp, message.timestamp) && Date.parse(message.timestamp) - Date.parse(before.timestamp) < GROUP_GAP;
}

const NONE = Object.freeze([]);

export function Log({ channel }) {
  const messages = useStore((state) => state.messages[channel.id]);
  const pending = useStore((state) => state.pending[channel.id]) ?? NONE;
  const scroller = useRef(null);
  const { fresh, toEnd } = useStickyEnd(scroller, messages, pending.length);
  const list = messages ?? NONE;
  return html`<div class="log-frame">
    <div class="scroller" ref=${scroller} tabindex="-1">
      <div class="log" role="log" aria-label=${`Messages in ${channelTitle(channel)}`} aria-live="polite" aria-relevant="additions" aria-busy=${messages ? "false" : "true"}>
        <${Beginning} channel=${channel} />
        ${list.map((message, index) => html`<${Fragment} key=${message.id}>
          ${(index === 0 || !sameDay(list[index - 1].timestamp, message.timestamp)) && html`<div class="day" role="separator"><span>${dayLine(message.timestamp)}</span></div>`}
          <${Message} message=${message} compact=${isCompact(message, list[index - 1])} last=${index === list.length - 1} />
        <//>`)}
        ${pending.map((item) => html`<${Pending} key=${item.key} item=${item} />`)}
      </div>
    </div>
    ${fresh > 0 && html`<button type="button" class="new-pill" onClick=${toEnd}>${fresh} new message${fresh === 1 ? "" : "s"}<${Icon} name="chevron" size=${16} /></button>`}
  </div>`;
}

/** Keeps the end in view while the reader is there; otherwise counts what arrived below. */
function useStickyEnd(scroller, messages, pendingCount) {
  const drawn = useRef({ height: 0, frame: 0 }); // as it was when last looked at: what arrives since must not count
  const known = useRef(null);
  const [fresh, setFresh] = useState(0);
  const me = useStore((state) => state.me);
  const lastId = messages?.at(-1)?.id ?? null;

  const wasAtEnd = () => drawn.current.height - scroller.current.scrollTop - drawn.current.frame < NEAR_END;
  const remember = () => {
    drawn.current = { height: scroller.current.scrollHeight, frame: scroller.current.clientHeight };
  };
  const settle = (toEnd) => {
    if (toEnd) scroller.current.scrollTop = scroller.current.scrollHeight;
    remember();
  };

  useEffect(() => {
    const element = scroller.current;
    const onScroll = () => scroller.current && wasAtEnd() && setFresh(0); // events may still come while the channel changes
    element.addEventListener("scroll", onScroll, { passive: true });
    const observer = new ResizeObserver(() => scroller.current && settle(wasAtEnd()));
    observer.observe(element);
    observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener("scroll", onScroll);
      observer.disconnect();
    };
  }, []);

  useLayoutEffect(() => {
    const before = known.current;
    known.current = messages ? new Set(messages.map((message) => message.id)) : null;
    const added = before && messages ? messages.filter((message) => !before.has(message.id)) : [];
    const stays = before && !wasAtEnd() && !added.some((message) => message.author?.id === me);
    if (stays && added.length > 0) setFresh((count) => count + added.length);
    settle(!stays);
  }, [lastId, messages?.length, pendingCount]);

  const toEnd = () => {
    scroller.current.scrollTo({ top: scroller.current.scrollHeight, behavior: "smooth" });
    setFresh(0);
  };
  return { fresh, toEnd };
}

function Beginning({ channel }) {
  const title = channelTitle(channel);
  if (isDm(channel)) {
    return html`<div class="beginning"><${Avatar} id=${channel.bot_id} name=${title} size=${72} /><h2>${title}</h2>
      <p>This is the beginning of your direct messages with <strong>${title}</strong>.</p></div>`;
  }
  const thread = isThread(channel);
  return html`<div class="beginning"><span class="badge"><${Icon} name=${thread ? "thread" : "hash"} size=${40} /></span>
    <h2>${thread ? title : `Welcome to #${title}!`}</h2><p>${thread ? "This is the start of the thread." : `This is the start of the #${title} channel.`}</p></div>`;
}

function Pending({ item }) {
  const me = useStore((state) => state.people.find((person) => person.id === state.me));
  const bot = useStore((state) => state.bot);
  return html`<div class="message pending" aria-hidden="true">
    <div class="context"><span class="spine"></span><${Avatar} id=${me?.id} name=${me?.name} size=${16} /><span class="context-name">${me?.name}</span> used
      <span class="command-name">${item.kind === "menu" ? "" : "/"}${item.name}</span></div>
    <div class="gutter"><${Avatar} id=${bot.id} name=${bot.name} /></div>
    <div class="message-body"><header><span class="author">${bot.name}</span></header><div class="loading"><span class="dots"><i></i><i></i><i></i></span><span>Sending command…</span></div></div>
  </div>`;
}
