// A picture opened large, with its neighbours, its description and its own address.
import { Icon } from "./icons.js";
import { html, useEffect, useRef } from "./lib.js";
import { setState, useStore } from "./store.js";

export function Lightbox() {
  const box = useStore((state) => state.lightbox);
  return box && html`<${View} box=${box} />`;
}

function View({ box }) {
  const dialog = useRef(null);
  const { pictures, index } = box;
  const picture = pictures[index];
  const many = pictures.length > 1;
  useEffect(() => {
    dialog.current.showModal();
  }, []);
  const step = (by) => setState({ lightbox: { pictures, index: (index + by + pictures.length) % pictures.length } });
  const close = () => setState({ lightbox: null });
  const keydown = (event) => {
    if (many && event.key === "ArrowRight") step(1);
    if (many && event.key === "ArrowLeft") step(-1);
  };
  return html`<dialog class="lightbox" ref=${dialog} aria-label="Picture" onClose=${close} onKeyDown=${keydown}
    onClick=${(event) => !event.target.closest("img, button, a, figcaption") && close()}>
    <figure><img src=${picture.src} alt=${picture.alt || picture.name || ""} />
      <figcaption>${picture.alt && html`<span class="caption">${picture.alt}</span>`}
        <span class="lightbox-links">${many && html`<span>${index + 1} of ${pictures.length}</span>`}
          <a href=${picture.src} target="_blank" rel="noopener">Open in a new tab</a><a href=${picture.src} download=${picture.name}>Download</a></span></figcaption></figure>
    ${many && html`<button type="button" class="step previous" aria-label="Previous picture" onClick=${() => step(-1)}><${Icon} name="left" size=${32} /></button>
      <button type="button" class="step next" aria-label="Next picture" onClick=${() => step(1)}><${Icon} name="right" size=${32} /></button>`}
    <button type="button" class="lightbox-close" autofocus aria-label="Close picture" onClick=${close}><${Icon} name="close" size=${26} /></button>
  </dialog>`;
}
