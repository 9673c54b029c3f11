"""Base templates, components, map elements, static assets."""
