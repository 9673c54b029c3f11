"""Pure named ideas without tables."""
