// <auto-submit> around a filter form: a change asks at once; empty fields stay out of the address.
class AutoSubmit extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    if (!form) return;
    form.addEventListener("change", (event) => {
      if (event.target.matches('select, input[type="checkbox"], input[type="radio"], input[type="date"]')) form.requestSubmit();
    });
    form.addEventListener("formdata", ({ formData }) => {
      for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
    });
  }
}

customElements.define("auto-submit", AutoSubmit);
