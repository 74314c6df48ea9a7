// Who is looking: the switch between people at the top, and the list of members on the right.
import { becomePerson } from "./actions.js";
import { AppTag, Avatar } from "./avatar.js";
import { Icon } from "./icons.js";
import { cx, html, useEffect, useRef, useState } from "./lib.js";
import { openUserMenu } from "./menus.js";
import { colorOf, useStore } from "./store.js";

const ROLE_WORDS = { member: "Member", moderator: "Moderator" };

export function PersonSwitch() {
  const people = useStore((state) => state.people);
  const meId = useStore((state) => state.me);
  const [open, setOpen] = useState(false);
  const root = useRef(null);
  const me = people.find((person) => person.id === meId);
  useEffect(() => {
    if (!open) return undefined;
    const outside = (event) => !root.current.contains(event.target) && setOpen(false);
    document.addEventListener("pointerdown", outside, true);
    (root.current.querySelector("[aria-checked=true]") ?? root.current.querySelector("[role=menuitemradio]"))?.focus();
    return () => document.removeEventListener("pointerdown", outside, true);
  }, [open]);
  if (!me) return null;
  const close = () => {
    setOpen(false);
    root.current.querySelector(".person-face").focus();
  };
  const keydown = (event) => {
    if (!open) return;
    const items = [...root.current.querySelectorAll("[role=menuitemradio]")];
    const step = { ArrowDown: 1, ArrowUp: items.length - 1 }[event.key];
    if (step) items[(items.indexOf(document.activeElement) + step) % items.length].focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };
  const choose = (person) => {
    close();
    if (person.id !== meId) becomePerson(person.id);
  };
  return html`<div class="person-switch" ref=${root} onKeyDown=${keydown}>
    <button type="button" class="person-face" aria-haspopup="menu" aria-expanded=${String(open)} aria-label=${`You are ${me.name}, ${ROLE_WORDS[me.role] ?? me.role}. Switch person`}
      title="Switch person" onClick=${() => setOpen(!open)}>
      <${Avatar} id=${me.id} name=${me.name} size=${24} /><span class="person-name">${me.name}</span><span class="role-word">${ROLE_WORDS[me.role] ?? me.role}</span><${Icon} name="chevron" size=${16} />
    </button>
    ${open && html`<div class="person-menu">
      <p id="person-help">See the server through other eyes. Each person has their own quota, ephemeral notes and direct messages; moderators also see the commands for running the server.</p>
      <div role="menu" aria-label="People" aria-describedby="person-help">
        ${people.map((person) => html`<button type="button" key=${person.id} role="menuitemradio" aria-checked=${String(person.id === meId)} aria-label=${`${person.name}, ${ROLE_WORDS[person.role] ?? person.role}`}
          class="person-row" onClick=${() => choose(person)}><${Avatar} id=${person.id} name=${person.name} size=${32} />
          <span><strong>${person.name}</strong><small>${ROLE_WORDS[person.role] ?? person.role}</small></span>${person.id === meId && html`<${Icon} name="check" />`}</button>`)}
      </div></div>`}
  </div>`;
}

export function Members() {
  const people = useStore((state) => state.people);
  const bot = useStore((state) => state.bot);
  const online = useStore((state) => state.online);
  const groups = [
    ["Moderators", people.filter((person) => person.role === "moderator")],
    ["Members", people.filter((person) => person.role !== "moderator")],
    ["Apps", [{ ...bot, bot: true }]],
  ];
  return html`<aside class="members" aria-label="Members">
    ${groups.map(([title, list]) => list.length > 0 && html`<section key=${title}><h2>${title} — ${list.length}</h2>
      ${list.map((person) => html`<button type="button" key=${person.id} class=${cx("member", person.bot && !online && "away")}
        onClick=${(event) => openUserMenu(event, person)} onContextMenu=${(event) => openUserMenu(event, person)}>
        <span class=${cx("presence", person.bot && !online && "off")}><${Avatar} id=${person.id} name=${person.name} size=${32} /></span>
        <span class="member-name" style=${{ color: person.bot ? undefined : colorOf(person.color) ?? undefined }}>${person.name}</span>${person.bot && html`<${AppTag} />`}</button>`)}
    </section>`)}
  </aside>`;
}
