"""Programs: OpenAPI v1."""
