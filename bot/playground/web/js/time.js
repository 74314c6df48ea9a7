// Times in words: message times, day lines, and Discord's timestamp styles.
import { useEffect, useState } from "./lib.js";

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const shortDate = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });
const longDate = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const fullDate = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

export function relativeTime(seconds, now = Date.now() / 1000) {
  const distance = seconds - now;
  const [unit, size] = STEPS.find(([, length]) => Math.abs(distance) >= length) ?? ["second", 1];
  return relative.format(Math.round(distance / size), unit);
}

export function formatStamp(seconds, style, now) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return "Invalid Date";
  const styles = {
    t: () => clock.format(date),
    T: () => clockSeconds.format(date),
    d: () => shortDate.format(date),
    D: () => longDate.format(date),
    f: () => `${longDate.format(date)} ${clock.format(date)}`,
    F: () => `${fullDate.format(date)} ${clock.format(date)}`,
    s: () => `${shortDate.format(date)} ${clock.format(date)}`,
    S: () => `${shortDate.format(date)} ${clockSeconds.format(date)}`,
    R: () => relativeTime(seconds, now),
  };
  return styles[style]();
}

function dayNumber(date) {
  return Math.floor((date.getTime() - date.getTimezoneOffset() * 60_000) / 86_400_000);
}

/** "14:03", "Yesterday at 14:03" or "20/11/2026 14:03". */
export function messageTime(iso, now = new Date()) {
  const date = new Date(iso);
  const days = dayNumber(now) - dayNumber(date);
  if (days === 0) return clock.format(date);
  if (days === 1) return `Yesterday at ${clock.format(date)}`;
  return `${shortDate.format(date)} ${clock.format(date)}`;
}

export function clockTime(iso) {
  return clock.format(new Date(iso));
}

export function fullTime(iso) {
  const date = new Date(iso);
  return `${fullDate.format(date)} ${clock.format(date)}`;
}

export function dayLine(iso) {
  return longDate.format(new Date(iso));
}

export function sameDay(a, b) {
  return dayNumber(new Date(a)) === dayNumber(new Date(b));
}

/** The present second, counted while the component stands. */
export function useNow(active = true) {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!active) return undefined;
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, [active]);
  return now;
}
