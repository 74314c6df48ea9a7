// Discord's markdown as a tree of plain objects; text stays text, only http(s) addresses become links.

const FENCE = /```(?:([A-Za-z0-9_+\-.#]+)\n)?\n*([\s\S]*?)\n*```/y;
const HEADER = /(#{1,3}) +([^\n]+?)(?:\n|$)/y;
const SUBTEXT = /-# +([^\n]+?)(?:\n|$)/y;
const QUOTE_REST = />>> ([\s\S]*)/y;
const QUOTE_LINES = /(?:> ?[^\n]*(?:\n|$))+/y;
const LIST = /(?: *(?:[-*]|\d{1,9}\.) +[^\n]+(?:\n|$))+/y;
const LIST_ITEM = /^( *)(?:([-*])|(\d{1,9})\.) +(.+)$/;
const BLOCK_AHEAD = /\n(?=#{1,3} +\S|-# +\S|> |>>> | *(?:[-*]|\d{1,9}\.) +\S)|```(?=[\s\S]*?```)/g;

const NOT_ENDING = /[.,:;"'\])!?]+$/;

function at(pattern, text, index) {
  pattern.lastIndex = index;
  return pattern.exec(text);
}

/** The whole text: blocks, and inline nodes inside them. */
export function parse(text) {
  return blocks(String(text ?? ""), false);
}

function blocks(text, quoted) {
  const nodes = [];
  let index = 0;
  while (index < text.length) {
    const lineStart = index === 0 || text[index - 1] === "\n";
    const found = fence(text, index) ?? (lineStart ? lineBlock(text, index, quoted) : null);
    if (found) {
      nodes.push(found.node);
      index = found.end;
      continue;
    }
    const end = paragraphEnd(text, index);
    const content = text.slice(index, end);
    nodes.push({ type: "text", children: inline(content, false) });
    index = text[end] === "\n" ? end + 1 : end;
  }
  return nodes;
}

function fence(text, index) {
  const match = at(FENCE, text, index);
  if (!match) return null;
  const end = index + match[0].length;
  return { node: { type: "code", language: match[1] ?? null, text: match[2] }, end: text[end] === "\n" ? end + 1 : end };
}

function lineBlock(text, index, quoted) {
  let match;
  if ((match = at(HEADER, text, index))) {
    return { node: { type: "header", level: match[1].length, children: inline(match[2], false) }, end: index + match[0].length };
  }
  if ((match = at(SUBTEXT, text, index))) {
    return { node: { type: "subtext", children: inline(match[1], false) }, end: index + match[0].length };
  }
  if (!quoted && (match = at(QUOTE_REST, text, index))) {
    return { node: { type: "quote", children: blocks(match[1], true) }, end: text.length };
  }
  if (!quoted && text.startsWith("> ", index) && (match = at(QUOTE_LINES, text, index))) {
    const inner = match[0].replace(/^> ?/gm, "").replace(/\n$/, "");
    return { node: { type: "quote", children: blocks(inner, true) }, end: index + match[0].length };
  }
  if ((match = at(LIST, text, index))) {
    return listBlock(match[0], index);
  }
  return null;
}

function paragraphEnd(text, index) {
  BLOCK_AHEAD.lastIndex = index + 1;
  const match = BLOCK_AHEAD.exec(text);
  return match ? match.index : text.length;
}

/** The items up to where, at the first depth, dots change to numbers or back: that begins another list. */
function listBlock(text, index) {
  const lines = text.replace(/\n$/, "").split("\n");
  const items = lines.map((line) => {
    const [, indent, , number, content] = LIST_ITEM.exec(line);
    return { depth: indent.length, number: number ? Number(number) : null, content };
  });
  const first = items[0];
  const other = items.findIndex((item) => item.depth <= first.depth && (item.number === null) !== (first.number === null));
  const count = other < 0 ? items.length : other;
  const length = lines.slice(0, count).join("\n").length;
  return { node: nest(items, 0, count), end: Math.min(index + length + 1, index + text.length) };
}

function nest(items, from, to) {
  const base = items[from].depth;
  const node = { type: "list", start: items[from].number, items: [] };
  let index = from;
  while (index < to) {
    let end = index + 1;
    while (end < to && items[end].depth > base) end += 1;
    const children = inline(items[index].content, false);
    if (end > index + 1) children.push(nest(items, index + 1, end));
    node.items.push(children);
    index = end;
  }
  return node;
}

const wrap = (type) => (match, inLink) => ({ type, children: inline(match[1], inLink) });

const RULES = [
  ["\\", /\\([^0-9A-Za-z\s])/y, (m) => ({ type: "plain", text: m[1] })],
  ["`", /(`+)([\s\S]*?[^`])\1(?!`)/y, (m) => ({ type: "inlineCode", text: m[2].trim() || m[2] })],
  ["|", /\|\|([\s\S]+?)\|\|/y, wrap("spoiler")],
  ["*", /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y, wrap("bold")],
  ["*", /\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, wrap("italic")],
  ["_", /__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, wrap("underline")],
  ["_", /_((?:__|\\[\s\S]|[^\\_])+?)_(?![A-Za-z0-9_])/y, wrap("italic")],
  ["~", /~~([\s\S]+?)~~(?!~)/y, wrap("strike")],
  ["[", /\[((?:\\.|[^[\]\\\n])+)\]\(<?(https?:\/\/[^\s<>)]+)>?(?: "[^"\n]*")?\)/y, link],
  ["<", /<(https?:\/\/[^\s<>]+)>/y, (m, inLink) => url(m[1], inLink)],
  ["<", /<@!?(\d{1,20})>/y, (m) => ({ type: "user", id: m[1] })],
  ["<", /<@&(\d{1,20})>/y, (m) => ({ type: "role", id: m[1] })],
  ["<", /<#(\d{1,20})>/y, (m) => ({ type: "channel", id: m[1] })],
  ["<", /<\/([^\n:<>]{1,100}):(\d{1,20})>/y, (m) => ({ type: "command", name: m[1], id: m[2] })],
  ["<", /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y, (m) => ({ type: "time", seconds: Number(m[1]), style: m[2] ?? "f" })],
  ["<", /<a?:(\w{2,32}):\d{1,20}>/y, (m) => ({ type: "emoji", name: m[1] })],
  ["@", /@(everyone|here)\b/y, (m) => ({ type: "everyone", name: m[1] })],
  ["h", /https?:\/\/[^\s<>]+/y, bareUrl],
];

const STARTS = /[\\`|*_~[<@h]/g;

function link(match, inLink) {
  if (inLink) return { type: "plain", text: match[0] };
  return { type: "link", url: match[2], children: inline(match[1], true) };
}

function url(address, inLink) {
  const label = { type: "plain", text: address };
  return inLink ? label : { type: "link", url: address, children: [label] };
}

function bareUrl(match, inLink) {
  let address = match[0].replace(NOT_ENDING, "");
  if (match[0][address.length] === ")" && address.includes("(")) address += ")";
  return address.length < 9 ? null : { node: url(address, inLink), length: address.length };
}

function inline(text, inLink) {
  const nodes = [];
  let plain = "";
  let index = 0;
  while (index < text.length) {
    STARTS.lastIndex = index;
    const next = STARTS.exec(text)?.index ?? text.length;
    plain += text.slice(index, next);
    index = next;
    if (index >= text.length) break;
    const found = rule(text, index, inLink);
    if (!found) {
      plain += text[index];
      index += 1;
    } else {
      if (found.node.type === "plain") plain += found.node.text;
      else {
        if (plain) nodes.push({ type: "plain", text: plain });
        plain = "";
        nodes.push(found.node);
      }
      index = found.end;
    }
  }
  if (plain) nodes.push({ type: "plain", text: plain });
  return nodes;
}

function rule(text, index, inLink) {
  if ((text[index] === "_" || text[index] === "h") && /\w/.test(text[index - 1] ?? "")) return null; // snake_case stays as it is
  for (const [start, pattern, build] of RULES) {
    if (text[index] !== start) continue;
    const match = at(pattern, text, index);
    const built = match && build(match, inLink);
    if (built) return { node: built.node ?? built, end: index + (built.length ?? match[0].length) };
  }
  return null;
}

const ONLY_EMOJI = /^(?:\s|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|\ufe0f)+$/u;

/** A message of a few emoji and nothing else is drawn large. */
export function isJumbo(text) {
  return Boolean(text) && text.length <= 54 && ONLY_EMOJI.test(text) && /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(text);
}
