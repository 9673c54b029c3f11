// <area-marker> around a picture (data-stage) and rows of number fields: areas are dragged, moved and sized on the
// picture with finger, mouse or keys; the fields carry them, so the form works the same without this module.
import { icon, make } from "./draw.js";
import { say } from "./words.js";

const STEP = 1; // percent an arrow key moves
const LEAST = 1; // percent below which a drag was a tap
const bounded = (value, low, high) => Math.min(Math.max(value, low), high);
const written = (value) => String(Math.round(value * 10) / 10);

class AreaMarker extends HTMLElement {
  connectedCallback() {
    this.stage = this.querySelector("[data-stage]");
    if (!this.stage || this.bar) return;
    this.rows = [...this.querySelectorAll(".area-row")];
    this.template = this.rows.at(-1).closest("li");
    const add = make("button", { type: "button", class: "button button--small", onclick: () => this.add(40, 40, 20, 20).focus() }, icon("plus"), say("加一处"));
    this.says = make("p", { class: "soft small", role: "status", "aria-live": "polite" });
    this.bar = make("div", { class: "row row--s" }, add, this.says);
    this.stage.after(this.bar);
    this.stage.addEventListener("pointerdown", (event) => this.begin(event));
    this.addEventListener("input", (event) => event.target.closest(".area-row") && this.draw());
    this.draw();
  }

  inputs(row) {
    return ["left", "top", "width", "height"].map((side) => row.querySelector(`[name$="-${side}"]`));
  }

  values(row) {
    return this.inputs(row).map((input) => Number.parseFloat(input.value));
  }

  // A box on the picture for every row that is filled in.
  draw() {
    for (const [place, row] of this.rows.entries()) {
      const [left, top, width, height] = this.values(row);
      const isArea = [left, top, width, height].every(Number.isFinite);
      if (!isArea) {
        row.box?.remove();
        row.box = null;
        continue;
      }
      row.box ??= this.box(row, place);
      Object.assign(row.box.style, { left: `${left}%`, top: `${top}%`, width: `${width}%`, height: `${height}%` });
    }
    const count = this.rows.filter((row) => row.box).length;
    this.says.textContent = count ? say("标了 {n} 处。选中后：方向键移动，Shift加方向键改大小，Delete去掉。", { n: count }) : say("还没有标。");
  }

  box(row, place) {
    const box = make("button", { type: "button", class: "area-marker__box", "aria-label": say("第 {n} 处", { n: place + 1 }), onkeydown: (event) => this.onKey(event, row) });
    this.stage.append(box);
    return box;
  }

  write(row, left, top, width, height) {
    const wide = bounded(width, LEAST, 100);
    const high = bounded(height, LEAST, 100);
    const numbers = [bounded(left, 0, 100 - wide), bounded(top, 0, 100 - high), wide, high];
    for (const [place, input] of this.inputs(row).entries()) input.value = written(numbers[place]);
    this.draw();
  }

  add(left, top, width, height) {
    const row = this.rows.find((each) => !each.box) ?? this.more();
    this.write(row, left, top, width, height);
    return row.box;
  }

  more() {
    const line = this.template.cloneNode(true);
    const row = line.querySelector(".area-row");
    for (const input of this.inputs(row)) input.value = "";
    row.querySelector("legend").textContent = say("第 {n} 处", { n: this.rows.length + 1 });
    this.template.parentElement.append(line);
    this.rows.push(row);
    return row;
  }

  onKey(event, row) {
    const steps = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
    const [left, top, width, height] = this.values(row);
    if (event.key === "Delete" || event.key === "Backspace") {
      for (const input of this.inputs(row)) input.value = "";
      this.draw();
      this.bar.querySelector("button").focus();
    } else if (event.key in steps) {
      const [across, down] = steps[event.key];
      if (event.shiftKey) this.write(row, left, top, width + across, height + down);
      else this.write(row, left + across, top + down, width, height);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  at(event) {
    const frame = this.stage.getBoundingClientRect();
    return [bounded(((event.clientX - frame.left) / frame.width) * 100, 0, 100), bounded(((event.clientY - frame.top) / frame.height) * 100, 0, 100)];
  }

  // A drag on the picture draws an area; a drag on an area moves it.
  begin(event) {
    if (!event.isPrimary || event.button > 0) return;
    const row = this.rows.find((each) => each.box && each.box === event.target);
    const [startX, startY] = this.at(event);
    const was = row && this.values(row);
    let drawn = row;
    this.stage.setPointerCapture(event.pointerId);
    const move = (next) => {
      const [x, y] = this.at(next);
      if (was) this.write(row, was[0] + x - startX, was[1] + y - startY, was[2], was[3]);
      else if (drawn || Math.max(Math.abs(x - startX), Math.abs(y - startY)) >= LEAST) {
        const area = [Math.min(x, startX), Math.min(y, startY), Math.abs(x - startX), Math.abs(y - startY)];
        if (drawn) this.write(drawn, ...area);
        else {
          const box = this.add(...area);
          drawn = this.rows.find((each) => each.box === box);
        }
      }
    };
    const end = () => {
      this.stage.removeEventListener("pointermove", move);
      drawn?.box?.focus();
    };
    this.stage.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, end, { once: true });
    event.preventDefault();
  }
}

customElements.define("area-marker", AreaMarker);
