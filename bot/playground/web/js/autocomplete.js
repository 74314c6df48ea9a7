// Asks the bot for values while an option is typed, and drops answers that come too late.
import { suggest } from "./actions.js";
import { useEffect, useState } from "./lib.js";
import { getState } from "./store.js";

const PAUSE = 120; // milliseconds without a key before asking
const NONE = Object.freeze([]);

export function useAutocomplete(channel, command, option, entry, readSoFar) {
  const [rows, setRows] = useState(NONE);
  const asks = Boolean(option?.autocomplete);
  const text = entry?.text ?? "";
  useEffect(() => {
    if (!asks) {
      setRows(NONE);
      return undefined;
    }
    let late = false;
    const timer = setTimeout(async () => {
      const values = { ...readSoFar(command, getState()), [option.name]: text };
      const choices = await suggest(channel.id, command.key, values, option.name).catch(() => NONE);
      if (!late) setRows(choices);
    }, PAUSE);
    return () => {
      late = true;
      clearTimeout(timer);
    };
  }, [channel.id, command.key, option?.name, asks, text]);
  return rows;
}
