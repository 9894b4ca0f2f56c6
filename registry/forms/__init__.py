"""What people type, checked. Every message says what is wrong and what to write instead."""
