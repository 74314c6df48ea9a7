// Requests and the live events of the page API; knows nothing of what is on the screen.

export class ApiError extends Error {}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError("The playground does not answer. Is it still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(sentence(body) ?? `The playground answered ${response.status}.`);
  return body;
}

function sentence(body) {
  const text = body.error ?? body.message;
  return typeof text === "string" && text ? text : null;
}

function form(payload, files) {
  const data = new FormData();
  data.append("payload_json", JSON.stringify(payload));
  files.forEach((file, index) => data.append(`files[${index}]`, file, file.name));
  return { method: "POST", body: data };
}

export function fetchState(person) {
  return request(person ? `/playground/state?as=${encodeURIComponent(person)}` : "/playground/state");
}

export function fetchMessages(channelId, person) {
  return request(`/playground/channels/${encodeURIComponent(channelId)}/messages?as=${encodeURIComponent(person)}`);
}

export function postMessage(channelId, payload, files = []) {
  return request(`/playground/channels/${encodeURIComponent(channelId)}/messages`, form(payload, files));
}

export function postForward(person, messageId, channelId) {
  return request("/playground/forward", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: person, message_id: messageId, channel_id: channelId }),
  });
}

export function postInteraction(payload, files = []) {
  return request("/playground/interactions", form(payload, files));
}

export function postDismiss(person, messageId) {
  return request("/playground/dismiss", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ as: person, message_id: messageId }),
  });
}

const FIRST_WAIT = 400;
const LONGEST_WAIT = 5000;

/** Keeps one WebSocket open for `person`; calls back on each event, on (re)connection and on loss. */
export function openEvents(person, { onEvent, onOpen, onLost }) {
  let closed = false;
  let wait = FIRST_WAIT;
  let socket = null;
  let timer = null;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/playground/events?as=${encodeURIComponent(person)}`);
    socket.onopen = () => {
      wait = FIRST_WAIT;
      onOpen();
    };
    socket.onmessage = (message) => onEvent(JSON.parse(message.data));
    socket.onclose = () => {
      if (closed) return;
      onLost();
      timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
  }

  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    socket.close();
  };
}
