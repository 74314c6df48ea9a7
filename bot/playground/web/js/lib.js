// The one place that names the view library: `html` templates, hooks, and `memo`.
import { Component, Fragment, createContext, h, render } from "preact";
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import htm from "htm";

export const html = htm.bind(h);
export { Fragment, createContext, h, render, useContext, useEffect, useLayoutEffect, useMemo, useRef, useState };

function differs(a, b) {
  const keys = Object.keys(a);
  return keys.length !== Object.keys(b).length || keys.some((key) => a[key] !== b[key]);
}

/** A component that draws again only when one of its properties is another object. */
export function memo(view) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return differs(this.props, next);
    }
    render(props) {
      return h(view, props);
    }
  };
}

/** Class names joined, falsy ones left out. */
export function cx(...names) {
  return names.filter(Boolean).join(" ");
}

/** Calls `handler` for pointer presses outside `ref` while `active`. */
export function useOutside(ref, active, handler) {
  useEffect(() => {
    if (!active) return undefined;
    const listener = (event) => {
      if (ref.current && !ref.current.contains(event.target)) handler();
    };
    document.addEventListener("pointerdown", listener, true);
    return () => document.removeEventListener("pointerdown", listener, true);
  }, [active, handler]);
}
