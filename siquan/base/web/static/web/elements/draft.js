// Keep what somebody has typed for one day in this browser, with the key that makes sending it twice harmless.
// Fields marked data-private (phone numbers) and passwords are never kept.
const DAY = 24 * 3600 * 1000;
const NEVER = ["csrfmiddlewaretoken", "next"];

function isKept(field) {
  return field.name && !NEVER.includes(field.name) && !["file", "password", "submit", "button"].includes(field.type) && !("private" in field.dataset);
}

export function keepDraft(name, form, { unsent = false } = {}) {
  // Of radio buttons only the chosen one: the same answer may stand on the page twice, as a suggestion too.
  const told = [...form.elements].filter((field) => isKept(field) && (field.type !== "radio" || field.checked));
  const values = told.map((field) =>
    ["checkbox", "radio"].includes(field.type) ? [field.name, field.value, field.checked] : [field.name, field.value]);
  try {
    localStorage.setItem(`draft:${name}`, JSON.stringify({ at: Date.now(), unsent, values }));
  } catch {
    // A full or forbidden store: the form still works, it only does not survive a reload.
  }
}

export function restoreDraft(name, form) {
  const draft = read(name);
  if (!draft) return { restored: false, unsent: false };
  let restored = draft.unsent;
  for (const [field, value, checked] of draft.values) {
    for (const element of [...form.elements].filter((one) => one.name === field && isKept(one))) {
      if (checked !== undefined) {
        if (element.value !== value) continue;
        restored ||= element.checked !== checked;
        element.checked = checked;
      } else {
        restored ||= element.type !== "hidden" && element.value !== value && value !== "";
        element.value = value;
      }
    }
  }
  return { restored, unsent: draft.unsent };
}

export function forget(name) {
  try {
    localStorage.removeItem(`draft:${name}`);
  } catch {
    // nothing was kept
  }
}

export function hasDraft(name) {
  return Boolean(read(name));
}

function read(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(`draft:${name}`));
    return draft && Date.now() - draft.at < DAY ? draft : null;
  } catch {
    return null;
  }
}
