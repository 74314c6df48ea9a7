// A forum: its posts as cards instead of a log.
import { openChannel } from "./actions.js";
import { Icon } from "./icons.js";
import { html } from "./lib.js";
import { compareIds, useStore } from "./store.js";

export function Posts({ channel }) {
  const channels = useStore((state) => state.channels);
  const unread = useStore((state) => state.unread);
  const posts = channels.filter((item) => item.parent_id === channel.id).sort((a, b) => compareIds(b.last_message_id ?? b.id, a.last_message_id ?? a.id));
  return html`<div class="posts" role="list" aria-label=${`Posts in ${channel.name}`}>
    ${posts.length === 0 && html`<div class="posts-none"><span class="badge"><${Icon} name="forum" size=${40} /></span><h2>No posts yet</h2><p>Posts in this forum appear here.</p></div>`}
    ${posts.map((post) => html`<div role="listitem" key=${post.id}><button type="button" class="post" onClick=${() => openChannel(post.id)}>
      <strong>${post.name}</strong><small>${post.archived ? "archived" : unread[post.id] ? `${unread[post.id].count} new` : "open"}</small></button></div>`)}
  </div>`;
}
