"""Staff: my work, queues, place page."""
