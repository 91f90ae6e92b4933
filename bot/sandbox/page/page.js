// The page of the sandbox: what one person sees of this Telegram, and what they do in it.
//
// The server sends views (what changed) as server-sent events; everything a person does is one POST.
// What people wrote only ever becomes text nodes: there is no innerHTML in this file.

const PALETTE = ["👍", "❤", "🙏", "😢", "😁", "🤔", "👏", "🔥", "💯", "🤝"];
const RATES = [1, 60, 600, 3600, 21600];
const RATE_WORDS = { 1: "1 second", 60: "1 minute", 600: "10 minutes", 3600: "1 hour", 21600: "6 hours" };

const $ = (selector, root = document) => root.querySelector(selector);

/** Make an element: attributes, `on…` listeners, and children that are nodes or text. */
function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || (value === false && !name.startsWith("aria-"))) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true && !name.startsWith("aria-") ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `page/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

const hovers = matchMedia("(hover: hover)"); // a mouse, not a thumb

const hidden = (text) => make("span", { class: "hidden" }, text);

// --- what is known ---

const world = {
  me: null, people: [], groups: [], bot: { id: 0, name: "", username: "" }, chats: [], zone: "UTC",
  now: 0, at: performance.now(), rate: 0, next: null,
};
const messages = new Map(); // chat id → Map(message id → message)
const seen = new Map(); // chat id → newest message that was on the screen
const unfolded = new Set(); // quotes and spoilers that the person opened
const waiting = new Map(); // pressed buttons that the bot has not answered
let source = null;
let fresh = true; // the next view is the first: nothing in it is news

const chatOf = (id) => world.chats.find((chat) => chat.id === id);

// --- time ---

const moment = () => world.now + (performance.now() - world.at) * world.rate;
const formats = new Map();

function when(ms, options) {
  const key = JSON.stringify([world.zone, options]);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: world.zone, ...options }));
  return formats.get(key).format(ms);
}

const clockTime = (ms) => when(ms, { hour: "2-digit", minute: "2-digit" });
const day = (ms) => when(ms, { weekday: "long", day: "numeric", month: "long" });
const shortDay = (ms) => when(ms, { weekday: "short", day: "numeric", month: "short" });

function showClock() {
  const now = moment();
  const narrow = innerWidth < 760;
  $("#now-date").textContent = narrow ? shortDay(now) : when(now, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  $("#now-time").textContent = clockTime(now);
  $("#now").dateTime = new Date(now).toISOString();
}

function showControls() {
  const running = world.rate > 0;
  $("#play span").textContent = running ? "Pause" : "Play";
  $("#play use").setAttribute("href", `page/icons.svg#${running ? "pause" : "play"}`);
  $("#faster").disabled = world.rate >= RATES.at(-1);
  $("#rate").textContent = running && world.rate !== 1 ? `Each second is ${RATE_WORDS[world.rate] ?? `${world.rate} seconds`}` : "";
  const ahead = world.next !== null && world.next > moment();
  $("#jump").disabled = !ahead;
  $("#jump-to").textContent = ahead ? `${shortDay(world.next)}, ${clockTime(world.next)}` : "";
}

$("#play").addEventListener("click", () => act("play", { rate: world.rate > 0 ? 0 : 1 }));
$("#faster").addEventListener("click", () => act("play", { rate: RATES.find((rate) => rate > Math.max(world.rate, 1)) ?? RATES.at(-1) }));
$("#jump").addEventListener("click", () => act("jump"));
setInterval(() => { if (world.rate > 0) { showClock(); if ($("#jump").disabled !== !(world.next > moment())) showControls(); } }, 250);

// --- talking to the server ---

async function act(kind, details = {}, files = []) {
  const form = new FormData();
  form.append("act", JSON.stringify({ kind, person: world.me, ...details }));
  for (const file of files) form.append("file", file, file.name);
  try {
    const answer = await fetch("page/act", { method: "POST", body: form, headers: { "X-Sandbox": "page" } });
    const result = await answer.json();
    if (result.error) toast(result.error);
    return result;
  } catch {
    toast("The sandbox doesn't answer.");
    return { error: "offline" };
  }
}

function listen() {
  source?.close();
  fresh = true;
  const person = new URLSearchParams(location.search).get("person") ?? "";
  source = new EventSource(`page/events?person=${encodeURIComponent(person)}`);
  source.addEventListener("view", (event) => show(JSON.parse(event.data)));
  source.addEventListener("answer", (event) => answered(JSON.parse(event.data)));
  source.addEventListener("error", () => { fresh = true; toast("Lost the sandbox. Trying again …"); });
}

function become(person) {
  const url = new URL(location.href);
  url.searchParams.set("person", person);
  history.replaceState(null, "", url);
  for (const pane of panes) pane.close();
  document.body.dataset.view = "list";
  listen();
}

function show(view) {
  if (view.me === null && view.people.length) { // somebody exists by now, or the one in the address never did
    $("#dialog").close();
    become(view.people[0].id);
    return;
  }
  if (view.reset) {
    messages.clear();
    seen.clear();
    for (const pane of panes) pane.clear();
    if ($("#toast").textContent.startsWith("Lost")) $("#toast").hidden = true;
  }
  const { messages: changed, gone, ...rest } = view;
  Object.assign(world, rest, { at: performance.now() });
  for (const chat of world.chats) if (!messages.has(chat.id)) messages.set(chat.id, new Map());
  for (const [chat, list] of Object.entries(changed)) for (const message of list) keep(Number(chat), message);
  for (const [chat, list] of Object.entries(gone)) for (const id of list) messages.get(Number(chat))?.delete(id);
  showClock();
  showControls();
  showPeople();
  openFirst();
  for (const pane of panes) pane.update(changed, gone);
  showChats();
  if (view.reset && world.me === null && !$("#dialog").open) newPerson();
  fresh = false;
  document.body.dataset.ready = world.me ?? "nobody";
}

function keep(chat, message) {
  const known = messages.get(chat);
  const news = !fresh && !known.has(message.id) && !message.mine;
  known.set(message.id, message);
  if (news) announce(`${chatOf(chat)?.title ?? ""}. ${message.name ?? ""}: ${summary(message)}`);
}

function announce(text) { $("#announce").textContent = text; }

let toastTimer = 0;
function toast(text) {
  const node = $("#toast");
  node.textContent = text;
  node.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { node.hidden = true; }, 5000);
}

function answered(answer) {
  for (const stop of waiting.values()) stop();
  waiting.clear();
  if (answer.url) follow(answer.url);
  else if (answer.text && answer.alert) ask("BLN", [answer.text], { yes: "OK", no: null });
  else if (answer.text) toast(answer.text);
}

// --- people and chats ---

const initials = (name) => name.split(/\s+/).filter(Boolean).slice(0, 2).map((word) => [...word][0]).join("").toUpperCase();
const tint = (id) => `tint-${Math.abs(Number(id)) % 7}`;
const face = (name, id, more = "") => make("span", { class: `avatar ${tint(id)} ${more}`, "aria-hidden": "true" }, initials(name));

let peopleKey = "";
function showPeople() {
  const key = JSON.stringify([world.people, world.me]);
  if (key === peopleKey) return;
  peopleKey = key;
  const list = $("#person");
  list.replaceChildren(...world.people.map((person) =>
    make("option", { value: person.id, selected: person.id === world.me }, person.role ? `${person.name} · ${person.role}` : person.name)));
  if (world.me === null) list.prepend(make("option", { value: "", selected: true }, "Nobody yet"));
  list.disabled = world.people.length === 0;
  $("#new-group").hidden = world.me === null;
}
$("#person").addEventListener("change", (event) => { if (event.target.value) become(event.target.value); });
$("#new-person").addEventListener("click", newPerson);
$("#new-group").addEventListener("click", () => newGroup());

async function newPerson() {
  const name = make("input", { required: true, maxlength: 64, autocomplete: "off" });
  const language = make("select", {}, [["en", "English"], ["nl", "Nederlands"], ["sv", "Svenska"]].map(([value, text]) => make("option", { value }, text)));
  const groups = world.groups.map((group) => [group, make("input", { type: "checkbox" })]);
  const yes = await ask("New person", [
    make("p", {}, "Somebody with a telephone. You see what they see and do what they do."),
    make("label", {}, "Name", name),
    make("label", {}, "Language of the telephone", language),
    ...groups.map(([group, box]) => make("label", {}, box, ` Member of ${group.title}`)),
  ], { yes: "Create" });
  if (!yes || !name.value.trim()) return;
  const result = await act("person", {
    name: name.value, language: language.value, groups: groups.filter(([, box]) => box.checked).map(([group]) => group.id),
  });
  if (result.id) become(result.id);
}

async function newGroup() {
  const title = make("input", { required: true, maxlength: 128, autocomplete: "off" });
  const bot = make("input", { type: "checkbox", checked: true });
  const yes = await ask("New group", [make("label", {}, "Title", title), make("label", {}, bot, ` ${world.bot.name} is an administrator of it`)], { yes: "Create" });
  if (!yes || !title.value.trim()) return null;
  const result = await act("group", { title: title.value, bot: bot.checked });
  if (result.id) openChat(result.id);
  return result.id ?? null;
}

function summary(message) {
  if (message.media) return message.text ? `${message.media.label}, ${message.text}` : message.media.label;
  return message.text || (message.poll ? message.poll.question : "");
}

function showChats() {
  const focus = document.activeElement?.closest?.("#chats button")?.dataset.chat;
  const nodes = world.chats.map((chat) => {
    const known = messages.get(chat.id);
    const last = [...known.values()].at(-1);
    const unread = [...known.values()].filter((message) => message.id > (seen.get(chat.id) ?? 0) && !message.mine && !message.service).length;
    const who = last && !last.service && chat.kind === "group" ? make("b", {}, `${last.mine ? "You" : last.name}: `) : null;
    return make("li", {}, make("button", {
      type: "button", "data-chat": chat.id, "aria-current": panes.some((pane) => pane.shown && pane.chat === chat.id), onclick: () => openChat(chat.id, true),
    },
    face(chat.title, chat.id),
    make("span", { class: "title" }, chat.title),
    last ? make("time", {}, day(last.at) === day(moment()) ? clockTime(last.at) : shortDay(last.at)) : null,
    make("span", { class: unread ? "last" : "last alone" }, who, last ? summary(last).slice(0, 90) : chat.state === "start" ? "Not started yet" : "No messages yet"),
    unread ? make("span", { class: "badge" }, String(unread), hidden(" new")) : null));
  });
  $("#chats").replaceChildren(...nodes);
  $("#no-chats").hidden = nodes.length > 0;
  if (focus) $(`#chats button[data-chat="${focus}"]`)?.focus();
}

function openChat(id, byHand = false) {
  const chat = chatOf(id);
  if (!chat) { pending = id; return; }
  const pane = chat.kind === "private" ? panes[1] : panes[0];
  document.body.dataset.view = chat.kind;
  pane.open(id);
  showChats();
  if (byHand && hovers.matches) pane.input.focus({ preventScroll: true }); // on a phone the keyboard would jump up
}

let pending = null; // a chat to open as soon as it is known
function openFirst() {
  if (pending !== null && chatOf(pending)) {
    const id = pending;
    pending = null;
    openChat(id);
  }
  for (const [index, kind] of ["group", "private"].entries()) {
    if (chatOf(panes[index].chat)) continue;
    panes[index].close();
    const chat = world.chats.find((one) => one.kind === kind);
    if (chat) panes[index].open(chat.id);
  }
  $("#nothing").hidden = panes.some((pane) => pane.chat !== null);
}

// --- a dialog ---

function ask(title, body, { yes = "OK", no = "Cancel", danger = false } = {}) {
  const dialog = $("#dialog");
  $("#dialog-title").textContent = title;
  $("#dialog-body").replaceChildren(...body);
  $("#dialog-yes").textContent = yes;
  $("#dialog-yes").className = danger ? "danger" : "primary";
  $("#dialog-no").textContent = no ?? "";
  $("#dialog-no").hidden = no === null;
  dialog.returnValue = "no";
  if (dialog.open) dialog.close();
  dialog.showModal();
  // the first button in a form is what Enter presses: here it must be the one that goes on
  dialog.onkeydown = (event) => {
    if (event.key === "Enter" && event.target.tagName === "INPUT") { event.preventDefault(); $("#dialog-yes").click(); }
  };
  return new Promise((resolve) => { dialog.onclose = () => resolve(dialog.returnValue === "yes"); });
}

// --- links ---

/** Do what a telephone does with a link: t.me opens the bot, everything else a new tab, after asking. */
async function follow(url) {
  const link = URL.parse ? URL.parse(url) : new URL(url);
  const bot = world.bot.username.toLowerCase();
  if (link && ["t.me", "telegram.me"].includes(link.hostname) && link.pathname.slice(1).toLowerCase() === bot) {
    if (link.searchParams.has("startgroup")) return intoGroup(link.searchParams);
    openChat(world.me);
    if (link.searchParams.has("start")) return act("start", { chat: world.me, param: link.searchParams.get("start") });
    return null;
  }
  if (link?.protocol === "tg:") return toast("This link works in Telegram only.");
  if (await ask("Open this link?", [url], { yes: "Open" })) open(url, "_blank", "noopener");
  return null;
}

async function intoGroup(params) {
  const groups = world.chats.filter((chat) => chat.kind === "group" && chat.admin);
  const choice = make("select", {}, groups.map((group) => make("option", { value: group.id }, group.title)), make("option", { value: "" }, "A new group"));
  if (!(await ask(`Add ${world.bot.name} to a group`, [make("label", {}, "Group", choice)], { yes: "Add" }))) return;
  let chat = Number(choice.value) || null;
  if (chat === null) {
    const title = make("input", { required: true });
    if (!(await ask("New group", [make("label", {}, "Title", title)], { yes: "Create" })) || !title.value.trim()) return;
    chat = (await act("group", { title: title.value, bot: false })).id;
  }
  if (!chat) return;
  await act("startgroup", { chat, param: params.get("startgroup"), admin: params.has("admin") });
  openChat(chat);
}

// --- text with entities ---

const BLOCKS = ["blockquote", "expandable_blockquote", "pre"];

/** Put text and its entities into `parent`; offsets are UTF-16 units, as JavaScript counts. */
function formatted(parent, text, entities, key) {
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  let count = 0;
  const fill = (node, from, to, list) => {
    let at = from;
    while (list.length) {
      const entity = list.shift();
      if (entity.offset >= to || entity.offset < at) continue;
      const end = Math.min(entity.offset + entity.length, to);
      const inner = [];
      while (list.length && list[0].offset < end) inner.push(list.shift());
      node.append(text.slice(at, entity.offset));
      const [outer, content] = wrap(entity, text.slice(entity.offset, end), `${key}:${count++}`);
      fill(content, entity.offset, end, inner);
      node.append(outer);
      at = end;
      if (BLOCKS.includes(entity.type) && text[at] === "\n") at += 1; // a block ends its line by itself
    }
    node.append(text.slice(at, to));
  };
  fill(parent, 0, text.length, sorted);
  return parent;
}

/** Return the element of an entity, and the one in it that takes its text. */
function wrap(entity, text, key) {
  const simple = { bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code" }[entity.type];
  if (simple) return twice(make(simple));
  const link = (url) => twice(make("a", { href: url, rel: "noopener noreferrer", onclick: (event) => { event.preventDefault(); follow(url); } }));
  switch (entity.type) {
    case "text_link": return link(entity.url);
    case "url": return link(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
    case "bot_command": return twice(make("button", { type: "button", class: "command", onclick: (event) => paneOf(event).send(text) }));
    case "pre": return twice(make("pre"));
    case "spoiler": return spoiler(key);
    case "blockquote": return twice(make("blockquote"));
    case "expandable_blockquote": return foldable(key);
    default: return twice(make("span"));
  }
}

const twice = (node) => [node, node];
const paneOf = (event) => panes.find((pane) => pane.root.contains(event.target));

function spoiler(key) {
  const content = make("span");
  const node = make("button", { type: "button", class: unfolded.has(key) ? "spoiler shown" : "spoiler", "aria-label": unfolded.has(key) ? null : "Hidden text, show it", onclick: () => {
    unfolded.add(key);
    node.classList.add("shown");
    node.removeAttribute("aria-label");
  } }, content);
  return [node, content];
}

function foldable(key) {
  const content = make("span", { class: "quote-text" });
  const button = make("button", { type: "button", class: "unfold", onclick: (event) => {
    paneOf(event).sticks = false;
    if (unfolded.has(key)) unfolded.delete(key); else unfolded.add(key);
    paint();
  } });
  const node = make("blockquote", {}, content, button);
  const paint = () => {
    node.classList.toggle("folded", !unfolded.has(key));
    button.textContent = unfolded.has(key) ? "Show less" : "Show all";
    button.setAttribute("aria-expanded", unfolded.has(key));
  };
  paint();
  // what fits into three lines needs no button
  new ResizeObserver((_, observer) => {
    if (!content.clientHeight || unfolded.has(key)) return;
    button.hidden = content.scrollHeight <= content.clientHeight + 1;
    observer.disconnect();
  }).observe(content);
  return [node, content];
}

// --- a message ---

function drawMessage(pane, message) {
  if (message.service) {
    return make("li", { class: "centre", "data-id": message.id }, make("p", { class: "chip" }, message.text));
  }
  const text = message.text ? formatted(make("div", { class: "text" }), message.text, message.entities, `${pane.chat}:${message.id}`) : null;
  const above = message.media?.above;
  const reactions = reactionLine(pane, message);
  const bubble = make("div", { class: "bubble" },
    author(pane, message),
    message.forward ? make("p", { class: "forward" }, `Forwarded from ${message.forward}`) : null,
    replyLine(pane, message),
    above ? text : null,
    message.media ? drawMedia(message) : null,
    message.poll ? drawPoll(pane, message) : null,
    above ? null : text,
    reactions);
  // the time stands in the last line of the text where it can, else below
  const block = message.entities.some((entity) => BLOCKS.includes(entity.type) && entity.offset + entity.length >= message.text.length);
  (reactions ?? (text && !above && !block ? text : bubble)).append(meta(message));
  const options = make("button", { type: "button", class: "icon options", "aria-haspopup": "menu", onclick: (event) => openMenu(pane, message, event.currentTarget) }, icon("more"),
    hidden(`Options for the message of ${message.mine ? "you" : message.name}: ${summary(message).slice(0, 40)}`));
  const item = make("li", { class: message.mine ? "mine" : "theirs", "data-id": message.id, "data-from": message.from },
    make("div", { class: "stack" }, bubble, keyboardOf(pane, message), options));
  bubble.addEventListener("contextmenu", (event) => { event.preventDefault(); openMenu(pane, message, options, event.clientX ? event : undefined); });
  bubble.addEventListener("dblclick", () => pane.replyTo(message));
  bubble.addEventListener("click", (event) => { if (!hovers.matches && !event.target.closest("button, a, audio, video")) openMenu(pane, message, options, event); });
  return item;
}

function author(pane, message) {
  if (message.mine) return hidden("You:");
  if (pane.kind === "private") return hidden(`${message.name}:`);
  return make("p", { class: `author ${tint(message.from)}` }, make("span", {}, message.name), message.role ? make("small", {}, message.role) : null);
}

function replyLine(pane, message) {
  const reply = message.reply;
  if (!reply) return null;
  return make("button", { type: "button", class: "reply", onclick: () => pane.jumpTo(reply.id) },
    hidden("In reply to "), make("b", {}, reply.name || "Deleted message"), make("span", {}, reply.quote ? `“${reply.quote}”` : reply.text || ""));
}

function meta(message) {
  const words = [message.edited ? "edited" : null, message.silent ? "silent" : null, clockTime(message.at)].filter(Boolean);
  return make("p", { class: "meta" }, make("span", {}, words.join(" ")), message.mine ? make("span", { "aria-label": "sent" }, "✓✓") : null);
}

function reactionLine(pane, message) {
  if (!message.reactions.length) return null;
  return make("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, message.reactions.map((reaction) => make("button", {
    type: "button", "aria-pressed": reaction.mine, title: reaction.names.join(", "), "aria-label": `${reaction.emoji} from ${reaction.names.join(", ")}`,
    onclick: () => pane.act("react", { message: message.id, emoji: reaction.emoji }),
  }, make("i", {}, reaction.emoji), String(reaction.count))));
}

function keyboardOf(pane, message) {
  if (!message.buttons.length) return null;
  return make("div", { class: "buttons", role: "group", "aria-label": "Buttons" }, message.buttons.map((row, y) =>
    make("div", {}, row.map((button, x) => {
      const node = make("button", { type: "button", onclick: () => press(pane, message, button, node, x, y) }, button.text, button.kind === "url" ? icon("open") : null);
      return node;
    }))));
}

function press(pane, message, button, node, x, y) {
  if (button.kind === "url") return follow(button.url);
  if (button.kind === "copy") { navigator.clipboard?.writeText(button.value); return toast("Copied."); }
  if (button.kind !== "callback") return toast("This kind of button works in Telegram only.");
  node.classList.add("waiting");
  waiting.set(`${pane.chat}:${message.id}`, () => node.classList.remove("waiting"));
  return pane.act("press", { message: message.id, row: y, column: x });
}

const size = (bytes) => (bytes > 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

function drawMedia(message) {
  const media = message.media;
  switch (media.kind) {
    case "photo": {
      const image = make("img", { src: media.url, width: media.width, height: media.height, alt: message.text ? `Picture: ${message.text.slice(0, 80)}` : "Picture" });
      const photo = make("button", { type: "button", class: "photo", onclick: () => viewPicture(media.url, message.text) }, image, hidden("Open the picture"));
      // its size is known before it has come, so that nothing moves when it comes
      photo.style.width = `${Math.round(Math.min(420, media.width, (420 * media.width) / media.height))}px`;
      return photo;
    }
    case "voice": case "audio":
      return make("div", {}, make("audio", { controls: true, preload: "metadata", src: media.url }, ), make("small", {}, `${media.label}, ${Math.floor(media.duration / 60)}:${String(media.duration % 60).padStart(2, "0")}`));
    case "video": case "animation": case "video_note":
      return make("video", { controls: true, preload: "metadata", src: media.url, width: media.width, height: media.height });
    case "sticker": case "other":
      return make("p", { class: media.kind }, media.label);
    default:
      return make("a", { class: "document", href: media.url, target: "_blank", rel: "noopener", download: media.inline ? null : media.name },
        make("span", { class: "kind", "aria-hidden": "true" }, (media.name.split(".").length > 1 ? media.name.split(".").at(-1) : "file").slice(0, 4).toUpperCase()),
        make("span", {}, make("b", {}, media.name), make("small", {}, `${size(media.size)} · ${media.inline ? "Open" : "Save"}`)));
  }
}

function viewPicture(url, caption) {
  $("#viewer-image").src = url;
  $("#viewer-image").alt = caption || "Picture";
  $("#viewer-caption").textContent = caption || "";
  $("#viewer").showModal();
}
$("#viewer").addEventListener("click", (event) => { if (event.target === $("#viewer")) $("#viewer").close(); });

function drawPoll(pane, message) {
  const poll = message.poll;
  return make("div", { class: "poll" }, make("strong", {}, poll.question), make("p", {}, make("small", {}, poll.closed ? "Final results" : poll.several ? "Choose one or several" : "Choose one")),
    poll.options.map((option, index) => make("button", {
      type: "button", "aria-pressed": option.mine, disabled: poll.closed, onclick: () => pane.act("vote", { message: message.id, options: chosen(poll, index) }),
    }, option.text, make("span", { class: "share" }, poll.total ? `${Math.round((100 * option.count) / poll.total)}%` : ""), make("progress", { max: Math.max(1, poll.total), value: option.count, "aria-hidden": "true" }))),
    make("small", {}, poll.total === 1 ? "1 vote" : `${poll.total} votes`));
}

function chosen(poll, index) {
  const mine = poll.options.flatMap((option, at) => (option.mine ? [at] : []));
  if (mine.includes(index)) return mine.filter((at) => at !== index);
  return poll.several ? [...mine, index] : [index];
}

// --- the menu of a message ---

let menuCloser = null;

function openMenu(pane, message, anchor, at = anchor.getBoundingClientRect()) {
  const menu = $("#menu");
  const item = (text, action, style = "") => make("button", { type: "button", role: "menuitem", class: style, onclick: () => { closeMenu(); action(); } }, text);
  const mine = new Set(message.reactions.filter((reaction) => reaction.mine).map((reaction) => reaction.emoji));
  menu.replaceChildren(
    make("div", { class: "palette", role: "group", "aria-label": "React" }, PALETTE.map((emoji) => make("button", {
      type: "button", role: "menuitemcheckbox", "aria-checked": mine.has(emoji), "aria-label": `React with ${emoji}`,
      onclick: () => { closeMenu(); pane.act("react", { message: message.id, emoji }); },
    }, emoji))),
    item("Reply", () => pane.replyTo(message)),
    ...(message.text ? [item("Copy text", () => navigator.clipboard?.writeText(message.text))] : []),
    ...(message.can_edit ? [item("Edit", () => pane.edit(message))] : []),
    ...(message.can_delete ? [item("Delete", () => pane.remove(message), "danger")] : []));
  menu.hidden = false;
  menu.style.left = `${Math.max(8, Math.min(at.left ?? at.clientX, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min((at.bottom ?? at.clientY) + 4, innerHeight - menu.offsetHeight - 8))}px`;
  menu.querySelector("button").focus();
  menuCloser = () => { menu.hidden = true; if (anchor.isConnected) anchor.focus({ preventScroll: true }); menuCloser = null; };
}

function closeMenu() { menuCloser?.(); }

$("#menu").addEventListener("keydown", (event) => {
  const buttons = [...$("#menu").querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  const inPalette = at < PALETTE.length;
  const step = { ArrowDown: inPalette ? 5 : 1, ArrowUp: at < PALETTE.length + 1 && !inPalette ? -1 : inPalette ? -5 : -1, ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") { event.preventDefault(); closeMenu(); }
  if (step) { event.preventDefault(); buttons[Math.max(0, Math.min(buttons.length - 1, Math.min(at + step, inPalette && step === 5 ? Math.max(at + step > PALETTE.length - 1 ? PALETTE.length : at + step, 0) : at + step)))].focus(); }
});
document.addEventListener("pointerdown", (event) => { if (!$("#menu").hidden && !$("#menu").contains(event.target)) closeMenu(); });

// --- a pane: one chat ---

/** Return how long a recording takes, in whole seconds; 0 for what is none. */
function seconds(file) {
  if (!/^(audio|video)\//.test(file.type)) return 0;
  return new Promise((resolve) => {
    const player = document.createElement("audio");
    player.addEventListener("loadedmetadata", () => resolve(Number.isFinite(player.duration) ? Math.round(player.duration) : 1));
    player.addEventListener("error", () => resolve(1));
    player.src = URL.createObjectURL(file);
  });
}

class Pane {
  constructor(root, kind) {
    this.root = root;
    this.kind = kind;
    this.chat = null;
    this.topic = 0;
    this.nodes = new Map();
    this.sticks = true;
    this.drawn = {};
    this.mode = null; // {kind: "reply" | "edit", message}
    root.append($("#pane").content.cloneNode(true));
    root.classList.add(`in-${kind}`);
    this.log = $(".log", root);
    this.list = $(".messages", root);
    this.input = $("textarea", root);
    this.commands = $(".commands", root);
    this.listen();
  }

  get shown() { return this.chat !== null && this.root.checkVisibility(); }
  get info() { return chatOf(this.chat); }

  listen() {
    $(".back", this.root).addEventListener("click", () => { document.body.dataset.view = "list"; showChats(); $(`#chats button[data-chat="${this.chat}"]`)?.focus(); });
    $(".info", this.root).addEventListener("click", () => about(this));
    $(".composer", this.root).addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    $(".cancel", this.root).addEventListener("click", () => { this.setMode(null); this.input.focus(); });
    $(".slash", this.root).addEventListener("click", () => this.toggleCommands());
    $(".attach", this.root).addEventListener("click", () => $(".file", this.root).click());
    $(".file", this.root).addEventListener("change", (event) => this.attach(event.target));
    $(".pinned", this.root).addEventListener("click", () => this.jumpTo(this.info.pinned.id));
    $(".gate button", this.root).addEventListener("click", () => this.act(this.info.state === "start" ? "start" : "unblock", { param: "" }));
    $(".down", this.root).addEventListener("click", () => { this.toBottom(); this.input.focus({ preventScroll: true }); });
    this.log.addEventListener("scroll", () => { this.sticks = this.atBottom(); $(".down", this.root).hidden = this.sticks; this.read(); });
    // who reads the newest message goes on reading it, whatever grows above
    const stay = new ResizeObserver(() => { if (this.sticks) this.toBottom(); });
    stay.observe(this.list);
    stay.observe(this.log);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.suggest());
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); this.submit(); }
    if (event.key === "Escape") { this.setMode(null); this.hideCommands(); }
    if (event.key === "ArrowUp" && !this.input.value) {
      const last = [...messages.get(this.chat).values()].filter((message) => message.can_edit).at(-1);
      if (last) { event.preventDefault(); this.edit(last); }
    }
    if (event.key === "ArrowUp" && !this.commands.hidden) { event.preventDefault(); this.commands.querySelector("button:last-child")?.focus(); }
  }

  act(kind, details = {}, files = []) { return act(kind, { chat: this.chat, ...details }, files); }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const mode = this.mode;
    this.input.value = "";
    this.hideCommands();
    this.setMode(null);
    const result = mode?.kind === "edit"
      ? await this.act("edit", { message: mode.message.id, text })
      : await this.act("send", { text, reply: mode?.message.id ?? null, topic: this.topic || null });
    if (result.error && !this.input.value) this.input.value = text; // what was written is never lost
  }

  send(text) { return this.act("send", { text, reply: null, topic: this.topic || null }); }

  async attach(field) {
    const files = [...field.files];
    const text = this.input.value.trim();
    field.value = "";
    if (!files.length) return;
    const reply = this.mode?.kind === "reply" ? this.mode.message.id : null;
    this.input.value = "";
    this.setMode(null);
    const durations = await Promise.all(files.map(seconds));
    await this.act("file", { text, reply, topic: this.topic || null, durations }, files);
  }

  setMode(mode) {
    if (this.mode?.kind === "edit" && !mode) this.input.value = "";
    this.mode = mode;
    const context = $(".context", this.root);
    context.hidden = !mode;
    if (!mode) return;
    $("b", context).textContent = mode.kind === "edit" ? "Edit message" : `Reply to ${mode.message.mine ? "yourself" : mode.message.name}`;
    $("span span", context).textContent = summary(mode.message);
    this.input.focus();
  }

  replyTo(message) { this.setMode({ kind: "reply", message }); }

  edit(message) {
    this.setMode({ kind: "edit", message });
    this.input.value = message.text;
  }

  async remove(message) {
    if (await ask("Delete this message?", ["It disappears for everybody. The bot is not told."], { yes: "Delete", danger: true })) this.act("delete", { message: message.id });
  }

  // commands

  toggleCommands() { if (this.commands.hidden) this.showCommands(this.info.commands); else this.hideCommands(); }

  suggest() {
    const start = this.input.value;
    if (!/^\/\w*$/.test(start)) return this.hideCommands();
    return this.showCommands(this.info.commands.filter((one) => `/${one.command}`.startsWith(start)), false);
  }

  showCommands(list, focus = true) {
    if (!list.length) {
      this.hideCommands();
      if (focus) toast("The bot offers no commands here.");
      return;
    }
    const suffix = this.kind === "group" ? `@${world.bot.username}` : "";
    this.commands.replaceChildren(...list.map((one) => make("button", { type: "button", role: "menuitem", onclick: () => { this.hideCommands(); this.input.value = ""; this.send(`/${one.command}${suffix}`); this.input.focus(); } },
      make("b", {}, `/${one.command}`), ` ${one.description}`)));
    this.commands.onkeydown = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      const buttons = [...this.commands.children];
      if (step) { event.preventDefault(); buttons[(buttons.indexOf(document.activeElement) + step + buttons.length) % buttons.length].focus(); }
      if (event.key === "Escape") { this.hideCommands(); this.input.focus(); }
    };
    this.commands.hidden = false;
    $(".slash", this.root).setAttribute("aria-expanded", "true");
    if (focus) this.commands.firstElementChild.focus();
  }

  hideCommands() {
    this.commands.hidden = true;
    $(".slash", this.root).setAttribute("aria-expanded", "false");
  }

  // what is shown

  open(id) {
    const other = this.chat !== id;
    this.chat = id;
    this.root.hidden = false;
    if (other) {
      this.topic = 0;
      this.clear();
      this.setMode(null);
      this.input.value = "";
      for (const message of messages.get(id)?.values() ?? []) this.place(message);
      this.layout();
    }
    this.head();
    this.toBottom();
  }

  close() { this.chat = null; this.root.hidden = true; this.clear(); }
  clear() { this.nodes.clear(); this.list.replaceChildren(); }

  head() {
    const chat = this.info;
    if (!chat) return;
    this.root.setAttribute("aria-label", `${chat.title}, ${chat.kind === "private" ? "private chat" : "group"}`);
    const avatar = $(".pane-head .avatar", this.root);
    avatar.className = `avatar ${tint(chat.id)}`;
    avatar.textContent = initials(chat.title);
    $(".pane-title h2", this.root).textContent = chat.title;
    $(".subtitle", this.root).textContent = chat.doing || chat.subtitle;
    $(".pinned", this.root).hidden = !chat.pinned;
    $(".pinned-text", this.root).textContent = chat.pinned?.text ?? "";
    const may = chat.state === "ok";
    $(".intro", this.root).hidden = chat.state !== "start" || !chat.intro;
    $(".intro", this.root).textContent = chat.intro ?? "";
    $(".composer", this.root).hidden = !may;
    $(".gate", this.root).hidden = may;
    $(".gate button", this.root).textContent = { start: "Start", blocked: "Unblock the bot", mute: "Only administrators can write here" }[chat.state] ?? "";
    $(".gate button", this.root).disabled = chat.state === "mute";
    this.input.placeholder = chat.placeholder || "Message";
    this.drawTopics(chat);
    this.drawKeyboard(chat);
  }

  /** Whether something looks different from the last time: what is focused in it must not be drawn anew. */
  changed(what, value) {
    const key = JSON.stringify([this.chat, value]);
    if (this.drawn[what] === key) return false;
    this.drawn[what] = key;
    return true;
  }

  drawTopics(chat) {
    if (!this.changed("topics", [this.topic, chat.topics])) return;
    const bar = $(".topics", this.root);
    bar.hidden = !chat.topics.length;
    bar.replaceChildren(...[{ id: 0, name: "General" }, ...chat.topics].map((topic) => make("button", {
      type: "button", role: "tab", "aria-selected": topic.id === this.topic, onclick: () => { this.topic = topic.id; this.head(); this.layout(); this.toBottom(); $('[aria-selected="true"]', bar).focus(); },
    }, topic.name)));
  }

  drawKeyboard(chat) {
    if (!this.changed("keyboard", [chat.keyboard, chat.state])) return;
    const board = $(".keyboard", this.root);
    board.hidden = !chat.keyboard || chat.state !== "ok";
    board.replaceChildren(...(chat.keyboard ?? []).map((row) => make("div", {}, row.map((text) => make("button", { type: "button", onclick: () => this.send(text) }, text)))));
  }

  update(changed, gone) {
    if (this.chat === null) return;
    const stay = this.atBottom() || (changed[this.chat] ?? []).some((message) => message.mine && !this.nodes.has(message.id));
    for (const id of gone[this.chat] ?? []) { this.nodes.get(id)?.remove(); this.nodes.delete(id); }
    for (const message of changed[this.chat] ?? []) this.place(message);
    if (changed[this.chat] || gone[this.chat]) this.layout();
    this.head();
    if (stay) this.toBottom(); else $(".down", this.root).hidden = this.atBottom();
    this.read();
  }

  /** Draw a message: in the place of what it was, or behind the one before it. */
  place(message) {
    const node = drawMessage(this, message);
    const old = this.nodes.get(message.id);
    this.nodes.set(message.id, node);
    if (old) {
      const index = [...old.querySelectorAll("button")].indexOf(document.activeElement);
      old.replaceWith(node);
      if (index >= 0) [...node.querySelectorAll("button")].at(Math.min(index, node.querySelectorAll("button").length - 1))?.focus({ preventScroll: true });
      waiting.delete(`${this.chat}:${message.id}`);
      return;
    }
    const after = [...this.nodes.keys()].filter((id) => id > message.id).sort((a, b) => a - b)[0];
    this.list.insertBefore(node, after === undefined ? null : this.nodes.get(after));
  }

  /** Say which bubbles belong together, where a day begins, and what is in this topic. */
  layout() {
    for (const node of this.list.querySelectorAll(".day")) node.remove();
    let before = null;
    const known = messages.get(this.chat);
    for (const node of [...this.list.children]) {
      const message = known.get(Number(node.dataset.id));
      if (!message) continue;
      node.hidden = Boolean(this.info?.topics.length) && (message.topic || 0) !== this.topic;
      if (node.hidden) continue;
      const newDay = !before || day(before.message.at) !== day(message.at);
      if (newDay) node.before(make("li", { class: "centre day" }, make("p", { class: "chip" }, day(message.at))));
      const run = !newDay && before.message.from === message.from && !before.message.service && !message.service && message.at - before.message.at < 900_000;
      node.classList.toggle("first", !run);
      if (before) this.end(before, run);
      const name = node.querySelector(".author");
      if (name) name.classList.toggle("hidden", run);
      before = { node, message };
    }
    if (before) this.end(before, false);
  }

  end({ node, message }, run) {
    node.classList.toggle("last", !run);
    node.querySelector(".face")?.remove();
    if (!run && !message.mine && !message.service && this.kind === "group") node.append(face(message.name, message.from, "face"));
  }

  atBottom() { return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 60; }
  toBottom() { this.sticks = true; this.log.scrollTop = this.log.scrollHeight; $(".down", this.root).hidden = true; this.read(); }

  read() {
    const last = [...(messages.get(this.chat)?.keys() ?? [])].at(-1);
    if (last === undefined || !this.shown || !this.atBottom() || seen.get(this.chat) === last) return;
    seen.set(this.chat, last);
    showChats();
  }

  jumpTo(id) {
    const node = this.nodes.get(id);
    if (!node) { toast("This message is no longer there."); return; }
    node.scrollIntoView({ block: "center" });
    node.classList.remove("flash");
    void node.offsetWidth; // so that the animation begins again
    node.classList.add("flash");
    node.querySelector(".options")?.focus({ preventScroll: true });
  }
}

async function about(pane) {
  const chat = pane.info;
  if (chat.kind === "private") {
    const blocked = chat.state === "blocked";
    if (await ask(chat.title, [make("p", {}, `@${world.bot.username}, a bot.`)], { yes: blocked ? "Unblock the bot" : "Block the bot", no: "Close", danger: !blocked })) pane.act(blocked ? "unblock" : "block");
    return;
  }
  const people = make("ul", {}, chat.members.map((member) => make("li", {}, member.name, " ", make("small", {}, [member.role, member.status].filter(Boolean).join(" · ")))));
  if (await ask(chat.title, [people], { yes: "Leave the group", no: "Close", danger: true })) pane.act("leave");
}

const panes = [new Pane($("#pane-group"), "group"), new Pane($("#pane-private"), "private")];
addEventListener("resize", () => { showClock(); for (const pane of panes) if (pane.chat !== null) pane.read(); });
listen();
