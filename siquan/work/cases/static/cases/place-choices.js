// <place-choices> around buttons with data-lon, data-lat, data-name: a press puts the place into the form and on the map.
import { writePlace } from "../web/elements/place.js";

class PlaceChoices extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-lon]");
      if (!button) return;
      event.preventDefault();
      const { lon, lat, name } = button.dataset;
      const form = this.closest("form");
      const field = form.querySelector('input[name="address"]');
      if (field) field.value = name;
      writePlace(form, { lon: Number(lon), lat: Number(lat), accuracy: 50, name, source: "search" }, this);
      for (const each of this.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
    });
  }
}

customElements.define("place-choices", PlaceChoices);
