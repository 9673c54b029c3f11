// When a form that was sent comes back: by the back button, or with a permit that has run out.
import { hasDraft } from "./draft.js";

// What this tab has sent, and where that led.
export function markSent(name, next, cameBack = false) {
  try {
    sessionStorage.setItem(`sent:${name}`, JSON.stringify({ next, cameBack }));
  } catch {
    // a forbidden store: then nobody is told
  }
}

function sentBefore(name) {
  try {
    return hasDraft(name) ? null : JSON.parse(sessionStorage.getItem(`sent:${name}`));
  } catch {
    return null;
  }
}

// Back after sending: the old answers would come with a new key and count a second time, so a new form is opened.
export function startClean(name) {
  const sent = sentBefore(name);
  if (!sent) return false;
  markSent(name, sent.next, true);
  location.replace(location.pathname + location.search);
  return true;
}

// Return where the one just sent led, once, when the back button has brought somebody here; else nothing.
export function cameBackFrom(name) {
  if (performance.getEntriesByType("navigation")[0]?.type === "back_forward" && startClean(name)) return null;
  const sent = sentBefore(name);
  if (!sent?.cameBack) return null;
  markSent(name, sent.next);
  return sent.next;
}

// The page lay open too long, or its cookie is gone: bring a new permit for every form on it.
export async function renewPermit() {
  const page = await fetch(location.href).then((answer) => answer.text(), () => "");
  const permit = new DOMParser().parseFromString(page, "text/html").querySelector('[name="csrfmiddlewaretoken"]')?.value;
  for (const field of permit ? document.querySelectorAll('[name="csrfmiddlewaretoken"]') : []) field.value = permit;
}
