"""The four steps of publishing: source, check, try it, publish. Each has an address of its own."""
