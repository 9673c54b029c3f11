// When a part of a page cannot be brought, say so where all messages stand; nothing is lost in silence.
import { icon, make } from "./draw.js";
import { say } from "./words.js";

function tell(title, words) {
  const body = make("div", { class: "notice__body" }, make("p", { class: "notice__title" }, title), words ? make("p", {}, words) : null);
  const place = document.getElementById("messages");
  place?.replaceChildren(make("div", { class: "notice notice--error" }, icon("x-circle"), body));
  place?.scrollIntoView({ block: "nearest" });
}

// A refusal comes as one of our problem pages: its heading and its first reason are what to say.
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => {
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  tell(page.querySelector("h1")?.textContent ?? say("没有做成（{code}）", { code: xhr.status }), page.querySelector(".problem dd")?.textContent);
});
document.addEventListener("htmx:sendError", () => tell(say("网络断了"), say("刚才这一步没有做。连上网络后请再试一次。")));
document.addEventListener("htmx:timeout", () => tell(say("网络断了"), say("刚才这一步没有做。连上网络后请再试一次。")));
