"""The pages. Each view asks a selector, calls at most one service, and renders a template."""
