// Whoever joined a case does not report it as well: the report they were writing is put away, once the joining has worked.
import { markSent } from "../web/elements/again.js";
import { forget } from "../web/elements/draft.js";
import { forgetFiles } from "../web/elements/shelf.js";
import { JOINING } from "./alike-cases.js";

if (sessionStorage.getItem(JOINING)) {
  sessionStorage.removeItem(JOINING);
  forget("report");
  forgetFiles("report");
  markSent("report", location.pathname);
}
