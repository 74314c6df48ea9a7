// The bottom of a channel: writing a message, finding a command, and the notes above the field.
import { CommandBar } from "./options.js";
import { CommandList, MentionList, useMentions } from "./suggestions.js";
import { searchCommands, slashCommands } from "./commands.js";
import { addFiles, changeDraft, draftOf, startCommand } from "./draft.js";
import { focusField } from "./composer-focus.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useLayoutEffect, useMemo, useRef, useState } from "./lib.js";
import { authorName } from "./message.js";
import { channelTitle, isDm, isThread, setState, useStore } from "./store.js";
import { LONGEST, sendMessage } from "./send.js";
import { Uploads } from "./uploads.js";

export function Composer({ channel }) {
  const draft = useStore(draftOf);
  const root = useRef(null);
  const title = channelTitle(channel);
  const here = isDm(channel) ? `@${title}` : isThread(channel) ? title : `#${title}`;
  const command = draft.command;

  useLayoutEffect(() => {
    if (!command && matchMedia("(pointer: fine)").matches) focusField(root.current, "textarea"); // on a phone the keyboard would jump up
  }, [channel.id, Boolean(command)]);

  useEffect(() => {
    const typeAnywhere = (event) => {
      const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ";
      if (isText && event.target === document.body) focusField(root.current, "textarea"); // the key itself lands in the field
    };
    document.addEventListener("keydown", typeAnywhere);
    return () => document.removeEventListener("keydown", typeAnywhere);
  }, []);

  return html`<div class="composer" data-composer ref=${root}>
    <${ReplyBar} />
    <${Notice} />
    ${command
      ? html`<${CommandBar} key=${`${channel.id}:${command.key}`} channel=${channel} command=${command} />`
      : channel.can_send === false
        ? html`<div class="bar read-only" role="note"><${Icon} name="lock" size=${18} />You do not have permission to send messages in this channel.</div>`
        : html`<${MessageField} key=${channel.id} channel=${channel} here=${here} draft=${draft} />`}
    <${Typing} channel=${channel} />
  </div>`;
}

function MessageField({ channel, here, draft }) {
  const commands = useStore((state) => state.commands);
  const replyTo = useStore((state) => state.replyTo);
  const field = useRef(null);
  const picker = useRef(null);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(false);
  const slash = useMemo(() => slashCommands(commands, channel), [commands, channel]);
  const query = draft.text.startsWith("/") && !draft.text.includes("\n") ? draft.text.slice(1) : null;
  const found = useMemo(() => (query === null ? [] : searchCommands(slash, query)), [slash, query]);
  const showCommands = query !== null && !closed && found.length > 0;
  const mentions = useMentions(draft.text, field, channel);
  const list = showCommands ? found : mentions.rows;
  useEffect(() => setActive(0), [query, mentions.query]);

  const begin = (command, rest = "") => startCommand(command.key, rest);
  const pick = (row) => (showCommands ? begin(row) : mentions.take(row));
  const input = (event) => {
    const text = event.target.value;
    setClosed(false);
    const exact = text.startsWith("/") && slash.filter((command) => text.startsWith(`/${command.key} `)).sort((a, b) => b.key.length - a.key.length)[0];
    if (exact) begin(exact, text.slice(exact.key.length + 2));
    else changeDraft({ text });
  };
  const keydown = (event) => {
    if (event.isComposing) return;
    if (list.length > 0 && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      setActive((active + (event.key === "ArrowDown" ? 1 : list.length - 1)) % list.length);
    } else if (list.length > 0 && (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey))) pick(list[Math.min(active, list.length - 1)]);
    else if (event.key === "Escape") escape();
    else if (event.key === "Enter" && !event.shiftKey) send();
    else return;
    event.preventDefault();
  };
  const escape = () => {
    if (showCommands) setClosed(true);
    else if (mentions.rows.length > 0) mentions.close();
    else if (replyTo) setState({ replyTo: null });
    else setState({ notice: null });
  };
  const send = () => sendMessage(channel, draft, replyTo);
  const left = LONGEST - [...draft.text].length;
  const label = `Message ${here}`;
  return html`
    ${showCommands && html`<${CommandList} rows=${found} active=${active} onPick=${begin} onHover=${setActive} />`}
    ${!showCommands && mentions.rows.length > 0 && html`<${MentionList} rows=${mentions.rows} active=${active} onPick=${mentions.take} onHover=${setActive} />`}
    <div class=${cx("bar", (replyTo || draft.files.length > 0) && "stacked")}>
      <${Uploads} files=${draft.files} />
      <div class="bar-row">
        <button type="button" class="icon-button attach" aria-label="Add files" title="Add files" onClick=${() => picker.current.click()}><${Icon} name="plus" size=${22} /></button>
        <input ref=${picker} class="visually-hidden" type="file" multiple tabindex="-1" aria-label="Files to send" onChange=${(event) => { addFiles(event.target.files); event.target.value = ""; }} />
        <span class="grow" data-value=${`${draft.text} `}><textarea ref=${field} rows="1" aria-label=${label} placeholder=${label} value=${draft.text}
          aria-haspopup="listbox" aria-controls=${list.length > 0 ? "composer-list" : undefined} aria-activedescendant=${list.length > 0 ? `composer-list-${active}` : undefined}
          aria-autocomplete=${list.length > 0 ? "list" : undefined} spellcheck="true" autocomplete="off" onInput=${input} onKeyDown=${keydown} onKeyUp=${mentions.look} onClick=${mentions.look} /></span>
        ${left < 200 && html`<span class=${cx("left", left < 0 && "over")} title="Characters left">${left}</span>`}
        <button type="button" class="icon-button commands" aria-label="Use a command" title="Use a command" onClick=${() => { changeDraft({ text: "/" }); field.current.focus(); }}><${Icon} name="slash" size=${22} /></button>
        <button type="button" class="icon-button send" aria-label="Send message" title="Send message" disabled=${!draft.text.trim() && draft.files.length === 0} onClick=${send}><${Icon} name="send" size=${22} /></button>
      </div>
    </div>`;
}

function ReplyBar() {
  const replyTo = useStore((state) => state.replyTo);
  if (!replyTo) return null;
  return html`<div class="reply-bar">Replying to <strong>${authorName(replyTo.author)}</strong>
    <button type="button" class="icon-button" aria-label="Cancel reply" onClick=${() => setState({ replyTo: null })}><${Icon} name="close" size=${16} /></button></div>`;
}

function Notice() {
  const notice = useStore((state) => state.notice);
  if (!notice) return null;
  return html`<div class="notice" role="alert"><${Icon} name="warn" size=${18} /><span>${notice.text}</span>
    <button type="button" class="icon-button" aria-label="Close notice" onClick=${() => setState({ notice: null })}><${Icon} name="close" size=${16} /></button></div>`;
}

function Typing({ channel }) {
  const typing = useStore((state) => state.typing[channel.id]);
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!typing) return undefined;
    const timer = setTimeout(() => redraw((count) => count + 1), Math.max(0, typing.until - Date.now()) + 20);
    return () => clearTimeout(timer);
  }, [typing]);
  const shown = typing && typing.until > Date.now();
  return html`<div class="typing" aria-live="off">${shown && html`<span class="dots" aria-hidden="true"><i></i><i></i><i></i></span><strong>${typing.name}</strong> is typing…`}</div>`;
}
