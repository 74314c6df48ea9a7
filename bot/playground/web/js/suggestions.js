// The lists above the composer: commands to begin, people and channels to mention.
import { Avatar } from "./avatar.js";
import { changeDraft } from "./draft.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useLayoutEffect, useRef, useState } from "./lib.js";
import { isDm, useStore } from "./store.js";

function useActiveInView(active) {
  const list = useRef(null);
  useEffect(() => list.current?.querySelector(".active")?.scrollIntoView({ block: "nearest" }), [active]);
  return list;
}

export function CommandList({ rows, active, onPick, onHover }) {
  const bot = useStore((state) => state.bot);
  const list = useActiveInView(active);
  return html`<div class="popover commands-list" ref=${list}>
    <div class="popover-title"><${Avatar} id=${bot.id} name=${bot.name} size=${18} />${bot.name}</div>
    <div role="listbox" id="composer-list" aria-label="Commands">
      ${rows.map((command, index) => html`<div key=${command.key} role="option" id=${`composer-list-${index}`} aria-selected=${String(index === active)} aria-label=${`/${command.key}`}
        class=${cx("row command-row", index === active && "active")} onClick=${() => onPick(command)} onMouseMove=${() => onHover(index)}>
        <span class="row-main"><strong>/${command.key}</strong>
          ${command.options.filter((option) => option.required).map((option) => html`<span class="option-hint" key=${option.name}>${option.name}</span>`)}
          ${optionalHint(command)}
          <small>${command.description}</small></span>
        <span class="row-note">${bot.name}</span></div>`)}
    </div></div>`;
}

function optionalHint(command) {
  const count = command.options.filter((option) => !option.required).length;
  return count > 0 && html`<span class="optional-hint">+${count} optional</span>`;
}

const ASKING = /(?:^|\s)([@#])([\w-]{0,30})$/;

/** People or channels that fit the word before the caret. */
export function useMentions(text, field, channel) {
  const people = useStore((state) => state.people);
  const bot = useStore((state) => state.bot);
  const channels = useStore((state) => state.channels);
  const [caret, setCaret] = useState(null);
  const [closedAt, setClosedAt] = useState(null);
  const wanted = useRef(null);
  const position = Math.min(caret ?? text.length, text.length);
  const match = ASKING.exec(text.slice(0, position));
  const query = match ? match[1] + match[2].toLowerCase() : null;
  const rows = !query || closedAt === text ? [] : candidates(match, { people, bot, channels, channel });
  const take = (row) => {
    const start = position - match[2].length - 1;
    changeDraft({ text: `${text.slice(0, start)}${match[1]}${row.name} ${text.slice(position)}` });
    const end = start + row.name.length + 2;
    setCaret(end);
    wanted.current = end;
  };
  // Before the browser takes the next key: a later moment would move the caret away from under what is typed.
  useLayoutEffect(() => {
    if (wanted.current === null || field.current?.value !== text) return;
    field.current.focus();
    field.current.setSelectionRange(wanted.current, wanted.current);
    wanted.current = null;
  }, [text]);
  return { rows, query, take, close: () => setClosedAt(text), look: (event) => setCaret(event.target.selectionStart) };
}

function candidates([, sign, word], { people, bot, channels, channel }) {
  const fits = (row) => row.name.toLowerCase().startsWith(word.toLowerCase());
  if (sign === "#") return isDm(channel) ? [] : channels.filter((item) => !isDm(item) && item.name).filter(fits).slice(0, 8);
  return [{ ...bot, bot: true }, ...people].filter(fits);
}

export function MentionList({ rows, active, onPick, onHover }) {
  const list = useActiveInView(active);
  return html`<div class="popover" ref=${list}><div role="listbox" id="composer-list" aria-label="Mentions">
    ${rows.map((row, index) => html`<div key=${row.id} role="option" id=${`composer-list-${index}`} aria-selected=${String(index === active)} aria-label=${row.name}
      class=${cx("row", index === active && "active")} onClick=${() => onPick(row)} onMouseMove=${() => onHover(index)}>
      ${row.type === undefined ? html`<${Avatar} id=${row.id} name=${row.name} size=${24} />` : html`<${Icon} name="hash" />`}
      <span class="row-main">${row.name}</span><span class="row-note">${row.bot ? "app" : row.role ?? ""}</span></div>`)}
  </div></div>`;
}
